//! What the use cases put on record, and the signed heads of that record.
//! What succeeds must never be answered before its record is on disk; a refusal is answered even if it cannot be.

use std::sync::atomic::Ordering;
use std::time::Duration;

use cardseal::error::Code;

use super::Vault;
use crate::audit::{Action, Actor, Audited, Head, OK};
use crate::caller::Caller;
use crate::failure::{Doing, Failure};
use crate::heads;
use crate::metrics::Unsigned;

/// An action of a caller, before it is known how it ends.
#[derive(Clone)]
pub(super) struct Deed<'a> {
    pub(super) caller: &'a Caller,
    pub(super) actor: Actor,
    pub(super) merchant: String,
    pub(super) action: Action,
    pub(super) subject: String,
}

impl<'a> Deed<'a> {
    /// Of whoever holds a capture context of a merchant.
    pub(super) fn of_shopper(caller: &'a Caller, merchant: &str, action: Action, subject: String) -> Self {
        let (actor, merchant) = (Actor::Shopper(merchant.to_owned()), merchant.to_owned());
        Self { caller, actor, merchant, action, subject }
    }

    pub(super) fn ended(&self, at: u64, result: &'static str) -> Audited {
        Audited {
            at,
            actor: self.actor.clone(),
            merchant: self.merchant.clone(),
            action: self.action,
            subject: self.subject.clone(),
            origin: self.caller.network(),
            result,
            reason: String::new(),
            request_id: self.caller.request_id.clone(),
        }
    }
}

impl Vault {
    /// Puts a deed that succeeded on record.
    pub(super) async fn record(&self, deed: &Deed<'_>) -> Result<(), Failure> {
        self.append(&[deed.ended(self.clock.now(), OK)]).await
    }

    /// Puts these on record, all or none.
    pub(super) async fn append(&self, audited: &[Audited]) -> Result<(), Failure> {
        self.store.append(audited).await.doing("writing the audit")
    }

    /// Puts a deed that failed on record, as far as that is possible, and hands its failure on.
    pub(super) async fn refused(&self, deed: &Deed<'_>, failure: impl Into<Failure>) -> Failure {
        let failure = failure.into();
        let code = failure.code();
        // What is turned away to shed load is counted elsewhere: a write to the disk for each would add to the load.
        if !matches!(code, Code::Busy | Code::RateLimited) {
            let mut audited = deed.ended(self.clock.now(), code.as_str());
            if let Failure::RefusedByRule(_, reason) = failure {
                audited.reason = reason.to_owned();
            }
            if let Err(error) = self.store.append(&[audited]).await {
                tracing::error!(doing = "writing the audit", cause = %error);
            }
        }
        failure
    }

    /// How long to wait between two heads.
    pub fn head_interval(&self) -> Duration {
        Duration::from_secs(self.head_seconds)
    }

    /// Signs the newest record and adds it to the configured file, unless there is none since the last time.
    ///
    /// # Errors
    /// When the store, the key or the file fails.
    pub async fn write_head(&self) -> Result<(), Failure> {
        let Some(path) = &self.audit_heads else { return Ok(()) };
        // One at a time: the heads of the file are in the order of their records.
        let _writing = self.head_writing.lock().await;
        let written = self.head_written.load(Ordering::Acquire);
        let newest = self.store.newest_record().await.doing("reading the audit")?;
        let Some((seq, hash)) = newest.filter(|(seq, _)| *seq > written) else { return Ok(()) };
        let (known, now) = (self.known(), self.clock.now());
        let head = Head::of(self.store.node(), seq, &hash, now);
        heads::append(path, &heads::sign(&head, known.keyring.current_audit_key(now))?)
            .doing("writing a head of the audit")?;
        self.head_written.store(seq, Ordering::Release);
        Ok(())
    }

    /// What no head covers that this process wrote; none if it writes no heads.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn unsigned(&self) -> Result<Option<Unsigned>, Failure> {
        if self.audit_heads.is_none() {
            return Ok(None);
        }
        let written = self.head_written.load(Ordering::Acquire);
        let after = self.store.records_after(written).await.doing("reading the audit")?;
        let unsigned = after.map_or(Unsigned::default(), |(records, oldest)| Unsigned {
            records,
            seconds: self.clock.now().saturating_sub(oldest),
        });
        Ok(Some(unsigned))
    }

    /// Deletes the tokens whose merchant keeps them for a limited time, when that is over, each on record. How many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn expire_tokens(&self) -> Result<u64, Failure> {
        const AT_ONCE: u32 = 1000;
        let now = self.clock.now();
        let mut expired = 0;
        let known = self.known();
        for merchant in known.merchants.all() {
            let Some(until) = merchant.token_seconds.and_then(|seconds| now.checked_sub(seconds)) else {
                continue;
            };
            let oldest = self.store.oldest_tokens(&merchant.id, until, AT_ONCE);
            let ids = oldest.await.doing("looking for expired tokens")?;
            for id in ids {
                let audited =
                    Audited::of_vault(now, Action::TokenExpire, id.clone()).for_merchant(&merchant.id);
                if self.store.delete_token(&merchant.id, &id, &audited).await.doing("deleting a token")? {
                    expired += 1;
                    self.log_to_empty.store(true, Ordering::Release);
                }
                self.cvcs.delete(&id).await.doing("deleting a security code")?;
            }
        }
        if expired > 0 {
            tracing::info!(count = expired, "expired tokens were deleted");
        }
        self.empty_log().await?;
        Ok(expired)
    }

    /// Empties the write-ahead log if something was deleted since it was emptied.
    pub(super) async fn empty_log(&self) -> Result<(), Failure> {
        if !self.log_to_empty.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let emptied = self.store.empty_log().await;
        if !matches!(emptied, Ok(true)) {
            // A reader held it up, or it failed; the sweeper comes again.
            self.log_to_empty.store(true, Ordering::Release);
        }
        emptied.map(drop).doing("emptying the write-ahead log")
    }
}
