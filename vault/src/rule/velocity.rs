//! Built-in rule: how often and how much one card, or one network, has paid at one merchant within a window.
//! It must never keep a card number: cards are counted by a hash under a key of this process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{Attempt, Rule, Severity, VelocityConfig, Verdict};
use crate::facts::Currency;
use crate::limits::{Blind, Recent};

/// What is remembered at once: some tens of megabytes.
const MOST_KEYS: usize = 1 << 18;

/// Objects to what comes over a threshold.
pub(super) struct AmountVelocity {
    severity: Severity,
    seconds: u64,
    card: Thresholds,
    network: Thresholds,
    blind: Blind,
    memory: Mutex<Memory>,
}

struct Memory {
    windows: Recent<Window>,
    /// What was said of each card that was let through with a context, which makes one token at most: whoever sends it
    /// again, because the answer was lost or the vault failed, pays once.
    let_through: Recent<Verdict>,
}

struct Thresholds {
    count: Option<u64>,
    sums: HashMap<Currency, u64>,
}

struct Window {
    began: u64,
    total: u64,
}

#[derive(Clone, Copy, Hash)]
enum Subject<'a> {
    Card(u64),
    Network(&'a str),
}

/// Something that is added up, and how much of it there may be. Without a currency it is a number of captures.
struct Measure<'a> {
    key: (&'a str, Subject<'a>, Option<Currency>),
    more: u64,
    most: u64,
    reason: &'static str,
}

impl AmountVelocity {
    pub(super) fn new(settings: &VelocityConfig) -> Self {
        let thresholds = |count: Option<u32>, sums: &std::collections::BTreeMap<String, u64>| Thresholds {
            count: count.map(u64::from),
            sums: sums.iter().filter_map(|(code, most)| Some((Currency::from_code(code)?, *most))).collect(),
        };
        Self {
            severity: settings.verdict,
            seconds: u64::from(settings.window_minutes) * 60,
            card: thresholds(settings.card_count, &settings.card_sum),
            network: thresholds(settings.network_count, &settings.network_sum),
            blind: Blind::make(),
            memory: Mutex::new(Memory {
                windows: Recent::new(MOST_KEYS),
                let_through: Recent::new(MOST_KEYS),
            }),
        }
    }

    fn measures<'a>(&self, attempt: &Attempt<'a>, card: u64) -> Vec<Measure<'a>> {
        let mut subjects = vec![(Subject::Card(card), &self.card, "card_velocity")];
        // Shoppers whose address is not known are not one shopper.
        if !attempt.network.is_empty() {
            subjects.push((Subject::Network(attempt.network), &self.network, "network_velocity"));
        }
        let mut measures = Vec::new();
        for (subject, thresholds, reason) in subjects {
            if let Some(most) = thresholds.count {
                measures.push(Measure { key: (attempt.merchant, subject, None), more: 1, most, reason });
            }
            if let Some(amount) = attempt.facts.amount
                && let Some(&most) = thresholds.sums.get(&amount.currency)
            {
                let key = (attempt.merchant, subject, Some(amount.currency));
                measures.push(Measure { key, more: amount.value, most, reason });
            }
        }
        measures
    }
}

impl Rule for AmountVelocity {
    fn name(&self) -> &'static str {
        "amount_velocity"
    }

    fn judge(&self, attempt: &Attempt<'_>) -> Verdict {
        let (card, now) = (self.blind.tag(attempt.card.number()), attempt.now);
        let measures = self.measures(attempt, card);
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let Memory { windows, let_through } = &mut *memory;
        if let Some(verdict) = let_through.get(&(attempt.context, card)) {
            return *verdict;
        }
        let mut over = None;
        for measure in &measures {
            let window = windows.entry(&measure.key, || Window { began: now, total: 0 });
            if window.began + self.seconds <= now {
                *window = Window { began: now, total: 0 };
            }
            if window.total.saturating_add(measure.more) > measure.most {
                over = over.or(Some(measure.reason));
            }
        }
        let verdict = over.map_or(Verdict::Allow, |reason| self.severity.verdict(reason));
        // What is rejected is not captured.
        if !matches!(verdict, Verdict::Reject(_)) {
            for measure in &measures {
                let window = windows.entry(&measure.key, || Window { began: now, total: 0 });
                window.total = window.total.saturating_add(measure.more);
            }
            let_through.entry(&(attempt.context, card), || verdict);
        }
        verdict
    }
}
