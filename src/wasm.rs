//! Boundary 1a: the engine as JavaScript sees it, and the only place that knows wasm-bindgen.
//! It must never hold logic of its own, nor hand a whole card to JavaScript.
//!
//! Values cross as strings, numbers and plain objects; every error crosses as `{ code }`.

mod memory;

use js_sys::{Array, Object, Reflect};
use rsa::rand_core::{CryptoRng, Error as RandomError, RngCore};
use wasm_bindgen::prelude::*;

use crate::{
    card::{Brand, Month},
    context::{Context, Kind},
    error::Code,
    form::{Edit, Field, Form, Told},
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
    /// An empty form; the month judges expiry dates until a context brings the vault's time.
    #[wasm_bindgen(constructor)]
    pub fn new(year: u16, month: u8) -> Result<CardForm, JsValue> {
        let today = Month::new(year, month).ok_or_else(|| thrown(Code::OptionsInvalid))?;
        Ok(Self { form: Form::new(today), accepted: None })
    }

    /// Takes what an input holds after an edit; answers `{ text, caret }` that it shall hold. The caret counts UTF-16
    /// code units. `edit` is `insert`, `backward`, `forward` or `replace`.
    pub fn edit(&mut self, field: &str, text: &str, caret: usize, edit: &str) -> Result<JsValue, JsValue> {
        wiped(|| {
            let edit = Edit::named(edit).ok_or(Code::OptionsInvalid)?;
            let edited = self.form.edit(named(field)?, text, caret, edit);
            Ok(object(&[("text", edited.text.as_str().into()), ("caret", edited.caret.into())]))
        })
    }

    /// What the vault's own frame shows of a field: `{ empty, complete, potentiallyValid, error? }`.
    pub fn view(&self, field: &str) -> Result<JsValue, JsValue> {
        wiped(|| {
            let view = self.form.view(named(field)?);
            Ok(object(&[
                ("empty", view.empty.into()),
                ("complete", view.complete.into()),
                ("potentiallyValid", view.potentially_valid.into()),
                ("error", view.error.map(Code::as_str).into()),
            ]))
        })
    }

    /// What the merchant's page may learn of a field: `{ empty, complete, potentiallyValid, error?, brand?, brands?, bin?,
    /// excluded }`. `excluded` and `bin` are what the last report of this field answered, whichever engine gave it.
    pub fn report(
        &self,
        field: &str,
        excluded: Option<u32>,
        bin: Option<String>,
    ) -> Result<JsValue, JsValue> {
        wiped(|| {
            let mut told = Told { excluded: excluded.unwrap_or_default(), bin };
            let report = self.form.report(named(field)?, &mut told);
            let names = |brands: Vec<&'static Brand>| -> Array {
                brands.into_iter().map(|brand| name(Some(brand))).collect()
            };
            Ok(object(&[
                ("empty", report.empty.into()),
                ("complete", report.complete.into()),
                ("potentiallyValid", report.potentially_valid.into()),
                ("error", report.error.map(Code::as_str).into()),
                ("brand", name(report.brand)),
                ("brands", report.brands.map_or(JsValue::UNDEFINED, |brands| JsValue::from(names(brands)))),
                ("bin", report.bin.into()),
                ("excluded", told.excluded.into()),
            ]))
        })
    }

    /// Takes the payload of a capture context whose signature was verified; answers `{ issuedAt, expiresAt,
    /// required }`: Unix seconds, and the fields that must be filled in.
    pub fn accept(
        &mut self,
        payload: &[u8],
        vault: &str,
        merchant: &str,
        origin: &str,
    ) -> Result<JsValue, JsValue> {
        wiped(|| {
            let context = Context::parse(payload)?;
            context.admit(vault, merchant, origin)?;
            let stored = match context.kind {
                Kind::Card => None,
                Kind::Cvc { brand, .. } => Some(brand),
            };
            self.form.govern(Month::at(context.iat), &context.brands, context.expose, stored);
            let answer = object(&[
                ("issuedAt", (context.iat as f64).into()),
                ("expiresAt", (context.exp as f64).into()),
                (
                    "required",
                    context
                        .fields
                        .iter()
                        .map(|field| JsValue::from_str(field.as_str()))
                        .collect::<Array>()
                        .into(),
                ),
            ]);
            self.accepted = Some((context, origin.to_owned()));
            Ok(answer)
        })
    }

    /// Seals what the accepted context asks for, the card or a security code alone, at `now`, in Unix seconds; answers
    /// the compact JWE.
    pub fn seal(&self, now: f64) -> Result<String, JsValue> {
        wiped(|| {
            let (context, origin) = self.accepted.as_ref().ok_or(Code::ContextUnavailable)?;
            let now = now as u64;
            context.check_time(now)?;
            let plaintext = match context.kind {
                Kind::Card => Plaintext::from(&self.form.card(&context.fields)?),
                Kind::Cvc { brand, .. } => Plaintext::from(&self.form.cvc(brand)?),
            };
            let recipient = Recipient::from_jwk(&context.key)?;
            let binding = Binding { ctx: &context.jti, org: origin, iat: now };
            seal(&plaintext, &recipient, &binding, &mut BrowserRandom)
        })
    }

    /// Wipes every field; the accepted context stays.
    pub fn clear(&mut self) {
        memory::deeper(|| self.form.clear());
        memory::wipe_dead_stack();
    }
}

/// Runs a call of the boundary and wipes what its frames left on the stack.
fn wiped<T>(call: impl FnOnce() -> Result<T, Code>) -> Result<T, JsValue> {
    let result = memory::deeper(call);
    memory::wipe_dead_stack();
    result.map_err(thrown)
}

fn thrown(code: Code) -> JsValue {
    object(&[("code", code.as_str().into())])
}

fn named(field: &str) -> Result<Field, Code> {
    Field::named(field).ok_or(Code::FieldUnknown)
}

fn name(brand: Option<&'static Brand>) -> JsValue {
    brand.map(|brand| brand.name).into()
}

/// A plain object of the members that are not undefined.
fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members.iter().filter(|(_, value)| !value.is_undefined()) {
        // Setting a member of a fresh plain object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
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
