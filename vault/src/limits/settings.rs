//! The numbers of the section `[limits]`, with their defaults.
//! It must never allow a limit of nothing: that would be a vault that refuses everybody.

use serde::{Deserialize, Serialize};

/// How much is too much. Each node of several counts for itself.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// `POST /v1/tokens` with one context, a minute.
    pub context_per_minute: u32,
    /// `POST /v1/tokens` for one merchant from one network (IPv4 /24, IPv6 /56), a minute.
    pub network_per_minute: u32,
    /// `POST /v1/tokens` for one merchant, a minute.
    pub merchant_per_minute: u32,
    /// Cards with the same first six digits at one merchant, a minute; past them a token is for review.
    pub bin_per_minute: u32,
    /// `GET /v1/bins/{bin8}` from one network, a minute.
    pub lookups_per_minute: u32,
    /// Access tokens for one client, a minute.
    pub grants_per_minute: u32,
    /// Different fingerprints that a merchant is shown of cards with the same brand, BIN and last four, a day.
    pub fingerprints_per_day: u32,
    /// Refused cards after which a context is dead.
    pub attempts_per_context: u32,
    /// Cards of one merchant that broke a rule, within ten minutes, that raise an alert.
    pub alert_card_failures: u32,
    /// Different cards from one network, within ten minutes, that raise an alert.
    pub alert_distinct_cards: u32,
    /// Contexts of one merchant that expired unspent, within ten minutes, that raise an alert.
    pub alert_unspent_contexts: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            context_per_minute: 20,
            network_per_minute: 120,
            merchant_per_minute: 6000,
            bin_per_minute: 60,
            lookups_per_minute: 240,
            grants_per_minute: 120,
            fingerprints_per_day: 20,
            attempts_per_context: 10,
            alert_card_failures: 50,
            alert_distinct_cards: 50,
            alert_unspent_contexts: 500,
        }
    }
}

impl LimitsConfig {
    /// Limits that a test of something else does not meet; a context still dies of ten refused cards.
    pub fn wide() -> Self {
        const WIDE: u32 = 1_000_000;
        Self {
            context_per_minute: WIDE,
            network_per_minute: WIDE,
            merchant_per_minute: WIDE,
            bin_per_minute: WIDE,
            lookups_per_minute: WIDE,
            grants_per_minute: WIDE,
            fingerprints_per_day: WIDE,
            ..Self::default()
        }
    }

    /// Checks what the types do not.
    ///
    /// # Errors
    /// A sentence that names the setting and says what to do.
    pub fn check(&self) -> Result<(), String> {
        for (name, value) in [
            ("context_per_minute", self.context_per_minute),
            ("network_per_minute", self.network_per_minute),
            ("merchant_per_minute", self.merchant_per_minute),
            ("bin_per_minute", self.bin_per_minute),
            ("lookups_per_minute", self.lookups_per_minute),
            ("grants_per_minute", self.grants_per_minute),
            ("fingerprints_per_day", self.fingerprints_per_day),
            ("attempts_per_context", self.attempts_per_context),
            ("alert_card_failures", self.alert_card_failures),
            ("alert_distinct_cards", self.alert_distinct_cards),
            ("alert_unspent_contexts", self.alert_unspent_contexts),
        ] {
            if value == 0 {
                return Err(format!("limits: {name} is 0, which would refuse everything; write at least 1"));
            }
        }
        Ok(())
    }
}
