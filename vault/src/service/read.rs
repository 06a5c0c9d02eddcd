//! Use case: a stored card is opened again, by the process that holds the vault.
//! It must never be reachable over HTTP by itself: revealing a card asks for a scope, a reason and a record first.

use cardseal::card::Card;
use cardseal::error::Code;

use super::Vault;
use crate::failure::{Doing, Failure};
use crate::row;
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
        row::open(row, self.known().data_keys(&row.merchant)?)
    }
}
