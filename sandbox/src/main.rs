//! The `cardseal-sandbox` program: the vault without any configuration, for tests and demonstrations.
//! It must never take a real card, nor listen anywhere but on this machine.

#![forbid(unsafe_code)]

mod account;
mod cards;
mod folder;
mod front;
mod magic;
mod show;
mod table;
mod test_api;

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use axum::middleware;
use cardseal::context::Mode;
use cardseal_vault::clock::{Clock, SystemClock};
use cardseal_vault::config::{Config, default_key_days};
use cardseal_vault::fonts::FontConfig;
use cardseal_vault::frames::Frames;
use cardseal_vault::limits::LimitsConfig;
use cardseal_vault::proof::ProofConfig;
use cardseal_vault::rule::RulesConfig;
use cardseal_vault::serve::{self, Listeners, Routers};
use cardseal_vault::service::Vault;
use cardseal_vault::spans::TelemetryConfig;
use cardseal_vault::telemetry;
use cardseal_vault::transport::Connections;
use clap::{Parser, Subcommand};
use tokio::net::TcpListener;

use account::Account;
use cards::TestCards;
use folder::Folder;
use front::Front;

/// A vault of Cardseal for tests: fresh keys, one test merchant, published test card numbers only.
///
/// Some of these numbers make it fail in one way or another, and calls under /test tell what was captured and take payments:
/// docs/testing.md has them all.
///
/// Its last line on standard output is `ready vault=<url> api=<url> client_id=<id> client_secret=<secret>
/// merchant=<id>`.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Port for browsers; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Port for the merchant's backend; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    api_port: u16,
    /// Host name in the vault's address, as the browser shall use it.
    #[arg(long, default_value = "localhost")]
    host: String,
    /// An origin of the merchant's pages; repeat it for more.
    #[arg(long = "origin", value_name = "ORIGIN",
          default_values = ["http://127.0.0.1:3000", "http://localhost:3000"])]
    origins: Vec<String>,
    /// A web font for styles to name: its family, `=` and a WOFF2 file; repeat it for more.
    #[arg(long = "font", value_name = "FAMILY=FILE", value_parser = font)]
    fonts: Vec<FontConfig>,
    /// Keeps keys, merchant and tokens in this folder.
    ///
    /// Without it database and keys are in a fresh temporary folder that only its owner can read; it is removed at the
    /// end, but stays if the sandbox is killed with SIGKILL. Security codes are in memory only, either way.
    #[arg(long)]
    data: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Prints the test card that a token stands for, as JSON, from the folder of a sandbox.
    Show {
        /// The folder given to the sandbox with --data.
        #[arg(long)]
        data: PathBuf,
        /// The token.
        token: String,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = match arguments.command {
        Some(Command::Show { data, token }) => show::run(data, &token).await,
        None => run(arguments).await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            // A standard error that cannot be written leaves nothing else to tell it with.
            let _ = writeln!(std::io::stderr(), "cardseal-sandbox: {sentence}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let frames = Frames::built()?;
    let stop = serve::signalled().map_err(|error| format!("cannot watch for signals: {error}"))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    telemetry::init(Arc::clone(&clock));
    let folder = Folder::open(arguments.data)?;
    let account = if folder.is_temporary() { Account::make() } else { Account::kept_in(&folder.account())? };

    let (capture, capture_listen) = bind(arguments.port).await?;
    let (api, api_listen) = bind(arguments.api_port).await?;
    let origin = format!("http://{}:{}", arguments.host, capture_listen.port());
    let config = Config {
        fonts: arguments.fonts,
        bin_table: Some(table::write(folder.path())?),
        ..config(&folder, origin, capture_listen, api_listen)
    };
    let vault = Vault::open(&config, frames, clock, vec![Arc::new(TestCards::published())])
        .await
        .map_err(|failure| failure.to_string())?;
    vault.admin().put_merchant(&account.merchant(&arguments.origins)).await?;
    vault.refresh().await.map_err(|failure| failure.to_string())?;
    if let Some(live) = vault.admin().merchants().await?.iter().find(|of| of.mode == Mode::Live) {
        return Err(format!("merchant {} is live; a sandbox takes test merchants only", live.id));
    }
    say(&format!(
        "ready vault={} api={} client_id={} client_secret={} merchant={}\n",
        vault.origin(),
        vault.api_origin(),
        account.client_id,
        account.client_secret,
        account.merchant
    ))?;
    let listeners = Listeners::open(&config, capture, api, None)?;
    let routers = routers(&vault);
    serve::serve_routers(vault, listeners, routers, stop)
        .await
        .map_err(|error| format!("serving failed: {error}"))
}

/// What a sandbox answers with: the vault, and around it all that is for tests only.
fn routers(vault: &Arc<Vault>) -> Routers {
    let Routers { capture, api } = Routers::of(vault);
    let tries = Arc::default();
    let front = Arc::new(Front { vault: Arc::clone(vault), tries: Arc::clone(&tries) });
    Routers {
        capture: capture.layer(middleware::from_fn_with_state(front, front::stand)),
        api: test_api::before(api, Arc::clone(vault), tries),
    }
}

/// The configuration that a sandbox does not ask for.
fn config(folder: &Folder, origin: String, capture_listen: SocketAddr, api_listen: SocketAddr) -> Config {
    Config {
        origin,
        api_origin: None,
        capture_listen,
        api_listen,
        admin_listen: None,
        capture_tls: None,
        api_tls: None,
        connections: Connections::default(),
        behind_tls_proxy: false,
        limits: LimitsConfig::wide(),
        origin_proof: ProofConfig::default(),
        telemetry: TelemetryConfig::default(),
        rules: RulesConfig::default(),
        bin_table: None,
        fonts: Vec::new(),
        earlier_frames: Vec::new(),
        data: folder.path().to_owned(),
        audit_heads: None,
        audit_head_seconds: 60,
        settings: Vec::new(),
        kek_file: folder.path().join("kek"),
        mode: Mode::Test,
        // The smallest key there is: made in the blink of an eye, and a sandbox has nothing to protect for years.
        capture_key_bits: 2048,
        key_days: default_key_days(),
    }
}

fn font(text: &str) -> Result<FontConfig, String> {
    let (family, file) = text.split_once('=').ok_or("write it FAMILY=FILE")?;
    Ok(FontConfig::regular(family.to_owned(), file.into()))
}

async fn bind(port: u16) -> Result<(TcpListener, SocketAddr), String> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener =
        TcpListener::bind(wanted).await.map_err(|error| format!("cannot listen on {wanted}: {error}"))?;
    let bound = listener.local_addr().map_err(|error| format!("cannot listen on {wanted}: {error}"))?;
    Ok((listener, bound))
}

fn say(line: &str) -> Result<(), String> {
    let mut out = std::io::stdout();
    out.write_all(line.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| format!("cannot write: {error}"))
}
