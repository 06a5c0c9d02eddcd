//! Who is at the other end of the connection that a request came by.
//! It must never be taken from a header, which anybody can write.

use axum::http::Extensions;

use crate::transport::Peer;

/// The SHA-256 of the client certificate of the connection.
pub(super) fn certificate(extensions: &Extensions) -> Option<&[u8; 32]> {
    extensions.get::<Peer>()?.certificate.as_ref()
}
