//! The HTTP bodies of the vault's interface, for both ends.
//! It must never be used for anything but (de)serialization: rules live elsewhere.

use serde::{Deserialize, Serialize};

/// Body of `POST /v1/tokens`.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// The capture context, a compact JWS.
    pub context: String,
    /// The sealed card, a compact JWE.
    pub sealed_card: String,
}

/// Answer of `POST /v1/tokens`: all that a browser learns.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct TokenAnswer {
    /// The token.
    pub id: String,
    /// Always `token`.
    pub object: String,
    /// Wire name of the card's brand.
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// The merchant's own order id, as the context had it.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Answer of `GET /v1/tokens/{id}`: all but the number.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct TokenMetadata {
    /// The token.
    pub id: String,
    /// Always `token`.
    pub object: String,
    /// Wire name of the card's brand.
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// 1 to 12.
    pub exp_month: u8,
    /// Four digits.
    pub exp_year: u16,
    /// Of a card that came with a security code: `held`, or `lost` when its time is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cvc: Option<String>,
    /// The merchant's own order id, as the context had it.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// `test` or `live`.
    pub mode: String,
    /// When it was made, Unix seconds.
    pub created_at: u64,
}

/// Answer of `GET /v1/tokens?ref=`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct StoredTokens {
    /// Always `list`.
    pub object: String,
    /// The newest first.
    pub tokens: Vec<TokenMetadata>,
}

/// Body of `POST /v1/tokens/{id}/reveal`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RevealRequest {
    /// Why, 1 to 200 characters; it is put on record.
    pub reason: String,
}

/// Body of `POST /v1/capture-contexts`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ContextRequest {
    /// Origins of the pages that will capture with it; each must be registered for the merchant.
    pub origins: Vec<String>,
    /// What the page may see while the card is typed: `brand`, `bin`. Without it: `brand`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expose: Option<Vec<String>>,
    /// Brands accepted. Without it: all that the merchant accepts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brands: Option<Vec<String>>,
    /// Fields that must be filled in. Without it: `number`, `expiry`, `cvc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<String>>,
    /// `card` (without it) or `cvc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The token a security code is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// `fields` (without it) or `direct`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// The merchant's own order id, at most 200 bytes.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Answer of `POST /v1/capture-contexts`.
#[derive(Clone, Deserialize, Serialize)]
pub struct ContextAnswer {
    /// The capture context, a compact JWS to hand to the page unchanged.
    pub context: String,
    /// When it expires, Unix seconds.
    pub expires_at: u64,
}

/// Answer of `POST /oauth/token` (RFC 6749 section 5.1).
#[derive(Deserialize, Serialize)]
pub struct AccessToken {
    /// A bearer token.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds.
    pub expires_in: u64,
    /// Scopes, separated by spaces.
    pub scope: String,
}

/// Every error's body: `application/problem+json` (RFC 9457).
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// A URI of the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: String,
    /// What is wrong and what to do.
    pub detail: String,
    /// The field an input error belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The error code of RFC 6749 section 5.2, on the OAuth endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// `GET /.well-known/jwks.json` (RFC 7517 section 5).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct KeySet {
    /// Public keys.
    pub keys: Vec<PublicKey>,
}

/// A public key of the vault.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(tag = "kty")]
pub enum PublicKey {
    /// Verifies capture contexts.
    #[serde(rename = "EC")]
    Ec {
        /// RFC 7638 thumbprint.
        kid: String,
        /// Always `sig`.
        #[serde(rename = "use")]
        usage: String,
        /// Always `ES256`.
        alg: String,
        /// Always `P-256`.
        crv: String,
        /// Base64url.
        x: String,
        /// Base64url.
        y: String,
    },
    /// Sealed to.
    #[serde(rename = "RSA")]
    Rsa {
        /// RFC 7638 thumbprint.
        kid: String,
        /// Always `enc`.
        #[serde(rename = "use")]
        usage: String,
        /// Always `RSA-OAEP-256`.
        alg: String,
        /// Base64url.
        n: String,
        /// Base64url.
        e: String,
    },
}
