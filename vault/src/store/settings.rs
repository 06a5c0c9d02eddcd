//! Digests of the settings that this node was last started with.
//! It must never hold a value, nor change without the record that says so.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, query};

use super::Store;
use super::sqlite::Result;
use crate::audit::{Action, Audited};

impl Store {
    /// Each setting's name and digest; none of a node that was never started.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn settings(&self) -> Result<Option<Vec<(String, Vec<u8>)>>> {
        let started = query("SELECT 1 FROM audit WHERE node = ? AND action = ? LIMIT 1")
            .bind(self.node())
            .bind(Action::ConfigLoad.as_str())
            .fetch_optional(&self.readers)
            .await?;
        if started.is_none() {
            return Ok(None);
        }
        query("SELECT name, digest FROM settings WHERE node = ? ORDER BY name")
            .bind(self.node())
            .try_map(|row: SqliteRow| Ok((row.try_get(0)?, row.try_get(1)?)))
            .fetch_all(&self.readers)
            .await
            .map(Some)
    }

    /// Keeps these in place of the last ones, on record.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn replace_settings(&self, settings: &[(String, Vec<u8>)], audited: &[Audited]) -> Result<()> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        query("DELETE FROM settings WHERE node = ?").bind(self.node()).execute(&mut *transaction).await?;
        for (name, digest) in settings {
            query("INSERT INTO settings (node, name, digest) VALUES (?, ?, ?)")
                .bind(self.node())
                .bind(name)
                .bind(digest)
                .execute(&mut *transaction)
                .await?;
        }
        for one in audited {
            self.append_within(&mut transaction, one).await?;
        }
        transaction.commit().await
    }
}
