//! What a merchant's backend says of a purchase is checked, kept in the vault while the context lives, and nowhere else.
//! It must never pass if the page could read it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use cardseal::envelope::compact;
use cardseal_vault::facts::{Amount, Country, Currency, Facts};
use serde_json::{Value, json};
use support::{ORIGIN, claims, context_request, vault};

fn asked(facts: Value) -> Value {
    let mut body = json!({ "origins": [ORIGIN] });
    body.as_object_mut().unwrap().append(&mut facts.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn facts_are_in_the_vault_until_their_context_expires_and_never_in_the_context() {
    let of = vault().await;
    let amount = |value, currency| Some(Amount { value, currency });
    for (said, known) in [
        (json!({}), Facts::default()),
        (
            json!({ "amount": { "value": 4711, "currency": "EUR" }, "shipping_country": "AQ" }),
            Facts { amount: amount(4711, Currency::EUR), shipping_country: Country::parse("AQ") },
        ),
        (
            json!({ "amount": { "value": 0, "currency": "JPY" } }),
            Facts { amount: amount(0, Currency::JPY), shipping_country: None },
        ),
        (json!({ "shipping_country": "XK" }), Facts { amount: None, shipping_country: Country::parse("XK") }),
    ] {
        let context = of.context_with(asked(said)).await;
        let [_, payload, _] = compact::parts::<3>(&context).unwrap();
        let payload = String::from_utf8(compact::decode(payload).unwrap()).unwrap();
        for word in ["amount", ":4711", "\"EUR\"", "shipping", "country", "\"AQ\""] {
            assert!(!payload.contains(word), "{word} in {payload}");
        }
        let jti = claims(&context).jti;
        assert_eq!(of.vault.store().facts(&jti).await.unwrap(), known);
        of.clock.advance(900);
        of.vault.sweep().await.unwrap();
        assert_eq!(of.vault.store().facts(&jti).await.unwrap(), known, "another node's clock may be behind");
        of.clock.advance(61);
        of.vault.sweep().await.unwrap();
        assert_eq!(of.vault.store().facts(&jti).await.unwrap(), Facts::default());
    }
}

#[tokio::test]
async fn facts_that_are_none_are_refused_by_name() {
    let of = vault().await;
    for (said, names) in [
        (json!({ "amount": { "value": 1_000_000_000_000_u64, "currency": "EUR" } }), "amount.value"),
        (json!({ "amount": { "value": 1, "currency": "eur" } }), "amount.currency"),
        (json!({ "amount": { "value": 1, "currency": "EURO" } }), "amount.currency"),
        (json!({ "amount": { "value": 1, "currency": "" } }), "amount.currency"),
        (json!({ "shipping_country": "UK" }), "shipping_country"),
        (json!({ "shipping_country": "de" }), "shipping_country"),
        (json!({ "shipping_country": "" }), "shipping_country"),
        (json!({ "shipping_country": "Germany" }), "shipping_country"),
    ] {
        let answer = of.ask_context("shop-backend", asked(said.clone())).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "options_invalid"), "{said}");
        assert!(answer.json()["detail"].as_str().unwrap().starts_with(names), "{}", answer.body);
    }
    let token = of.access_token("shop-backend").await;
    for said in [
        r#""amount":{"value":-1,"currency":"EUR"}"#,
        r#""amount":{"value":12.5,"currency":"EUR"}"#,
        r#""amount":{"value":1.0,"currency":"EUR"}"#,
        r#""amount":{"value":"1","currency":"EUR"}"#,
        r#""amount":{"value":1e99,"currency":"EUR"}"#,
        r#""amount":{"value":18446744073709551616,"currency":"EUR"}"#,
        r#""amount":{"value":1}"#,
        r#""amount":{"currency":"EUR"}"#,
        r#""amount":{"value":1,"value":2,"currency":"EUR"}"#,
        r#""amount":{"value":1,"currency":"EUR","tax":1}"#,
        r#""amount":100"#,
        r#""shipping_country":["DE"]"#,
        r#""shipping_country":"DE","shipping_country":"FR""#,
        r#""country":"DE""#,
    ] {
        let body = format!(r#"{{"origins":["{ORIGIN}"],{said}}}"#);
        let answer = of.send(&of.api, context_request(&token, &body)).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "body_malformed"), "{said}");
    }
}
