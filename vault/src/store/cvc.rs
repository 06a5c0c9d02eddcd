//! Security codes: sealed under a key that dies with the process, in a database that exists in memory only.
//! It must never write to a file, and never keep a code longer than fifteen minutes.

use std::time::Duration;

use cardseal::secret::Secret;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteRow};
use sqlx::{ConnectOptions, Row, query};

use crate::at_rest::{Key, Place};

type Result<T> = std::result::Result<T, sqlx::Error>;

/// How long a security code is kept at most.
pub const KEPT_SECONDS: u64 = 15 * 60;

/// The security codes of fresh tokens.
pub struct CvcStore {
    pool: SqlitePool,
    key: Key,
}

impl CvcStore {
    /// An empty store in memory under a fresh key.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn open() -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(":memory:")
            .pragma("journal_mode", "MEMORY")
            .pragma("temp_store", "MEMORY")
            .pragma("secure_delete", "ON")
            .busy_timeout(Duration::from_secs(10))
            .disable_statement_logging();
        // Exactly one connection for ever: each one would have a memory of its own.
        let pool = SqlitePoolOptions::new()
            .min_connections(1)
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(options)
            .await?;
        query("CREATE TABLE cvcs (token TEXT NOT NULL PRIMARY KEY, cvc BLOB NOT NULL, expires_at INTEGER NOT NULL) STRICT")
            .execute(&pool)
            .await?;
        Ok(Self { pool, key: Key::make() })
    }

    /// Keeps the code of `token` for fifteen minutes.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn put(&self, token: &str, cvc: &Secret<String>, now: u64) -> Result<()> {
        // EXPOSE: the code is sealed before it leaves this function.
        let sealed = self.key.derive_row_key(token, 0).seal(&place(token), cvc.expose().as_bytes());
        query("INSERT OR REPLACE INTO cvcs (token, cvc, expires_at) VALUES (?, ?, ?)")
            .bind(token)
            .bind(sealed)
            .bind(seconds(now.saturating_add(KEPT_SECONDS)))
            .execute(&self.pool)
            .await
            .map(drop)
    }

    /// The digits of the code of `token`, if it is still held.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn open_cvc(&self, token: &str, now: u64) -> Result<Option<Secret<Vec<u8>>>> {
        let sealed: Option<Vec<u8>> = query("SELECT cvc FROM cvcs WHERE token = ? AND expires_at > ?")
            .bind(token)
            .bind(seconds(now))
            .try_map(|row: SqliteRow| row.try_get(0))
            .fetch_optional(&self.pool)
            .await?;
        Ok(sealed.and_then(|sealed| self.key.derive_row_key(token, 0).open(&place(token), &sealed)))
    }

    /// Whether the code of `token` is still held.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn is_held(&self, token: &str, now: u64) -> Result<bool> {
        let row = query("SELECT 1 FROM cvcs WHERE token = ? AND expires_at > ?")
            .bind(token)
            .bind(seconds(now))
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }

    /// Deletes the code of `token`.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn delete(&self, token: &str) -> Result<()> {
        query("DELETE FROM cvcs WHERE token = ?").bind(token).execute(&self.pool).await.map(drop)
    }

    /// Deletes what has expired and says how many codes that was.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn sweep(&self, now: u64) -> Result<u64> {
        let deleted =
            query("DELETE FROM cvcs WHERE expires_at <= ?").bind(seconds(now)).execute(&self.pool).await?;
        Ok(deleted.rows_affected())
    }
}

fn place(token: &str) -> Place<'_> {
    Place { table: "cvcs", row: token, column: "cvc", version: 0 }
}

fn seconds(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(cvc: Option<Secret<Vec<u8>>>) -> Option<Vec<u8>> {
        // EXPOSE: the test compares the code.
        cvc.map(|cvc| cvc.expose().clone())
    }

    #[tokio::test]
    async fn a_code_is_held_for_fifteen_minutes_and_then_gone() {
        let store = CvcStore::open().await.unwrap();
        store.put("tok_a", &Secret::new("737".to_owned()), 1000).await.unwrap();
        assert_eq!(
            digits(store.open_cvc("tok_a", 1000 + KEPT_SECONDS - 1).await.unwrap()).as_deref(),
            Some(&b"737"[..])
        );
        assert_eq!(digits(store.open_cvc("tok_b", 1000).await.unwrap()), None);
        assert_eq!(digits(store.open_cvc("tok_a", 1000 + KEPT_SECONDS).await.unwrap()), None);
        assert_eq!(store.sweep(1000 + KEPT_SECONDS - 1).await.unwrap(), 0);
        assert_eq!(store.sweep(1000 + KEPT_SECONDS).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_code_moved_to_another_token_does_not_open() {
        let store = CvcStore::open().await.unwrap();
        store.put("tok_a", &Secret::new("737".to_owned()), 1000).await.unwrap();
        query("UPDATE cvcs SET token = 'tok_b'").execute(&store.pool).await.unwrap();
        assert_eq!(digits(store.open_cvc("tok_b", 1000).await.unwrap()), None);
    }
}
