//! Built-in rule: the country that a card was issued in against the country that the purchase is sent to.
//! It must never say anything where one of them is not known.

use super::{Attempt, Rule, Severity, Verdict};

/// Objects to a card of another country than the purchase goes to.
pub(super) struct CountryMismatch(pub(super) Severity);

impl Rule for CountryMismatch {
    fn name(&self) -> &'static str {
        "country_mismatch"
    }

    fn judge(&self, attempt: &Attempt<'_>) -> Verdict {
        let issued = attempt.bin.and_then(|bin| bin.country);
        match issued.zip(attempt.facts.shipping_country) {
            Some((issued, shipped)) if issued != shipped => self.0.verdict("country_mismatch"),
            _ => Verdict::Allow,
        }
    }
}
