//! Use case: the security code of a card that is a token already, captured alone.
//! It must never store the code in the database, nor anything that was made from it.

use cardseal::card::{Brand, Cvc};
use cardseal::context::Context;
use cardseal::error::Code;

use super::Vault;
use super::context::Matched;
use super::record::Deed;
use super::tokenize::{IdempotencyKey, Tokenized, answer, replay};
use crate::audit::{Action, OK};
use crate::caller::Caller;
use crate::failure::{Doing, Failure};
use crate::merchant::Merchant;
use crate::store::{Answer, CodeCapture, Outcome, Sameness};

/// A security code, and the token that it is for.
pub(super) struct OpenedCode {
    token: String,
    merchant: String,
    /// What the browser is told of the token.
    answer: Answer,
    cvc: Cvc,
}

impl Vault {
    /// The code in a sealed card, if its token is still there.
    pub(super) async fn open_code(
        &self,
        (envelope, capture_key): Matched,
        merchant: &Merchant,
        token: &str,
        brand: &'static Brand,
    ) -> Result<OpenedCode, Failure> {
        let row = self.own_token(merchant, token).await.map_err(|failure| match failure {
            Failure::Refused(Code::NotFound) => gone(),
            other => other,
        })?;
        // What the answer shows is believed only of a row that opens.
        self.open_row(&row)?;
        let answer = answer(&row)?;
        let parse = move |plaintext: &[u8]| Cvc::parse_alone(plaintext, brand);
        let cvc = self.opener.open(envelope, capture_key, parse).await?;
        Ok(OpenedCode { token: row.id, merchant: row.merchant, answer, cvc })
    }

    /// Spends the context and keeps the code for its token, in the place of a former one.
    pub(super) async fn store_code(
        &self,
        code: OpenedCode,
        context: &Context,
        key: IdempotencyKey,
        sameness: Sameness,
        caller: &Caller,
        now: u64,
    ) -> Result<Tokenized, Failure> {
        let OpenedCode { token, merchant, answer, cvc } = code;
        let capture = CodeCapture {
            audited: Deed::of_shopper(caller, &merchant, Action::CvcCapture, token.clone()).ended(now, OK),
            merchant,
            token,
            context_expires_at: context.exp,
            key: key.as_str().to_owned(),
            sameness,
            answer: answer.clone(),
        };
        match self.store.insert_code_capture(&capture).await.doing("storing a capture")? {
            Some(Outcome::Stored) => self.limits.spent(&context.jti),
            Some(Outcome::Lost(Some((known, answer)))) => return replay(&capture.sameness, &known, answer),
            Some(Outcome::Lost(None)) => return Err(Code::ContextSpent.into()),
            None => return Err(gone()),
        }
        self.keep_code(&capture.token, &cvc, now).await;
        Ok(Tokenized { answer, replayed: false })
    }

    /// Keeps a code, after what it belongs to is on disk.
    pub(super) async fn keep_code(&self, token: &str, cvc: &Cvc, now: u64) {
        let kept = async {
            self.cvcs.put(token, cvc.digits(), now).await?;
            // Deleted since it was stored, and its codes with it: this one came too late for that.
            if self.store.has_token(token).await? { Ok(()) } else { self.cvcs.delete(token).await }
        };
        if let Err(error) = kept.await {
            // What is on disk counts; a security code may be lost at any time.
            tracing::error!(doing = "keeping a security code", cause = %error);
        }
    }
}

fn gone() -> Failure {
    Failure::RefusedBecause(Code::NotFound, "The token that the context names is gone.")
}
