//! What the merchant's page may learn of a field: states, codes, brands and a BIN.
//! It must never let what it told before and what it tells now add up to a number: DESIGN 2.11 is decided here alone.

use crate::{
    card::{
        Brand, Brands,
        brand::{LONGEST_BIN, bin_length, decided},
        number,
    },
    context::Expose,
    error::Code,
};

use super::View;

/// What the merchant's page may learn of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Nothing was typed.
    pub empty: bool,
    /// The field is right as it stands.
    pub complete: bool,
    /// Further typing can make it right.
    pub potentially_valid: bool,
    /// The error of the field if it is left as it is.
    pub error: Option<Code>,
    /// The brand, once it is certain, and only where the context exposes it.
    pub brand: Option<&'static Brand>,
    /// The accepted brands that the digits may still become, in the order of the table, where the context exposes them.
    pub brands: Option<Brands>,
    /// The leading digits, where the context exposes them.
    pub bin: Option<String>,
    /// Of a complete number: the networks that the cardholder can choose between, in the order of the table, where the
    /// context exposes brands and six leading digits would not be too much: who has the vault's table may know as many.
    pub networks: Option<Brands>,
    /// The chosen one of them.
    pub network: Option<&'static Brand>,
}

/// What the page was told of one number field so far. Whoever keeps the typed text keeps this beside it, so that an engine
/// that takes over knows it too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Brands that what was told rules out; all of them once the head was changed so that what was told of it first does
    /// not hold any more.
    pub excluded: Brands,
    /// The only BIN that is ever given of this field, or told by its networks.
    pub bin: Option<String>,
}

impl Report {
    /// The report of any other field than the number.
    pub(super) fn of(view: View) -> Self {
        let View { empty, complete, potentially_valid, error, brand: _, network: _ } = view;
        let (brand, brands, bin, networks, network) = (None, None, None, None, None);
        Self { empty, complete, potentially_valid, error, brand, brands, bin, networks, network }
    }

    /// The report of the number.
    pub(super) fn of_number(
        view: View,
        networks: Brands,
        digits: &str,
        accepted: Brands,
        expose: Expose,
        told: &mut Told,
    ) -> Self {
        let mut report = Self::of(view);
        let possible = number::possible(digits, accepted);
        told.follow(possible);
        // A number that begins otherwise than the given BIN may be the same one, edited: nothing more is told of its head.
        if told.bin.as_ref().is_some_and(|bin| !bin.starts_with(digits) && !digits.starts_with(bin.as_str()))
        {
            return report;
        }
        let length = bin_length(digits);
        let tells_networks = expose.brand && report.complete && !networks.is_empty() && length == LONGEST_BIN;
        if (expose.bin || tells_networks)
            && report.complete
            && told.bin.is_none()
            && told.excluded != Brands::ALL
        {
            told.bin = digits.get(..length).filter(|bin| !bin.is_empty()).map(str::to_owned);
        }
        if tells_networks && told.bin.as_deref() == digits.get(..length) {
            report.networks = Some(networks);
            report.network = view.network;
        }
        if expose.bin {
            report.bin = told.bin.clone().filter(|bin| digits.starts_with(bin.as_str()));
        }
        if expose.brand && !report.empty {
            report.brand = decided(digits);
            report.brands = Some(possible);
        }
        report
    }
}

impl Told {
    /// Digits typed on narrow the brands, digits taken back widen them; anything else is another head.
    fn follow(&mut self, possible: Brands) {
        let before = self.excluded.complement();
        if !possible.is_empty() && before.is_superset(possible) {
            self.excluded = possible.complement();
        } else if !possible.is_superset(before) {
            self.excluded = Brands::ALL;
        }
    }
}
