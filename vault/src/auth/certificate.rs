//! A client that proves itself by the certificate of its connection (RFC 8705 section 2), pinned in its record.
//! It must never take longer or shorter for a client that does not exist.

use aws_lc_rs::constant_time::verify_slices_are_equal;
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
) -> Result<&'a Client, Code> {
    let client = merchants.client(id);
    // An unknown client, or one without a certificate, is compared as well, with a hash that no certificate has.
    let expected = client.and_then(|client| client.certificate_sha256).unwrap_or_default();
    let matches = verify_slices_are_equal(certificate, &expected).is_ok();
    client.filter(|_| matches).ok_or(Code::ClientInvalid)
}
