//! A client that proves itself by the certificate of its connection (RFC 8705 section 2), pinned in its record.
//! It must never take longer or shorter for a client that does not exist.

use std::sync::Arc;

use cardseal::error::Code;

use crate::merchant::{Client, Merchants};

/// The client of this id, if this is the SHA-256 of its certificate.
///
/// # Errors
/// [`Code::ClientInvalid`], the same for an unknown client and for another certificate.
pub fn check_certificate<'a>(
    id: &str,
    certificate: &[u8; 32],
    merchants: &'a Merchants,
    now: u64,
) -> Result<&'a Arc<Client>, Code> {
    let client = merchants.client(id);
    let matches = Client::has_certificate(client.map(Arc::as_ref), certificate, now);
    client.filter(|_| matches).ok_or(Code::ClientInvalid)
}
