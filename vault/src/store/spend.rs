//! What every capture does to its context, whatever it captured: spend it, and keep the answer under its key.
//! It must never be done outside the transaction that stores what was captured.

use sqlx::{SqliteConnection, query};

use super::sqlite::{Result, signed};
use super::{Answer, Sameness};

/// A context that is spent, and the answer that is given for it.
pub(super) struct Spending<'a> {
    pub(super) merchant: &'a str,
    /// The token that the answer names.
    pub(super) token: &'a str,
    pub(super) context_expires_at: u64,
    pub(super) key: &'a str,
    pub(super) sameness: &'a Sameness,
    pub(super) answer: &'a Answer,
    pub(super) at: u64,
}

impl Spending<'_> {
    /// A unique violation if another request has the context or the key.
    pub(super) async fn insert_within(&self, transaction: &mut SqliteConnection) -> Result<()> {
        query("INSERT INTO spent_contexts (jti, expires_at) VALUES (?, ?)")
            .bind(&self.sameness.context)
            .bind(signed(self.context_expires_at)?)
            .execute(&mut *transaction)
            .await?;
        query(
            "INSERT INTO idempotency_keys (merchant, key, context, digest, status, body, created_at, token) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(self.merchant)
        .bind(self.key)
        .bind(&self.sameness.context)
        .bind(&self.sameness.digest)
        .bind(self.answer.status)
        .bind(&self.answer.body)
        .bind(signed(self.at)?)
        .bind(self.token)
        .execute(&mut *transaction)
        .await
        .map(drop)
    }
}
