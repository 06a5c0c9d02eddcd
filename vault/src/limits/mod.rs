//! How much is too much: limits of calls, dead contexts, shut-out guessers, and alerts about what looks like an attack.
//! It must never grow with the number of those who attack, nor keep anything of a card.

mod alerts;
mod attempts;
mod blind;
mod fingerprints;
mod gcra;
mod guesses;
mod issued;
mod recent;
mod settings;

pub use alerts::Alert;
pub use attempts::{Attempt, Attempts};
pub(crate) use blind::Blind;
pub use issued::Context as IssuedContext;
pub(crate) use recent::Recent;
pub use settings::LimitsConfig;

use std::sync::{Mutex, PoisonError};

use cardseal::card::{Card, CardNumber};
use cardseal::error::{Blame, Code};
use prometheus::{IntCounterVec, Opts, Registry};

use crate::failure::{Doing, Failure};
use crate::merchant::Merchant;
use alerts::{Cards, Spikes};
use fingerprints::Fingerprints;
use gcra::Gate;
use guesses::Guesses;
use issued::Issued;

/// How many digits of a card say which bank issued it, at least.
const BIN_DIGITS: usize = 6;

/// The limits of one node, all in memory.
pub struct Limits {
    captures: Mutex<Captures>,
    grants: Mutex<Gate>,
    bins: Mutex<Gate>,
    lookups: Mutex<Gate>,
    fingerprints: Mutex<Fingerprints>,
    attempts: Attempts,
    guesses: Guesses,
    failures: Spikes,
    cards: Cards,
    unspent: Spikes,
    busy_bins: Spikes,
    issued: Issued,
    reached: IntCounterVec,
    raised: IntCounterVec,
}

/// The limits of `POST /v1/tokens`, under one lock, so that a call refused by one is not counted by another.
struct Captures {
    context: Gate,
    network: Gate,
    merchant: Gate,
}

impl Limits {
    /// Limits of a configuration, whose counters are added to `registry`.
    ///
    /// # Errors
    /// When the counters are there already.
    pub fn new(settings: &LimitsConfig, registry: &Registry) -> Result<Self, Failure> {
        let counted = |name, help, label: &str| {
            let counter = IntCounterVec::new(Opts::new(name, help), &[label])?;
            registry.register(Box::new(counter.clone()))?;
            Ok::<_, prometheus::Error>(counter)
        };
        let reached = counted("cardseal_limits_total", "What was over a limit, by limit.", "limit");
        let raised = counted("cardseal_alerts_total", "Alerts raised, by alert.", "alert");
        let raised = raised.doing("counting alerts")?;
        for alert in Alert::ALL {
            // There from the start, so that the first one is a change that an operator's tools see.
            raised.with_label_values(&[alert.as_str()]);
        }
        Ok(Self {
            captures: Mutex::new(Captures {
                context: Gate::per_minute(settings.context_per_minute),
                network: Gate::per_minute(settings.network_per_minute),
                merchant: Gate::per_minute(settings.merchant_per_minute),
            }),
            grants: Mutex::new(Gate::per_minute(settings.grants_per_minute)),
            bins: Mutex::new(Gate::per_minute(settings.bin_per_minute)),
            lookups: Mutex::new(Gate::per_minute(settings.lookups_per_minute)),
            fingerprints: Mutex::new(Fingerprints::new(settings.fingerprints_per_day)),
            attempts: Attempts::new(settings.attempts_per_context),
            guesses: Guesses::new(),
            failures: Spikes::new(settings.alert_card_failures),
            cards: Cards::new(settings.alert_distinct_cards),
            unspent: Spikes::new(settings.alert_unspent_contexts),
            busy_bins: Spikes::new(1),
            issued: Issued::new(),
            reached: reached.doing("counting limits")?,
            raised,
        })
    }

    /// Lets one `POST /v1/tokens` through.
    ///
    /// # Errors
    /// [`Code::RateLimited`] with the seconds until every limit lets it through.
    pub fn admit_capture(
        &self,
        jti: &str,
        merchant: &Merchant,
        network: &str,
        now: u64,
    ) -> Result<(), Failure> {
        let mut captures = self.captures.lock().unwrap_or_else(PoisonError::into_inner);
        let (of_network, of_merchant) = ((&merchant.id, network), &merchant.id);
        let network_pace = captures.network.pace(merchant.network_per_minute);
        let merchant_pace = captures.merchant.pace(merchant.per_minute);
        let waits = [
            ("context", captures.context.wait(&jti, now)),
            ("network", captures.network.wait_at(network_pace, &of_network, now)),
            ("merchant", captures.merchant.wait_at(merchant_pace, of_merchant, now)),
        ];
        self.refuse_unless_free(&waits)?;
        captures.context.take(&jti, now);
        captures.network.take_at(network_pace, &of_network, now);
        captures.merchant.take_at(merchant_pace, of_merchant, now);
        Ok(())
    }

    /// Lets one look-up of a card's first digits through.
    ///
    /// # Errors
    /// [`Code::RateLimited`].
    pub fn admit_lookup(&self, network: &str, now: u64) -> Result<(), Failure> {
        let mut lookups = self.lookups.lock().unwrap_or_else(PoisonError::into_inner);
        self.refuse_unless_free(&[("lookup", lookups.wait(&network, now))])?;
        lookups.take(&network, now);
        Ok(())
    }

    /// Lets one access token be issued to a client that has authenticated.
    ///
    /// # Errors
    /// [`Code::RateLimited`].
    pub fn admit_grant(&self, client: &str, now: u64) -> Result<(), Failure> {
        let mut grants = self.grants.lock().unwrap_or_else(PoisonError::into_inner);
        self.refuse_unless_free(&[("client", grants.wait(&client, now))])?;
        grants.take(&client, now);
        Ok(())
    }

    /// Lets a merchant be shown the fingerprint of a card with this number.
    ///
    /// # Errors
    /// [`Code::RateLimited`] when it was shown too many others of cards that look alike.
    pub fn admit_fingerprint(
        &self,
        merchant: &str,
        number: &CardNumber,
        hash: &[u8],
        now: u64,
    ) -> Result<(), Failure> {
        let mut fingerprints = self.fingerprints.lock().unwrap_or_else(PoisonError::into_inner);
        self.refuse_unless_free(&[("fingerprint", fingerprints.show(merchant, number, hash, now))])
    }

    /// Lets somebody try to authenticate as a client.
    ///
    /// # Errors
    /// [`Code::RateLimited`] for a minute after the fifth failure of this client id from this network.
    pub fn admit_authentication(&self, client: &str, network: &str, now: u64) -> Result<(), Failure> {
        self.refuse_unless_free(&[("authentication", self.guesses.wait(client, network, now))])
    }

    /// Somebody failed to authenticate as a client; `known` says whether there is one of this id.
    pub fn authentication_failed(&self, client: &str, known: bool, network: &str, now: u64) {
        if self.guesses.failed(client, network, now) {
            // An id that nobody configured may be anything, a secret in the wrong place too: it is not written.
            let client = known.then_some(client);
            let alert = self.raise(Alert::ClientGuessed);
            tracing::warn!(alert, client, network, "alert");
        }
    }

    /// The attempts of each context.
    pub fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    /// A card was opened.
    pub fn opened(&self, card: &Card, network: &str, now: u64) {
        if self.cards.reached(card, network, now) {
            let alert = self.raise(Alert::DistinctCards);
            tracing::warn!(alert, network, "alert");
        }
    }

    /// Whether a merchant takes more cards with the first six digits of this one than it should; if not, one more.
    ///
    /// It is for review only: who could have a bank's cards refused would only need to try some. So a card that is sent again
    /// before it is stored may as well count again.
    pub fn is_busy_bin(&self, card: &Card, merchant: &str, now: u64) -> bool {
        // EXPOSE: cards are counted by their first six digits, kept as a keyed hash.
        let key = (merchant, card.number().digits().expose().get(..BIN_DIGITS));
        let mut bins = self.bins.lock().unwrap_or_else(PoisonError::into_inner);
        if bins.wait(&key, now) == 0 {
            bins.take(&key, now);
            return false;
        }
        drop(bins);
        self.reached.with_label_values(&["bin"]).inc();
        if self.busy_bins.reached(&key, 1, now) {
            let alert = self.raise(Alert::BusyBin);
            tracing::warn!(alert, merchant, "alert");
        }
        true
    }

    /// A card was refused with this code.
    pub fn refused(&self, code: Code, merchant: &str, network: &str, now: u64) {
        if code.blame() == Blame::Input && self.failures.reached(&merchant, 1, now) {
            let alert = self.raise(Alert::CardFailures);
            tracing::warn!(alert, merchant, network, "alert");
        }
    }

    /// A context was given out.
    pub fn issued(&self, jti: &str, merchant: &str, until: u64) {
        self.issued.add(IssuedContext { jti: jti.to_owned(), merchant: merchant.to_owned(), until });
    }

    /// A context made its token.
    pub fn spent(&self, jti: &str) {
        self.issued.spent(jti);
    }

    /// Contexts that have expired and that this node did not see spent; each is given once.
    pub fn take_expired(&self, now: u64) -> Vec<IssuedContext> {
        self.issued.take_expired(now)
    }

    /// So many contexts of a merchant expired and no node spent them.
    pub fn expired_unspent(&self, merchant: &str, count: u32, now: u64) {
        if self.unspent.reached(&merchant, count, now) {
            let alert = self.raise(Alert::UnspentContexts);
            tracing::warn!(alert, merchant, "alert");
        }
    }

    /// How often an alert was raised.
    pub fn raised(&self, alert: Alert) -> u64 {
        self.raised.with_label_values(&[alert.as_str()]).get()
    }

    /// How many keys are remembered, of every kind that a stranger can make up.
    pub fn remembered(&self) -> usize {
        let captures = self.captures.lock().unwrap_or_else(PoisonError::into_inner);
        let gates = captures.context.len() + captures.network.len() + captures.merchant.len();
        let bins = self.bins.lock().unwrap_or_else(PoisonError::into_inner).len();
        let lookups = self.lookups.lock().unwrap_or_else(PoisonError::into_inner).len();
        let fingerprints = self.fingerprints.lock().unwrap_or_else(PoisonError::into_inner).len();
        gates + bins + lookups + fingerprints + self.attempts.len() + self.guesses.len()
    }

    /// Forgets what no longer limits anything.
    pub fn sweep(&self, now: u64) {
        let mut captures = self.captures.lock().unwrap_or_else(PoisonError::into_inner);
        captures.context.sweep(now);
        captures.network.sweep(now);
        captures.merchant.sweep(now);
        drop(captures);
        self.grants.lock().unwrap_or_else(PoisonError::into_inner).sweep(now);
        self.bins.lock().unwrap_or_else(PoisonError::into_inner).sweep(now);
        self.lookups.lock().unwrap_or_else(PoisonError::into_inner).sweep(now);
        self.fingerprints.lock().unwrap_or_else(PoisonError::into_inner).sweep(now);
        self.attempts.sweep(now);
        self.guesses.sweep(now);
        self.failures.sweep(now);
        self.cards.sweep(now);
        self.unspent.sweep(now);
        self.busy_bins.sweep(now);
    }

    fn refuse_unless_free(&self, waits: &[(&str, u64)]) -> Result<(), Failure> {
        let Some((limit, wait)) = waits.iter().max_by_key(|(_, wait)| *wait).filter(|(_, wait)| *wait > 0)
        else {
            return Ok(());
        };
        self.reached.with_label_values(&[*limit]).inc();
        Err(Failure::RefusedUntil(Code::RateLimited, *wait))
    }

    fn raise(&self, alert: Alert) -> &'static str {
        self.raised.with_label_values(&[alert.as_str()]).inc();
        alert.as_str()
    }
}
