//! The half-typed form: what each field holds, how edits change it, and how it becomes a card.
//! It must never reach outside: the month of today and the accepted context are given to it.

pub mod edit;
mod expiry;
pub mod report;
pub mod view;

pub use edit::{Edit, Edited};
pub use report::{Report, Told};
pub use view::View;

use edit::Digits;
use zeroize::{Zeroize, Zeroizing};

use crate::{
    card::{
        Brand, Card, Cvc, Month, Parts, Verdict,
        brand::{decided, likeliest},
        cvc,
        expiry::Written,
        holder, number,
    },
    context::Expose,
    error::Code,
};

/// The fields a form can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The card number.
    Number,
    /// Month and year of expiry.
    Expiry,
    /// The security code.
    Cvc,
    /// The holder's name.
    Name,
    /// The postal code of the billing address.
    PostalCode,
}

impl Field {
    /// Every field, in the order of a checkout.
    pub const ALL: [Self; 5] = [Self::Number, Self::Expiry, Self::Cvc, Self::Name, Self::PostalCode];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Expiry => "expiry",
            Self::Cvc => "cvc",
            Self::Name => "name",
            Self::PostalCode => "postal_code",
        }
    }

    /// The field with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }
}

/// A form while it is typed.
pub struct Form {
    today: Month,
    accepted: Vec<&'static Brand>,
    expose: Expose,
    stored: Option<&'static Brand>,
    number: Zeroizing<String>,
    expiry: Zeroizing<String>,
    cvc: Zeroizing<String>,
    name: Zeroizing<String>,
    postal_code: Zeroizing<String>,
}

impl Form {
    /// An empty form that judges expiry dates against the month `today`.
    pub fn new(today: Month) -> Self {
        Self {
            today,
            accepted: Vec::new(),
            expose: Expose::default(),
            stored: None,
            number: Zeroizing::default(),
            expiry: Zeroizing::default(),
            cvc: Zeroizing::default(),
            name: Zeroizing::default(),
            postal_code: Zeroizing::default(),
        }
    }

    /// Takes over the rules of a capture context: its month, its brands (none means all), what it exposes, and the
    /// brand of the `stored` card if only a security code is captured for one.
    pub fn govern(
        &mut self,
        today: Month,
        accepted: &[&'static Brand],
        expose: Expose,
        stored: Option<&'static Brand>,
    ) {
        self.today = today;
        self.accepted = accepted.to_vec();
        self.expose = expose;
        self.stored = stored;
    }

    /// Takes what the input of `field` holds after an edit, and answers what it shall hold instead.
    pub fn edit(&mut self, field: Field, text: &str, caret: usize, edit: Edit) -> Edited {
        match field {
            Field::Number => {
                let held = core::mem::take(&mut self.number);
                // One digit more than any number has is kept, so that a pasted surplus shows as an error.
                let digits =
                    Digits::of(text, caret, number::MAX_LENGTH + 1).reach_over_separator(&held, edit);
                let longest = number::max_length(&held, &self.accepted);
                let digits = digits.refuse_surplus(&held, longest, edit);
                let gaps = likeliest(&digits.text).map_or(&[4, 8, 12, 16][..], |brand| brand.gaps);
                let edited = digits.grouped(gaps, edit);
                self.number = digits.text;
                edited
            }
            Field::Expiry => {
                let edited = expiry::edit(text, caret, &self.expiry, edit);
                self.expiry = edited.text.clone();
                edited
            }
            Field::Cvc => {
                let held = core::mem::take(&mut self.cvc);
                let digits = Digits::of(text, caret, cvc::MAX_LENGTH + 1);
                let digits = digits.refuse_surplus(&held, self.code_length(), edit);
                let edited = digits.grouped(&[], edit);
                self.cvc = digits.text;
                edited
            }
            Field::Name => keep(&mut self.name, text, caret, holder::MAX_NAME_BYTES),
            Field::PostalCode => keep(&mut self.postal_code, text, caret, holder::MAX_POSTAL_CODE_BYTES),
        }
    }

    /// What the vault's own frame shows of a field.
    pub fn view(&self, field: Field) -> View {
        match field {
            Field::Number => {
                let verdict = if self.number.is_empty() {
                    Verdict::Incomplete(Code::CardNumberIncomplete)
                } else {
                    number::judge(&self.number, &self.accepted)
                };
                View::of(self.number.is_empty(), verdict)
            }
            Field::Expiry => {
                let verdict = Written::read(&self.expiry).judge(self.today);
                View::of(self.expiry.is_empty(), verdict)
            }
            Field::Cvc => {
                let verdict = cvc::judge(&self.cvc, self.code_brand());
                View::of(self.cvc.is_empty(), verdict)
            }
            Field::Name => text_view(&self.name, holder::parse_name, Code::NameInvalid),
            Field::PostalCode => {
                text_view(&self.postal_code, holder::parse_postal_code, Code::PostalCodeInvalid)
            }
        }
    }

    /// What the merchant's page may learn of a field, after what it was `told` of it; that is brought up to date.
    pub fn report(&self, field: Field, told: &mut Told) -> Report {
        let view = self.view(field);
        match field {
            Field::Number => Report::of_number(view, &self.number, &self.accepted, self.expose, told),
            _ => Report::of(view),
        }
    }

    /// The card, if every field that is `required` or was filled in is right.
    ///
    /// # Errors
    /// The code of the first field, in the order of a checkout, that is not.
    pub fn card(&self, required: &[Field]) -> Result<Card, Code> {
        for field in Field::ALL {
            let view = self.view(field);
            let counts =
                required.contains(&field) || !view.empty || matches!(field, Field::Number | Field::Expiry);
            if let Some(code) = view.error.filter(|_| counts) {
                return Err(code);
            }
        }
        let expiry = Written::read(&self.expiry).parse(self.today)?.month();
        let parts = Parts {
            number: &self.number,
            exp_year: expiry.year(),
            exp_month: expiry.month(),
            cvc: filled(&self.cvc),
            name: filled(&self.name),
            postal_code: filled(&self.postal_code),
            network: None,
        };
        Card::of(&parts, Some(self.today))
    }

    /// The security code alone, for a stored card of this brand; no other field counts.
    ///
    /// # Errors
    /// [`Code::CvcIncomplete`] or [`Code::CvcInvalid`].
    pub fn cvc(&self, brand: &Brand) -> Result<Cvc, Code> {
        Cvc::parse(&self.cvc, brand)
    }

    /// Wipes every field; the rules of the context stay.
    pub fn clear(&mut self) {
        let fields =
            [&mut self.number, &mut self.expiry, &mut self.cvc, &mut self.name, &mut self.postal_code];
        for field in fields {
            field.zeroize();
        }
    }

    fn code_length(&self) -> usize {
        self.code_brand().map_or(cvc::MAX_LENGTH, |brand| brand.code_length)
    }

    /// The brand whose security code is typed, once that is certain.
    fn code_brand(&self) -> Option<&'static Brand> {
        self.stored.or_else(|| decided(&self.number))
    }
}

fn filled(text: &Zeroizing<String>) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn keep(held: &mut Zeroizing<String>, text: &str, caret: usize, most_bytes: usize) -> Edited {
    let end = text.char_indices().map(|(start, character)| start + character.len_utf8());
    // One character more than is allowed is kept, so that a surplus shows as an error.
    let end = end.take_while(|end| *end <= most_bytes + 4).last().unwrap_or_default();
    *held = Zeroizing::new(text.get(..end).unwrap_or_default().to_owned());
    let units = held.chars().map(char::len_utf16).sum();
    Edited { text: held.clone(), caret: caret.min(units) }
}

fn text_view(text: &str, parse: fn(&str) -> Result<&str, Code>, code: Code) -> View {
    let verdict = if text.is_empty() {
        Verdict::Incomplete(code)
    } else {
        parse(text).map_or_else(Verdict::Invalid, |_| Verdict::Complete)
    };
    View::of(text.is_empty(), verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn under_a_context_for_a_code_alone_only_the_code_counts_and_the_stored_brand_says_how_long_it_is() {
        let amex = Brand::named("american-express").unwrap();
        let mut form = Form::new(Month::at(0));
        // A Visa number, typed before the context came.
        form.edit(Field::Number, "4242", 4, Edit::Insert);
        form.govern(Month::at(0), &[amex], Expose::default(), Some(amex));
        form.edit(Field::Cvc, "123", 3, Edit::Insert);
        assert_eq!(form.view(Field::Cvc).error, Some(Code::CvcIncomplete));
        assert_eq!(form.cvc(amex).unwrap_err(), Code::CvcIncomplete);
        form.edit(Field::Cvc, "1234", 4, Edit::Insert);
        assert!(form.view(Field::Cvc).complete && form.cvc(amex).is_ok());

        form.govern(Month::at(0), &[], Expose::default(), None);
        assert!(!form.view(Field::Cvc).complete);
    }
}
