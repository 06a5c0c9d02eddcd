//! A card that opens is judged by the rules of cards and of its context, each with its own code.
//! It must never pass if a card that breaks a rule is stored.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;

use cardseal::card::Parts;
use cardseal::context::TYP;
use cardseal::form::Field;
use cardseal_vault::clock::FixedClock;
use cardseal_vault::{api, jws, random};
use serde_json::json;
use support::forge::Forge;
use support::{NOW, ORIGIN, TestVault, card, claims, config, refused, sealed, vault, visa};

#[tokio::test]
async fn a_card_that_opens_and_breaks_a_rule_says_which() {
    let of = vault().await;
    let context = of.context().await;
    let of_context = claims(&context);
    for (from, to, code) in [
        ("4242424242424242", "4242424242424241", "card_number_invalid"),
        ("4242424242424242", "42424242", "card_number_incomplete"),
        (r#""exp_year":2030"#, r#""exp_year":2025"#, "expiry_past"),
        (r#""exp_year":2030"#, r#""exp_year":2060"#, "expiry_too_far"),
        (r#""exp_month":12"#, r#""exp_month":13"#, "expiry_invalid"),
        (r#""cvc":"737""#, r#""cvc":"7373""#, "cvc_invalid"),
        (r#""cvc":"737""#, r#""cvc":"73""#, "cvc_incomplete"),
        (r#","cvc":"737""#, "", "cvc_incomplete"),
        (r#""cvc":"737""#, r#""cvc":"737","name":"4111 1111 1111 1111""#, "name_invalid"),
        (r#""cvc":"737""#, r#""cvc":"737","postal_code":"''""#, "postal_code_invalid"),
        (r#""cvc":"737""#, r#""cvc":"737","network":"acme""#, "network_invalid"),
    ] {
        let sealed_card = Forge::of(&of_context).replace(from, to).format(&of_context);
        let answer = refused(&of, &context, &sealed_card).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, code), "{to}");
        assert!(answer.json()["field"].is_string());
    }
}

#[tokio::test]
async fn the_rules_of_the_context_are_applied() {
    let of = vault().await;
    let mastercard = card(&Parts {
        number: "5555555555554444",
        exp_year: 2030,
        exp_month: 12,
        cvc: Some("737"),
        ..Parts::default()
    });
    let context = of.context_with(json!({ "origins": [ORIGIN], "brands": ["visa"] })).await;
    let answer = refused(&of, &context, &sealed(&mastercard, &context)).await;
    assert_eq!((answer.code().as_str(), &answer.json()["field"]), ("brand_not_accepted", &json!("number")));
    // A network chosen on top does not make the number another brand's.
    let co_badged = Parts {
        number: "5555555555554444",
        exp_year: 2030,
        exp_month: 12,
        cvc: Some("737"),
        network: Some("visa"),
        ..Parts::default()
    };
    assert_eq!(
        refused(&of, &context, &sealed(&card(&co_badged), &context)).await.code(),
        "brand_not_accepted"
    );
    assert_eq!(of.tokenize(&context, &sealed(&visa(), &context), "key").await.status, 201);

    // Not offered yet, but the rules hold for every context that this vault's key signed.
    let mut asks_for_all = claims(&of.context().await);
    asks_for_all.fields = vec![Field::Number, Field::Expiry, Field::Name, Field::PostalCode];
    let known = of.vault.known();
    let key = known.keyring.current_context_key(NOW);
    let context = jws::sign(key, TYP, asks_for_all.format().as_bytes()).unwrap();
    assert_eq!(refused(&of, &context, &sealed(&visa(), &context)).await.code(), "name_invalid");
    let parts = Parts {
        number: support::VISA,
        exp_year: 2030,
        exp_month: 12,
        name: Some("A Name"),
        ..Parts::default()
    };
    assert_eq!(refused(&of, &context, &sealed(&card(&parts), &context)).await.code(), "postal_code_invalid");
    let parts = Parts { postal_code: Some("12345"), ..parts };
    assert_eq!(of.tokenize(&context, &sealed(&card(&parts), &context), "other").await.status, 201);
}

#[tokio::test]
async fn a_clock_outside_the_years_of_cards_is_taken_for_their_first_or_last() {
    const JANUARY_2200: u64 = 7_258_118_400 + 12 * 3600;
    for (now, expiries) in [
        (0, [((1, 2000), None), ((12, 1999), Some("expiry_invalid")), ((2, 2020), Some("expiry_too_far"))]),
        (
            JANUARY_2200,
            [((12, 2199), None), ((12, 2198), Some("expiry_past")), ((1, 2200), Some("expiry_invalid"))],
        ),
    ] {
        let of = vault_at(now).await;
        for ((month, year), code) in expiries {
            let context = of.context().await;
            let expiry = format!(r#""exp_month":{month},"exp_year":{year}"#);
            let forge = Forge::of(&claims(&context)).replace(r#""exp_month":12,"exp_year":2030"#, &expiry);
            let answer = of.tokenize(&context, &forge.format(&claims(&context)), &random::make_name()).await;
            let said = if answer.status == 201 { None } else { Some(answer.code()) };
            assert_eq!(said.as_deref(), code, "{now}: {expiry}");
        }
    }
}

async fn vault_at(now: u64) -> TestVault {
    let TestVault { folder, .. } = vault().await;
    let clock = Arc::new(FixedClock::new(now));
    let vault = config(&folder.0).open(clock.clone(), Vec::new()).await;
    let (capture, api) = (api::capture(Arc::clone(&vault)), api::api(Arc::clone(&vault)));
    TestVault { vault, clock, capture, api, folder }
}
