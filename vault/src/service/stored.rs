//! Use cases: what a merchant's backend does with the tokens it has: read, reveal, delete.
//! One merchant must never learn whether another one's token exists.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use cardseal::card::Card;
use cardseal::digits::ascii_digit;
use cardseal::error::Code;
use cardseal::json;
use cardseal::secret::Secret;
use cardseal::wire::{StoredTokens, TokenMetadata};
use tracing::Instrument;

use super::record::Deed;
use super::{Sought, Vault};
use crate::audit::{Action, Actor, Audited, OK};
use crate::caller::Caller;
use crate::failure::{Doing, Failure};
use crate::fingerprint::Fingerprint;
use crate::merchant::{Client, Merchant};
use crate::store::{CvcMark, StoredToken};
use crate::token::Token;

const MOST_REASON_CHARACTERS: usize = 200;
/// The shortest card number.
const CARD_DIGITS: usize = 12;

impl Vault {
    /// What is known of a token, without the number; with its fingerprint for a client that may see it.
    ///
    /// # Errors
    /// [`Code::NotFound`] for what is no token, unknown or another merchant's; [`Code::RateLimited`] when fingerprints of
    /// too many cards that look alike were shown; a broken vault when its row was changed.
    pub async fn describe(
        &self,
        client: &str,
        id: &str,
        fingerprints: bool,
        caller: &Caller,
    ) -> Result<TokenMetadata, Failure> {
        let client = &self.client(client)?;
        let deed = deed(client, Action::TokenRead, id, caller);
        let described = async {
            let row = self.own_token(&client.merchant, id).await?;
            self.metadata(row, fingerprints).await
        };
        match described.await {
            Ok(metadata) => self.record(&deed).await.map(|()| metadata),
            Err(failure) => Err(self.refused(&deed, failure).await),
        }
    }

    /// What [`Vault::describe`] says of the tokens that a client looks for, the newest first.
    ///
    /// # Errors
    /// [`Code::ScopeMissing`] for who looks for a fingerprint and may see none, [`Code::OptionsInvalid`] for what is no
    /// fingerprint, and those of [`Vault::describe`].
    pub async fn list(
        &self,
        client: &str,
        sought: &Sought,
        fingerprints: bool,
        caller: &Caller,
    ) -> Result<StoredTokens, Failure> {
        let client = &self.client(client)?;
        let listed = async {
            let mut tokens = Vec::new();
            for row in self.find(&client.merchant, sought, fingerprints).await? {
                if !self.is_over(&client.merchant, &row) {
                    tokens.push(self.metadata(row, fingerprints).await?);
                }
            }
            Ok::<_, Failure>(tokens)
        };
        // A reference may be anything, even a number: what is on record is what was shown.
        let deed = deed(client, Action::TokenRead, "", caller);
        let tokens = match listed.await {
            Ok(tokens) => tokens,
            Err(failure) => return Err(self.refused(&deed, failure).await),
        };
        let shown = |token: &TokenMetadata| Deed { subject: token.id.clone(), ..deed.clone() };
        let mut deeds: Vec<_> = tokens.iter().map(shown).collect();
        if deeds.is_empty() {
            deeds.push(deed);
        }
        let now = self.clock.now();
        self.append(&deeds.iter().map(|deed| deed.ended(now, OK)).collect::<Vec<_>>()).await?;
        Ok(StoredTokens { object: "list".to_owned(), tokens })
    }

    /// The card of a token in clear, as JSON, on record with the reason before it is given.
    ///
    /// # Errors
    /// [`Code::TransportInsecure`] where others could read along, [`Code::OptionsInvalid`] for a reason that is none,
    /// [`Code::NotFound`] as for [`Vault::describe`], and a broken vault when the record could not be written.
    pub async fn reveal(
        &self,
        client: &str,
        id: &str,
        reason: &str,
        caller: &Caller,
    ) -> Result<Secret<Vec<u8>>, Failure> {
        let client = &self.client(client)?;
        let deed = deed(client, Action::TokenReveal, id, caller);
        let opened = async {
            if !caller.confidential {
                return Err(Code::TransportInsecure.into());
            }
            check_reason(reason)?;
            let row = self.own_token(&client.merchant, id).await?;
            self.open_row(&row)
        };
        let card = match opened.await {
            Ok(card) => card,
            Err(failure) => return Err(self.refused(&deed, failure).await),
        };
        let audited = Audited { reason: reason.to_owned(), ..deed.ended(self.clock.now(), OK) };
        self.append(&[audited]).await?;
        Ok(format(&card))
    }

    /// Deletes a token, its security code and its stored answers, and sees that nothing of them stays in a file.
    ///
    /// # Errors
    /// [`Code::NotFound`] as for [`Vault::describe`].
    pub async fn delete(self: &Arc<Self>, client: &str, id: &str, caller: &Caller) -> Result<(), Failure> {
        let (vault, client) = (Arc::clone(self), client.to_owned());
        let (id, caller) = (id.to_owned(), caller.clone());
        // A task of its own: a client that hangs up must not stop it between the row and what else is left of the card.
        let deleting = async move { vault.delete_to_the_end(&client, &id, &caller).await };
        let deleted = tokio::spawn(deleting.in_current_span()).await;
        deleted.map_err(|error| Failure::of_task("deleting a token", &error))?
    }

    async fn delete_to_the_end(&self, client: &str, id: &str, caller: &Caller) -> Result<(), Failure> {
        let client = &self.client(client)?;
        let deed = deed(client, Action::TokenDelete, id, caller);
        let deleted = async {
            let row = self.own_token(&client.merchant, id).await?;
            let audited = deed.ended(self.clock.now(), OK);
            let deleted = self.store.delete_token(&row.merchant, &row.id, &audited).await;
            if deleted.doing("deleting a token")? { Ok(()) } else { Err(Failure::from(Code::NotFound)) }
        };
        if let Err(failure) = deleted.await {
            return Err(self.refused(&deed, failure).await);
        }
        self.log_to_empty.store(true, Ordering::Release);
        self.cvcs.delete(id).await.doing("deleting a security code")?;
        self.empty_log().await
    }

    pub(super) fn client(&self, id: &str) -> Result<Arc<Client>, Code> {
        self.known().merchants.client(id).cloned().ok_or(Code::AccessTokenInvalid)
    }

    /// A merchant's own token that is alive.
    pub(super) async fn own_token(&self, merchant: &Merchant, id: &str) -> Result<StoredToken, Failure> {
        let token = Token::parse(id).ok_or(Code::NotFound)?;
        let row = self.store.token(token.as_str()).await.doing("reading a token")?;
        let own = |row: &StoredToken| row.merchant == merchant.id && !self.is_over(merchant, row);
        row.filter(own).ok_or_else(|| Code::NotFound.into())
    }

    /// Whether a token's time is over, though the sweeper has not come yet.
    fn is_over(&self, merchant: &Merchant, row: &StoredToken) -> bool {
        let kept = merchant.token_seconds;
        kept.is_some_and(|seconds| row.created_at.saturating_add(seconds) <= self.clock.now())
    }

    async fn metadata(&self, row: StoredToken, fingerprints: bool) -> Result<TokenMetadata, Failure> {
        let card = self.open_row(&row)?;
        let fingerprint = Fingerprint { version: row.key_version, hash: row.fingerprint };
        if fingerprints {
            let (hash, now) = (&fingerprint.hash, self.clock.now());
            self.limits.admit_fingerprint(&row.merchant, card.number(), hash, now)?;
        }
        let expiry = card.expiry().month();
        let held = self.cvcs.is_held(&row.id, self.clock.now()).await.doing("looking for a security code")?;
        let cvc = match row.cvc {
            CvcMark::None => None,
            _ if held => Some("held"),
            CvcMark::Captured => Some("lost"),
            CvcMark::Spent => Some("spent"),
        };
        Ok(TokenMetadata {
            id: row.id,
            object: "token".to_owned(),
            brand: row.brand,
            bin: card.number().bin().map(str::to_owned),
            last4: row.last4,
            network: card.network().map(|network| network.name.to_owned()),
            exp_month: expiry.month(),
            exp_year: expiry.year(),
            cvc: cvc.map(str::to_owned),
            reference: row.reference,
            fingerprint: fingerprints.then(|| fingerprint.to_string()),
            mode: row.mode.as_str().to_owned(),
            created_at: row.created_at,
            review: row.review,
        })
    }
}

/// What is no token is not put on record: it may be a number.
pub(super) fn deed<'a>(client: &Client, action: Action, id: &str, caller: &'a Caller) -> Deed<'a> {
    let subject = Token::parse(id).map(|token| token.to_string()).unwrap_or_default();
    let (actor, merchant) = (Actor::Client(client.id.clone()), client.merchant.id.clone());
    Deed { caller, actor, merchant, action, subject }
}

fn check_reason(reason: &str) -> Result<(), Failure> {
    let length = reason.chars().count();
    let plain = !reason.trim().is_empty() && !reason.chars().any(char::is_control);
    if (1..=MOST_REASON_CHARACTERS).contains(&length) && plain && !could_hold_a_number(reason) {
        return Ok(());
    }
    Err(Failure::RefusedBecause(
        Code::OptionsInvalid,
        "reason must be 1 to 200 characters without control characters and without twelve digits in a row, which \
         could be a card number.",
    ))
}

/// Whether so many digits follow each other, however they are set apart, that a card number may be among them.
fn could_hold_a_number(text: &str) -> bool {
    let mut digits = 0;
    for character in text.chars() {
        digits = match ascii_digit(character) {
            Some(_) => digits + 1,
            None if character.is_alphabetic() => 0,
            None => digits,
        };
        if digits >= CARD_DIGITS {
            return true;
        }
    }
    false
}

/// The answer of a reveal, in one buffer that is wiped.
fn format(card: &Card) -> Secret<Vec<u8>> {
    // Larger than any card, so that the buffer never grows and leaves no copy behind.
    let mut out = String::with_capacity(640);
    out.push_str(r#"{"number":"#);
    // EXPOSE: a reveal exists to give the card to its merchant.
    json::quote(&mut out, card.number().digits().expose());
    out.push_str(r#","exp_month":"#);
    json::number(&mut out, card.expiry().month().month().into());
    out.push_str(r#","exp_year":"#);
    json::number(&mut out, card.expiry().month().year().into());
    for (member, text) in [(r#","name":"#, card.name()), (r#","postal_code":"#, card.postal_code())] {
        if let Some(text) = text {
            out.push_str(member);
            // EXPOSE: as above.
            json::quote(&mut out, text.expose());
        }
    }
    out.push('}');
    Secret::new(out.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_a_short_text_without_a_card_number() {
        let long = "r".repeat(200);
        for good in ["x", "dispute 4711", "case 2026-11-22/17", "ticket 12345678901", &long] {
            assert!(check_reason(good).is_ok(), "{good}");
        }
        for wrong in [
            "",
            " ",
            "a\nb",
            "4242424242424242",
            "card 4242 4242-4242.4242!",
            "４２４２４２４２４２４２４２４２",
            &"r".repeat(201),
        ] {
            assert_eq!(check_reason(wrong).unwrap_err().code(), Code::OptionsInvalid, "{wrong}");
        }
    }
}
