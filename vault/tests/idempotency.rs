//! The same request gets the same answer, however often and however much at once it is sent.
//! It must never make two tokens of one context.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use cardseal_vault::token::Token;
use serde_json::json;
use support::{ORIGIN, sealed, vault, visa};

#[tokio::test]
async fn a_byte_equal_repetition_gets_the_stored_answer_without_a_private_key_operation() {
    let of = vault().await;
    let context = of.context().await;
    let sealed_card = sealed(&visa(), &context);
    let first = of.tokenize(&context, &sealed_card, "one-key").await;
    assert_eq!(first.status, 201);
    for _ in 0..3 {
        let again = of.tokenize(&context, &sealed_card, "one-key").await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.header("content-type"), "application/json");
    }
    assert_eq!(of.vault.private_key_operations(), 1);
    assert_eq!(of.vault.store().count_tokens().await.unwrap(), 1);
}

#[tokio::test]
async fn a_repetition_after_the_context_expired_still_gets_the_stored_answer() {
    let of = vault().await;
    let context = of.context().await;
    let sealed_card = sealed(&visa(), &context);
    let first = of.tokenize(&context, &sealed_card, "one-key").await;
    of.clock.advance(3600);
    of.vault.sweep().await.unwrap();
    let again = of.tokenize(&context, &sealed_card, "one-key").await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("idempotent-replayed"), "true");
}

#[tokio::test]
async fn answers_are_forgotten_after_a_day_and_the_context_stays_unusable() {
    let of = vault().await;
    let context = of.context().await;
    let sealed_card = sealed(&visa(), &context);
    assert_eq!(of.tokenize(&context, &sealed_card, "one-key").await.status, 201);
    of.clock.advance(3 * 24 * 3600);
    let swept = of.vault.sweep().await.unwrap();
    assert_eq!((swept.tokens, swept.answers, swept.contexts, swept.cvcs), (0, 1, 1, 1));
    assert_eq!(of.tokenize(&context, &sealed_card, "one-key").await.code(), "context_expired");
    assert_eq!(of.vault.store().count_tokens().await.unwrap(), 1);
}

#[tokio::test]
async fn other_bytes_under_the_same_key_are_refused() {
    let of = vault().await;
    let context = of.context().await;
    assert_eq!(of.tokenize(&context, &sealed(&visa(), &context), "one-key").await.status, 201);
    for context in [context, of.context().await] {
        let other = of.tokenize(&context, &sealed(&visa(), &context), "one-key").await;
        assert_eq!((other.status.as_u16(), other.code().as_str()), (422, "idempotency_key_reused"));
    }
}

#[tokio::test]
async fn the_same_bytes_with_another_context_are_refused() {
    let of = vault().await;
    let (context, other) = (of.context().await, of.context().await);
    let sealed_card = sealed(&visa(), &context);
    assert_eq!(of.tokenize(&context, &sealed_card, "one-key").await.status, 201);
    assert_eq!(of.tokenize(&other, &sealed_card, "one-key").await.code(), "idempotency_key_reused");
}

#[tokio::test]
async fn a_spent_context_makes_no_second_token() {
    let of = vault().await;
    let context = of.context().await;
    let sealed_card = sealed(&visa(), &context);
    assert_eq!(of.tokenize(&context, &sealed_card, "one-key").await.status, 201);
    let second = of.tokenize(&context, &sealed_card, "another-key").await;
    assert_eq!((second.status.as_u16(), second.code().as_str()), (409, "context_spent"));
    assert_eq!(of.vault.private_key_operations(), 1);
}

#[tokio::test]
async fn a_refused_card_leaves_the_context_and_the_key_usable() {
    let of = vault().await;
    let context = of.context().await;
    let refused = of.tokenize(&context, "not.a.sealed.card.", "one-key").await;
    assert_eq!(refused.code(), "sealed_card_malformed");
    assert_eq!(of.tokenize(&context, &sealed(&visa(), &context), "one-key").await.status, 201);
}

#[tokio::test]
async fn one_key_of_two_merchants_is_two_keys() {
    let of = vault().await;
    let shop = of.context().await;
    let answer = of.ask_context("bank-backend", json!({ "origins": ["https://bank.example"] })).await;
    let bank = answer.json()["context"].as_str().unwrap().to_owned();
    assert_eq!(of.tokenize(&shop, &sealed(&visa(), &shop), "one-key").await.status, 201);
    assert_eq!(of.tokenize(&bank, &sealed(&visa(), &bank), "one-key").await.status, 201);
    assert_eq!(of.vault.store().count_tokens().await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn repetitions_at_the_same_time_make_one_token() {
    let of = vault().await;
    for round in 0..4 {
        let context = of.context_with(json!({ "origins": [ORIGIN] })).await;
        let sealed_card = sealed(&visa(), &context);
        let key = format!("key-{round}");
        let (a, b, c, d) = tokio::join!(
            of.tokenize(&context, &sealed_card, &key),
            of.tokenize(&context, &sealed_card, &key),
            of.tokenize(&context, &sealed_card, &key),
            of.tokenize(&context, &sealed_card, &key),
        );
        for answer in [&a, &b, &c, &d] {
            assert_eq!((answer.status.as_u16(), &answer.body), (201, &a.body));
        }
        let first_answers =
            [&a, &b, &c, &d].iter().filter(|of| of.header("idempotent-replayed").is_empty()).count();
        assert_eq!(first_answers, 1);
        // The code that is held is that of the token that won.
        let token = Token::parse(a.json()["id"].as_str().unwrap()).unwrap();
        assert!(of.held_cvc(&token).await.is_some());
        assert_eq!(of.vault.store().count_tokens().await.unwrap(), round + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn different_keys_at_the_same_time_make_one_token() {
    let of = vault().await;
    let context = of.context().await;
    let (one, two) = (sealed(&visa(), &context), sealed(&visa(), &context));
    let (a, b) = tokio::join!(of.tokenize(&context, &one, "one"), of.tokenize(&context, &two, "two"));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    let loser = if a.status == 201 { &b } else { &a };
    assert_eq!(loser.code(), "context_spent");
    assert_eq!(of.vault.store().count_tokens().await.unwrap(), 1);
}
