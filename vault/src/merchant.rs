//! The merchants of a vault and the backends that act for them, looked up by id.
//! It must never hold a client's secret: only its hash.

use std::collections::HashMap;
use std::sync::Arc;

use cardseal::card::Brand;
use cardseal::context::Mode;

use crate::config::{Config, decode_certificate, decode_hex};

/// Somebody who captures cards.
pub struct Merchant {
    /// Its name in addresses and contexts.
    pub id: String,
    /// Test or live.
    pub mode: Mode,
    /// The origins of its pages.
    pub origins: Vec<String>,
    /// The brands it accepts; none means all.
    pub brands: Vec<&'static Brand>,
    /// How long its tokens are kept; for ever without it.
    pub token_seconds: Option<u64>,
}

/// A backend that acts for a merchant.
pub struct Client {
    /// Its name.
    pub id: String,
    /// SHA-256 of its secret, if it has one.
    pub secret_sha256: Option<[u8; 32]>,
    /// SHA-256 of its certificate in DER, if it has one.
    pub certificate_sha256: Option<[u8; 32]>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// For whom it acts.
    pub merchant: Arc<Merchant>,
}

/// Every merchant and client.
pub struct Merchants {
    merchants: HashMap<String, Arc<Merchant>>,
    clients: HashMap<String, Client>,
}

impl Merchants {
    /// From a checked configuration.
    pub fn new(config: &Config) -> Self {
        let (mut merchants, mut clients) = (HashMap::new(), HashMap::new());
        for of in &config.merchants {
            let merchant = Arc::new(Merchant {
                id: of.id.clone(),
                mode: of.mode,
                origins: of.origins.clone(),
                brands: of.brands.iter().filter_map(|name| Brand::named(name)).collect(),
                token_seconds: of.token_ttl_days.map(|days| u64::from(days) * 24 * 60 * 60),
            });
            for client in &of.clients {
                let secret_sha256 = client.secret_sha256.as_deref().and_then(decode_hex);
                let certificate_sha256 = client.certificate_sha256.as_deref().and_then(decode_certificate);
                let (id, scopes, merchant) =
                    (client.id.clone(), client.scopes.clone(), Arc::clone(&merchant));
                clients
                    .insert(id.clone(), Client { id, secret_sha256, certificate_sha256, scopes, merchant });
            }
            merchants.insert(of.id.clone(), merchant);
        }
        Self { merchants, clients }
    }

    /// The merchant of this id.
    pub fn merchant(&self, id: &str) -> Option<&Arc<Merchant>> {
        self.merchants.get(id)
    }

    /// The client of this id.
    pub fn client(&self, id: &str) -> Option<&Client> {
        self.clients.get(id)
    }

    /// Every merchant.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Merchant>> {
        self.merchants.values()
    }
}
