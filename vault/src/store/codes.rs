//! What the database knows of security codes: that one was captured for a token, and that it was spent.
//! It must never hold a code, sealed or not: those are in memory only.

use sqlx::query;

use super::spend::Spending;
use super::sqlite::Result;
use super::{Answer, CvcMark, Outcome, Sameness, Store};
use crate::audit::Audited;

/// Everything but the code that one capture of a security code for a token stores, in one transaction.
pub struct CodeCapture {
    /// Whose the token is.
    pub merchant: String,
    /// The token.
    pub token: String,
    /// When the context that it spends expires.
    pub context_expires_at: u64,
    /// The idempotency key.
    pub key: String,
    /// What the key stands for.
    pub sameness: Sameness,
    /// The answer to give again.
    pub answer: Answer,
    /// Its line in the audit.
    pub audited: Audited,
}

impl Store {
    /// Stores that a code was captured: the spent context, the answer, the token's mark and the audit, all or nothing.
    /// `None` if the token is gone; then nothing is stored.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn insert_code_capture(&self, capture: &CodeCapture) -> Result<Option<Outcome>> {
        match self.try_insert_code_capture(capture).await {
            Ok(stored) => Ok(stored.then_some(Outcome::Stored)),
            Err(error) if error.as_database_error().is_some_and(|error| error.is_unique_violation()) => {
                Ok(Some(Outcome::Lost(self.answer(&capture.merchant, &capture.key).await?)))
            }
            Err(error) => Err(error),
        }
    }

    /// Remembers that a processor has answered to the code that was captured last for this token.
    ///
    /// # Errors
    /// What SQLite said.
    pub async fn mark_cvc_spent(&self, token: &str) -> Result<()> {
        query("UPDATE tokens SET cvc = ? WHERE id = ?")
            .bind(CvcMark::Spent.as_str())
            .bind(token)
            .execute(&self.writer)
            .await
            .map(drop)
    }

    /// Whether the token was there.
    async fn try_insert_code_capture(&self, capture: &CodeCapture) -> Result<bool> {
        let CodeCapture { merchant, token, context_expires_at, key, sameness, answer, audited } = capture;
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let (context_expires_at, at) = (*context_expires_at, audited.at);
        let spending = Spending { merchant, token, context_expires_at, key, sameness, answer, at };
        spending.insert_within(&mut transaction).await?;
        let marked = query("UPDATE tokens SET cvc = ? WHERE id = ? AND merchant = ?")
            .bind(CvcMark::Captured.as_str())
            .bind(token)
            .bind(merchant)
            .execute(&mut *transaction)
            .await?;
        self.commit_if_changed(transaction, &marked, audited).await
    }
}
