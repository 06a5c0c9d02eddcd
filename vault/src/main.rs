//! The `cardseal-vault` program: serves, and runs the operator's commands.
//! It must never take a secret from its arguments or its environment, which others can read.

#![forbid(unsafe_code)]

mod command;

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use cardseal_vault::check;
use cardseal_vault::clock::{Clock, SystemClock};
use cardseal_vault::frames::Frames;
use cardseal_vault::serve::{self, Listeners};
use cardseal_vault::service::Vault;
use cardseal_vault::telemetry;
use clap::{Parser, Subcommand};
use command::Of;
use command::audit::Audit;
use command::client::Client;
use command::key::Key;
use command::merchant::Merchant;
use command::origin::Origin;
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
        #[command(flatten)]
        of: Of,
    },
    /// Says what would run and looks at the files that are named; opens no socket and changes nothing.
    CheckConfig {
        #[command(flatten)]
        of: Of,
    },
    /// Lists the keys and renews them; the vault may be serving.
    #[command(subcommand)]
    Key(Key),
    /// Merchants and their settings.
    #[command(subcommand)]
    Merchant(Merchant),
    /// The backends that act for merchants.
    #[command(subcommand)]
    Client(Client),
    /// The origins of merchants' pages.
    #[command(subcommand)]
    Origin(Origin),
    /// Brings everything sealed under the newest keys; the vault may be serving.
    Rekey {
        #[command(flatten)]
        of: Of,
    },
    /// Looks into the audit; the vault may be serving.
    #[command(subcommand)]
    Audit(Audit),
}

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match Arguments::parse().command {
        Command::Serve { of } => serve(&of).await.map(|()| ExitCode::SUCCESS),
        Command::CheckConfig { of } => check_config(&of).map(|()| ExitCode::SUCCESS),
        Command::Key(key) => key.run().await.map(|()| ExitCode::SUCCESS),
        Command::Merchant(merchant) => merchant.run().await.map(|()| ExitCode::SUCCESS),
        Command::Client(client) => client.run().await.map(|()| ExitCode::SUCCESS),
        Command::Origin(origin) => origin.run().await.map(|()| ExitCode::SUCCESS),
        Command::Audit(audit) => audit.run().await,
        Command::Rekey { of } => command::rekey::run(&of).await.map(|()| ExitCode::SUCCESS),
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

async fn serve(of: &Of) -> Result<(), String> {
    let config = of.read()?;
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
    let vault =
        Vault::open(&config, frames, clock, Vec::new()).await.map_err(|failure| failure.to_string())?;
    tracing::info!(address = %capture_address, "capture listener is ready");
    tracing::info!(address = %api_address, "api listener is ready");
    if let Some(address) = admin_address {
        tracing::info!(%address, "admin listener is ready");
    }
    serve::serve(vault, listeners, stop).await.map_err(|error| format!("serving failed: {error}"))
}

fn check_config(of: &Of) -> Result<(), String> {
    command::say(&check::check(&of.read()?)?.join("\n"))
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
