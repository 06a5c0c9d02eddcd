//! The audit as a merchant reads it.
//! It must never have a member that tells of other merchants.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the vault did, or refused, for a merchant.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditRecord {
    /// When, in Unix seconds.
    pub at: u64,
    /// Who: `client:` and its id, `shopper:` and the merchant, `operator:` and a number, or `vault`.
    pub actor: String,
    /// What was done, such as `token.reveal`.
    pub action: String,
    /// To what: a token, a context, a client, an origin or a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub subject: Option<String>,
    /// From which network.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub origin: Option<String>,
    /// `ok`, or the code of the refusal.
    pub result: String,
    /// Why a client revealed a card, or what of a merchant the operator changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<String>,
    /// The `x-request-id` of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub request_id: Option<String>,
}

/// Answer of `GET /v1/audit`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditPage {
    /// Always `list`.
    #[schema(pattern = "^list$")]
    pub object: String,
    /// The oldest first.
    #[schema(max_items = 1000)]
    pub records: Vec<AuditRecord>,
    /// What `after` is for the records that follow the last one here; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}
