//! The test merchant of a sandbox and the secret of its backend, made once and kept under `--data`.
//! It must never be used with a vault that takes live merchants.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use cardseal::context::Mode;
use cardseal::envelope::compact;
use cardseal_vault::auth::SCOPES;
use cardseal_vault::merchant::{ClientRecord, MerchantRecord, OriginRecord, Proof, Settings};
use cardseal_vault::random;
use serde::Deserialize;

/// Whom the sandbox captures cards for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Account {
    /// The merchant's id.
    pub(crate) merchant: String,
    /// The id of its backend.
    pub(crate) client_id: String,
    /// The secret of its backend; a sandbox prints it.
    pub(crate) client_secret: String,
}

impl Account {
    /// A fresh account.
    pub(crate) fn make() -> Self {
        Self {
            merchant: "sandbox".to_owned(),
            client_id: "sandbox-backend".to_owned(),
            client_secret: compact::encode(&random::make_bytes::<32>()),
        }
    }

    /// The account that is kept in `path`, made if there is none.
    pub(crate) fn kept_in(path: &Path) -> Result<Self, String> {
        let said =
            |error: &dyn std::fmt::Display| format!("cannot keep the account in {}: {error}", path.display());
        if !path.exists() {
            let Self { merchant, client_id, client_secret } = Self::make();
            let text = format!(
                "merchant = \"{merchant}\"\nclient_id = \"{client_id}\"\nclient_secret = \"{client_secret}\"\n"
            );
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)
                .map_err(|error| said(&error))?;
            file.write_all(text.as_bytes()).map_err(|error| said(&error))?;
        }
        let text = std::fs::read_to_string(path).map_err(|error| said(&error))?;
        // The message only: the whole error shows the line, and the secret may stand there.
        toml::from_str(&text).map_err(|error| said(&error.message()))
    }

    /// The merchant as the vault has it.
    pub(crate) fn merchant(&self, origins: &[String]) -> MerchantRecord {
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(digest(&SHA256, self.client_secret.as_bytes()).as_ref());
        let client = ClientRecord {
            id: self.client_id.clone(),
            secrets: vec![Proof::of(&sha256)],
            // All that there is to try: a sandbox holds test cards only.
            scopes: SCOPES.iter().map(|&scope| scope.to_owned()).collect(),
            ..ClientRecord::default()
        };
        let origin = |origin: &String| OriginRecord { origin: origin.clone(), proven_at: None };
        MerchantRecord {
            origins: origins.iter().map(origin).collect(),
            clients: vec![client],
            // A test may ask for all that a page can learn, and capture in every way.
            settings: Settings {
                expose: vec!["brand".to_owned(), "bin".to_owned()],
                direct: true,
                ..Settings::default()
            },
            ..MerchantRecord::new(&self.merchant, Mode::Test)
        }
    }
}
