//! Use case: a merchant's backend asks again for what it asked before, and gets the same answer.
//! It must never keep an answer in clear: it holds a context, which is a bearer secret.

use std::sync::Arc;

use cardseal::secret::Secret;
use cardseal::wire::ContextRequest;

use cardseal::error::Code;
use tracing::Instrument;

use super::{IdempotencyKey, Vault};
use crate::at_rest::Place;
use crate::caller::Caller;
use crate::failure::{Doing, Failure};
use crate::merchant::Merchant;
use crate::random;
use crate::store::{Claim, Creation, SealedAnswer};

/// What makes a creating call the same as an earlier one.
pub struct Repeatable {
    /// The idempotency key.
    pub key: IdempotencyKey,
    /// SHA-256 of the body.
    pub digest: Vec<u8>,
}

/// The answer of a creating call.
pub struct Created {
    /// The body, byte for byte.
    pub body: String,
    /// Whether it was given before.
    pub replayed: bool,
}

impl Vault {
    /// Signs a capture context; under an idempotency key once, and then repeats the answer while the context lives.
    ///
    /// # Errors
    /// [`Code::IdempotencyKeyReused`], [`Code::IdempotencyInFlight`], or why the context was refused.
    pub async fn create_context_once(
        self: &Arc<Self>,
        client: &str,
        merchant: &Arc<Merchant>,
        request: ContextRequest,
        repeatable: Option<Repeatable>,
        caller: Caller,
    ) -> Result<Created, Failure> {
        let Some(repeatable) = repeatable else {
            let (body, _) = self.make_context(client, merchant, request, &caller).await?;
            return Ok(Created { body, replayed: false });
        };
        let (vault, client, merchant) = (Arc::clone(self), client.to_owned(), Arc::clone(merchant));
        // A task of its own: a client that hangs up must not leave the key claimed.
        let created =
            async move { vault.create_under_key(&client, &merchant, request, &repeatable, &caller).await };
        tokio::spawn(created.in_current_span())
            .await
            .map_err(|error| Failure::of_task("creating a context", &error))?
    }

    async fn create_under_key(
        &self,
        client: &str,
        merchant: &Merchant,
        request: ContextRequest,
        repeatable: &Repeatable,
        caller: &Caller,
    ) -> Result<Created, Failure> {
        let holder = random::make_name();
        let key = repeatable.key.as_str();
        let creation = Creation { client, key, digest: &repeatable.digest, holder: &holder };
        let row = format!("{client}/{key}");
        match self.store.claim_creation(&creation, self.clock.now()).await.doing("claiming a key")? {
            Claim::Granted => {}
            Claim::InFlight => return Err(Code::IdempotencyInFlight.into()),
            Claim::Reused => return Err(Code::IdempotencyKeyReused.into()),
            Claim::Answered(sealed) => {
                return Ok(Created { body: self.open_answer(merchant, &row, &sealed)?, replayed: true });
            }
        }
        let (body, expires_at) = match self.make_context(client, merchant, request, caller).await {
            Ok(made) => made,
            Err(failure) => {
                self.store.release_creation(&creation).await.doing("releasing a key")?;
                return Err(failure);
            }
        };
        let (known, plaintext) = (self.known(), Secret::new(body.clone().into_bytes()));
        let keys = known.data_keys(&merchant.id)?;
        let (key_version, answer) = keys.seal(place(&row, 0), &plaintext, self.clock.now());
        let sealed = SealedAnswer { key_version, answer };
        if self.store.keep_creation(&creation, &sealed, expires_at).await.doing("keeping an answer")? {
            Ok(Created { body, replayed: false })
        } else {
            // The lease ran out and another request took over: there must not be two answers.
            Err(Code::IdempotencyInFlight.into())
        }
    }

    /// The body of the answer and when its context expires.
    async fn make_context(
        &self,
        client: &str,
        merchant: &Merchant,
        request: ContextRequest,
        caller: &Caller,
    ) -> Result<(String, u64), Failure> {
        let answer = self.create_context_on_record(client, merchant, request, caller).await?;
        Ok((serde_json::to_string(&answer).doing("writing an answer")?, answer.expires_at))
    }

    fn open_answer(&self, merchant: &Merchant, row: &str, sealed: &SealedAnswer) -> Result<String, Failure> {
        let (known, place) = (self.known(), place(row, sealed.key_version));
        let opened = known
            .data_keys(&merchant.id)?
            .open_row(&place, &sealed.answer)
            .ok_or("a stored answer does not open where it stands")
            .doing("opening an answer")?;
        // EXPOSE: the answer goes to the client that got it before.
        String::from_utf8(opened.expose().clone()).doing("reading an answer")
    }
}

fn place(row: &str, version: u32) -> Place<'_> {
    Place { table: "creations", row, column: "answer", version, beside: &[] }
}
