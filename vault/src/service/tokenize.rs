//! Use case: a sealed card becomes a token, once, and the same request again gets the same answer.
//! It must never store a security code with the card, nor answer before the token is on disk.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use cardseal::card::{Card, Month};
use cardseal::context::{Context, Kind};
use cardseal::error::Code;
use cardseal::wire::{TokenAnswer, TokenRequest};
use tracing::Instrument;

use super::Vault;
use super::code::OpenedCode;
use super::context::Matched;
use super::limit::check_issued;
use super::record::Deed;
use crate::audit::{Action, Audited, OK};
use crate::bins::BinFacts;
use crate::caller::Caller;
use crate::failure::{Doing, Failure};
use crate::merchant::Merchant;
use crate::row;
use crate::store::{Answer, Capture, CvcMark, Outcome, Sameness, StoredToken};
use crate::token::{Token, TokenFormat};

/// How many tokens are drawn until one is free. Of the shortest ones there are 900,000 for each last four digits.
const MOST_DRAWS: usize = 20;

/// The value of an `Idempotency-Key` header.
#[derive(Clone)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// 1 to 255 visible ASCII characters.
    pub fn parse(text: &str) -> Option<Self> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        ((1..=255).contains(&text.len()) && visible).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a request for a token came to.
pub struct Tokenizing {
    /// The page that may read the answer, as [`Vault::reader`] says.
    pub page: Option<String>,
    /// How it ended.
    pub outcome: Result<Tokenized, Failure>,
}

impl From<Failure> for Tokenizing {
    fn from(failure: Failure) -> Self {
        Self { page: None, outcome: Err(failure) }
    }
}

/// How a tokenization ended well.
pub struct Tokenized {
    /// The answer, the same for the first request and each repetition.
    pub answer: Answer,
    /// Whether it was given before.
    pub replayed: bool,
}

/// What was in a sealed card.
enum Opened {
    Card(Card, Vec<String>),
    Code(OpenedCode),
}

impl Vault {
    /// Opens a sealed card and stores it; or repeats the answer that the same request got before; or says the code of the
    /// first check that fails, in the order of the protocol.
    pub async fn tokenize(
        self: &Arc<Self>,
        request: TokenRequest,
        key: IdempotencyKey,
        origin: Option<String>,
        caller: Caller,
    ) -> Tokenizing {
        let vault = Arc::clone(self);
        // A task of its own: a client that hangs up must not stop it between the commit and the security code.
        let tokenizing = async move {
            // One without a context of this vault is not on record: nobody is named, and anybody could fill the audit.
            let (context, merchant) = match vault.believe(&request.context) {
                Ok(believed) => believed,
                Err(code) => return Failure::from(code).into(),
            };
            let page = origin.as_deref();
            let ended =
                vault.tokenize_to_the_end(&context, &merchant, &request.sealed_card, key, page, &caller);
            let outcome = match ended.await {
                Ok(tokenized) => Ok(tokenized),
                Err(failure) => Err(vault.token_refused(&context, failure, &caller).await),
            };
            Tokenizing { page: vault.reader(&context, origin), outcome }
        };
        let ended = tokio::spawn(tokenizing.in_current_span()).await;
        ended.unwrap_or_else(|error| Failure::of_task("tokenizing", &error).into())
    }

    async fn tokenize_to_the_end(
        &self,
        context: &Context,
        merchant: &Merchant,
        sealed_card: &str,
        key: IdempotencyKey,
        origin: Option<&str>,
        caller: &Caller,
    ) -> Result<Tokenized, Failure> {
        let page = self.check_page(context, origin);
        let sameness = Sameness {
            context: context.jti.clone(),
            digest: digest(&SHA256, sealed_card.as_bytes()).as_ref().to_vec(),
        };
        let earlier = self.earlier_answer(merchant, &key, &sameness).await;
        if page.is_ok()
            && let Ok(Some(tokenized)) = earlier
        {
            return Ok(tokenized);
        }
        let (now, network) = (self.clock.now(), caller.network());
        // Before anything is refused: each refusal is on record, and whoever holds a context could fill the disk.
        self.limits.admit_capture(&context.jti, merchant, &network, now)?;
        page?;
        earlier?;
        context.check_time(now)?;
        check_issued(context, now)?;
        if self.store.is_spent(&context.jti).await.doing("looking for a spent context")? {
            // The same request may have spent it since the first look.
            let earlier = self.earlier_answer(merchant, &key, &sameness).await?;
            return earlier.ok_or_else(|| Code::ContextSpent.into());
        }
        let attempt = self.limits.attempts().begin(&context.jti, context.exp)?;
        let opened = match (self.match_sealed(sealed_card, context, origin, now), &context.kind) {
            (Err(code), _) => Err(code.into()),
            (Ok(sealed), Kind::Card) => {
                let card = self.open_card(sealed, context, caller, now).await;
                card.map(|(card, review)| Opened::Card(card, review))
            }
            (Ok(sealed), Kind::Cvc { token, brand }) => {
                self.open_code(sealed, merchant, token, brand).await.map(Opened::Code)
            }
        };
        let opened = opened.inspect_err(|failure| {
            if let Failure::Refused(code) | Failure::RefusedByRule(code, _) = failure
                && *code != Code::Busy
            {
                attempt.refused();
                self.limits.refused(*code, &merchant.id, &network, now);
            }
        })?;
        let (card, review) = match opened {
            Opened::Card(card, review) => (card, review),
            Opened::Code(code) => return self.store_code(code, context, key, sameness, caller, now).await,
        };

        let (card, cvc) = card.split_cvc();
        let mark = if cvc.is_some() { CvcMark::Captured } else { CvcMark::None };
        let mut capture = Capture {
            token: StoredToken { review: review.clone(), ..unnamed(&card, context, mark, now) },
            context_expires_at: context.exp,
            key: key.0,
            sameness,
            answer: Answer { status: 201, body: String::new() },
            audited: Audited {
                reason: review.join(" "),
                ..Deed::of_shopper(caller, &merchant.id, Action::TokenCreate, String::new()).ended(now, OK)
            },
        };
        match self.store_named(&mut capture, &card, merchant.token_format).await? {
            Outcome::Stored => self.limits.spent(&capture.token.context),
            Outcome::Lost(Some((known, answer))) => return replay(&capture.sameness, &known, answer),
            Outcome::Lost(None) => return Err(Code::ContextSpent.into()),
        }
        if let Some(cvc) = cvc {
            self.keep_code(&capture.token.id, &cvc, now).await;
        }
        Ok(Tokenized { answer: capture.answer, replayed: false })
    }

    /// Stores a capture under a token that no other card has, unless another request was first.
    async fn store_named(
        &self,
        capture: &mut Capture,
        card: &Card,
        format: TokenFormat,
    ) -> Result<Outcome, Failure> {
        let (known, now) = (self.known(), self.clock.now());
        let keys = known.data_keys(&capture.token.merchant)?;
        for _ in 0..MOST_DRAWS {
            let token = Token::make(format, card.number());
            capture.token.id = token.to_string();
            capture.audited.subject = token.to_string();
            capture.answer = answer(&capture.token)?;
            row::seal(&mut capture.token, keys, card, now);
            if let Some(outcome) = self.store.insert_capture(capture).await.doing("storing a token")? {
                return Ok(outcome);
            }
        }
        Err("every token drawn was taken").doing("drawing a token")
    }

    /// The card in a sealed card, if it breaks no rule; and why to look at its order.
    async fn open_card(
        &self,
        (envelope, capture_key): Matched,
        context: &Context,
        caller: &Caller,
        now: u64,
    ) -> Result<(Card, Vec<String>), Failure> {
        let today = Month::at(now);
        let card =
            self.opener.open(envelope, capture_key, move |plaintext| Card::parse(plaintext, today)).await?;
        self.limits.opened(&card, &caller.network(), now);
        let bins = self.bins.current();
        let bin = bins.find(card.number());
        let network = context.check_card(&card, bin.unwrap_or(&BinFacts::default()))?;
        let card = card.over(network);
        let review = self.judge(&card, bin, context, caller, now).await?;
        Ok((card, review))
    }

    /// The answer that this request got before, if it did.
    async fn earlier_answer(
        &self,
        merchant: &Merchant,
        key: &IdempotencyKey,
        sameness: &Sameness,
    ) -> Result<Option<Tokenized>, Failure> {
        let earlier = self.store.answer(&merchant.id, &key.0).await.doing("looking for an earlier answer")?;
        earlier.map(|(known, answer)| replay(sameness, &known, answer)).transpose()
    }
}

pub(super) fn replay(asked: &Sameness, known: &Sameness, answer: Answer) -> Result<Tokenized, Failure> {
    if asked == known {
        Ok(Tokenized { answer, replayed: true })
    } else {
        Err(Code::IdempotencyKeyReused.into())
    }
}

/// The row of a card, before it has a token and is sealed.
fn unnamed(card: &Card, context: &Context, cvc: CvcMark, now: u64) -> StoredToken {
    StoredToken {
        id: String::new(),
        merchant: context.sub.clone(),
        context: context.jti.clone(),
        mode: context.mode,
        brand: card.number().brand().name.to_owned(),
        last4: card.number().last4().to_owned(),
        reference: context.reference.clone(),
        key_version: 0,
        card: Vec::new(),
        cvc,
        fingerprint: Vec::new(),
        review: Vec::new(),
        created_at: now,
    }
}

/// What a browser learns of a token.
pub(super) fn answer(row: &StoredToken) -> Result<Answer, Failure> {
    let answer = TokenAnswer {
        id: row.id.clone(),
        object: "token".to_owned(),
        brand: row.brand.clone(),
        last4: row.last4.clone(),
        reference: row.reference.clone(),
    };
    Ok(Answer { status: 201, body: serde_json::to_string(&answer).doing("writing an answer")? })
}
