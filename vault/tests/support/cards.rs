//! Cards of a shopper, sealed as a browser seals them.
//! It must never make what the engine refuses: that is a forge's work.

use cardseal::card::{Card, Month, Parts};
use cardseal::context::Context;
use cardseal::envelope::compact;
use cardseal::recipient::{Jwk, Recipient};
use cardseal::seal::{Binding, Plaintext, seal};
use rand_core::OsRng;

use super::{NOW, ORIGIN, VISA};

/// What a context says, read without a look at its signature.
pub fn claims(context: &str) -> Context {
    let [_, payload, _] = compact::parts::<3>(context).unwrap();
    Context::parse(&compact::decode(payload).unwrap()).unwrap()
}

pub fn card(parts: &Parts<'_>) -> Card {
    Card::of(parts, Some(Month::at(NOW))).unwrap()
}

pub fn visa() -> Card {
    card(&Parts { number: VISA, exp_year: 2030, exp_month: 12, cvc: Some("737"), ..Parts::default() })
}

/// A card, or a security code alone, sealed as a browser does it.
pub fn sealed(typed: impl Into<Plaintext>, context: &str) -> String {
    let context = claims(context);
    seal_for(typed, &context.key, &context.jti, &context.origins[0], context.iat)
}

/// A card, or a security code alone, sealed as a page of this origin does it.
pub fn sealed_from(org: &str, typed: impl Into<Plaintext>, context: &str) -> String {
    let context = claims(context);
    seal_for(typed, &context.key, &context.jti, org, context.iat)
}

/// A card sealed to a key, for no context.
pub fn sealed_to(card: &Card, key: &Jwk) -> String {
    seal_for(card, key, "context", ORIGIN, NOW)
}

fn seal_for(typed: impl Into<Plaintext>, key: &Jwk, ctx: &str, org: &str, iat: u64) -> String {
    seal(&typed.into(), &Recipient::from_jwk(key).unwrap(), &Binding { ctx, org, iat }, &mut OsRng).unwrap()
}
