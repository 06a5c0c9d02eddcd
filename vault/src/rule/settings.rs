//! The section `[rules]`: which of the built-in rules a vault has.
//! It must never take a setting that could not have any effect.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};

use super::address::DeniedAddresses;
use super::country::CountryMismatch;
use super::velocity::AmountVelocity;
use super::{Rule, Verdict};
use crate::facts::Currency;

const MOST_MINUTES: u32 = 7 * 24 * 60;

/// The built-in rules. Each node of several counts for itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RulesConfig {
    /// Addresses and networks (CIDR) that no card is taken from.
    pub deny_addresses: Vec<String>,
    /// What happens when a card was issued in another country than the purchase is sent to.
    pub country_mismatch: Severity,
    /// What happens when much is captured in a short time.
    pub amount_velocity: Option<VelocityConfig>,
}

/// How much one card or one network may do at one merchant.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VelocityConfig {
    /// What happens over a threshold.
    pub verdict: Severity,
    /// How long a window is that begins with its first capture.
    #[serde(default = "default_minutes")]
    pub window_minutes: u32,
    /// Captures of one card.
    pub card_count: Option<u32>,
    /// Captures from one network.
    pub network_count: Option<u32>,
    /// What one card may pay, by currency, in minor units.
    #[serde(default)]
    pub card_sum: BTreeMap<String, u64>,
    /// What may be paid from one network, by currency, in minor units.
    #[serde(default)]
    pub network_sum: BTreeMap<String, u64>,
}

/// How strict a built-in rule is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Severity {
    /// It is not asked.
    #[default]
    Off,
    /// Review.
    Review,
    /// Reject.
    Reject,
}

impl Severity {
    pub(super) fn verdict(self, reason: &'static str) -> Verdict {
        match self {
            Self::Off => Verdict::Allow,
            Self::Review => Verdict::Review(reason),
            Self::Reject => Verdict::Reject(reason),
        }
    }
}

impl<'de> Deserialize<'de> for Severity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "off" => Ok(Self::Off),
            "review" => Ok(Self::Review),
            "reject" => Ok(Self::Reject),
            _ => Err(serde::de::Error::custom("a rule is `off`, `review` or `reject`")),
        }
    }
}

impl RulesConfig {
    /// Checks what the types do not.
    ///
    /// # Errors
    /// A sentence that names the setting and says what to do.
    pub fn check(&self) -> Result<(), String> {
        self.names().map(drop)
    }

    /// The names of the rules that are on, in the order in which they are asked.
    ///
    /// # Errors
    /// As [`RulesConfig::check`].
    pub fn names(&self) -> Result<Vec<&'static str>, String> {
        Ok(self.rules()?.iter().map(|rule| rule.name()).collect())
    }

    pub(super) fn rules(&self) -> Result<Vec<Arc<dyn Rule>>, String> {
        let mut rules: Vec<Arc<dyn Rule>> = Vec::new();
        if !self.deny_addresses.is_empty() {
            rules.push(Arc::new(DeniedAddresses::new(&self.deny_addresses)?));
        }
        if self.country_mismatch != Severity::Off {
            rules.push(Arc::new(CountryMismatch(self.country_mismatch)));
        }
        if let Some(velocity) = &self.amount_velocity {
            velocity.check()?;
            if velocity.verdict != Severity::Off {
                rules.push(Arc::new(AmountVelocity::new(velocity)));
            }
        }
        Ok(rules)
    }
}

impl VelocityConfig {
    fn check(&self) -> Result<(), String> {
        const SECTION: &str = "rules.amount_velocity";
        if !(1..=MOST_MINUTES).contains(&self.window_minutes) {
            return Err(format!("{SECTION}: window_minutes must be 1 to {MOST_MINUTES}"));
        }
        for (name, count) in [("card_count", self.card_count), ("network_count", self.network_count)] {
            if count == Some(0) {
                return Err(format!("{SECTION}: {name} is 0, which nothing stays under; write at least 1"));
            }
        }
        for (name, sums) in [("card_sum", &self.card_sum), ("network_sum", &self.network_sum)] {
            if let Some(code) = sums.keys().find(|code| Currency::from_code(code).is_none()) {
                return Err(format!("{SECTION}: {name}: `{code}` is not an ISO 4217 code like EUR"));
            }
        }
        let counts = self.card_count.or(self.network_count).is_some();
        if !counts && self.card_sum.is_empty() && self.network_sum.is_empty() {
            return Err(format!(
                "{SECTION} has no threshold; set card_count, network_count, card_sum or network_sum"
            ));
        }
        Ok(())
    }
}

fn default_minutes() -> u32 {
    60
}
