//! What the merchant's page may learn of a field: states, codes, brands and a BIN.
//! It must never let what it told before and what it tells now add up to a number: DESIGN 2.11 is decided here alone.

use crate::{
    card::{
        Brand, Brands,
        brand::{self, LONGEST_BIN, bin_length, decided},
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
    /// Brands that what was told of the head rules out.
    pub excluded: Brands,
    /// How many digits may have been named of heads that it had before and that do not hold any more; one at least of each.
    pub moved: usize,
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
        let fitting = brand::possible(digits);
        let possible = fitting.intersection(accepted);
        // That it is of a brand that is not accepted is told as well.
        if !told.follow(digits, if possible.is_empty() { fitting } else { possible }) {
            return report;
        }
        let length = bin_length(digits);
        let tells_networks = expose.brand && report.complete && !networks.is_empty() && length == LONGEST_BIN;
        if (expose.bin || tells_networks) && report.complete && told.bin.is_none() && told.moved == 0 {
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
    /// Takes in that the number is of one of `brands`. Whether that may be told, after all that was.
    fn follow(&mut self, digits: &str, brands: Brands) -> bool {
        if let Some(bin) = &self.bin {
            // A number that begins otherwise than the given BIN may be the same one, edited.
            return bin.starts_with(digits) || digits.starts_with(bin.as_str());
        }
        if digits.is_empty() {
            // Of what was told nothing is left.
            *self = Self::default();
            return true;
        }
        // Digits typed on narrow the brands, digits taken back widen them; anything else is another head.
        let before = self.excluded.complement();
        let wider = brands.is_superset(before);
        if !wider && (brands.is_empty() || !before.is_superset(brands)) {
            *self = Self { moved: self.moved + brand::known_digits(before).max(1), ..Self::default() };
        }
        let may_tell = brand::may_name(brands, self.moved);
        if may_tell && !wider && !brands.is_empty() {
            self.excluded = brands.complement();
        }
        may_tell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        card::{Acceptance, Month},
        form::{Edit, Field, Form},
    };

    #[test]
    fn a_head_that_moved_costs_the_bin_and_each_brand_that_would_say_too_much_with_it() {
        for (texts, brand, bin) in [
            (&["42", "4242424242424242"][..], Some("visa"), Some("424242")),
            (&["5", "4242424242424242"], Some("visa"), None),
            (&["5", "", "4242424242424242"], Some("visa"), Some("424242")),
            (&["0", "4242424242424242"], Some("visa"), None),
            // A brand of one prefix has said all six digits of it.
            (&["606282", "5"], None, None),
            (&["606282", "555"], Some("mastercard"), None),
            (&["606282", "3606282606282008"], None, None),
            (&["606282", "", "36227206271667"], Some("diners-club"), Some("3622")),
            (&["4242424242424242", "5555555555554444"], None, None),
            (&["4242424242424242", "5555555555554444", "4242424242424242"], Some("visa"), Some("424242")),
        ] {
            let today = Month::at(0);
            let (mut form, mut told) = (Form::new(today), Told::default());
            form.govern(today, Acceptance::default(), Expose { brand: true, bin: true }, None);
            let reports = texts.iter().map(|text| {
                form.edit(Field::Number, text, text.len(), Edit::Replace);
                form.report(Field::Number, &mut told)
            });
            let last = reports.last().map(|report| (report.brand.map(|brand| brand.name), report.bin));
            assert_eq!(last, Some((brand, bin.map(str::to_owned))), "{texts:?}");
        }
    }
}
