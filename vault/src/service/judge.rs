//! What the rules about cards are told of an attempt, and what becomes of their answers.
//! It must never tell the browser which rule objected: whoever tries cards would learn how to avoid it.

use cardseal::card::Card;
use cardseal::context::Context;
use cardseal::error::Code;

use super::Vault;
use crate::bins::{BinFacts, Bins};
use crate::caller::Caller;
use crate::failure::{Doing, Failure};
use crate::rule::{Attempt, Objection};

impl Vault {
    /// What is known of cards by their first digits.
    pub fn bins(&self) -> &Bins {
        &self.bins
    }

    /// What is known of every card whose number begins with these eight digits.
    ///
    /// # Errors
    /// [`Code::NotFound`] for what are not eight digits, [`Code::RateLimited`] for who asks too much.
    pub fn look_up_bin(&self, bin8: &str, caller: &Caller) -> Result<BinFacts, Failure> {
        self.limits.admit_lookup(&caller.network(), self.clock.now())?;
        self.bins.current().look_up(bin8).ok_or_else(|| Code::NotFound.into())
    }

    /// The reasons to look at a card's order first, each once.
    ///
    /// # Errors
    /// [`Failure::RefusedByRule`].
    pub(super) async fn judge(
        &self,
        card: &Card,
        bin: Option<&BinFacts>,
        context: &Context,
        caller: &Caller,
        now: u64,
    ) -> Result<Vec<String>, Failure> {
        let facts = self.store.facts(&context.jti).await.doing("reading facts")?;
        let network = caller.network();
        let attempt = Attempt {
            card,
            bin,
            merchant: &context.sub,
            mode: context.mode,
            address: caller.address,
            network: &network,
            context: &context.jti,
            facts,
            reference: context.reference.as_deref(),
            now,
        };
        let note = |Objection { rule, reason }: &Objection, verdict: &'static str| {
            let (merchant, network, request_id) = (&context.sub, &network, &caller.request_id);
            tracing::info!(rule, reason, merchant, network, request_id, "{verdict}");
        };
        let mut objections = self.rules.judge(&attempt).map_err(|(objection, code)| {
            note(&objection, "a rule rejected a card");
            Failure::RefusedByRule(code, objection.reason)
        })?;
        if self.limits.is_busy_bin(card, &context.sub, now) {
            objections.push(Objection { rule: "bin_per_minute", reason: "busy_bin" });
        }
        let mut reasons: Vec<String> = Vec::new();
        for objection in &objections {
            note(objection, "a rule asks for a review");
            if !reasons.iter().any(|reason| reason == objection.reason) {
                reasons.push(objection.reason.to_owned());
            }
        }
        Ok(reasons)
    }
}
