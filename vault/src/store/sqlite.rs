//! The store in an SQLite file: write-ahead log, every commit synced, deleted content overwritten.
//! It must never acknowledge what is not on disk.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Row, SqlSafeStr, query, query_as};

use super::spend::Spending;
use super::{Answer, Capture, Outcome, Sameness, audit};
use crate::audit::{Chain, ChainKeys};

pub(super) type Result<T> = std::result::Result<T, sqlx::Error>;

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "tokens", include_str!("../../migrations/0001_tokens.sql")),
    (2, "audit", include_str!("../../migrations/0002_audit.sql")),
    (3, "token_lives", include_str!("../../migrations/0003_token_lives.sql")),
    (4, "creations", include_str!("../../migrations/0004_creations.sql")),
    (5, "merchants", include_str!("../../migrations/0005_merchants.sql")),
    (6, "keys", include_str!("../../migrations/0006_keys.sql")),
    (7, "fingerprints", include_str!("../../migrations/0007_fingerprints.sql")),
    (8, "cvc", include_str!("../../migrations/0008_cvc.sql")),
    (9, "rules", include_str!("../../migrations/0009_rules.sql")),
    (10, "settings", include_str!("../../migrations/0010_settings.sql")),
    (11, "audit_merchants", include_str!("../../migrations/0011_audit_merchants.sql")),
];
const READERS: u32 = 4;
/// How long emptying the log waits for readers, and everybody who writes with it: a look-up ends, an export may take hours.
const EMPTYING: Duration = Duration::from_millis(100);
const ANSWERS_KEPT_SECONDS: u64 = 24 * 60 * 60;
const SPENT_KEPT_SECONDS: u64 = 24 * 60 * 60;

/// The vault's database.
pub struct Store {
    // SQLite has one writer at a time; a pool of one makes the others wait here instead of in busy loops.
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
    pub(super) emptier: SqlitePool,
    pub(super) chain: Chain,
}

impl Store {
    /// Opens the database file, making it if it is missing, and brings its tables up to date.
    ///
    /// # Errors
    /// What SQLite or the file system said.
    pub async fn open(path: &Path, keys: ChainKeys) -> Result<Self> {
        // Made here first, so that the file and the logs beside it are readable by their owner only.
        OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("secure_delete", "ON")
            .pragma("temp_store", "MEMORY")
            .pragma("trusted_schema", "OFF")
            .busy_timeout(Duration::from_secs(10))
            .disable_statement_logging();
        let pool =
            || SqlitePoolOptions::new().idle_timeout(None).max_lifetime(None).test_before_acquire(false);
        let writer = pool().max_connections(1).connect_with(options.clone()).await?;
        migrator().run(&writer).await?;
        let readers = pool().max_connections(READERS).connect_with(options.clone()).await?;
        let emptier = pool().max_connections(1).connect_with(options.busy_timeout(EMPTYING)).await?;
        let node = audit::name_node(&writer).await?;
        Ok(Self { writer, readers, emptier, chain: Chain { node, keys } })
    }

    /// Opens the database file of a vault that may be serving, only to read it.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn open_to_read(path: &Path, keys: ChainKeys) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .pragma("trusted_schema", "OFF")
            .busy_timeout(Duration::from_secs(10))
            .disable_statement_logging();
        let pool = || SqlitePoolOptions::new().max_connections(1);
        let readers = pool().connect_with(options.clone()).await?;
        let node = audit::node(&readers).await?.unwrap_or_default();
        // Apart, though neither is to be used: who writes holds one and asks for the other.
        let (writer, emptier) = (readers.clone(), pool().connect_lazy_with(options));
        Ok(Self { writer, readers, emptier, chain: Chain { node, keys } })
    }

    /// The answer once given under an idempotency key.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn answer(&self, merchant: &str, key: &str) -> Result<Option<(Sameness, Answer)>> {
        query("SELECT context, digest, status, body FROM idempotency_keys WHERE merchant = ? AND key = ?")
            .bind(merchant)
            .bind(key)
            .try_map(|row: SqliteRow| {
                let sameness = Sameness { context: row.try_get(0)?, digest: row.try_get(1)? };
                Ok((sameness, Answer { status: row.try_get(2)?, body: row.try_get(3)? }))
            })
            .fetch_optional(&self.readers)
            .await
    }

    /// Whether a context made its token already.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn is_spent(&self, jti: &str) -> Result<bool> {
        let row = query("SELECT 1 FROM spent_contexts WHERE jti = ?")
            .bind(jti)
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.is_some())
    }

    /// Stores a capture: the spent context, the answer, the token and the audit, all or nothing. `None` if another
    /// card has the token; then nothing is stored.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn insert_capture(&self, capture: &Capture) -> Result<Option<Outcome>> {
        match self.try_insert_capture(capture).await {
            Ok(stored) => Ok(stored.then_some(Outcome::Stored)),
            Err(error) if error.as_database_error().is_some_and(|error| error.is_unique_violation()) => {
                Ok(Some(Outcome::Lost(self.answer(&capture.token.merchant, &capture.key).await?)))
            }
            Err(error) => Err(error),
        }
    }

    /// How many tokens there are.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn count_tokens(&self) -> Result<u64> {
        let (count,): (i64,) = query_as("SELECT count(*) FROM tokens").fetch_one(&self.readers).await?;
        unsigned(count)
    }

    /// Forgets answers after a day, and spent contexts a day after they expired. How many of each.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn sweep(&self, now: u64) -> Result<(u64, u64)> {
        let answers = query("DELETE FROM idempotency_keys WHERE created_at < ?")
            .bind(signed(now.saturating_sub(ANSWERS_KEPT_SECONDS))?)
            .execute(&self.writer)
            .await?;
        let contexts = query("DELETE FROM spent_contexts WHERE expires_at < ?")
            .bind(signed(now.saturating_sub(SPENT_KEPT_SECONDS))?)
            .execute(&self.writer)
            .await?;
        Ok((answers.rows_affected(), contexts.rows_affected()))
    }

    /// Closes every connection, so that SQLite folds the write-ahead log into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.emptier.close().await;
        self.writer.close().await;
    }

    /// Whether the token was free.
    async fn try_insert_capture(&self, capture: &Capture) -> Result<bool> {
        let Capture { token, context_expires_at, key, sameness, answer, audited } = capture;
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let (merchant, context_expires_at, token_id) = (&token.merchant, *context_expires_at, &token.id);
        let at = token.created_at;
        let spending = Spending { merchant, token: token_id, context_expires_at, key, sameness, answer, at };
        spending.insert_within(&mut transaction).await?;
        let inserted = query(
            "INSERT INTO tokens (id, merchant, context, mode, brand, last4, ref, key_version, card, created_at, \
             cvc, review, fingerprint) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        )
        .bind(&token.id)
        .bind(&token.merchant)
        .bind(&token.context)
        .bind(token.mode.as_str())
        .bind(&token.brand)
        .bind(&token.last4)
        .bind(&token.reference)
        .bind(token.key_version)
        .bind(&token.card)
        .bind(signed(token.created_at)?)
        .bind(token.cvc.as_str())
        .bind(json!(token.review).to_string())
        .bind(&token.fingerprint)
        .execute(&mut *transaction)
        .await?;
        if inserted.rows_affected() == 0 {
            return Ok(false);
        }
        self.append_within(&mut transaction, audited).await?;
        transaction.commit().await.map(|()| true)
    }
}

fn migrator() -> Migrator {
    let migration = |&(version, name, sql): &(i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(MIGRATIONS.iter().map(migration).collect())
}

pub(super) fn signed(value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

pub(super) fn unsigned(value: i64) -> Result<u64> {
    u64::try_from(value).map_err(|error| sqlx::Error::Decode(error.into()))
}

#[cfg(test)]
mod tests {
    use super::MIGRATIONS;

    #[test]
    fn every_migration_in_the_folder_is_run() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let listed: Vec<_> =
            MIGRATIONS.iter().map(|(version, name, _)| format!("{version:04}_{name}.sql")).collect();
        assert_eq!(files, listed);
    }
}
