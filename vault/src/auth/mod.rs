//! Who is calling: a client by its secret, or by an access token that this vault issued to it.
//! It must never accept a capture context as an access token, or the other way round (RFC 8725 section 3.11).

mod access;
mod basic;

pub use access::{ACCESS_SECONDS, AccessClaims, issue, read};
pub use basic::{Credentials, check};

/// Every scope there is.
pub const SCOPES: &[&str] = &[CAPTURE_CREATE];

/// May ask for capture contexts.
pub const CAPTURE_CREATE: &str = "capture:create";
