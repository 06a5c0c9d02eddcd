//! The security code of a stored card is captured alone: for its own merchant, once for each context.
//! It must never pass if a digit of the code reaches a file or an answer.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use cardseal::card::{Brand, Cvc, Parts};
use cardseal::context::{Expose, Kind};
use cardseal::form::Field;
use cardseal_vault::random;
use cardseal_vault::store::cvc::KEPT_SECONDS;
use cardseal_vault::token::{Token, TokenFormat};
use serde_json::{Value, json};
use support::forge::Forge;
use support::node::vault_of;
use support::stored::tamper;
use support::{Answer, ORIGIN, TestVault, card, claims, sealed, vault};

/// A token of the shop for an American Express card that came without a security code.
async fn amex(of: &TestVault) -> String {
    let card = card(&Parts { number: "378282246310005", exp_year: 2030, exp_month: 12, ..Parts::default() });
    let asked = json!({ "origins": [ORIGIN], "fields": ["number", "expiry"], "ref": "order-1" });
    of.tokenize_card(&card, asked).await.json()["id"].as_str().unwrap().to_owned()
}

fn asked(token: &str) -> Value {
    json!({ "origins": [ORIGIN], "kind": "cvc", "token": token })
}

fn code(digits: &str) -> Cvc {
    Cvc::parse(digits, Brand::named("american-express").unwrap()).unwrap()
}

async fn capture(of: &TestVault, token: &str, digits: &str) -> Answer {
    let context = of.context_with(asked(token)).await;
    of.tokenize(&context, &sealed(&code(digits), &context), &random::make_name()).await
}

async fn described(of: &TestVault, token: &str) -> Value {
    of.ask_as("shop-tokens", &format!("GET /v1/tokens/{token}"), "").await.json()["cvc"].clone()
}

async fn held(of: &TestVault, token: &str) -> Option<Vec<u8>> {
    of.held_cvc(&Token::parse(token).unwrap()).await
}

#[tokio::test]
async fn the_context_says_of_the_token_only_what_a_frame_needs() {
    let of = vault().await;
    let id = amex(&of).await;
    let context = claims(&of.context_with(asked(&id)).await);
    let brand = Brand::named("american-express").unwrap();
    assert_eq!(context.kind, Kind::Cvc { token: id, brand });
    assert_eq!((context.accepted.brands, context.fields), (vec![brand], vec![Field::Cvc]));
    assert_eq!((context.expose, context.reference), (Expose::default(), None));
}

#[tokio::test]
async fn a_code_is_kept_for_its_token_and_a_newer_one_takes_its_place() {
    let of = vault().await;
    let id = amex(&of).await;
    assert_eq!(described(&of, &id).await, Value::Null);
    for digits in ["7373", "9371"] {
        let answer = capture(&of, &id, digits).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let expected = json!({
            "id": id, "object": "token", "brand": "american-express", "last4": "0005", "ref": "order-1"
        });
        assert_eq!(answer.json(), expected);
        assert_eq!(held(&of, &id).await.as_deref(), Some(digits.as_bytes()));
    }
    assert_eq!(of.vault.store().count_tokens().await.unwrap(), 1);
    for (path, bytes) in of.files() {
        for needle in [&b"\"9371\""[..], b"\"cvc\""] {
            assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{}", path.display());
        }
    }
    assert_eq!(described(&of, &id).await, "held");
    of.clock.advance(KEPT_SECONDS);
    assert_eq!((described(&of, &id).await, held(&of, &id).await), (json!("lost"), None));
    // A lost one can be captured again.
    assert_eq!(capture(&of, &id, "7373").await.status, 201);
    assert_eq!(described(&of, &id).await, "held");
}

#[tokio::test]
async fn a_context_is_spent_once_and_the_same_request_gets_the_same_answer() {
    let of = vault().await;
    let id = amex(&of).await;
    let context = of.context_with(asked(&id)).await;
    let (one, other) = (sealed(&code("7373"), &context), sealed(&code("9371"), &context));
    let first = of.tokenize(&context, &one, "key-1").await;
    let operations = of.vault.private_key_operations();
    let again = of.tokenize(&context, &one, "key-1").await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(of.vault.private_key_operations(), operations);
    assert_eq!(of.tokenize(&context, &other, "key-1").await.code(), "idempotency_key_reused");
    assert_eq!(of.tokenize(&context, &other, "key-2").await.code(), "context_spent");
    assert_eq!(held(&of, &id).await.as_deref(), Some(&b"7373"[..]));
    let captures: Vec<_> = of.audit().await.into_iter().filter(|record| record[1] == "cvc.capture").collect();
    let jti = claims(&context).jti;
    let said = |subject: &str, result: &str| [subject.to_owned(), result.to_owned()];
    let captures: Vec<_> = captures.iter().map(|of| [of[2].clone(), of[4].clone()]).collect();
    let expected = [said(&id, "ok"), said(&jti, "idempotency_key_reused"), said(&jti, "context_spent")];
    assert_eq!(captures, expected);
}

#[tokio::test]
async fn of_two_captures_with_one_context_at_once_one_is_kept() {
    let of = vault().await;
    let id = amex(&of).await;
    let context = of.context_with(asked(&id)).await;
    let (one, other) = (sealed(&code("7373"), &context), sealed(&code("9371"), &context));
    let (one, other) = tokio::join!(of.tokenize(&context, &one, "a"), of.tokenize(&context, &other, "b"));
    let (lost, kept) = if one.status == 201 { (other, b"7373") } else { (one, b"9371") };
    assert_eq!(lost.code(), "context_spent");
    assert_eq!(held(&of, &id).await.as_deref(), Some(&kept[..]));
}

#[tokio::test]
async fn only_a_living_token_of_the_merchant_gets_a_context() {
    let of = vault_of(|config| config.merchants[0].settings.token_ttl_days = Some(1)).await;
    let id = amex(&of).await;
    let mistyped = format!("{}{}", &id[..id.len() - 1], if id.ends_with('a') { 'b' } else { 'a' });
    let ask = async |client: &str, body: Value| {
        let answer = of.ask_context(client, body).await;
        (answer.status.as_u16(), answer.code())
    };
    let absent = (404, "not_found".to_owned());
    for token in [
        "",
        "tok_x",
        "4242424242424242",
        &mistyped,
        Token::make(TokenFormat::Opaque, support::visa().number()).as_str(),
    ] {
        assert_eq!(ask("shop-backend", asked(token)).await, absent, "{token}");
    }
    let foreign = json!({ "origins": ["https://bank.example"], "kind": "cvc", "token": id });
    assert_eq!(ask("bank-backend", foreign).await, absent);
    for (member, value) in [
        ("brands", json!(["american-express"])),
        ("fields", json!(["cvc"])),
        ("expose", json!([])),
        ("ref", json!("order-2")),
        ("amount", json!({ "value": 1, "currency": "EUR" })),
        ("shipping_country", json!("DE")),
        ("kind", json!("card")),
        ("kind", json!("pin")),
        ("kind", Value::Null),
        ("token", Value::Null),
    ] {
        let mut body = asked(&id);
        body[member] = value;
        assert_eq!(ask("shop-backend", body.clone()).await, (400, "options_invalid".to_owned()), "{body}");
    }
    assert_eq!(of.ask_context("shop-backend", asked(&id)).await.status, 201);
    of.clock.advance(24 * 60 * 60);
    assert_eq!(ask("shop-backend", asked(&id)).await, absent);
}

#[tokio::test]
async fn a_token_deleted_meanwhile_takes_no_code_and_leaves_no_answer() {
    let of = vault().await;
    let id = amex(&of).await;
    let (early, late) = (of.context_with(asked(&id)).await, of.context_with(asked(&id)).await);
    let (sealed_early, sealed_late) = (sealed(&code("7373"), &early), sealed(&code("7373"), &late));
    assert_eq!(of.tokenize(&early, &sealed_early, "early").await.status, 201);
    assert_eq!(of.ask_as("shop-tokens", &format!("DELETE /v1/tokens/{id}"), "").await.status, 204);
    assert_eq!(held(&of, &id).await, None);
    let answer = of.tokenize(&late, &sealed_late, "late").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "not_found"));
    assert_eq!(held(&of, &id).await, None);
    // The answer that named the token is gone with it.
    assert_eq!(of.tokenize(&early, &sealed_early, "early").await.code(), "context_spent");
    assert!(!of.holds(b"order-1"));
}

#[tokio::test]
async fn a_token_deleted_at_the_moment_of_the_capture_leaves_no_code() {
    let of = vault().await;
    let id = amex(&of).await;
    let context = of.context_with(asked(&id)).await;
    let deletes =
        "CREATE TRIGGER gone AFTER UPDATE OF cvc ON tokens BEGIN DELETE FROM tokens WHERE id = NEW.id; END";
    tamper(&of.folder.0, deletes).await;
    assert_eq!(of.tokenize(&context, &sealed(&code("7373"), &context), "key").await.status, 201);
    assert_eq!(held(&of, &id).await, None);
}

#[tokio::test]
async fn what_was_sealed_must_be_what_the_context_asks_for() {
    let of = vault().await;
    let id = amex(&of).await;
    let context = of.context_with(asked(&id)).await;
    let of_context = claims(&context);
    let card =
        r#"{"v":1,"kind":"card","number":"378282246310005","exp_month":12,"exp_year":2030,"cvc":"7373"}"#;
    for (plaintext, expected) in [
        (card, "sealed_card_rejected"),
        (r#"{"v":1,"kind":"cvc","cvc":"7373","number":"378282246310005"}"#, "sealed_card_rejected"),
        (r#"{"v":1,"kind":"cvc"}"#, "sealed_card_rejected"),
        (r#"{"v":1,"kind":"cvc","cvc":"737"}"#, "cvc_incomplete"),
        (r#"{"v":1,"kind":"cvc","cvc":"73737"}"#, "cvc_invalid"),
        (r#"{"v":1,"kind":"cvc","cvc":"737x"}"#, "cvc_invalid"),
    ] {
        let forge = Forge { plaintext: plaintext.to_owned(), ..Forge::of(&of_context) };
        let answer = of.tokenize(&context, &forge.format(&of_context), &random::make_name()).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, expected), "{plaintext}");
        assert!(!answer.body.contains("737"), "{}", answer.body);
    }
    // The other way round: a code alone where a card was asked for.
    let for_card = of.context().await;
    let answer = of.tokenize(&for_card, &sealed(&code("7373"), &for_card), "key").await;
    assert_eq!(answer.code(), "sealed_card_rejected");
    assert_eq!((described(&of, &id).await, held(&of, &id).await), (Value::Null, None));
    assert_eq!(of.tokenize(&context, &sealed(&code("7373"), &context), "key").await.status, 201);
}

#[tokio::test]
async fn a_capture_that_cannot_be_put_on_record_keeps_nothing() {
    let of = vault().await;
    let id = amex(&of).await;
    let context = of.context_with(asked(&id)).await;
    let sealed = sealed(&code("7373"), &context);
    let fails = "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE (ABORT, 'full'); END";
    tamper(&of.folder.0, fails).await;
    assert_eq!(of.tokenize(&context, &sealed, "key").await.code(), "internal");
    assert_eq!(held(&of, &id).await, None);
    tamper(&of.folder.0, "DROP TRIGGER full").await;
    assert_eq!(of.tokenize(&context, &sealed, "key").await.status, 201);
}
