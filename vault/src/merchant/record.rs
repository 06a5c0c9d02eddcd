//! What the store knows of a merchant: one strict document, with its clients, origins and settings.
//! It must never hold a secret, only hashes, nor be taken where it contradicts itself.

use std::collections::{HashMap, HashSet};

use cardseal::card::Brand;
use cardseal::context::{Expose, Mode};
use cardseal::envelope::compact;
use serde::{Deserialize, Serialize};

use crate::auth::SCOPES;
use crate::origin;
use crate::token::TokenFormat;

/// A secret or certificate has at most one successor at a time.
pub const MOST_PROOFS: usize = 2;

/// Everything of one merchant.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MerchantRecord {
    /// Its name in addresses and contexts: 1 to 64 of a-z, 0-9, `_` and `-`.
    pub id: String,
    /// Test or live.
    #[serde(with = "mode")]
    pub mode: Mode,
    /// Whether nothing may be captured and nobody may act for it.
    #[serde(default)]
    pub disabled: bool,
    /// What it captures and how.
    #[serde(default)]
    pub settings: Settings,
    /// The origins of its pages.
    #[serde(default)]
    pub origins: Vec<OriginRecord>,
    /// The backends that may act for it.
    #[serde(default)]
    pub clients: Vec<ClientRecord>,
}

/// What a merchant captures and how.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The brands it accepts; none means all.
    pub brands: Vec<String>,
    /// What its pages may learn while a card is typed, at most: `brand`, `bin`.
    pub expose: Vec<String>,
    /// Whether cards may be captured directly, by its own pages and programs, which are in the scope of PCI DSS then.
    pub direct: bool,
    /// Days after which a token is deleted; without it never.
    pub token_ttl_days: Option<u32>,
    /// How its new tokens look: `opaque`, `uuid` or `last4`.
    pub token_format: TokenFormat,
    /// `POST /v1/tokens` a minute; without it the vault's own limit.
    pub merchant_per_minute: Option<u32>,
    /// `POST /v1/tokens` from one network a minute; without it the vault's own limit.
    pub network_per_minute: Option<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            brands: Vec::new(),
            expose: vec!["brand".to_owned()],
            direct: false,
            token_ttl_days: None,
            token_format: TokenFormat::default(),
            merchant_per_minute: None,
            network_per_minute: None,
        }
    }
}

/// An origin of a merchant's pages.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OriginRecord {
    /// The origin, serialized.
    pub origin: String,
    /// When the merchant proved that it is its own, Unix seconds. A live one counts from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven_at: Option<u64>,
}

/// A backend that acts for a merchant.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ClientRecord {
    /// Its name, unique in the vault.
    pub id: String,
    /// Its secrets, the newest first.
    #[serde(default)]
    pub secrets: Vec<Proof>,
    /// Its certificates, the newest first.
    #[serde(default)]
    pub certificates: Vec<Proof>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Whether it may do nothing any more.
    #[serde(default)]
    pub revoked: bool,
}

/// SHA-256 of what a client proves itself by.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// In base64url: of a secret's text, or of a certificate in DER.
    pub sha256: String,
    /// Until when it is honoured, Unix seconds; without it as long as the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
}

impl Proof {
    /// A proof without an end.
    pub fn of(sha256: &[u8; 32]) -> Self {
        Self { sha256: compact::encode(sha256), until: None }
    }

    /// The hash.
    pub fn bytes(&self) -> Option<[u8; 32]> {
        compact::decode(&self.sha256)?.try_into().ok()
    }
}

impl ClientRecord {
    /// Whether it has something to prove itself by.
    pub fn can_prove_itself(&self) -> bool {
        !self.secrets.is_empty() || !self.certificates.is_empty()
    }
}

impl MerchantRecord {
    /// A merchant with nothing but a name.
    pub fn new(id: &str, mode: Mode) -> Self {
        let (settings, origins, clients) = (Settings::default(), Vec::new(), Vec::new());
        Self { id: id.to_owned(), mode, disabled: false, settings, origins, clients }
    }

    /// Checks what the types do not.
    ///
    /// # Errors
    /// A sentence that names what is wrong and says what to do.
    pub fn check(&self) -> Result<(), String> {
        let id = &self.id;
        if !is_name(id) {
            return Err(format!("the merchant id `{id}` is not 1 to 64 of a-z, 0-9, _ and -"));
        }
        self.settings.check().map_err(|wrong| format!("merchant {id}: {wrong}"))?;
        for (at, OriginRecord { origin, .. }) in self.origins.iter().enumerate() {
            if self.origins[..at].iter().any(|of| of.origin == *origin) {
                return Err(format!("merchant {id}: the origin {origin} is there twice"));
            }
            if !origin::is_serialized(origin) {
                return Err(format!(
                    "merchant {id}: `{origin}` is not an origin; write it like https://shop.example, without a path"
                ));
            }
            if self.mode == Mode::Live && !origin::is_https(origin) {
                return Err(format!("merchant {id}: the live origin {origin} must be https"));
            }
        }
        self.clients.iter().try_for_each(ClientRecord::check)
    }
}

/// What a page may learn while a card is typed.
const EXPOSABLE: [&str; 2] = ["brand", "bin"];

impl Settings {
    /// What these settings let a page learn.
    pub(super) fn exposed(&self) -> Expose {
        let [brand, bin] = EXPOSABLE.map(|name| self.expose.iter().any(|listed| listed == name));
        Expose { brand, bin }
    }

    fn check(&self) -> Result<(), String> {
        if let Some(brand) = self.brands.iter().find(|name| Brand::named(name).is_none()) {
            return Err(format!("there is no brand `{brand}`"));
        }
        if let Some(name) = self.expose.iter().find(|name| !EXPOSABLE.contains(&name.as_str())) {
            return Err(format!("`{name}` cannot be exposed; name `brand`, `bin`, both or nothing"));
        }
        for (name, value) in [
            ("token_ttl_days", self.token_ttl_days),
            ("merchant_per_minute", self.merchant_per_minute),
            ("network_per_minute", self.network_per_minute),
        ] {
            if value == Some(0) {
                return Err(format!("{name} must be 1 or more; leave it out to set none"));
            }
        }
        Ok(())
    }
}

impl ClientRecord {
    fn check(&self) -> Result<(), String> {
        let id = &self.id;
        if !is_name(id) {
            return Err(format!("the client id `{id}` is not 1 to 64 of a-z, 0-9, _ and -"));
        }
        if let Some(scope) = self.scopes.iter().find(|scope| !SCOPES.contains(&scope.as_str())) {
            return Err(format!(
                "client {id}: there is no scope `{scope}`; the scopes are {}",
                SCOPES.join(", ")
            ));
        }
        if !self.can_prove_itself() {
            return Err(format!("client {id}: it needs a secret or a certificate, or nobody could be it"));
        }
        for proof in self.secrets.iter().chain(&self.certificates) {
            if proof.bytes().is_none() {
                return Err(format!("client {id}: a hash is not 32 bytes in base64url"));
            }
        }
        if self.secrets.len() > MOST_PROOFS || self.certificates.len() > MOST_PROOFS {
            return Err(format!("client {id}: it has more than {MOST_PROOFS} secrets or certificates"));
        }
        Ok(())
    }
}

/// Whether no two of these contradict each other: ids are unique, and an origin of a live merchant is nobody else's.
///
/// # Errors
/// A sentence; of an origin it starts with `origin_taken`.
pub fn check_all(records: &[MerchantRecord]) -> Result<(), String> {
    let (mut owners, mut clients) = (HashMap::<&str, &MerchantRecord>::new(), HashSet::new());
    for record in records {
        record.check()?;
        for OriginRecord { origin, .. } in &record.origins {
            let owner = *owners.entry(origin).or_insert(record);
            // A page could otherwise replace its merchant's context by another's. Two test merchants may share.
            if owner.id != record.id && [owner.mode, record.mode].contains(&Mode::Live) {
                return Err(format!(
                    "origin_taken: {origin} belongs to the merchant {} already; a live origin belongs to one \
                     merchant",
                    owner.id
                ));
            }
        }
        for client in &record.clients {
            if !clients.insert(&client.id) {
                return Err(format!("there is a client {} already; choose another id", client.id));
            }
        }
    }
    Ok(())
}

fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte))
}

mod mode {
    use cardseal::context::Mode;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(mode: &Mode, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(mode.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Mode, D::Error> {
        Mode::named(&String::deserialize(deserializer)?)
            .ok_or_else(|| serde::de::Error::custom("mode is `test` or `live`"))
    }
}
