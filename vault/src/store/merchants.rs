//! The merchants in the database, and the number that tells whether they or the keys were changed.
//! It must never see a record in clear: it comes in sealed.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, query};

use super::Store;
use super::sqlite::{Result, signed, unsigned};
use crate::audit::Audited;

const REVISION: &str = "SELECT value FROM revision";

/// A merchant's record, sealed.
pub struct SealedMerchant {
    /// The merchant's id.
    pub id: String,
    /// The record.
    pub record: Vec<u8>,
}

impl Store {
    /// Counts up with every change of a merchant, and with every key that is made or retired.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn revision(&self) -> Result<u64> {
        let value = query(REVISION).try_map(|row: SqliteRow| row.try_get(0)).fetch_one(&self.readers).await?;
        unsigned(value)
    }

    /// Every merchant by id, and the revision that they are of.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn merchants(&self) -> Result<(u64, Vec<SealedMerchant>)> {
        // One transaction: another process may be changing them.
        let mut snapshot = self.readers.begin().await?;
        let value =
            query(REVISION).try_map(|row: SqliteRow| row.try_get(0)).fetch_one(&mut *snapshot).await?;
        let merchants = query("SELECT id, record FROM merchants ORDER BY id")
            .try_map(|row: SqliteRow| Ok(SealedMerchant { id: row.try_get(0)?, record: row.try_get(1)? }))
            .fetch_all(&mut *snapshot)
            .await?;
        Ok((unsigned(value)?, merchants))
    }

    /// Keeps a merchant, on record, unless something was changed since `revision`; whether it was kept.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn put_merchant(
        &self,
        merchant: &SealedMerchant,
        revision: u64,
        audited: &Audited,
    ) -> Result<bool> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let unchanged = query("UPDATE revision SET value = value + 1 WHERE value = ?")
            .bind(signed(revision)?)
            .execute(&mut *transaction)
            .await?;
        if unchanged.rows_affected() == 0 {
            return Ok(false);
        }
        query(
            "INSERT INTO merchants (id, record, changed_at) VALUES (?, ?, ?) \
             ON CONFLICT (id) DO UPDATE SET record = excluded.record, changed_at = excluded.changed_at",
        )
        .bind(&merchant.id)
        .bind(&merchant.record)
        .bind(signed(audited.at)?)
        .execute(&mut *transaction)
        .await?;
        self.append_within(&mut transaction, audited).await?;
        transaction.commit().await?;
        Ok(true)
    }
}
