//! The audit: who did what to what, one chain of records for each node, each record bound to the one before it.
//! It must never hold a digit of a card beyond the last four, a secret, or text that a client chose freely and unread.

mod chain;
mod cursor;
mod head;
mod verify;

use std::os::unix::fs::MetadataExt;

pub use chain::{Chain, ChainKeys, HASH_BYTES, Record};
pub use cursor::{Cursors, Position};
pub use head::Head;
pub use verify::{Fault, Verifier};

/// What was done. The name is what the record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A client asked for an access token.
    AccessGrant,
    /// A client asked for a capture context.
    ContextCreate,
    /// A browser sent a sealed card.
    TokenCreate,
    /// A browser sent the sealed security code of a token.
    CvcCapture,
    /// A client asked what is known of a token.
    TokenRead,
    /// A client asked for a card in clear.
    TokenReveal,
    /// A client deleted a token.
    TokenDelete,
    /// The vault deleted a token whose time was over.
    TokenExpire,
    /// A client read the audit.
    AuditRead,
    /// The operator added a merchant.
    MerchantAdd,
    /// The operator changed the settings of a merchant, or disabled or enabled it.
    MerchantChange,
    /// The operator added a client to a merchant.
    ClientAdd,
    /// The operator gave a client a new secret or certificate.
    ClientRotate,
    /// The operator revoked a client.
    ClientRevoke,
    /// The operator added an origin to a merchant.
    OriginAdd,
    /// The operator had a merchant's origin proven.
    OriginVerify,
    /// The operator took an origin from a merchant.
    OriginRemove,
    /// A key was made.
    KeyMake,
    /// A key or a merchant's record was sealed anew, under the newest key-encryption key.
    KeyWrap,
    /// The vault deleted a private key that nothing alive can name.
    KeyRetire,
    /// The vault started with a configuration.
    ConfigLoad,
    /// A setting was another at this start than at the last one; the subject is its name.
    ConfigChange,
}

impl Action {
    /// The name in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessGrant => "access.grant",
            Self::ContextCreate => "context.create",
            Self::TokenCreate => "token.create",
            Self::CvcCapture => "cvc.capture",
            Self::TokenRead => "token.read",
            Self::TokenReveal => "token.reveal",
            Self::TokenDelete => "token.delete",
            Self::TokenExpire => "token.expire",
            Self::AuditRead => "audit.read",
            Self::MerchantAdd => "merchant.add",
            Self::MerchantChange => "merchant.change",
            Self::ClientAdd => "client.add",
            Self::ClientRotate => "client.rotate",
            Self::ClientRevoke => "client.revoke",
            Self::OriginAdd => "origin.add",
            Self::OriginVerify => "origin.verify",
            Self::OriginRemove => "origin.remove",
            Self::KeyMake => "key.make",
            Self::KeyWrap => "key.wrap",
            Self::KeyRetire => "key.retire",
            Self::ConfigLoad => "config.load",
            Self::ConfigChange => "config.change",
        }
    }
}

/// Who did it: only names that the vault itself knows, so that nothing a stranger typed is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody that the vault knows.
    Unknown,
    /// The vault itself.
    Vault,
    /// Whoever runs the vault's commands, by the number of the user in the operating system.
    Operator(u32),
    /// A client, by its id.
    Client(String),
    /// Whoever held a capture context of this merchant.
    Shopper(String),
}

impl Actor {
    /// Who runs this process, as the kernel knows it; the environment would say what it was told to.
    pub fn operator() -> Self {
        Self::Operator(std::fs::metadata("/proc/self").map_or(u32::MAX, |process| process.uid()))
    }

    /// The name in the record.
    pub fn format(&self) -> String {
        match self {
            Self::Unknown => "unknown".to_owned(),
            Self::Vault => "vault".to_owned(),
            Self::Operator(user) => format!("operator:{user}"),
            Self::Client(id) => format!("client:{id}"),
            Self::Shopper(merchant) => format!("shopper:{merchant}"),
        }
    }
}

/// The result of what succeeded; a refusal has its code instead.
pub const OK: &str = "ok";

/// What is to be put on record.
#[derive(Clone, Debug)]
pub struct Audited {
    /// When.
    pub at: u64,
    /// Who.
    pub actor: Actor,
    /// The merchant whose business it is, who may read the record; empty for what is the operator's alone.
    pub merchant: String,
    /// What was done.
    pub action: Action,
    /// To what: a token, a context, a merchant, a key, a configuration; empty where nothing known was named.
    pub subject: String,
    /// From where: the network of an address, or empty.
    pub origin: String,
    /// [`OK`] or the code of the refusal.
    pub result: &'static str,
    /// Why: of a reveal as the client said, of a merchant what was changed, of a card what the rules said; else empty.
    pub reason: String,
    /// The request that asked for it; empty for what the vault did by itself.
    pub request_id: String,
}

impl Audited {
    /// Something that the vault did by itself.
    pub fn of_vault(at: u64, action: Action, subject: String) -> Self {
        Self {
            at,
            actor: Actor::Vault,
            merchant: String::new(),
            action,
            subject,
            origin: String::new(),
            result: OK,
            reason: String::new(),
            request_id: String::new(),
        }
    }

    /// The same as this merchant's business.
    #[must_use]
    pub fn for_merchant(self, merchant: &str) -> Self {
        Self { merchant: merchant.to_owned(), ..self }
    }
}
