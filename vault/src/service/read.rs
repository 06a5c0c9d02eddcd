//! Use case: a stored card is opened again, by the process that holds the vault.
//! It must never be reachable over HTTP by itself: revealing a card asks for a scope, a reason and a record first.

use cardseal::card::Card;
use cardseal::error::Code;

use super::Vault;
use crate::at_rest::Place;
use crate::failure::{Doing, Failure};
use crate::store::StoredToken;
use crate::token::Token;

impl Vault {
    /// Opens the stored row of a token.
    ///
    /// # Errors
    /// [`Code::NotFound`] when there is none; a broken vault when the row was moved or changed.
    pub async fn reopen(&self, token: &Token) -> Result<Card, Failure> {
        let row = self.store.token(token.as_str()).await.doing("reading a token")?.ok_or(Code::NotFound)?;
        self.open_row(&row)
    }

    /// Opens a row where it stands.
    pub(super) fn open_row(&self, row: &StoredToken) -> Result<Card, Failure> {
        let place = Place { table: "tokens", row: &row.id, column: "card", version: row.key_version };
        let known = self.known();
        let opened = known
            .data_keys(&row.merchant)?
            .open_row(&place, &row.card)
            .ok_or("the row of a token does not open where it stands")
            .doing("opening a row")?;
        // EXPOSE: the parser reads the plaintext.
        let card = Card::reopen(opened.expose()).doing("parsing a row")?;
        // The columns beside it are in clear; they must say the same.
        if card.number().brand().name != row.brand || card.number().last4() != row.last4 {
            return Err("the row of a token does not say what is sealed in it").doing("opening a row");
        }
        Ok(card)
    }
}
