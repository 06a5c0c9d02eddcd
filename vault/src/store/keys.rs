//! Keys in the database, each sealed: private keys by purpose, data keys by merchant.
//! It must never keep one, or delete the private part of one, without a record of it in the same transaction.

use std::collections::HashMap;

use sqlx::sqlite::{SqliteQueryResult, SqliteRow};
use sqlx::{Row, Sqlite, Transaction, query, query_as};

use super::sqlite::{Result, signed, unsigned};
use super::{SealedKey, Store, WrappedKey};
use crate::audit::Audited;

impl Store {
    /// Every private key, retired ones without it, newest first.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn keys(&self) -> Result<Vec<SealedKey>> {
        query("SELECT kid, purpose, pkcs8, created_at, retired_at FROM keys ORDER BY created_at DESC, kid")
            .try_map(|row: SqliteRow| {
                Ok(SealedKey {
                    kid: row.try_get(0)?,
                    purpose: row.try_get(1)?,
                    pkcs8: row.try_get(2)?,
                    created_at: unsigned(row.try_get(3)?)?,
                    retired_at: row.try_get::<Option<i64>, _>(4)?.map(unsigned).transpose()?,
                })
            })
            .fetch_all(&self.readers)
            .await
    }

    /// Keeps a private key, on record, if `after` is still the newest of its purpose. Whether it did.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn insert_key(&self, key: &SealedKey, after: Option<&str>, audited: &Audited) -> Result<bool> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let inserted = query(
            "INSERT INTO keys (kid, purpose, pkcs8, created_at) SELECT ?1, ?2, ?3, ?4 WHERE ?5 IS \
             (SELECT kid FROM keys WHERE purpose = ?2 ORDER BY created_at DESC, kid LIMIT 1)",
        )
        .bind(&key.kid)
        .bind(&key.purpose)
        .bind(&key.pkcs8)
        .bind(signed(key.created_at)?)
        .bind(after)
        .execute(&mut *transaction)
        .await?;
        self.commit_counted(transaction, &inserted, audited).await
    }

    /// Deletes the private part of a key, on record. Whether it was there.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn retire_key(&self, kid: &str, audited: &Audited) -> Result<bool> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let retired =
            query("UPDATE keys SET pkcs8 = NULL, retired_at = ? WHERE kid = ? AND pkcs8 IS NOT NULL")
                .bind(signed(audited.at)?)
                .bind(kid)
                .execute(&mut *transaction)
                .await?;
        self.commit_counted(transaction, &retired, audited).await
    }

    /// A merchant's data keys, newest first.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn data_keys(&self, merchant: &str) -> Result<Vec<WrappedKey>> {
        query("SELECT version, wrapped, created_at FROM data_keys WHERE merchant = ? ORDER BY version DESC")
            .bind(merchant)
            .try_map(|row: SqliteRow| {
                Ok(WrappedKey {
                    version: row.try_get(0)?,
                    wrapped: row.try_get(1)?,
                    created_at: unsigned(row.try_get(2)?)?,
                })
            })
            .fetch_all(&self.readers)
            .await
    }

    /// The versions of each merchant's data keys, newest first.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn data_key_versions(&self) -> Result<HashMap<String, Vec<u32>>> {
        let rows: Vec<(String, u32)> =
            query_as("SELECT merchant, version FROM data_keys ORDER BY merchant, version DESC")
                .fetch_all(&self.readers)
                .await?;
        let mut versions: HashMap<String, Vec<u32>> = HashMap::new();
        for (merchant, version) in rows {
            versions.entry(merchant).or_default().push(version);
        }
        Ok(versions)
    }

    /// Keeps a merchant's data key, on record, unless there is one of this version. Whether it did.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn insert_data_key(&self, merchant: &str, key: &WrappedKey, audited: &Audited) -> Result<bool> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let inserted = query(
            "INSERT INTO data_keys (merchant, version, wrapped, created_at) VALUES (?, ?, ?, ?) \
             ON CONFLICT DO NOTHING",
        )
        .bind(merchant)
        .bind(key.version)
        .bind(&key.wrapped)
        .bind(signed(key.created_at)?)
        .execute(&mut *transaction)
        .await?;
        self.commit_counted(transaction, &inserted, audited).await
    }

    /// Replaces a sealed private key, on record, if it is still this one. Whether it did.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn rewrap_key(&self, kid: &str, old: &[u8], anew: &[u8], audited: &Audited) -> Result<bool> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let updated = query("UPDATE keys SET pkcs8 = ? WHERE kid = ? AND pkcs8 = ?")
            .bind(anew)
            .bind(kid)
            .bind(old)
            .execute(&mut *transaction)
            .await?;
        self.commit_if_changed(transaction, &updated, audited).await
    }

    /// Replaces a sealed data key, on record, if it is still this one. Whether it did.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn rewrap_data_key(
        &self,
        merchant: &str,
        old: &WrappedKey,
        anew: &[u8],
        audited: &Audited,
    ) -> Result<bool> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let updated =
            query("UPDATE data_keys SET wrapped = ? WHERE merchant = ? AND version = ? AND wrapped = ?")
                .bind(anew)
                .bind(merchant)
                .bind(old.version)
                .bind(&old.wrapped)
                .execute(&mut *transaction)
                .await?;
        self.commit_if_changed(transaction, &updated, audited).await
    }

    /// Commits what made or retired a key, on record, and counts it up for the vaults on this database.
    async fn commit_counted(
        &self,
        mut transaction: Transaction<'_, Sqlite>,
        done: &SqliteQueryResult,
        audited: &Audited,
    ) -> Result<bool> {
        if done.rows_affected() > 0 {
            query("UPDATE revision SET value = value + 1").execute(&mut *transaction).await?;
        }
        self.commit_if_changed(transaction, done, audited).await
    }
}
