//! What a vault's operator or a merchant has to say about a card that is correct: take it, look at it, or refuse it.
//! A rule must never change a card, nor keep anything of one but a keyed hash.

mod address;
mod country;
mod settings;
mod velocity;

pub use settings::{RulesConfig, Severity, VelocityConfig};

use std::net::IpAddr;
use std::sync::Arc;

use cardseal::card::Card;
use cardseal::context::Mode;
use cardseal::error::Code;
use prometheus::{IntCounterVec, Opts, Registry};

use crate::bins::BinFacts;
use crate::facts::Facts;
use crate::failure::{Doing, Failure};

/// What a rule says. A reason is a lower_snake name: the audit and the log have it, and of a review the metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing against it.
    Allow,
    /// The token is made; its merchant is told to look at the order first.
    Review(&'static str),
    /// No token is made.
    Reject(&'static str),
}

/// A card that somebody wants to have stored, with all that is known of the occasion.
pub struct Attempt<'a> {
    /// The card, which has passed every rule of cards and of its context.
    pub card: &'a Card,
    /// What the operator's table says of the card's first digits.
    pub bin: Option<&'a BinFacts>,
    /// The merchant.
    pub merchant: &'a str,
    /// Whether it is a real card.
    pub mode: Mode,
    /// The shopper's address, where it is known.
    pub address: Option<IpAddr>,
    /// The network of that address (IPv4 /24, IPv6 /56); empty where it is not known.
    pub network: &'a str,
    /// The name of the capture context. An attempt may come again with its context, which makes one token at most: a rule
    /// that counts should count it once.
    pub context: &'a str,
    /// What the merchant's backend said of the purchase.
    pub facts: Facts,
    /// The merchant's own order id.
    pub reference: Option<&'a str>,
    /// Unix seconds.
    pub now: u64,
}

/// Decides about cards, after every rule of the protocol has passed.
pub trait Rule: Send + Sync {
    /// Its name in the metrics and the log, in lower_snake.
    fn name(&self) -> &'static str;

    /// Judges an attempt. It is asked between two steps of a request, so it must answer without waiting: a rule that
    /// depends on another service learns from it in a task of its own.
    fn judge(&self, attempt: &Attempt<'_>) -> Verdict;

    /// What the browser is told when this rule rejects.
    fn code(&self) -> Code {
        Code::CardRefused
    }
}

/// What a rule holds against an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The rule.
    pub rule: &'static str,
    /// Its reason.
    pub reason: &'static str,
}

/// Every rule of a vault, in the order in which they are asked.
pub struct Rules {
    rules: Vec<Arc<dyn Rule>>,
    verdicts: IntCounterVec,
}

impl Rules {
    /// The operator's own rules first, then the built-in ones of a configuration; what is asked last counts only what
    /// no other rejects.
    ///
    /// # Errors
    /// A wrong setting, or counters that are there already.
    pub fn new(
        settings: &RulesConfig,
        own: Vec<Arc<dyn Rule>>,
        registry: &Registry,
    ) -> Result<Self, Failure> {
        let mut rules = own;
        rules.extend(settings.rules().doing("reading the rules")?);
        let opts = Opts::new("cardseal_verdicts_total", "Answers of the rules about cards, by verdict.");
        let verdicts = IntCounterVec::new(opts, &["verdict", "rule"]).doing("counting verdicts")?;
        registry.register(Box::new(verdicts.clone())).doing("counting verdicts")?;
        // All at zero: what never happened shows too.
        for rule in &rules {
            for verdict in ["allow", "review", "reject"] {
                verdicts.with_label_values(&[verdict, rule.name()]);
            }
        }
        Ok(Self { rules, verdicts })
    }

    /// Asks every rule until one rejects; the strictest answer counts.
    ///
    /// # Errors
    /// The objection of the rule that rejects, and its code.
    pub fn judge(&self, attempt: &Attempt<'_>) -> Result<Vec<Objection>, (Objection, Code)> {
        let mut reviews = Vec::new();
        for rule in &self.rules {
            let name = rule.name();
            match rule.judge(attempt) {
                Verdict::Allow => self.count("allow", name),
                Verdict::Review(reason) => {
                    self.count("review", name);
                    reviews.push(Objection { rule: name, reason });
                }
                Verdict::Reject(reason) => {
                    self.count("reject", name);
                    return Err((Objection { rule: name, reason }, rule.code()));
                }
            }
        }
        Ok(reviews)
    }

    fn count(&self, verdict: &str, rule: &str) {
        self.verdicts.with_label_values(&[verdict, rule]).inc();
    }
}
