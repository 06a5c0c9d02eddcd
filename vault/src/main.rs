//! The `cardseal-vault` program: reads its configuration and serves.
//! It must never take a secret from its arguments or its environment, which others can read.

#![forbid(unsafe_code)]

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use cardseal_vault::clock::{Clock, SystemClock};
use cardseal_vault::config::Config;
use cardseal_vault::frames::Frames;
use cardseal_vault::rule::EveryCard;
use cardseal_vault::serve::{self, Listeners};
use cardseal_vault::service::Vault;
use cardseal_vault::telemetry;
use clap::{Parser, Subcommand};
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
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { command: Command::Serve { config } } = Arguments::parse();
    match serve(config).await {
        Ok(()) => ExitCode::SUCCESS,
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
    let vault = Vault::open(&config, frames, clock, Arc::new(EveryCard))
        .await
        .map_err(|failure| failure.to_string())?;
    tracing::info!(address = %capture_address, "capture listener is ready");
    tracing::info!(address = %api_address, "api listener is ready");
    serve::serve(vault, Listeners { capture, api }, stop)
        .await
        .map_err(|error| format!("serving failed: {error}"))
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
