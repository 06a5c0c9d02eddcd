//! What holds for every input: editing is stable, digits are kept, nothing panics and nothing leaks.
//! It must never use a fixed example: those are vectors.

#![allow(clippy::unwrap_used)]
#![cfg(not(target_arch = "wasm32"))]

use std::collections::HashSet;

use cardseal::{
    card::{
        Acceptance, BinFacts, Brand, Card, Month, brand,
        expiry::{Expiry, Written},
    },
    context::Expose,
    digits::ascii_digit,
    envelope::Envelope,
    form::{Edit, Field, Form, Report, Told},
};
use proptest::prelude::*;

fn form() -> Form {
    Form::new(Month::new(2026, 11).unwrap())
}

fn digits(text: &str) -> String {
    text.chars().filter_map(ascii_digit).collect()
}

fn digits_before(text: &str, caret: usize) -> usize {
    let units: Vec<u16> = text.encode_utf16().collect();
    digits(&String::from_utf16_lossy(&units[..caret.min(units.len())])).len()
}

fn fields() -> impl Strategy<Value = Field> {
    prop::sample::select(Field::ALL.to_vec())
}

fn edits() -> impl Strategy<Value = Edit> {
    prop::sample::select(vec![Edit::Insert, Edit::Backward, Edit::Forward, Edit::Replace])
}

/// Text as people type it: digits of several scripts, separators, letters, emoji.
fn typed() -> impl Strategy<Value = String> {
    let characters = "0123456789４٢۴ -/.xÄ😀".chars().collect::<Vec<_>>();
    prop::collection::vec(prop::sample::select(characters), 0..40)
        .prop_map(|characters| characters.into_iter().collect())
}

/// A key pressed in an input.
#[derive(Clone, Copy, Debug)]
enum Key {
    Digit(char),
    Backspace,
    Delete,
    /// The caret is put before this character, or at the end.
    Caret(usize),
}

fn keys() -> impl Strategy<Value = Key> {
    prop_oneof![
        4 => prop::sample::select("0123456789".chars().collect::<Vec<_>>()).prop_map(Key::Digit),
        2 => Just(Key::Backspace),
        1 => Just(Key::Delete),
        2 => (0_usize..24).prop_map(Key::Caret),
    ]
}

/// An input of a browser: it applies a key by itself, then the form says what it shall hold.
struct Input {
    form: Form,
    field: Field,
    text: String,
    caret: usize,
}

impl Input {
    fn press(&mut self, key: Key) {
        let mut text = self.text.clone();
        let (caret, edit) = match key {
            Key::Caret(caret) => {
                self.caret = caret.min(text.len());
                return;
            }
            Key::Digit(digit) => {
                text.insert(self.caret, digit);
                (self.caret + 1, Edit::Insert)
            }
            Key::Backspace if self.caret > 0 => {
                text.remove(self.caret - 1);
                (self.caret - 1, Edit::Backward)
            }
            Key::Delete if self.caret < text.len() => {
                text.remove(self.caret);
                (self.caret, Edit::Forward)
            }
            Key::Backspace | Key::Delete => return,
        };
        let shown = self.form.edit(self.field, &text, caret, edit);
        (self.text, self.caret) = (shown.text.to_string(), shown.caret);
    }

    /// The digits, and how many of them stand before the caret.
    fn digits(&self) -> (String, usize) {
        (digits(&self.text), digits_before(&self.text, self.caret))
    }
}

/// A number field with a page that listens.
struct Heard {
    input: Input,
    told: Told,
    /// Of each digit, whether something emitted named it, also where it stood elsewhere then.
    named: Vec<bool>,
    /// The leading digits that were told.
    heads: Vec<String>,
    last: Option<Report>,
}

impl Heard {
    fn new(bin: bool) -> Self {
        let mut form = form();
        form.govern(Month::new(2026, 11).unwrap(), Acceptance::default(), Expose { brand: true, bin }, None);
        let input = Input { form, field: Field::Number, text: String::new(), caret: 0 };
        Self { input, told: Told::default(), named: Vec::new(), heads: Vec::new(), last: None }
    }

    fn press(&mut self, key: Key) {
        let (before, place) = self.input.digits();
        self.input.press(key);
        let (after, _) = self.input.digits();
        // Of equal digits in a row nobody can tell which is which: the named ones stand first, and go last.
        if after.is_empty() {
            self.named.clear();
            self.heads.clear();
        } else if after.len() > before.len() {
            self.named.insert(place, false);
        } else if after.len() < before.len() {
            let gone = place - usize::from(matches!(key, Key::Backspace));
            let equal = before[gone..].bytes().take_while(|digit| *digit == before.as_bytes()[gone]);
            self.named.remove(gone + equal.count() - 1);
        }
        let mut rest = &mut self.named[..];
        for row in after.as_bytes().chunk_by(|one, other| one == other) {
            let (named, behind) = rest.split_at_mut(row.len());
            named.sort_by_key(|named| !named);
            rest = behind;
        }
        // Every card is co-badged, by a table that has a range of its own for each six digits.
        if let Some(bin) = self.input.form.lookup().map(str::to_owned) {
            let networks = ["cartes-bancaires"].iter().filter_map(|name| Brand::named(name));
            let networks = networks.chain(brand::decided(&bin)).collect();
            self.input.form.inform(&bin, BinFacts { networks, ..BinFacts::default() });
        }
        let report = self.input.form.report(Field::Number, &mut self.told);
        // A field tells nothing twice in a row.
        if self.last.as_ref() != Some(&report) {
            let brands = report.brands.unwrap_or_default().iter().map(|brand| brand.name).collect::<Vec<_>>();
            // What all numbers of the brands have in common is as good as said; a BIN and a brand together may say more.
            let known = common_head(report.bin.as_deref().unwrap_or_default(), &brands).len();
            let known = if report.networks.is_some() { known.max(6) } else { known };
            let head = after.get(..known).unwrap_or(&after);
            // Who hears again how the number begins learns nothing of the digits that stand there now.
            let again = self.heads.iter().map(|told| shared_head(told, head)).max().unwrap_or_default();
            self.named.iter_mut().take(known).skip(again).for_each(|named| *named = true);
            self.heads.push(head.to_owned());
            self.last = Some(report);
        }
    }

    /// The law, for what stands in the field now, had it become a token.
    fn hold(&self, number: &str) -> Result<(), TestCaseError> {
        let bin = self.told.bin.as_deref().unwrap_or_default();
        let mut form = form();
        form.edit(Field::Number, number, 0, Edit::Replace);
        if !form.view(Field::Number).complete {
            return Ok(());
        }
        let brand = brand::decided(number).unwrap().name;
        // Whoever has the token knows its brand and its last four.
        if number.starts_with(bin) {
            let known = common_head(bin, &[brand]).len();
            prop_assert!(known + 4 + 6 <= number.len(), "{bin} {brand} {number}");
        }
        // Digits that were named and then moved: a page does not know where to, but if it did.
        let named = self.named[..number.len() - 4].iter().filter(|named| **named).count();
        prop_assert!(number.len() < 16 || named + 4 + 6 <= number.len(), "{named} {bin} {number}");
        Ok(())
    }

    fn type_all(&mut self, digits: &str) {
        for digit in digits.chars() {
            self.press(Key::Digit(digit));
        }
    }

    /// Types on to sixteen digits that pass Luhn, and looks whether the law holds then.
    fn complete(&mut self, more: &str) -> Result<(), TestCaseError> {
        self.press(Key::Caret(30));
        let (head, _) = self.input.digits();
        let body = &format!("{head}{more}{more}")[..head.len().max(15)];
        let whole = with_check_digit(body);
        self.type_all(&whole[head.len()..]);
        let (number, _) = self.input.digits();
        self.hold(&number)
    }
}

/// Whether a number that begins with `head` can turn out to be of one of the brands.
fn can_be(head: &str, brands: &[&str]) -> bool {
    match brand::decided(head) {
        Some(brand) => brands.contains(&brand.name),
        None => {
            brand::candidates(head).iter().any(|brand| brands.contains(&brand.name))
                && (0..10).any(|digit| can_be(&format!("{head}{digit}"), brands))
        }
    }
}

/// The digits and the one that makes them pass Luhn.
fn with_check_digit(digits: &str) -> String {
    (0..10).map(|check| format!("{digits}{check}")).find(|number| luhn::valid(number)).unwrap()
}

/// How many leading digits are the same.
fn shared_head(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
}

/// The leading digits that all numbers of the brands share that begin with `bin`, found by trying digits.
fn common_head(bin: &str, brands: &[&str]) -> String {
    let mut head = bin.to_owned();
    while head.len() < 12 {
        let mut next = (0..10).map(|digit| format!("{head}{digit}")).filter(|longer| can_be(longer, brands));
        match (next.next(), next.next()) {
            (Some(only), None) => head = only,
            _ => break,
        }
    }
    head
}

/// Numbers that pass every rule, of all brands and lengths.
fn numbers() -> impl Strategy<Value = String> {
    numbers_of(&[
        "4242", "4539578", "51", "2221", "34", "37", "300", "36", "6011", "6508370", "650858", "65086",
        "9792", "2131", "3528", "620", "6222", "8110", "589562", "402918", "506099", "508500", "652150",
        "493698", "5018", "56", "6304", "67", "401178", "438935", "636297", "2200", "637095", "63737423",
        "637568", "606282",
    ])
}

/// The same, many of them of brands that say much of how their numbers begin.
fn telling() -> impl Strategy<Value = String> {
    prop_oneof![numbers(), numbers_of(&["606282", "637095", "2200", "4242", "36"])]
}

/// Numbers that begin so and pass every rule.
fn numbers_of(heads: &[&'static str]) -> impl Strategy<Value = String> {
    let heads = prop::sample::select(heads.to_vec());
    (heads, prop::collection::vec(0_u8..10, 19), any::<prop::sample::Index>()).prop_map(
        |(head, rest, length)| {
            let digits: String =
                head.bytes().map(|byte| byte - b'0').chain(rest).map(|digit| digit.to_string()).collect();
            let lengths = brand::decided(&digits[..8]).map_or(&[16][..], |brand| brand.lengths);
            with_check_digit(&digits[..lengths[length.index(lengths.len())] - 1])
        },
    )
}

proptest! {
    #[test]
    fn each_key_changes_the_digit_at_the_caret_and_no_other(
        field in prop::sample::select(vec![Field::Number, Field::Expiry, Field::Month, Field::Year, Field::Cvc]),
        keys in prop::collection::vec(keys(), 1..40),
    ) {
        let mut input = Input { form: form(), field, text: String::new(), caret: 0 };
        for key in keys {
            let (before, position) = input.digits();
            input.press(key);
            let (after, caret) = input.digits();
            let without = |at: usize| format!("{}{}", &before[..at], &before[at + 1..]);
            match key {
                Key::Digit(digit) => {
                    let typed = format!("{}{digit}{}", &before[..position], &before[position..]);
                    let padded = [Field::Expiry, Field::Month].contains(&field) && after.len() == typed.len() + 1;
                    if padded {
                        prop_assert!(after.starts_with('0') && after[1..] == typed, "{before} {typed} {after}");
                    } else {
                        prop_assert!(after == typed || after == before, "{before} {typed} {after}");
                    }
                    let grown = after.len() - before.len();
                    prop_assert_eq!(caret, position + grown, "{:?} {} {}", key, before, after);
                }
                Key::Backspace if position > 0 => {
                    prop_assert_eq!(&after, &without(position - 1));
                    prop_assert_eq!(caret, position - 1);
                }
                Key::Delete if position < before.len() => {
                    prop_assert_eq!(&after, &without(position));
                    prop_assert_eq!(caret, position);
                }
                Key::Backspace | Key::Delete => prop_assert_eq!(&after, &before),
                Key::Caret(_) => {}
            }
            let month = digits(input.text.split('/').next().unwrap());
            prop_assert!(field != Field::Expiry || month.len() <= 2, "{}", input.text);
        }
    }

    #[test]
    fn a_month_typed_over_another_leaves_the_year_alone(
        first in 1_u8..=12, second in 1_u8..=12, year in 27_u16..46,
    ) {
        let mut input = Input { form: form(), field: Field::Expiry, text: String::new(), caret: 0 };
        for digit in format!("{first:02}{year}").chars() {
            input.press(Key::Digit(digit));
        }
        input.press(Key::Caret(2));
        input.press(Key::Backspace);
        input.press(Key::Backspace);
        for digit in format!("{second:02}").chars() {
            input.press(Key::Digit(digit));
        }
        prop_assert_eq!(input.text, format!("{second:02} / {year}"));
    }

    #[test]
    fn month_and_year_apart_are_worth_as_much_as_in_one_field(month in "[0-9]{0,3}", year in "[0-9]{0,5}") {
        let card = |fields: [(Field, &str); 2]| {
            let mut form = form();
            form.edit(Field::Number, "4242424242424242", 16, Edit::Replace);
            for (field, text) in fields {
                form.edit(field, text, text.len(), Edit::Replace);
            }
            form.card(&[]).map(|card| card.expiry().month())
        };
        let apart = card([(Field::Month, &month), (Field::Year, &year)]);
        let together = card([(Field::Expiry, &format!("{month} / {year}")), (Field::Cvc, "")]);
        if month.len() <= 2 && year.len() <= 4 && !month.is_empty() {
            prop_assert_eq!(apart.is_ok(), together.is_ok(), "{} {:?} {:?}", month, apart, together);
        }
        if apart.is_ok() {
            prop_assert_eq!(apart, together);
        }
    }

    #[test]
    fn showing_what_is_shown_changes_nothing(text in typed(), caret in 0_usize..40, field in fields()) {
        let mut form = form();
        let first = form.edit(field, &text, caret, Edit::Replace);
        let second = form.edit(field, &first.text, first.caret, Edit::Replace);
        prop_assert_eq!(&first.text, &second.text);
        prop_assert_eq!(digits_before(&first.text, first.caret), digits_before(&second.text, second.caret));
    }

    #[test]
    fn a_number_keeps_its_digits_in_their_order(text in typed(), caret in 0_usize..40) {
        let shown = form().edit(Field::Number, &text, caret, Edit::Replace);
        let kept: String = digits(&text).chars().take(20).collect();
        prop_assert_eq!(digits(&shown.text), kept);
    }

    #[test]
    fn the_caret_stays_beside_the_same_digit(text in typed(), caret in 0_usize..40) {
        let shown = form().edit(Field::Number, &text, caret, Edit::Replace);
        prop_assert_eq!(digits_before(&shown.text, shown.caret), digits_before(&text, caret).min(20));
    }

    #[test]
    fn the_caret_never_leaves_the_text(
        steps in prop::collection::vec((typed(), 0_usize..50, edits()), 1..6), field in fields(),
    ) {
        let mut form = form();
        for (text, caret, edit) in steps {
            let shown = form.edit(field, &text, caret, edit);
            prop_assert!(shown.caret <= shown.text.encode_utf16().count());
        }
    }

    #[test]
    fn no_text_of_any_script_panics(
        text in any::<String>(), caret in any::<usize>(), field in fields(), edit in edits(),
    ) {
        let mut form = form();
        form.edit(field, &text, caret, edit);
        form.view(field);
        let _ = form.card(&Field::ALL);
        let _ = Envelope::parse(&text);
        let _ = Card::parse(text.as_bytes(), Month::new(2026, 11).unwrap());
    }

    #[test]
    fn backspacing_always_reaches_the_empty_field(text in typed(), field in fields()) {
        let mut form = form();
        let mut shown = form.edit(field, &text, 100, Edit::Replace).text;
        for _ in 0..60 {
            let mut shorter = shown.to_string();
            shorter.pop();
            let caret = shorter.encode_utf16().count();
            shown = form.edit(field, &shorter, caret, Edit::Backward).text;
        }
        prop_assert_eq!(shown.as_str(), "");
    }

    #[test]
    fn every_way_to_write_an_expiry_is_read_as_the_same(year in 2027_u16..2046, month in 1_u8..=12) {
        let today = Month::new(2026, 11).unwrap();
        let short = year % 100;
        for text in [
            format!("{month:02}/{short}"), format!("{month}/{short}"), format!("{month:02}{short}"),
            format!("{month:02} / {year}"), format!("{month:02}{year}"), format!("{year}-{month:02}"),
        ] {
            prop_assert_eq!(Written::read(&text).parse(today), Expiry::new(year, month), "{}", text);
        }
    }

    #[test]
    fn a_decided_brand_stays_whatever_follows(number in "[0-9]{1,19}", more in "[0-9]{0,10}") {
        if let Some(decided) = brand::decided(&number) {
            prop_assert_eq!(brand::decided(&format!("{number}{more}")), Some(decided));
        }
    }

    #[test]
    fn brands_networks_bin_and_the_last_four_leave_six_digits_of_any_number_unknown(
        first in numbers(), edits in prop::collection::vec(keys(), 0..40), second in numbers(), bin: bool,
    ) {
        let mut heard = Heard::new(bin);
        heard.type_all(&first);
        let mut given = HashSet::new();
        for key in edits.into_iter().chain([Key::Caret(30)]).chain([Key::Backspace; 20]) {
            heard.press(key);
            let number = heard.input.digits().0;
            given.extend(heard.told.bin.clone());
            heard.hold(&number)?;
        }
        heard.type_all(&second);
        given.extend(heard.told.bin.clone());
        heard.hold(&second)?;
        prop_assert!(given.len() <= 1, "{:?}", given);
    }

    #[test]
    fn what_was_told_of_heads_that_moved_behind_others_counts(
        heads in prop::collection::vec((telling(), 1_usize..9, 0_usize..10, 0_usize..9), 2..5),
        shortened in 1_usize..10, put_in_front in telling(), bin: bool,
    ) {
        let mut heard = Heard::new(bin);
        for (number, typed, caret, deleted) in &heads {
            heard.press(Key::Caret(caret.saturating_sub(3)));
            heard.type_all(&number[..*typed]);
            (0..*deleted).for_each(|_| heard.press(Key::Delete));
        }
        heard.complete(&heads[0].0)?;
        (0..shortened).for_each(|_| heard.press(Key::Backspace));
        heard.press(Key::Caret(0));
        heard.type_all(&put_in_front[..shortened.div_ceil(2)]);
        heard.complete(&heads[1].0)?;
    }

    #[test]
    fn a_number_typed_from_its_end_to_its_start_gives_no_second_bin(number in numbers(), other in numbers()) {
        let mut heard = Heard::new(true);
        heard.type_all(&number);
        let given = heard.told.bin.clone();
        // Each digit is taken off the front, and one of another card put behind: all windows of the number pass by.
        for digit in other.chars().take(16) {
            heard.press(Key::Caret(0));
            heard.press(Key::Delete);
            heard.press(Key::Caret(30));
            heard.press(Key::Digit(digit));
            prop_assert!(given.is_none() || heard.told.bin == given);
        }
    }

    #[test]
    fn debug_of_a_form_s_reports_and_of_a_card_shows_no_digits(seed in 0_u64..1_000_000_000) {
        let number = with_check_digit(&format!("424242{seed:09}"));
        let mut form = form();
        form.edit(Field::Number, &number, 16, Edit::Replace);
        form.edit(Field::Expiry, "12/29", 5, Edit::Replace);
        form.edit(Field::Cvc, "987", 3, Edit::Replace);
        let reports = Field::ALL.map(|field| format!("{:?}{:?}", form.report(field, &mut Told::default()), form.view(field).error));
        let card = form.card(&[Field::Cvc]).unwrap();
        prop_assert_eq!(card.number().last4(), &number[12..]);
        for shown in [format!("{card:?}").replace(&number[12..], ""), reports.concat()] {
            prop_assert!(!shown.contains(&number[..8]) && !shown.contains(&number[4..12]) && !shown.contains("987"));
        }
    }
}
