//! The half-typed form: what each field holds, how edits change it, and how it becomes a card.
//! It must never reach outside: the month of today and the accepted context are given to it.

pub mod edit;
mod expiry;
pub mod field;
mod number;
pub mod report;
pub mod view;

pub use edit::{Edit, Edited};
pub use field::Field;
pub use report::{Report, Told};
pub use view::View;

use edit::Digits;
use number::Number;
use zeroize::{Zeroize, Zeroizing};

use crate::{
    card::{
        Acceptance, BinFacts, Brand, Card, Cvc, Month, Parts, Verdict,
        brand::decided,
        cvc,
        expiry::{Written, judge_month},
        holder,
    },
    context::Expose,
    error::Code,
};

/// A form while it is typed.
pub struct Form {
    today: Month,
    accepted: Acceptance,
    expose: Expose,
    stored: Option<&'static Brand>,
    number: Number,
    /// What every other field holds, in the order of [`Field::ALL`].
    texts: [Zeroizing<String>; Field::ALL.len()],
}

impl Form {
    /// An empty form that judges expiry dates against the month `today`.
    pub fn new(today: Month) -> Self {
        Self {
            today,
            accepted: Acceptance::default(),
            expose: Expose::default(),
            stored: None,
            number: Number::default(),
            texts: Default::default(),
        }
    }

    /// Takes over the rules of a capture context: its month, the cards that it accepts, what it exposes, and the brand of
    /// the `stored` card if only a security code is captured for one.
    pub fn govern(
        &mut self,
        today: Month,
        accepted: Acceptance,
        expose: Expose,
        stored: Option<&'static Brand>,
    ) {
        self.today = today;
        self.accepted = accepted;
        self.expose = expose;
        self.stored = stored;
    }

    /// Takes what the input of `field` holds after an edit, and answers what it shall hold instead.
    pub fn edit(&mut self, field: Field, text: &str, caret: usize, edit: Edit) -> Edited {
        let held = self.text(field);
        let edited = match field {
            Field::Number => return self.number.edit(text, caret, edit, &self.accepted),
            Field::Expiry => expiry::edit(text, caret, held, edit),
            Field::Month => expiry::edit_month(text, caret, held, edit),
            Field::Year => expiry::edit_year(text, caret, held, edit),
            Field::Cvc => {
                let digits = Digits::of(text, caret, cvc::MAX_LENGTH + 1);
                digits.refuse_surplus(held, self.code_length(), edit).grouped(&[], edit)
            }
            Field::Name => edit_text(text, caret, holder::MAX_NAME_BYTES),
            Field::PostalCode => edit_text(text, caret, holder::MAX_POSTAL_CODE_BYTES),
        };
        self.texts[field as usize].clone_from(&edited.text);
        edited
    }

    /// The number's first eight digits, to ask the vault's table for; none before they are typed, where they would tell too
    /// much of the number, and once it answered.
    pub fn lookup(&self) -> Option<&str> {
        self.number.lookup()
    }

    /// Takes what the vault's table says of numbers that begin with `bin`, if the number still does.
    pub fn inform(&mut self, bin: &str, facts: BinFacts) {
        self.number.inform(bin, facts);
    }

    /// Takes the cardholder's choice of a network, or takes it back. One that cannot be chosen is as good as none, and a
    /// change of the number's first eight digits forgets it.
    pub fn prefer(&mut self, network: Option<&'static Brand>) {
        self.number.prefer(network);
    }

    /// What the vault's own frame shows of a field.
    pub fn view(&self, field: Field) -> View {
        let text = self.text(field);
        let verdict = match field {
            Field::Number => return self.number.view(&self.accepted),
            Field::Expiry => Written::read(text).judge(self.today),
            Field::Month => judge_month(text),
            Field::Year => Written::apart(self.text(Field::Month), text).judge_year(self.today),
            Field::Cvc => cvc::judge(text, self.code_brand()),
            Field::Name => judge_text(text, holder::parse_name, Code::NameInvalid),
            Field::PostalCode => judge_text(text, holder::parse_postal_code, Code::PostalCodeInvalid),
        };
        let brand = self.code_brand().filter(|_| field == Field::Cvc);
        View { brand, ..View::of(text.is_empty(), verdict) }
    }

    /// The networks that the cardholder can choose between, two or more, the issuer's preference first; of the number alone.
    pub fn networks(&self, field: Field) -> Vec<&'static Brand> {
        if field == Field::Number { self.number.networks(&self.accepted) } else { Vec::new() }
    }

    /// What the merchant's page may learn of a field, after what it was `told` of it; that is brought up to date.
    pub fn report(&self, field: Field, told: &mut Told) -> Report {
        match field {
            Field::Number => self.number.report(&self.accepted, self.expose, told),
            _ => Report::of(self.view(field)),
        }
    }

    /// The card, if every field that is `required` or was filled in is right.
    ///
    /// # Errors
    /// The code of the first field, in the order of a checkout, that is not.
    pub fn card(&self, required: &[Field]) -> Result<Card, Code> {
        // What was typed into month and year goes before an expiry in one field.
        let (month, year) = (self.text(Field::Month), self.text(Field::Year));
        let apart = !month.is_empty() || !year.is_empty();
        let written =
            if apart { Written::apart(month, year) } else { Written::read(self.text(Field::Expiry)) };
        let filled = |field| Some(self.text(field)).filter(|text| !text.is_empty());
        for field in Field::ALL.iter().copied() {
            let view = self.view(field);
            let counts = match field {
                Field::Number => true,
                Field::Expiry => !apart,
                Field::Month | Field::Year => apart,
                _ => required.contains(&field) || !view.empty,
            };
            if let Some(code) = view.error.filter(|_| counts) {
                return Err(code);
            }
        }
        let expiry = written.parse(self.today)?.month();
        let parts = Parts {
            number: self.number.digits(),
            exp_year: expiry.year(),
            exp_month: expiry.month(),
            cvc: filled(Field::Cvc),
            name: filled(Field::Name),
            postal_code: filled(Field::PostalCode),
            network: self.number.network(&self.accepted).map(|network| network.name),
        };
        Card::of(&parts, Some(self.today))
    }

    /// The security code alone, for a stored card of this brand; no other field counts.
    ///
    /// # Errors
    /// [`Code::CvcIncomplete`] or [`Code::CvcInvalid`].
    pub fn cvc(&self, brand: &Brand) -> Result<Cvc, Code> {
        Cvc::parse(self.text(Field::Cvc), brand)
    }

    /// Wipes every field; the rules of the context stay.
    pub fn clear(&mut self) {
        self.number.clear();
        for text in &mut self.texts {
            text.zeroize();
        }
    }

    /// What a field holds, but for the number.
    fn text(&self, field: Field) -> &str {
        &self.texts[field as usize]
    }

    fn code_length(&self) -> usize {
        self.code_brand().map_or(cvc::MAX_LENGTH, |brand| brand.code_length)
    }

    /// The brand whose security code is typed, once that is certain.
    fn code_brand(&self) -> Option<&'static Brand> {
        self.stored.or_else(|| decided(self.number.digits()))
    }
}

fn edit_text(text: &str, caret: usize, most_bytes: usize) -> Edited {
    // One character more than is allowed is kept, so that a surplus shows as an error.
    let text = text.get(..text.floor_char_boundary(most_bytes + 4)).unwrap_or_default();
    let units = text.chars().map(char::len_utf16).sum();
    Edited { text: Zeroizing::new(text.to_owned()), caret: caret.min(units) }
}

fn judge_text(text: &str, parse: fn(&str) -> Result<&str, Code>, code: Code) -> Verdict {
    if text.is_empty() {
        Verdict::Incomplete(code)
    } else {
        parse(text).map_or_else(Verdict::Invalid, |_| Verdict::Complete)
    }
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
        let accepted = Acceptance { brands: vec![amex], ..Acceptance::default() };
        form.govern(Month::at(0), accepted, Expose::default(), Some(amex));
        form.edit(Field::Cvc, "123", 3, Edit::Insert);
        assert_eq!(form.view(Field::Cvc).error, Some(Code::CvcIncomplete));
        assert_eq!(form.cvc(amex).unwrap_err(), Code::CvcIncomplete);
        form.edit(Field::Cvc, "1234", 4, Edit::Insert);
        assert!(form.view(Field::Cvc).complete && form.cvc(amex).is_ok());

        form.govern(Month::at(0), Acceptance::default(), Expose::default(), None);
        assert!(!form.view(Field::Cvc).complete);
    }
}
