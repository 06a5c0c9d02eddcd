//! A creating call under an idempotency key is done once and answered the same, on every node of one store.
//! It must never pass if two contexts are given out under one key, or one context makes two tokens.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use cardseal_vault::random;
use cardseal_vault::store::{Claim, Creation, SealedAnswer};
use serde_json::json;
use support::node::{Node, vault_of};
use support::{Answer, NOW, ORIGIN, TestVault, sealed, token_request, vault, visa};

fn asked(token: &str, key: &str, body: &str) -> Request<Body> {
    let mut request = support::context_request(token, body);
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    request
}

fn body() -> String {
    json!({ "origins": [ORIGIN], "ref": "order-1" }).to_string()
}

async fn ask(of: &TestVault, router: &Router, client: &str, key: &str, body: &str) -> Answer {
    let token = of.access_token(client).await;
    of.send(router, asked(&token, key, body)).await
}

#[tokio::test]
async fn the_same_key_and_body_get_the_same_context_on_every_node() {
    let of = vault().await;
    let other = Node::beside(&of).await;
    let first = ask(&of, &of.api, "shop-backend", "key", &body()).await;
    assert_eq!((first.status.as_u16(), first.header("idempotent-replayed")), (201, ""));
    for router in [&of.api, &other.api] {
        let again = ask(&of, router, "shop-backend", "key", &body()).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.header("idempotent-replayed"), "true");
    }
    let context = first.json()["context"].as_str().unwrap().to_owned();
    assert_eq!(of.tokenize(&context, &sealed(&visa(), &context), "key").await.status, 201);
}

#[tokio::test]
async fn another_body_is_refused_and_another_client_or_key_is_another_call() {
    let of = vault().await;
    let first = ask(&of, &of.api, "shop-backend", "key", &body()).await;
    let reused = ask(&of, &of.api, "shop-backend", "key", &json!({ "origins": [ORIGIN] }).to_string()).await;
    assert_eq!((reused.status.as_u16(), reused.code().as_str()), (422, "idempotency_key_reused"));
    let bank = json!({ "origins": ["https://bank.example"] }).to_string();
    assert_eq!(ask(&of, &of.api, "bank-backend", "key", &bank).await.status, 201);
    let other = ask(&of, &of.api, "shop-backend", "other", &body()).await;
    assert_eq!(other.status, 201);
    assert_ne!(other.body, first.body);
    let without = of.ask_context("shop-backend", json!({ "origins": [ORIGIN], "ref": "order-1" })).await;
    assert_eq!((without.status.as_u16(), without.header("idempotent-replayed")), (201, ""));
}

#[tokio::test]
async fn a_refused_call_leaves_its_key_unused_and_a_faulty_key_is_refused() {
    let of = vault().await;
    let foreign = json!({ "origins": ["https://evil.example"] }).to_string();
    assert_eq!(ask(&of, &of.api, "shop-backend", "key", &foreign).await.code(), "origin_not_registered");
    assert_eq!(ask(&of, &of.api, "shop-backend", "key", &body()).await.status, 201);
    for key in ["", "with space", &"k".repeat(256)] {
        assert_eq!(
            ask(&of, &of.api, "shop-backend", key, &body()).await.code(),
            "idempotency_key_invalid",
            "{key}"
        );
    }
    let token = of.access_token("shop-backend").await;
    let mut twice = asked(&token, "one", &body());
    twice.headers_mut().append("idempotency-key", "two".parse().unwrap());
    assert_eq!(of.send(&of.api, twice).await.code(), "idempotency_key_invalid");
}

#[tokio::test]
async fn a_call_under_way_is_told_to_wait_and_taken_over_when_its_lease_ran_out() {
    let of = vault().await;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body().as_bytes());
    let dead =
        Creation { client: "shop-backend", key: "key", digest: digest.as_ref(), holder: "a dead node" };
    assert!(matches!(of.vault.store().claim_creation(&dead, NOW).await.unwrap(), Claim::Granted));
    let waiting = ask(&of, &of.api, "shop-backend", "key", &body()).await;
    assert_eq!((waiting.status.as_u16(), waiting.code().as_str()), (409, "idempotency_in_flight"));
    assert_eq!(waiting.header("retry-after"), "1");
    of.clock.advance(29);
    assert_eq!(ask(&of, &of.api, "shop-backend", "key", &body()).await.code(), "idempotency_in_flight");
    of.clock.advance(1);
    let taken_over = ask(&of, &of.api, "shop-backend", "key", &body()).await;
    assert_eq!(taken_over.status, 201, "{}", taken_over.body);
    // A holder that was only slow, not dead, finds its work gone.
    let late = SealedAnswer { key_version: 1, answer: b"late".to_vec() };
    assert!(!of.vault.store().keep_creation(&dead, &late, NOW + 900).await.unwrap());
    of.vault.store().release_creation(&dead).await.unwrap();
    let again = ask(&of, &of.api, "shop-backend", "key", &body()).await;
    assert_eq!((&again.body, again.header("idempotent-replayed")), (&taken_over.body, "true"));
}

#[tokio::test]
async fn an_answer_is_kept_sealed_while_its_context_lives_and_then_gone() {
    let of = vault().await;
    let first = ask(&of, &of.api, "shop-backend", "key", &body()).await;
    let context = first.json()["context"].as_str().unwrap().to_owned();
    let holds = |of: &TestVault, text: &str| {
        of.files().iter().any(|(_, bytes)| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
    };
    let (_, signature) = context.rsplit_once('.').unwrap();
    assert!(!holds(&of, signature), "the context is in clear in a file");
    of.clock.advance(899);
    of.vault.sweep().await.unwrap();
    assert_eq!(ask(&of, &of.api, "shop-backend", "key", &body()).await.body, first.body);
    of.clock.advance(1);
    let fresh = ask(&of, &of.api, "shop-backend", "key", &body()).await;
    assert_eq!((fresh.status.as_u16(), fresh.header("idempotent-replayed")), (201, ""));
    assert_ne!(fresh.body, first.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_at_the_same_time_on_two_nodes_gives_one_context() {
    let of = vault().await;
    let other = Node::beside(&of).await;
    let token = of.access_token("shop-backend").await;
    for round in 0..50 {
        let key = format!("key-{round}");
        let send = |router| of.send(router, asked(&token, &key, &body()));
        let answers = tokio::join!(send(&of.api), send(&other.api), send(&of.api), send(&other.api));
        let last = send(&other.api).await;
        assert_eq!(last.status, 201);
        for answer in [answers.0, answers.1, answers.2, answers.3] {
            match answer.status.as_u16() {
                201 => assert_eq!(answer.body, last.body),
                _ => assert_eq!(answer.code(), "idempotency_in_flight"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_context_spent_on_two_nodes_at_the_same_instant_makes_one_token_200_times_of_200() {
    let of = vault_of(|config| config.limits = cardseal_vault::limits::LimitsConfig::wide()).await;
    let other = Node::beside(&of).await;
    for round in 1..=200 {
        let context = of.context().await;
        let (one, two) = (sealed(&visa(), &context), sealed(&visa(), &context));
        let send = |router, sealed_card: &str| {
            of.send(router, token_request(&context, sealed_card, &random::make_name()))
        };
        // Either may be a little ahead.
        let (a, b) = if round % 2 == 0 {
            tokio::join!(send(&of.capture, &one), send(&other.capture, &two))
        } else {
            tokio::join!(send(&other.capture, &one), send(&of.capture, &two))
        };
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{round}: {} {}", a.body, b.body);
        let loser = if a.status == 201 { &b } else { &a };
        assert_eq!(loser.code(), "context_spent");
        assert_eq!(of.vault.store().count_tokens().await.unwrap(), round);
    }
    assert!(other.vault.private_key_operations() > 0 && of.vault.private_key_operations() > 0);
}
