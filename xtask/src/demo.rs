//! The demo: a sandbox vault on `localhost` and a shop on `127.0.0.1`, two different sites, as in real life.
//! It must never leave a process behind.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::{
    build,
    run::{command, top},
};

/// Options of the task.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Port of the shop on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 3000)]
    shop_port: u16,
    /// Port of the vault on localhost; 0 takes any free one
    #[arg(long, default_value_t = 8443)]
    vault_port: u16,
    /// Keep the vault's data in this folder instead of forgetting it at the end
    #[arg(long)]
    data: Option<String>,
    /// Use dist/ as it is, if it is there
    #[arg(long)]
    no_build: bool,
}

/// Runs the task until Ctrl-C or until a process ends.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.no_build {
        build::run_if_missing()?
    } else {
        build::run()?
    }
    build::program("cardseal-sandbox")?;

    let stopped = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&stopped))?;
    }
    let shop_port = free_port(options.shop_port).context("choose another port with --shop-port")?;
    let shop_origin = format!("http://127.0.0.1:{shop_port}");

    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| top().join("target"), Into::into);
    let program = target.join("debug/cardseal-sandbox");
    let mut vault = command(&program.to_string_lossy(), &["--origin", &shop_origin]);
    vault.args(["--port", &options.vault_port.to_string()]);
    if let Some(data) = &options.data {
        // The folder is the caller's, so it is meant from where the caller stands.
        vault.args(["--data".as_ref(), std::path::absolute(data)?.as_os_str()]);
    }
    let mut vault = Service::start("vault", &mut vault)?;
    let ready = vault.wait_for("ready ", &stopped)?;
    let said = |name: &str| {
        let prefix = format!("{name}=");
        let word = ready.split_whitespace().find_map(|word| word.strip_prefix(&prefix));
        word.map(str::to_owned).with_context(|| format!("the vault's ready line has no {name}"))
    };

    let mut shop = command("node", &["demo/server.mjs"]);
    for (variable, value) in [
        ("SHOP_PORT", shop_port.to_string()),
        ("VAULT_URL", said("vault")?),
        ("VAULT_API_URL", said("api")?),
        ("VAULT_CLIENT_ID", said("client_id")?),
        ("VAULT_CLIENT_SECRET", said("client_secret")?),
        ("VAULT_MERCHANT", said("merchant")?),
    ] {
        shop.env(variable, value);
    }
    let mut shop = Service::start("shop", &mut shop)?;
    shop.wait_for("shop listening on ", &stopped)?;
    println!("ready shop={shop_origin} vault={}", said("vault")?);

    while !stopped.load(Ordering::Relaxed) {
        for service in [&mut vault, &mut shop] {
            if let Some(status) = service.child.try_wait()? {
                bail!("the {} ended by itself ({status})", service.name);
            }
        }
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// A child process; it ends when this value does.
struct Service {
    name: &'static str,
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Service {
    fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        println!("==> starting the {name}");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start the {name}: {:?}", command.get_program()))?;
        let output = child.stdout.take().context("no output")?;
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // Before it is ready, somebody waits for the line; afterwards it is shown.
                if let Err(mpsc::SendError(line)) = sender.send(line) {
                    eprintln!("{name}: {line}");
                }
            }
        });
        Ok(Self { name, child, lines })
    }

    fn wait_for(&mut self, prefix: &str, stopped: &AtomicBool) -> Result<String> {
        loop {
            match self.lines.recv_timeout(Duration::from_millis(100)) {
                Ok(line) if line.starts_with(prefix) => {
                    self.lines = mpsc::channel().1;
                    return Ok(line);
                }
                Ok(line) => eprintln!("{}: {line}", self.name),
                Err(mpsc::RecvTimeoutError::Timeout) if stopped.load(Ordering::Relaxed) => bail!("stopped"),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    bail!("the {} ended before it was ready ({})", self.name, self.child.wait()?);
                }
            }
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        // Asked first, so that what is under way ends well.
        let _ = Command::new("kill").args(["-TERM", &pid]).stderr(Stdio::null()).status();
        for _ in 0..50 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port(wanted: u16) -> Result<u16> {
    let listener =
        TcpListener::bind(("127.0.0.1", wanted)).with_context(|| format!("port {wanted} is taken"))?;
    Ok(listener.local_addr()?.port())
}
