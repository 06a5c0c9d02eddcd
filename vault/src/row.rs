//! The row of a stored card: the card is sealed, and with it every column that must stay as it was written.
//! It must never open one of which anybody changed such a column past the vault.

use cardseal::card::Card;
use cardseal::secret::Secret;

use crate::at_rest::{Place, length_prefixed};
use crate::failure::{Doing, Failure};
use crate::keyring::DataKeys;
use crate::store::StoredToken;

/// Seals a card into its row and writes its fingerprint, under the data key of the time. The other columns must be there.
pub fn seal(row: &mut StoredToken, keys: &DataKeys, card: &Card, now: u64) {
    row.fingerprint = keys.fingerprint(card.number(), now);
    (row.key_version, row.card) = keys.seal(place(row, &beside(row)), &card.format(), now);
}

/// Opens the card in a row where it stands.
///
/// # Errors
/// A broken vault when the row was moved or changed.
pub fn open(row: &StoredToken, keys: &DataKeys) -> Result<Card, Failure> {
    let opened = unseal(row, keys).ok_or("the row of a token does not open where it stands");
    // EXPOSE: the parser reads the plaintext.
    Card::reopen(opened.doing("opening a row")?.expose()).doing("parsing a row")
}

/// Whether a row opens where it stands.
pub fn is_whole(row: &StoredToken, keys: &DataKeys) -> bool {
    unseal(row, keys).is_some()
}

fn unseal(row: &StoredToken, keys: &DataKeys) -> Option<Secret<Vec<u8>>> {
    keys.open_row(&place(row, &beside(row)), &row.card)
}

fn place<'a>(row: &'a StoredToken, beside: &'a [u8]) -> Place<'a> {
    Place { table: "tokens", row: &row.id, column: "card", version: row.key_version, beside }
}

/// The columns that are in clear.
fn beside(row: &StoredToken) -> Vec<u8> {
    // Every column by its name: whoever adds one has to say here whether it stays. Those left out are the place, what is
    // sealed and what has become of its security code, which changes.
    let StoredToken {
        id: _,
        merchant,
        context,
        mode,
        brand,
        last4,
        reference,
        key_version: _,
        card: _,
        cvc: _,
        fingerprint,
        review,
        created_at,
    } = row;
    let review: Vec<_> = review.iter().map(String::as_bytes).collect();
    length_prefixed(&[
        merchant.as_bytes(),
        context.as_bytes(),
        mode.as_str().as_bytes(),
        brand.as_bytes(),
        last4.as_bytes(),
        // None is not the empty text.
        &[u8::from(reference.is_some())],
        reference.as_deref().unwrap_or_default().as_bytes(),
        &created_at.to_be_bytes(),
        fingerprint,
        &length_prefixed(&review),
    ])
}
