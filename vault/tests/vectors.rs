//! The vectors are the specification: the vault answers to each as it says, over HTTP.
//! It must never hold an expectation of its own: they stand in `tests/vectors`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use cardseal::card::{Brand, Card, Cvc, Month};
use cardseal::envelope::Envelope;
use cardseal::error::Code;
use cardseal_vault::keyring::{CaptureKey, RsaBits};
use cardseal_vault::{jws, open, random};
use serde::Deserialize;
use support::forge::Forge;
use support::vectors::each;
use support::{NOW, claims, vault};

#[derive(Deserialize)]
struct EnvelopeCase {
    sealed_card: String,
    expect: String,
}

#[tokio::test]
async fn sealed_cards_are_refused_as_the_vectors_say() {
    let of = vault().await;
    let context = of.context().await;
    for folder in ["envelope/accept", "envelope/reject"] {
        for (name, case) in each::<EnvelopeCase>(folder) {
            let answer = of.tokenize(&context, &case.sealed_card, &random::make_name()).await;
            // What the parser accepts here was sealed for other contexts and keys.
            let expected = if case.expect == "complete" { "sealed_card_mismatch" } else { &case.expect };
            assert_eq!(answer.code(), expected, "{name}");
        }
    }
    assert_eq!(of.vault.private_key_operations(), 0);
}

#[derive(Deserialize)]
struct ContextCase {
    payload: String,
    expect: String,
}

#[tokio::test]
async fn contexts_are_refused_as_the_vectors_say_however_well_they_are_signed() {
    let of = vault().await;
    let known = of.vault.known();
    let key = known.keyring.current_context_key(NOW);
    for (name, case) in each::<ContextCase>("context") {
        let context = jws::sign(key, "cardseal-context+jwt", case.payload.as_bytes()).unwrap();
        let answer = of.tokenize(&context, "x", "key").await;
        // What the parser accepts names a merchant that this vault does not know.
        let expected = if case.expect == "complete" { "merchant_unknown" } else { &case.expect };
        assert_eq!(answer.code(), expected, "{name}");
    }
}

#[derive(Deserialize)]
struct CardCase {
    today: String,
    plaintext: String,
    expect: String,
}

#[tokio::test]
async fn opened_cards_are_judged_as_the_vectors_say_with_one_face_for_what_is_no_card() {
    let of = vault().await;
    let context = claims(&of.context().await);
    let key = of.vault.known().keyring.capture_key(&context.key.kid, NOW).unwrap();
    for (name, case) in each::<CardCase>("card") {
        let (year, month) = case.today.split_once('-').unwrap();
        let today = Month::new(year.parse().unwrap(), month.parse().unwrap()).unwrap();
        let forge = Forge { plaintext: case.plaintext, ..Forge::of(&context) };
        let opened = open::open(&Envelope::parse(&forge.format(&context)).unwrap(), &key, |plaintext| {
            Card::parse(plaintext, today)
        });
        let expected = if case.expect == "card_malformed" { "sealed_card_rejected" } else { &case.expect };
        assert_eq!(opened.map_or_else(Code::as_str, |_| "complete"), expected, "{name}");
    }
}

#[derive(Deserialize)]
struct CodeCase {
    brand: String,
    plaintext: String,
    expect: String,
}

#[tokio::test]
async fn opened_codes_are_judged_as_the_vectors_say_with_one_face_for_what_is_no_code_alone() {
    let of = vault().await;
    let context = claims(&of.context().await);
    let key = of.vault.known().keyring.capture_key(&context.key.kid, NOW).unwrap();
    for (name, case) in each::<CodeCase>("cvc_alone") {
        let brand = Brand::named(&case.brand).unwrap();
        let forge = Forge { plaintext: case.plaintext, ..Forge::of(&context) };
        let envelope = Envelope::parse(&forge.format(&context)).unwrap();
        let opened = open::open(&envelope, &key, |plaintext| Cvc::parse_alone(plaintext, brand));
        let expected = if case.expect == "card_malformed" { "sealed_card_rejected" } else { &case.expect };
        assert_eq!(opened.map_or_else(Code::as_str, |_| "complete"), expected, "{name}");
    }
}

#[test]
fn keys_of_every_size_open_what_was_sealed_to_them() {
    for bits in [RsaBits::Two048, RsaBits::Three072, RsaBits::Four096] {
        let key = CaptureKey::from_pkcs8(&CaptureKey::make(bits).unwrap()).unwrap();
        let sealed_card = support::sealed_to(&support::visa(), key.jwk());
        let opened = open::open(&Envelope::parse(&sealed_card).unwrap(), &key, |plaintext| {
            Card::parse(plaintext, Month::at(NOW))
        });
        assert!(opened.is_ok(), "{bits:?}");
    }
}
