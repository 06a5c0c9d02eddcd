//! The answers of creating calls: claimed by one request at a time, kept sealed until they are worth nothing any more.
//! It must never let two requests under one key do the work at once while the lease of the first runs.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, query};

use super::Store;
use super::sqlite::{Result, signed, unsigned};

/// How long a request may take before another one, of another node perhaps, takes over.
const LEASE_SECONDS: u64 = 30;

/// Who asks for what, under which key.
pub struct Creation<'a> {
    /// The client.
    pub client: &'a str,
    /// Its idempotency key.
    pub key: &'a str,
    /// SHA-256 of the body.
    pub digest: &'a [u8],
    /// A name that no other request has.
    pub holder: &'a str,
}

/// An answer, sealed.
pub struct SealedAnswer {
    /// Which of the merchant's data keys seals it.
    pub key_version: u32,
    /// The answer.
    pub answer: Vec<u8>,
}

/// What is known of a key.
pub enum Claim {
    /// Nothing: the work is the holder's.
    Granted,
    /// The same request is under way.
    InFlight,
    /// It was used with another body.
    Reused,
    /// It was answered.
    Answered(SealedAnswer),
}

impl Store {
    /// Claims the work of a creating call.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn claim_creation(&self, creation: &Creation<'_>, now: u64) -> Result<Claim> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let known = query(
            "SELECT digest, lease_until, key_version, answer FROM creations \
             WHERE client = ? AND key = ? AND expires_at > ?",
        )
        .bind(creation.client)
        .bind(creation.key)
        .bind(signed(now)?)
        .try_map(|row: SqliteRow| {
            let answer: Option<Vec<u8>> = row.try_get(3)?;
            let key_version: Option<u32> = row.try_get(2)?;
            let sealed =
                key_version.zip(answer).map(|(key_version, answer)| SealedAnswer { key_version, answer });
            Ok((row.try_get::<Vec<u8>, _>(0)?, unsigned(row.try_get(1)?)?, sealed))
        })
        .fetch_optional(&mut *transaction)
        .await?;
        match known {
            Some((digest, ..)) if digest != creation.digest => return Ok(Claim::Reused),
            Some((_, _, Some(answer))) => return Ok(Claim::Answered(answer)),
            Some((_, lease_until, None)) if lease_until > now => return Ok(Claim::InFlight),
            _ => {}
        }
        let lease_until = signed(now + LEASE_SECONDS)?;
        query(
            "INSERT OR REPLACE INTO creations (client, key, digest, holder, lease_until, expires_at) \
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(creation.client)
        .bind(creation.key)
        .bind(creation.digest)
        .bind(creation.holder)
        .bind(lease_until)
        .bind(lease_until)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Claim::Granted)
    }

    /// Keeps the holder's answer until it expires; whether the work was still the holder's.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn keep_creation(
        &self,
        creation: &Creation<'_>,
        sealed: &SealedAnswer,
        expires_at: u64,
    ) -> Result<bool> {
        let kept = query(
            "UPDATE creations SET key_version = ?, answer = ?, expires_at = ? \
             WHERE client = ? AND key = ? AND holder = ? AND answer IS NULL",
        )
        .bind(sealed.key_version)
        .bind(&sealed.answer)
        .bind(signed(expires_at)?)
        .bind(creation.client)
        .bind(creation.key)
        .bind(creation.holder)
        .execute(&self.writer)
        .await?;
        Ok(kept.rows_affected() == 1)
    }

    /// Gives the work back: a refused request leaves its key unused.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn release_creation(&self, creation: &Creation<'_>) -> Result<()> {
        query("DELETE FROM creations WHERE client = ? AND key = ? AND holder = ? AND answer IS NULL")
            .bind(creation.client)
            .bind(creation.key)
            .bind(creation.holder)
            .execute(&self.writer)
            .await
            .map(drop)
    }

    /// Forgets the answers that have expired. How many.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn sweep_creations(&self, now: u64) -> Result<u64> {
        let deleted = query("DELETE FROM creations WHERE expires_at <= ?")
            .bind(signed(now)?)
            .execute(&self.writer)
            .await?;
        Ok(deleted.rows_affected())
    }
}
