//! Security codes: sealed under a key that dies with the process, in a database that exists in memory only.
//! It must never write to a file, never keep a code longer than fifteen minutes, and never give one to two uses at once.

use std::time::Duration;

use cardseal::secret::Secret;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteRow};
use sqlx::{ConnectOptions, Row, query};

use crate::at_rest::{Key, Place};
use crate::random;

type Result<T> = std::result::Result<T, sqlx::Error>;

/// How long a security code is kept at most.
pub const KEPT_SECONDS: u64 = 15 * 60;
/// How long a use of a security code may take at most; then another one may have it.
pub const RESERVED_SECONDS: u64 = 60;

/// What somebody who wants to use a security code is told.
pub enum Reserve {
    /// Here it is; nobody else gets it meanwhile.
    Granted(Reserved),
    /// Somebody else is using it.
    InUse,
    /// There is none, or not any more.
    Absent,
}

/// A security code, given to one use.
pub struct Reserved {
    /// The digits.
    pub digits: Secret<Vec<u8>>,
    /// The Unix second at which it may be given to another use.
    pub until: u64,
    code: String,
    holder: String,
}

/// The security codes of tokens.
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
        // `code` tells one code of a token from the next, `holder` one use of it from another.
        query(
            "CREATE TABLE cvcs (token TEXT NOT NULL PRIMARY KEY, code TEXT NOT NULL, cvc BLOB NOT NULL, \
             expires_at INTEGER NOT NULL, holder TEXT, reserved_until INTEGER NOT NULL DEFAULT 0) STRICT",
        )
        .execute(&pool)
        .await?;
        Ok(Self { pool, key: Key::make() })
    }

    /// Keeps the code of `token` for fifteen minutes, in the place of a former one.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn put(&self, token: &str, cvc: &Secret<String>, now: u64) -> Result<()> {
        // EXPOSE: the code is sealed before it leaves this function.
        let sealed = self.key.derive_row_key(token, 0).seal(&place(token), cvc.expose().as_bytes());
        query("INSERT OR REPLACE INTO cvcs (token, code, cvc, expires_at) VALUES (?, ?, ?, ?)")
            .bind(token)
            .bind(random::make_name())
            .bind(sealed)
            .bind(seconds(now.saturating_add(KEPT_SECONDS)))
            .execute(&self.pool)
            .await
            .map(drop)
    }

    /// Gives the code of `token` to one use, until that use has ended or its time is over.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn reserve(&self, token: &str, now: u64) -> Result<Reserve> {
        let holder = random::make_name();
        let reserved: Option<(Vec<u8>, String, i64)> = query(
            "UPDATE cvcs SET holder = ?, reserved_until = min(?, expires_at) \
             WHERE token = ? AND expires_at > ? AND (holder IS NULL OR reserved_until <= ?) \
             RETURNING cvc, code, reserved_until",
        )
        .bind(&holder)
        .bind(seconds(now.saturating_add(RESERVED_SECONDS)))
        .bind(token)
        .bind(seconds(now))
        .bind(seconds(now))
        .try_map(|row: SqliteRow| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))
        .fetch_optional(&self.pool)
        .await?;
        let Some((sealed, code, until)) = reserved else {
            return Ok(if self.is_held(token, now).await? { Reserve::InUse } else { Reserve::Absent });
        };
        let digits = self.key.derive_row_key(token, 0).open(&place(token), &sealed);
        Ok(digits.map_or(Reserve::Absent, |digits| {
            Reserve::Granted(Reserved { digits, until: until.unsigned_abs(), code, holder })
        }))
    }

    /// Ends a use that came to nothing: the code may be used again.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn release(&self, token: &str, reserved: &Reserved) -> Result<()> {
        query("UPDATE cvcs SET holder = NULL WHERE token = ? AND holder = ?")
            .bind(token)
            .bind(&reserved.holder)
            .execute(&self.pool)
            .await
            .map(drop)
    }

    /// Ends a use that a processor has answered to: the code is gone, whoever has it by now. Whether `token` has no other
    /// code, captured since.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn spend(&self, token: &str, reserved: &Reserved) -> Result<bool> {
        query("DELETE FROM cvcs WHERE token = ? AND code = ?")
            .bind(token)
            .bind(&reserved.code)
            .execute(&self.pool)
            .await?;
        let other =
            query("SELECT 1 FROM cvcs WHERE token = ?").bind(token).fetch_optional(&self.pool).await?;
        Ok(other.is_none())
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
    Place { table: "cvcs", row: token, column: "cvc", version: 0, beside: &[] }
}

fn seconds(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: u64 = 1000;

    async fn store() -> CvcStore {
        let store = CvcStore::open().await.unwrap();
        store.put("tok_a", &Secret::new("737".to_owned()), AT).await.unwrap();
        store
    }

    async fn granted(store: &CvcStore, now: u64) -> Reserved {
        match store.reserve("tok_a", now).await.unwrap() {
            Reserve::Granted(reserved) => reserved,
            Reserve::InUse => panic!("in use"),
            Reserve::Absent => panic!("absent"),
        }
    }

    async fn is_in_use(store: &CvcStore, now: u64) -> bool {
        matches!(store.reserve("tok_a", now).await.unwrap(), Reserve::InUse)
    }

    async fn is_absent(store: &CvcStore, token: &str, now: u64) -> bool {
        matches!(store.reserve(token, now).await.unwrap(), Reserve::Absent)
    }

    #[tokio::test]
    async fn a_code_is_held_for_fifteen_minutes_and_then_gone() {
        let store = store().await;
        let last = granted(&store, AT + KEPT_SECONDS - 1).await;
        // EXPOSE: the test compares the code.
        assert_eq!((last.digits.expose().as_slice(), last.until), (&b"737"[..], AT + KEPT_SECONDS));
        store.release("tok_a", &last).await.unwrap();
        assert!(is_absent(&store, "tok_b", AT).await);
        assert!(is_absent(&store, "tok_a", AT + KEPT_SECONDS).await);
        assert_eq!(store.sweep(AT + KEPT_SECONDS - 1).await.unwrap(), 0);
        assert_eq!(store.sweep(AT + KEPT_SECONDS).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_code_moved_to_another_token_does_not_open() {
        let store = store().await;
        query("UPDATE cvcs SET token = 'tok_b'").execute(&store.pool).await.unwrap();
        assert!(is_absent(&store, "tok_b", AT).await);
    }

    #[tokio::test]
    async fn one_use_at_a_time_has_a_code_until_it_ends_or_its_minute_is_over() {
        let store = store().await;
        let first = granted(&store, AT).await;
        assert_eq!(first.until, AT + RESERVED_SECONDS);
        assert!(is_in_use(&store, AT).await);
        store.release("tok_a", &first).await.unwrap();
        let second = granted(&store, AT).await;
        // One that has ended ends no other.
        store.release("tok_a", &first).await.unwrap();
        assert!(is_in_use(&store, AT + RESERVED_SECONDS - 1).await);
        let third = granted(&store, AT + RESERVED_SECONDS).await;
        store.release("tok_a", &second).await.unwrap();
        assert!(is_in_use(&store, AT + RESERVED_SECONDS).await);
        // The processor has answered to the second after all: nobody gets the code again.
        assert!(store.spend("tok_a", &second).await.unwrap());
        store.release("tok_a", &third).await.unwrap();
        assert!(is_absent(&store, "tok_a", AT + RESERVED_SECONDS).await);
    }

    #[tokio::test]
    async fn a_code_captured_during_a_use_of_the_former_one_outlives_that_use() {
        let store = store().await;
        let former = granted(&store, AT).await;
        store.put("tok_a", &Secret::new("111".to_owned()), AT).await.unwrap();
        assert!(!store.spend("tok_a", &former).await.unwrap());
        store.release("tok_a", &former).await.unwrap();
        // EXPOSE: the test compares the code.
        assert_eq!(granted(&store, AT).await.digits.expose(), b"111");
    }
}
