//! The `cardseal-vault` program: serves, and runs the operator's commands.
//! It must never take a secret from its arguments or its environment, which others can read.

#![forbid(unsafe_code)]

mod command;

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use cardseal_vault::check;
use cardseal_vault::clock::{Clock, SystemClock};
use cardseal_vault::config::Config;
use cardseal_vault::frames::Frames;
use cardseal_vault::inspect;
use cardseal_vault::rule::EveryCard;
use cardseal_vault::serve::{self, Listeners};
use cardseal_vault::service::Vault;
use cardseal_vault::telemetry;
use clap::{Parser, Subcommand};
use command::key::Key;
use tokio::net::TcpListener;

/// The vault of Cardseal.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves browsers and merchants' backends.
    Serve {
        /// The configuration, a TOML file.
        #[arg(long)]
        config: PathBuf,
    },
    /// Says what would run and looks at the files that are named; opens no socket and changes nothing.
    CheckConfig {
        /// The configuration, a TOML file.
        #[arg(long)]
        config: PathBuf,
    },
    /// Lists the keys and renews them; the vault may be serving.
    #[command(subcommand)]
    Key(Key),
    /// Looks into the audit; the vault may be serving.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Looks for records that were edited, dropped, moved or cut off, and names them.
    Verify {
        /// The configuration, a TOML file.
        #[arg(long)]
        config: PathBuf,
        /// The file of signed heads; without it a cut end does not show.
        #[arg(long, value_name = "FILE")]
        head: Option<PathBuf>,
    },
    /// Writes every record to standard output, one line of JSON each.
    Export {
        /// The configuration, a TOML file.
        #[arg(long)]
        config: PathBuf,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match Arguments::parse().command {
        Command::Serve { config } => serve(config).await.map(|()| ExitCode::SUCCESS),
        Command::CheckConfig { config } => check_config(&config).map(|()| ExitCode::SUCCESS),
        Command::Key(key) => key.run().await.map(|()| ExitCode::SUCCESS),
        Command::Audit { command: AuditCommand::Verify { config, head } } => verify(&config, head).await,
        Command::Audit { command: AuditCommand::Export { config } } => {
            export(&config).await.map(|()| ExitCode::SUCCESS)
        }
    };
    match ended {
        Ok(code) => code,
        Err(sentence) => {
            // A standard error that cannot be written leaves nothing else to tell it with.
            let _ = writeln!(std::io::stderr(), "cardseal-vault: {sentence}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(path: PathBuf) -> Result<(), String> {
    let config = Config::read(&path)?;
    let frames = Frames::built()?;
    let stop = serve::signalled().map_err(|error| format!("cannot watch for signals: {error}"))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    telemetry::init(Arc::clone(&clock));
    let (capture, capture_address) = bind(config.capture_listen).await?;
    let (api, api_address) = bind(config.api_listen).await?;
    let (admin, admin_address) = match config.admin_listen {
        Some(address) => bind(address).await.map(|(listener, bound)| (Some(listener), Some(bound)))?,
        None => (None, None),
    };
    let listeners = Listeners::open(&config, capture, api, admin)?;
    let vault = Vault::open(&config, frames, clock, Arc::new(EveryCard))
        .await
        .map_err(|failure| failure.to_string())?;
    tracing::info!(address = %capture_address, "capture listener is ready");
    tracing::info!(address = %api_address, "api listener is ready");
    if let Some(address) = admin_address {
        tracing::info!(%address, "admin listener is ready");
    }
    serve::serve(vault, listeners, stop).await.map_err(|error| format!("serving failed: {error}"))
}

fn check_config(config: &Path) -> Result<(), String> {
    say(&check::check(&Config::read(config)?)?)
}

/// Says what is wrong with the audit on standard output, one line each; then the program fails.
async fn verify(config: &Path, head: Option<PathBuf>) -> Result<ExitCode, String> {
    let config = Config::read(config)?;
    let report = inspect::verify(&config, head.as_deref()).await.map_err(|failure| failure.to_string())?;
    let mut lines: Vec<_> = report
        .chains
        .iter()
        .map(|(node, records)| format!("node {node}: {records} records, {} signed heads", report.heads))
        .collect();
    if head.is_none() {
        lines.push("without --head FILE nothing shows whether the end was cut off".to_owned());
    }
    lines.extend_from_slice(&report.faults);
    let good = report.faults.is_empty();
    lines.push(if good { "the audit is whole".to_owned() } else { "the audit is damaged".to_owned() });
    say(&lines)?;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn export(config: &Path) -> Result<(), String> {
    let config = Config::read(config)?;
    let out = std::io::BufWriter::new(std::io::stdout().lock());
    inspect::export(&config, out).await.map_err(|failure| failure.to_string())
}

fn say(lines: &[String]) -> Result<(), String> {
    let text = lines.join("\n") + "\n";
    std::io::stdout().write_all(text.as_bytes()).map_err(|error| format!("cannot write: {error}"))
}

/// A listener and where it listens, which is not what was asked for if that was port 0.
async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), String> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let bound = listener.local_addr()?;
        Ok::<_, std::io::Error>((listener, bound))
    };
    bound.await.map_err(|error| format!("cannot listen on {address}: {error}"))
}
