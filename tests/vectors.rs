//! The vectors are the specification: every rule of the engine, natively and in the browser.
//! It must never hold an expectation of its own: they stand in `tests/vectors`.

#![allow(clippy::unwrap_used)]

mod support;

use cardseal::{
    card::{Brand, Brands, Card, Cvc, Month, Verdict, brand, cvc, expiry::Written, holder, number},
    context::Context,
    envelope::Envelope,
    error::Code,
    form::{Edit, Field, Form},
};
use serde::Deserialize;
use support::each;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// The state and code a vector expects of a half-typed field.
#[derive(Deserialize)]
struct Expected {
    expect: String,
    code: Option<String>,
}

impl Expected {
    fn check(&self, name: &str, verdict: Verdict) {
        let (state, code) = match verdict {
            Verdict::Complete => ("complete", None),
            Verdict::Incomplete(code) => ("incomplete", Some(code.as_str())),
            Verdict::Invalid(code) => ("invalid", Some(code.as_str())),
        };
        assert_eq!((state, code), (self.expect.as_str(), self.code.as_deref()), "{name}");
    }
}

/// The name of the code, or `complete`.
fn outcome<T>(result: Result<T, Code>) -> &'static str {
    result.map_or_else(Code::as_str, |_| "complete")
}

fn month(text: &str) -> Month {
    let (year, month) = text.split_once('-').unwrap();
    Month::new(year.parse().unwrap(), month.parse().unwrap()).unwrap()
}

#[derive(Deserialize)]
struct NumberCase {
    digits: String,
    brand: Option<String>,
    #[serde(flatten)]
    expected: Expected,
}

#[test]
fn numbers_are_judged_as_the_vectors_say() {
    each("number", |name, case: NumberCase| {
        case.expected.check(name, number::judge(&case.digits, Brands::ALL));
        if let Some(expected) = &case.brand {
            assert_eq!(
                brand::decided(&case.digits).map(|brand| brand.name),
                Some(expected.as_str()),
                "{name}"
            );
        }
        let parsed = number::CardNumber::parse(&case.digits);
        assert_eq!(parsed.is_ok(), case.expected.expect == "complete", "{name}");
    });
}

#[derive(Deserialize)]
struct ExpiryCase {
    today: String,
    text: String,
    shown: String,
    expiry: Option<String>,
    #[serde(flatten)]
    expected: Expected,
}

#[test]
fn expiry_dates_are_read_shown_and_judged_as_the_vectors_say() {
    each("expiry", |name, case: ExpiryCase| {
        let today = month(&case.today);
        let written = Written::read(&case.text);
        case.expected.check(name, written.judge(today));
        let parsed = written.parse(today).ok().map(|expiry| expiry.month());
        assert_eq!(parsed, case.expiry.as_deref().map(month), "{name}");
        let caret = case.text.encode_utf16().count();
        let mut form = Form::new(today);
        let edited = form.edit(Field::Expiry, &case.text, caret, Edit::Insert);
        assert_eq!(*edited.text, case.shown, "{name}");
        assert_eq!(form.view(Field::Expiry).error.map(Code::as_str), case.expected.code.as_deref(), "{name}");
    });
}

#[derive(Deserialize)]
struct ApartCase {
    today: String,
    month: String,
    year: String,
    month_shown: Expected,
    year_shown: Expected,
    expiry: Option<String>,
}

#[test]
fn months_and_years_in_inputs_of_their_own_are_judged_as_the_vectors_say() {
    each("apart", |name, case: ApartCase| {
        let mut form = Form::new(month(&case.today));
        for (field, text) in
            [(Field::Number, "4242424242424242"), (Field::Month, &*case.month), (Field::Year, &*case.year)]
        {
            form.edit(field, text, text.len(), Edit::Replace);
        }
        for (field, expected) in [(Field::Month, &case.month_shown), (Field::Year, &case.year_shown)] {
            let view = form.view(field);
            let state = match (view.complete, view.potentially_valid) {
                (true, _) => "complete",
                (false, true) => "incomplete",
                (false, false) => "invalid",
            };
            let told = (state, view.error.map(Code::as_str));
            assert_eq!(told, (expected.expect.as_str(), expected.code.as_deref()), "{name}: {field:?}");
        }
        let card = form.card(&[Field::Number, Field::Expiry]);
        let parsed = card.as_ref().ok().map(|card| card.expiry().month());
        assert_eq!(parsed, case.expiry.as_deref().map(month), "{name}");
        // The card is refused for what one of the two shows.
        let codes = [case.month_shown.code.as_deref(), case.year_shown.code.as_deref()];
        assert!(card.is_ok() || codes.contains(&Some(outcome(card))), "{name}");
    });
}

#[derive(Deserialize)]
struct CvcCase {
    digits: String,
    brand: Option<String>,
    #[serde(flatten)]
    expected: Expected,
}

#[test]
fn security_codes_are_judged_by_brand_as_the_vectors_say() {
    each("cvc", |name, case: CvcCase| {
        let brand = case.brand.as_deref().map(|name| Brand::named(name).unwrap());
        case.expected.check(name, cvc::judge(&case.digits, brand));
    });
}

#[derive(Deserialize)]
struct HolderCase {
    name: String,
    expect: String,
}

#[test]
fn names_are_taken_or_refused_as_the_vectors_say() {
    each("holder", |name, case: HolderCase| {
        assert_eq!(outcome(holder::parse_name(&case.name)), case.expect, "{name}");
    });
}

#[derive(Deserialize)]
struct EditCase {
    field: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    edit: String,
    text: String,
    caret: usize,
    shown: String,
    shown_caret: usize,
}

#[test]
fn edits_leave_text_and_caret_as_the_vectors_say() {
    each("edit", |name, case: EditCase| {
        let mut form = Form::new(month("2026-11"));
        let field = Field::named(&case.field).unwrap();
        for step in case.steps {
            let edited = form.edit(field, &step.text, step.caret, Edit::named(&step.edit).unwrap());
            assert_eq!(
                (edited.text.as_str(), edited.caret),
                (step.shown.as_str(), step.shown_caret),
                "{name}"
            );
        }
    });
}

#[derive(Deserialize)]
struct CardCase {
    today: String,
    plaintext: String,
    expect: String,
}

#[test]
fn plaintexts_are_parsed_or_refused_as_the_vectors_say() {
    each("card", |name, case: CardCase| {
        let card = Card::parse(case.plaintext.as_bytes(), month(&case.today));
        if let Ok(card) = &card {
            let again = Card::parse(card.format().expose(), month(&case.today)).unwrap();
            assert_eq!(again.format().expose(), card.format().expose(), "{name}");
        }
        assert_eq!(outcome(card), case.expect, "{name}");
    });
}

#[derive(Deserialize)]
struct CodeCase {
    brand: String,
    plaintext: String,
    expect: String,
}

#[test]
fn plaintexts_of_a_code_alone_are_parsed_or_refused_as_the_vectors_say() {
    each("cvc_alone", |name, case: CodeCase| {
        let brand = Brand::named(&case.brand).unwrap();
        let cvc = Cvc::parse_alone(case.plaintext.as_bytes(), brand);
        if let Ok(cvc) = &cvc {
            let again = Cvc::parse_alone(cvc.format().expose(), brand).unwrap();
            assert_eq!(again.digits().expose(), cvc.digits().expose(), "{name}");
        }
        assert_eq!(outcome(cvc), case.expect, "{name}");
    });
}

#[derive(Deserialize)]
struct EnvelopeCase {
    sealed_card: String,
    expect: String,
}

#[test]
fn envelopes_are_parsed_or_refused_as_the_vectors_say() {
    let check = |name: &str, case: EnvelopeCase| {
        let envelope = Envelope::parse(&case.sealed_card);
        if let Ok(envelope) = &envelope {
            assert_eq!(envelope.format(), case.sealed_card, "{name}");
        }
        assert_eq!(outcome(envelope), case.expect, "{name}");
    };
    each("envelope/accept", check);
    each("envelope/reject", check);
}

#[derive(Deserialize)]
struct ContextCase {
    payload: String,
    expect: String,
}

#[test]
fn contexts_are_parsed_or_refused_as_the_vectors_say() {
    each("context", |name, case: ContextCase| {
        let context = Context::parse(case.payload.as_bytes());
        if let Ok(context) = &context {
            assert_eq!(Context::parse(context.format().as_bytes()).as_ref(), Ok(context), "{name}");
        }
        assert_eq!(outcome(context), case.expect, "{name}");
    });
}
