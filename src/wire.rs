//! The HTTP bodies of the vault's interface, for both ends.
//! It must never be used for anything but (de)serialization: rules live elsewhere, the schemas here say what can be written in a schema.

mod audit;
mod schema;

pub use audit::{AuditPage, AuditRecord};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /v1/tokens`.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// The capture context, a compact JWS.
    #[schema(pattern = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}$")]
    pub context: String,
    /// The sealed card, a compact JWE.
    #[schema(pattern = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){4}$")]
    pub sealed_card: String,
}

/// Answer of `POST /v1/tokens`: all that a browser learns.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
pub struct TokenAnswer {
    /// The token.
    pub id: String,
    /// Always `token`.
    #[schema(pattern = "^token$")]
    pub object: String,
    /// Wire name of the card's brand.
    #[schema(schema_with = schema::brand)]
    pub brand: String,
    /// The last four digits.
    #[schema(pattern = "^[0-9]{4}$")]
    pub last4: String,
    /// The merchant's own order id, as the context had it.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    pub reference: Option<String>,
}

/// Answer of `GET /v1/tokens/{id}`: all but the number.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
pub struct TokenMetadata {
    /// The token.
    pub id: String,
    /// Always `token`.
    #[schema(pattern = "^token$")]
    pub object: String,
    /// Wire name of the card's brand.
    #[schema(schema_with = schema::brand)]
    pub brand: String,
    /// The leading digits: eight of a number of 16 digits and more, six of one of 14 and 15, of a shorter one none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bin: Option<String>,
    /// The last four digits.
    #[schema(pattern = "^[0-9]{4}$")]
    pub last4: String,
    /// Of a card that can be paid over more than one network: the one that the cardholder chose, or the only one that the
    /// context accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::network)]
    pub network: Option<String>,
    /// 1 to 12.
    #[schema(minimum = 1, maximum = 12)]
    pub exp_month: u8,
    /// Four digits.
    #[schema(minimum = 1000, maximum = 9999)]
    pub exp_year: u16,
    /// Of a card whose security code was captured: `held`, `spent` when a processor has answered to it, or `lost`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(held|lost|spent)$", nullable = false)]
    pub cvc: Option<String>,
    /// The merchant's own order id, as the context had it.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    pub reference: Option<String>,
    /// For a client that may see it: equal for two tokens of the merchant that are the same card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// `test` or `live`.
    #[schema(pattern = "^(test|live)$")]
    pub mode: String,
    /// When it was made, Unix seconds.
    pub created_at: u64,
    /// Why the merchant should look at the order before it takes the money; mostly empty.
    pub review: Vec<String>,
}

/// Answer of `GET /v1/tokens?ref=`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
pub struct StoredTokens {
    /// Always `list`.
    #[schema(pattern = "^list$")]
    pub object: String,
    /// The newest first.
    #[schema(max_items = 100)]
    pub tokens: Vec<TokenMetadata>,
}

/// Body of `POST /v1/tokens/{id}/reveal`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevealRequest {
    /// Why, 1 to 200 characters; it is put on record.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// Body of `POST /v1/capture-contexts`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContextRequest {
    /// Origins of the pages that will capture with it; each must be registered for the merchant. None, of `via` `direct`, where a
    /// program does.
    #[schema(schema_with = schema::origins)]
    pub origins: Vec<String>,
    /// What the page may see while the card is typed: `brand`, `bin`. Without it: `brand`, if the merchant's record allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::exposed)]
    pub expose: Option<Vec<String>>,
    /// Brands and networks accepted. Without it: all that the merchant accepts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::brands)]
    pub brands: Option<Vec<String>>,
    /// Leading digits accepted, 1 to 6 each. Without it: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::bins)]
    pub bins: Option<Vec<String>>,
    /// Leading digits denied, 1 to 8 each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::denied_bins)]
    pub deny_bins: Option<Vec<String>>,
    /// How an accepted card is paid. Without it: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::funding)]
    pub funding: Option<Vec<String>>,
    /// Countries whose cards are accepted, ISO 3166-1 alpha-2. Without it: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::countries)]
    pub countries: Option<Vec<String>>,
    /// Countries whose cards are denied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::countries)]
    pub deny_countries: Option<Vec<String>>,
    /// Fields that must be filled in. Without it: `number`, `expiry`, `cvc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::fields)]
    pub fields: Option<Vec<String>>,
    /// `card` (without it) or `cvc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^card$")]
    pub kind: Option<String>,
    /// The token a security code is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// `fields` (without it), or `direct`, for a merchant that may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(fields|direct)$")]
    pub via: Option<String>,
    /// The merchant's own order id, at most 200 bytes.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub reference: Option<String>,
    /// What is to be paid; it stays in the vault, for its rules about cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// Where the purchase is sent, ISO 3166-1 alpha-2; it stays in the vault, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Z]{2}$")]
    pub shipping_country: Option<String>,
}

/// An amount of money.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// In the currency's minor unit, 0 to 999999999999.
    #[schema(maximum = 999_999_999_999_u64)]
    pub value: u64,
    /// ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$")]
    pub currency: String,
}

/// Answer of `POST /v1/capture-contexts`.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
pub struct ContextAnswer {
    /// The capture context, a compact JWS to hand to the page unchanged.
    #[schema(pattern = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}$")]
    pub context: String,
    /// When it expires, Unix seconds.
    pub expires_at: u64,
}

/// Answer of `GET /v1/bins/{bin8}`: what is known of every card that begins so.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
pub struct BinAnswer {
    /// The networks that such a card can be paid over, the issuer's preference first; none if they are not known.
    #[schema(schema_with = schema::networks)]
    pub networks: Vec<String>,
    /// `credit`, `debit`, `prepaid` or `charge`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::one_funding)]
    pub funding: Option<String>,
    /// Where it was issued, ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Z]{2}$", nullable = false)]
    pub country: Option<String>,
}

/// Answer of `POST /oauth/token` (RFC 6749 section 5.1).
#[derive(Deserialize, Serialize, ToSchema)]
pub struct AccessToken {
    /// A bearer token.
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(pattern = "^Bearer$")]
    pub token_type: String,
    /// Seconds.
    pub expires_in: u64,
    /// Scopes, separated by spaces.
    pub scope: String,
}

/// Every error's body: `application/problem+json` (RFC 9457).
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// A URI of the kind of problem.
    #[serde(rename = "type")]
    #[schema(pattern = "^about:blank$")]
    pub kind: String,
    /// The HTTP status in words.
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// The stable code.
    #[schema(pattern = "^[a-z0-9_]+$")]
    pub code: String,
    /// What is wrong and what to do.
    pub detail: String,
    /// The field an input error belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub field: Option<String>,
    /// The error code of RFC 6749 section 5.2, on the OAuth endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<String>,
}

/// `GET /.well-known/jwks.json` (RFC 7517 section 5).
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct KeySet {
    /// Public keys.
    pub keys: Vec<PublicKey>,
}

/// A public key of the vault.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
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
