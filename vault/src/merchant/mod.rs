//! The merchants of a vault and the backends that act for them, looked up by id.
//! It must never hold a client's secret: only its hash.

mod record;

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use cardseal::card::Brand;
use cardseal::context::{Expose, Mode};

pub use record::{ClientRecord, MOST_PROOFS, MerchantRecord, OriginRecord, Proof, Settings, check_all};

use crate::clock::DAY_SECONDS;
use crate::token::TokenFormat;

/// Somebody who captures cards.
pub struct Merchant {
    /// Its name in addresses and contexts.
    pub id: String,
    /// Test or live.
    pub mode: Mode,
    /// The origins of its pages; of a live merchant those that it has proven.
    pub origins: Vec<String>,
    /// The brands it accepts; none means all.
    pub brands: Vec<&'static Brand>,
    /// What its pages may learn while a card is typed, at most.
    pub expose: Expose,
    /// Whether its own pages and programs may capture cards.
    pub direct: bool,
    /// How long its tokens are kept; for ever without it.
    pub token_seconds: Option<u64>,
    /// How its new tokens look.
    pub token_format: TokenFormat,
    /// `POST /v1/tokens` a minute, where it is not the vault's own limit.
    pub per_minute: Option<u32>,
    /// `POST /v1/tokens` from one network a minute, where it is not the vault's own limit.
    pub network_per_minute: Option<u32>,
    disabled: bool,
}

/// A backend that acts for a merchant.
pub struct Client {
    /// Its name.
    pub id: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// For whom it acts.
    pub merchant: Arc<Merchant>,
    secrets: Vec<Hash>,
    certificates: Vec<Hash>,
    revoked: bool,
}

/// A hash and until when it is honoured.
struct Hash {
    sha256: [u8; 32],
    until: Option<u64>,
}

/// Every merchant and client.
#[derive(Default)]
pub struct Merchants {
    merchants: HashMap<String, Arc<Merchant>>,
    clients: HashMap<String, Arc<Client>>,
}

impl Merchants {
    /// From records that were checked.
    pub fn new(records: &[MerchantRecord]) -> Self {
        let mut all = Self::default();
        for record in records {
            let merchant = Arc::new(Merchant::new(record));
            for client in &record.clients {
                let client = Client::new(client, Arc::clone(&merchant));
                all.clients.insert(client.id.clone(), Arc::new(client));
            }
            all.merchants.insert(record.id.clone(), merchant);
        }
        all
    }

    /// The merchant of this id, unless it is disabled.
    pub fn merchant(&self, id: &str) -> Option<&Arc<Merchant>> {
        self.merchants.get(id).filter(|merchant| !merchant.disabled)
    }

    /// The client of this id, unless it is revoked or its merchant is disabled.
    pub fn client(&self, id: &str) -> Option<&Arc<Client>> {
        self.clients.get(id).filter(|client| !client.revoked && !client.merchant.disabled)
    }

    /// Whether pages of this origin may send cards that they captured themselves: those of some merchant may.
    pub fn captures_directly(&self, origin: &str) -> bool {
        self.all().any(|of| of.direct && !of.disabled && of.origins.iter().any(|listed| listed == origin))
    }

    /// Every merchant, disabled ones too.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Merchant>> {
        self.merchants.values()
    }
}

impl Merchant {
    fn new(record: &MerchantRecord) -> Self {
        let MerchantRecord { id, mode, disabled, settings, origins, clients: _ } = record;
        let counts = |origin: &&OriginRecord| *mode == Mode::Test || origin.proven_at.is_some();
        Self {
            id: id.clone(),
            mode: *mode,
            origins: origins.iter().filter(counts).map(|of| of.origin.clone()).collect(),
            brands: settings.brands.iter().filter_map(|name| Brand::named(name)).collect(),
            expose: settings.exposed(),
            direct: settings.direct,
            token_seconds: settings.token_ttl_days.map(|days| u64::from(days) * DAY_SECONDS),
            token_format: settings.token_format,
            per_minute: settings.merchant_per_minute,
            network_per_minute: settings.network_per_minute,
            disabled: *disabled,
        }
    }
}

impl Client {
    fn new(record: &ClientRecord, merchant: Arc<Merchant>) -> Self {
        let hashes = |proofs: &[Proof]| {
            let hash = |proof: &Proof| Some(Hash { sha256: proof.bytes()?, until: proof.until });
            proofs.iter().filter_map(hash).collect()
        };
        Self {
            id: record.id.clone(),
            scopes: record.scopes.clone(),
            merchant,
            secrets: hashes(&record.secrets),
            certificates: hashes(&record.certificates),
            revoked: record.revoked,
        }
    }

    /// Whether a client, or nobody, has a secret with this SHA-256 now.
    pub fn has_secret(client: Option<&Self>, sha256: &[u8; 32], now: u64) -> bool {
        matches(client.map_or(&[], |client| &client.secrets), sha256, now)
    }

    /// Whether a client, or nobody, has a certificate with this SHA-256 now.
    pub fn has_certificate(client: Option<&Self>, sha256: &[u8; 32], now: u64) -> bool {
        matches(client.map_or(&[], |client| &client.certificates), sha256, now)
    }
}

/// Compares as many times whether there are no hashes or as many as there may be: a client that does not exist takes
/// as long as one that does.
fn matches(hashes: &[Hash], sha256: &[u8; 32], now: u64) -> bool {
    (0..MOST_PROOFS).fold(false, |found, at| {
        let hash = hashes.get(at);
        // Nothing that is hashed gives zeros.
        let same = verify_slices_are_equal(sha256, &hash.map_or([0; 32], |hash| hash.sha256)).is_ok();
        found | (same && hash.is_some_and(|hash| hash.until.is_none_or(|until| now < until)))
    })
}
