//! The operator's commands: what they take from the command line and what they say.
//! They must never take a secret from their arguments or the environment, which others can read.

pub(crate) mod audit;
pub(crate) mod client;
pub(crate) mod key;
pub(crate) mod merchant;
pub(crate) mod origin;
pub(crate) mod rekey;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use cardseal_vault::admin::Admin;
use cardseal_vault::clock::SystemClock;
use cardseal_vault::config::Config;

/// Which vault a command is about.
#[derive(clap::Args)]
pub(crate) struct Of {
    /// The configuration, a TOML file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl Of {
    pub(crate) fn read(&self) -> Result<Config, String> {
        Config::read(&self.config)
    }

    pub(crate) async fn admin(&self) -> Result<Admin, String> {
        Admin::open(&self.read()?, Arc::new(SystemClock)).await
    }
}

/// Writes lines to standard output.
pub(crate) fn say(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(|error| format!("cannot write: {error}"))
}
