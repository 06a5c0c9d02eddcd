//! Stored cards in the database: found by id or reference, and deleted so that nothing of them is left in a file.
//! It must never delete one without a record of it in the same transaction.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection, query};

use super::sqlite::{Result, signed, unsigned};
use super::{CvcMark, Mode, Resealed, Store, StoredToken};
use crate::audit::Audited;
use crate::fingerprint::Fingerprint;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, merchant, context, mode, brand, last4, ref, key_version, card, created_at, cvc, review, fingerprint \
             FROM tokens WHERE ",
            $rest
        )
    };
}

impl Store {
    /// A stored card, sealed as it is.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn token(&self, id: &str) -> Result<Option<StoredToken>> {
        query(select!("id = ?")).bind(id).try_map(stored).fetch_optional(&self.readers).await
    }

    /// Whether there is such a token.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn has_token(&self, id: &str) -> Result<bool> {
        let row = query("SELECT 1 FROM tokens WHERE id = ?").bind(id).fetch_optional(&self.readers).await?;
        Ok(row.is_some())
    }

    /// A merchant's stored cards with this reference, the newest first.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn tokens_by_ref(
        &self,
        merchant: &str,
        reference: &str,
        most: u32,
    ) -> Result<Vec<StoredToken>> {
        query(select!("merchant = ? AND ref = ? ORDER BY created_at DESC, id LIMIT ?"))
            .bind(merchant)
            .bind(reference)
            .bind(most)
            .try_map(stored)
            .fetch_all(&self.readers)
            .await
    }

    /// A merchant's stored cards with this fingerprint, the newest first.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn tokens_by_fingerprint(
        &self,
        merchant: &str,
        fingerprint: &Fingerprint,
        most: u32,
    ) -> Result<Vec<StoredToken>> {
        query(select!(
            "merchant = ? AND key_version = ? AND fingerprint = ? ORDER BY created_at DESC, id LIMIT ?"
        ))
        .bind(merchant)
        .bind(fingerprint.version)
        .bind(&fingerprint.hash)
        .bind(most)
        .try_map(stored)
        .fetch_all(&self.readers)
        .await
    }

    /// The merchants that have tokens.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn token_merchants(&self) -> Result<Vec<String>> {
        query("SELECT DISTINCT merchant FROM tokens")
            .try_map(|row: SqliteRow| row.try_get(0))
            .fetch_all(&self.readers)
            .await
    }

    /// A merchant's oldest tokens, as far as they were made at `until` or before.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn oldest_tokens(&self, merchant: &str, until: u64, most: u32) -> Result<Vec<String>> {
        query("SELECT id FROM tokens WHERE merchant = ? AND created_at <= ? ORDER BY created_at LIMIT ?")
            .bind(merchant)
            .bind(signed(until)?)
            .bind(most)
            .try_map(|row: SqliteRow| row.try_get(0))
            .fetch_all(&self.readers)
            .await
    }

    /// Stored cards of every merchant in the order of their ids, those behind `after`.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn tokens_after(&self, after: &str, most: u32) -> Result<Vec<StoredToken>> {
        tokens_after(&mut *self.readers.acquire().await?, after, most).await
    }

    /// Replaces sealed cards, each only while it is still what it was. How many.
    ///
    /// # Errors
    /// What SQLite said; none was replaced then.
    pub async fn reseal_tokens(&self, resealed: &[Resealed]) -> Result<u64> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let mut replaced = 0;
        for Resealed { id, old, key_version, card, fingerprint } in resealed {
            let updated = query(
                "UPDATE tokens SET key_version = ?, card = ?, fingerprint = ? WHERE id = ? AND card = ?",
            )
            .bind(key_version)
            .bind(card)
            .bind(fingerprint)
            .bind(id)
            .bind(old)
            .execute(&mut *transaction)
            .await?;
            replaced += updated.rows_affected();
        }
        transaction.commit().await?;
        Ok(replaced)
    }

    /// Deletes a merchant's token and the answers that named it, on record. Whether it was there.
    ///
    /// # Errors
    /// What SQLite said; nothing was deleted then.
    pub async fn delete_token(&self, merchant: &str, id: &str, audited: &Audited) -> Result<bool> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        query("DELETE FROM idempotency_keys WHERE token = ? AND merchant = ?")
            .bind(id)
            .bind(merchant)
            .execute(&mut *transaction)
            .await?;
        let deleted = query("DELETE FROM tokens WHERE id = ? AND merchant = ?")
            .bind(id)
            .bind(merchant)
            .execute(&mut *transaction)
            .await?;
        self.commit_if_changed(transaction, &deleted, audited).await
    }

    /// Folds the write-ahead log into the file and empties it: deleted rows are overwritten in the file, but the log
    /// still has their pages. Whether it could; a reader may have held it up.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn empty_log(&self) -> Result<bool> {
        // One who writes would hold it up as well.
        let _writing = self.writer.acquire().await?;
        query("PRAGMA wal_checkpoint(TRUNCATE)")
            .try_map(|row: SqliteRow| Ok(row.try_get::<i64, _>(0)? == 0))
            .fetch_one(&self.emptier)
            .await
    }
}

/// Stored cards in the order of their tokens, from the one after `id` on.
pub(super) async fn tokens_after(
    connection: &mut SqliteConnection,
    id: &str,
    most: u32,
) -> Result<Vec<StoredToken>> {
    query(select!("id > ? ORDER BY id LIMIT ?"))
        .bind(id)
        .bind(most)
        .try_map(stored)
        .fetch_all(connection)
        .await
}

fn stored(row: SqliteRow) -> Result<StoredToken> {
    Ok(StoredToken {
        id: row.try_get(0)?,
        merchant: row.try_get(1)?,
        context: row.try_get(2)?,
        mode: Mode::named(row.try_get(3)?).ok_or_else(|| sqlx::Error::Decode("no mode".into()))?,
        brand: row.try_get(4)?,
        last4: row.try_get(5)?,
        reference: row.try_get(6)?,
        key_version: row.try_get(7)?,
        card: row.try_get(8)?,
        created_at: unsigned(row.try_get(9)?)?,
        cvc: CvcMark::named(row.try_get(10)?).ok_or_else(|| sqlx::Error::Decode("no mark".into()))?,
        review: serde_json::from_str(row.try_get(11)?).map_err(|error| sqlx::Error::Decode(error.into()))?,
        fingerprint: row.try_get(12)?,
    })
}
