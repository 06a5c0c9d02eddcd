//! `cardseal-vault key`: lists the keys and renews them; the vault may be serving.
//! It must never show anything of a key but its name and its times.

use std::sync::Arc;

use cardseal_vault::clock::SystemClock;
use cardseal_vault::custody::Custody;
use cardseal_vault::failure::Failure;
use cardseal_vault::keyring::Purpose;
use clap::{Subcommand, ValueEnum};

use super::{Of, say};

#[derive(Subcommand)]
pub(crate) enum Key {
    /// Lists every key: purpose, kid, state, and when it was made, used and retired (seconds since 1970).
    List {
        #[command(flatten)]
        of: Of,
    },
    /// Makes the successor of a key. It takes over by itself; nothing has to be restarted.
    Rotate {
        #[command(flatten)]
        of: Of,
        /// What the key is for.
        purpose: Rotated,
        /// Whose data key; only for `data`.
        #[arg(long, value_name = "ID", required_if_eq("purpose", "data"))]
        merchant: Option<String>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rotated {
    /// Cards are sealed to it.
    Capture,
    /// It signs capture contexts.
    Context,
    /// It signs access tokens.
    Access,
    /// It signs heads of the audit.
    Audit,
    /// A merchant's rows are sealed under it.
    Data,
}

impl Key {
    pub(crate) async fn run(self) -> Result<(), String> {
        match self {
            Self::List { of } => list(&of).await,
            Self::Rotate { of, purpose, merchant } => {
                let purpose = match purpose {
                    Rotated::Capture => Purpose::Capture,
                    Rotated::Context => Purpose::Context,
                    Rotated::Access => Purpose::Access,
                    Rotated::Audit => Purpose::Audit,
                    Rotated::Data => return rotate_data(&of, &merchant.unwrap_or_default()).await,
                };
                if merchant.is_some() {
                    return Err(
                        "--merchant is for `data` only; the other keys are the whole vault's".to_owned()
                    );
                }
                rotate(&of, purpose).await
            }
        }
    }
}

async fn list(of: &Of) -> Result<(), String> {
    let custody = open(of).await?;
    let listed = custody.list().await.map_err(sentence)?;
    custody.close().await;
    say(&format!(
        "{:<8} {:<43} {:<9} {:>10} {:>10} {:>10}",
        "purpose", "kid", "state", "made", "used from", "retired"
    ))?;
    for key in listed {
        let retired = key.retired_at.map(|at| at.to_string()).unwrap_or_default();
        let line = format!(
            "{:<8} {:<43} {:<9} {:>10} {:>10} {retired:>10}",
            key.purpose,
            key.kid,
            key.state.as_str(),
            key.made_at,
            key.used_from
        );
        say(line.trim_end())?;
    }
    Ok(())
}

async fn rotate(of: &Of, purpose: Purpose) -> Result<(), String> {
    let custody = open(of).await?;
    let renewal = custody.renew(purpose).await.map_err(sentence)?;
    custody.close().await;
    let (purpose, kid, at) = (purpose.as_str(), renewal.kid, renewal.takes_over_at);
    if renewal.made {
        say(&format!("made the {purpose} key {kid}; it takes over at {at}"))
    } else {
        say(&format!("no key was made: the {purpose} key {kid} waits already and takes over at {at}"))
    }
}

async fn rotate_data(of: &Of, merchant: &str) -> Result<(), String> {
    let custody = open(of).await?;
    let (version, at) = custody.renew_data(merchant).await.map_err(sentence)?;
    custody.close().await;
    say(&format!("made version {version} of the data key of {merchant}; it seals new rows from {at} on"))
}

async fn open(of: &Of) -> Result<Custody, String> {
    Custody::open(&of.read()?, Arc::new(SystemClock)).await.map_err(sentence)
}

fn sentence(failure: Failure) -> String {
    failure.to_string()
}
