//! Who is calling: a client by its secret or its certificate, or by an access token that this vault issued to it.
//! It must never accept a capture context as an access token, or the other way round (RFC 8725 section 3.11).

mod access;
mod basic;
mod certificate;

pub use access::{ACCESS_SECONDS, AccessClaims, issue, read};
pub use basic::{Credentials, check};
pub use certificate::check_certificate;

/// Every scope there is.
pub const SCOPES: &[&str] =
    &[CAPTURE_CREATE, TOKENS_READ, TOKENS_REVEAL, TOKENS_DELETE, TOKENS_FINGERPRINT, AUDIT_READ];

/// May ask for capture contexts.
pub const CAPTURE_CREATE: &str = "capture:create";

/// May ask what is known of a token, without the number.
pub const TOKENS_READ: &str = "tokens:read";

/// May ask for a card in clear.
pub const TOKENS_REVEAL: &str = "tokens:reveal";

/// May delete a token.
pub const TOKENS_DELETE: &str = "tokens:delete";

/// May see the fingerprints of the tokens that it may read, and look for one.
pub const TOKENS_FINGERPRINT: &str = "tokens:fingerprint";

/// May read the merchant's own part of the audit.
pub const AUDIT_READ: &str = "audit:read";
