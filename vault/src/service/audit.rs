//! Use case: a merchant's backend reads what the vault has on record of the merchant.
//! It must never be shown another merchant's record, nor learn how many there are.

use cardseal::error::Code;
use cardseal::wire::{AuditPage, AuditRecord};

use super::Vault;
use super::stored::deed;
use crate::audit::{Action, OK, Position, Record};
use crate::caller::Caller;
use crate::failure::{Doing, Failure};

impl Vault {
    /// At most `most` records of the client's merchant after a cursor, the oldest first; the reading is on record too.
    ///
    /// # Errors
    /// [`Code::OptionsInvalid`] for a cursor that this vault did not give to this merchant.
    pub async fn read_audit(
        &self,
        client: &str,
        after: Option<&str>,
        most: u32,
        caller: &Caller,
    ) -> Result<AuditPage, Failure> {
        let client = self.client(client)?;
        let merchant = &client.merchant.id;
        let deed = deed(&client, Action::AuditRead, "", caller);
        let read = async {
            let after = match after {
                None => Position::default(),
                Some(text) => self.cursors.parse(merchant, text).ok_or(Failure::RefusedBecause(
                    Code::OptionsInvalid,
                    "after must be the `next` of an earlier page.",
                ))?,
            };
            self.store.records_of(merchant, &after, most).await.doing("reading the audit")
        };
        let records = match read.await {
            Ok(records) => records,
            Err(failure) => return Err(self.refused(&deed, failure).await),
        };
        // A page of nothing but the client's own readings says nothing. Were it on record, whoever reads until there is
        // no more would never be done.
        let actor = deed.actor.format();
        let is_own = |record: &Record| {
            record.action == Action::AuditRead.as_str() && record.result == OK && record.actor == actor
        };
        if !records.iter().all(is_own) {
            self.record(&deed).await?;
        }
        let last = records.last().map(|last| Position { node: last.node.clone(), seq: last.seq });
        Ok(AuditPage {
            object: "list".to_owned(),
            next: last.map(|last| self.cursors.format(merchant, &last)),
            records: records.into_iter().map(shown).collect(),
        })
    }
}

/// Without its number and its hashes, which follow the records of others.
fn shown(record: Record) -> AuditRecord {
    let unless_empty = |text: String| (!text.is_empty()).then_some(text);
    AuditRecord {
        at: record.at,
        actor: record.actor,
        action: record.action,
        subject: unless_empty(record.subject),
        origin: unless_empty(record.origin),
        result: record.result,
        reason: unless_empty(record.reason),
        request_id: unless_empty(record.request_id),
    }
}
