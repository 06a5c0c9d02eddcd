//! The merchants of a vault and the backends that act for them, looked up by id.
//! It must never hold a client's secret: only its hash.

use std::collections::HashMap;
use std::sync::Arc;

use cardseal::card::Brand;
use cardseal::context::Mode;

use crate::config::{Config, decode_hex};

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
}

/// A backend that acts for a merchant.
pub struct Client {
    /// Its name.
    pub id: String,
    /// SHA-256 of its secret.
    pub secret_sha256: [u8; 32],
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
            });
            for client in &of.clients {
                if let Some(secret_sha256) = decode_hex(&client.secret_sha256) {
                    let (id, scopes) = (client.id.clone(), client.scopes.clone());
                    clients.insert(
                        id.clone(),
                        Client { id, secret_sha256, scopes, merchant: Arc::clone(&merchant) },
                    );
                }
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
