//! Boundary 1a: the engine as JavaScript sees it, and the only place that knows wasm-bindgen.
//! It must never hold logic of its own, nor hand a whole card to JavaScript.
//!
//! Texts cross, and nothing else: a class, an object or an error for each of these calls would take more room, on both sides
//! of the boundary, than all that they carry. `js/seal/engine.ts` is the other half.

mod memory;

use rsa::rand_core::{CryptoRng, Error as RandomError, RngCore};
use wasm_bindgen::prelude::*;

use crate::{
    card::{BinFacts, Brand, Brands, Country, Funding, Month},
    context::{Context, Kind},
    error::Code,
    form::{Edit, Field, Form, Told, View},
    json,
    recipient::Recipient,
    seal::{Binding, Plaintext, seal},
};

/// A card while it is typed, and the context it will be sealed for.
#[wasm_bindgen]
pub struct CardForm {
    form: Form,
    accepted: Option<(Context, String)>,
}

#[wasm_bindgen]
impl CardForm {
    /// An empty form; the moment, in Unix seconds, judges expiry dates until a context brings the vault's time.
    #[wasm_bindgen(constructor)]
    pub fn new(now: f64) -> CardForm {
        Self { form: Form::new(Month::at(now as u64)), accepted: None }
    }

    /// Asks for one thing, in lines: what, then each of its arguments, of which the last may have lines of its own. Answers
    /// in lines too, or with `!` and the code of an error.
    ///
    /// | asked | answered |
    /// | --- | --- |
    /// | `edit`, field, `insert` `backward` `forward` or `replace`, caret, text | caret, text: what the input shall hold |
    /// | `view`, field | a sum of 1 (empty), 2 (complete) and 4 (potentially valid), error, brand, networks, network |
    /// | `report`, field, what its last report told | as `view`, then brands, bin, and what was told, in three lines |
    /// | `lookup` | the first eight digits, to ask the vault's table for; none before they are typed and once it answered |
    /// | `inform`, the eight digits, networks, funding, country | |
    /// | `prefer`, network | |
    /// | `accept`, vault, merchant, origin, the payload of a context whose signature was verified | issued at, expires at, fields required |
    /// | `seal`, now | the compact JWE |
    /// | `clear` | |
    ///
    /// Without a merchant `accept` takes a context of direct mode, else one of fields.
    ///
    /// Carets count UTF-16 code units, times are Unix seconds. Lists have `,` between their members; what is missing is empty.
    pub fn ask(&mut self, question: &str) -> String {
        let answer = memory::deeper(|| self.answer(question));
        memory::wipe_dead_stack();
        answer.unwrap_or_else(|code| {
            let mut out = String::from("!");
            out.push_str(code.as_str());
            out
        })
    }
}

impl CardForm {
    fn answer(&mut self, question: &str) -> Result<String, Code> {
        let mut rest = question;
        let mut line = || take(&mut rest, b'\n');
        let mut answer = Answer(String::new());
        match line() {
            "edit" => {
                let field = named(line())?;
                let edit = Edit::named(line()).ok_or(Code::OptionsInvalid)?;
                let caret = number(line());
                let edited = self.form.edit(field, rest, caret as usize, edit);
                answer.number(edited.caret as u64);
                answer.0.push_str(&edited.text);
            }
            "view" => {
                let field = named(line())?;
                let View { empty, complete, potentially_valid, error, brand, network } =
                    self.form.view(field);
                answer.state([empty, complete, potentially_valid], error, brand, network);
                answer.names(&mut self.form.networks(field).into_iter());
            }
            "report" => {
                let field = named(line())?;
                let excluded = Brands::of_bits(number(line()) as u32);
                let moved = number(line()) as usize;
                let bin = Some(line()).filter(|bin| !bin.is_empty()).map(str::to_owned);
                let mut told = Told { excluded, moved, bin };
                let report = self.form.report(field, &mut told);
                let states = [report.empty, report.complete, report.potentially_valid];
                answer.state(states, report.error, report.brand, report.network);
                answer.names(&mut report.networks.unwrap_or_default().iter());
                if let Some(brands) = report.brands {
                    // It may be an empty list, and that is not the same as none.
                    answer.0.push(',');
                    answer.names(&mut brands.iter());
                } else {
                    answer.line("");
                }
                answer.line(report.bin.as_deref().unwrap_or_default());
                answer.number(told.excluded.bits().into());
                answer.number(told.moved as u64);
                answer.line(told.bin.as_deref().unwrap_or_default());
            }
            "lookup" => answer.0.push_str(self.form.lookup().unwrap_or_default()),
            "inform" => {
                let bin = line();
                let (mut names, mut networks) = (line(), Vec::new());
                while !names.is_empty() {
                    networks.extend(Brand::named(take(&mut names, b',')));
                }
                let (funding, country) = (Funding::named(line()), Country::parse(line()));
                self.form.inform(bin, BinFacts { networks, funding, country });
            }
            "prefer" => self.form.prefer(Brand::named(line())),
            "accept" => {
                let (vault, merchant, origin) = (line(), line(), line());
                let mut context = Context::parse_text(rest)?;
                context.admit(vault, Some(merchant).filter(|name| !name.is_empty()), origin)?;
                let stored = match context.kind {
                    Kind::Card => None,
                    Kind::Cvc { brand, .. } => Some(brand),
                };
                let accepted = core::mem::take(&mut context.accepted);
                self.form.govern(Month::at(context.iat), accepted, context.expose, stored);
                answer.number(context.iat);
                answer.number(context.exp);
                for field in &context.fields {
                    answer.name(field.as_str());
                }
                self.accepted = Some((context, origin.to_owned()));
            }
            "seal" => {
                let (context, origin) = self.accepted.as_ref().ok_or(Code::ContextUnavailable)?;
                let now = number(line());
                context.check_time(now)?;
                let plaintext = match context.kind {
                    Kind::Card => Plaintext::from(&self.form.card(&context.fields)?),
                    Kind::Cvc { brand, .. } => Plaintext::from(&self.form.cvc(brand)?),
                };
                let recipient = Recipient::from_jwk(&context.key)?;
                let binding = Binding { ctx: &context.jti, org: origin, iat: now };
                return seal(&plaintext, &recipient, &binding, &mut BrowserRandom);
            }
            "clear" => self.form.clear(),
            _ => return Err(Code::OptionsInvalid),
        }
        Ok(answer.0)
    }
}

fn named(field: &str) -> Result<Field, Code> {
    Field::named(field).ok_or(Code::FieldUnknown)
}

/// Takes what stands before `end`, or all of it.
fn take<'a>(rest: &mut &'a str, end: u8) -> &'a str {
    let length = rest.bytes().position(|byte| byte == end).unwrap_or(rest.len());
    let (taken, behind) = rest.split_at(length);
    *rest = behind.get(1..).unwrap_or_default();
    taken
}

/// An unsigned integer; what is none counts as far as it is one.
fn number(digits: &str) -> u64 {
    digits.bytes().fold(0, |value, digit| value.wrapping_mul(10).wrapping_add(u64::from(digit & 15)))
}

/// An answer while it is written.
struct Answer(String);

impl Answer {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn number(&mut self, value: u64) {
        json::number(&mut self.0, value);
        self.line("");
    }

    fn name(&mut self, name: &str) {
        self.0.push_str(name);
        self.0.push(',');
    }

    fn names(&mut self, brands: &mut dyn Iterator<Item = &'static Brand>) {
        for brand in brands {
            self.name(brand.name);
        }
        self.line("");
    }

    fn state(
        &mut self,
        [empty, complete, potentially_valid]: [bool; 3],
        error: Option<Code>,
        brand: Option<&'static Brand>,
        network: Option<&'static Brand>,
    ) {
        self.number(u64::from(empty) | u64::from(complete) << 1 | u64::from(potentially_valid) << 2);
        self.line(error.map_or("", Code::as_str));
        for brand in [brand, network] {
            self.line(brand.map_or("", |brand| brand.name));
        }
    }
}

/// The browser's cryptographic random source.
struct BrowserRandom;

impl RngCore for BrowserRandom {
    fn next_u32(&mut self) -> u32 {
        rsa::rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rsa::rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        // Without randomness nothing may be sealed. The error is not shown: formatting it would cost 5 KB.
        if getrandom::fill(bytes).is_err() {
            panic!("no random source");
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for BrowserRandom {}
