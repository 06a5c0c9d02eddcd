//! A context that failed too often is dead, one from the future is none, and a foreign page cannot spend one.
//! It must never pass if a context of the same page with a good card is refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use cardseal::card::Parts;
use cardseal_vault::limits::Alert;
use cardseal_vault::random;
use serde_json::json;
use support::forge::Forge;
use support::node::{Node, from, vault_of};
use support::{Answer, ORIGIN, TestVault, VAULT, card, claims, sealed, token_request, visa};

/// A sealed card whose number fails its check digit, which no honest frame would send.
fn made_up(context: &str) -> String {
    Forge::of(&claims(context)).replace("4242424242424242", "4242424242424241").format(&claims(context))
}

async fn with_origin(
    of: &TestVault,
    origins: &[&str],
    key: &str,
    context: &str,
    sealed_card: &str,
) -> Answer {
    let mut request = token_request(context, sealed_card, key);
    for origin in origins {
        request.headers_mut().append("origin", origin.parse().unwrap());
    }
    of.send(&of.capture, request).await
}

#[tokio::test]
async fn the_tenth_refused_card_kills_the_context_whatever_was_wrong_with_it() {
    let of = vault_of(|_| ()).await;
    let (context, other) = (of.context().await, of.context().await);
    let ways = [
        ("not.a.sealed.card.".to_owned(), "sealed_card_malformed"),
        (sealed(&visa(), &other), "sealed_card_mismatch"),
        (
            Forge::of(&claims(&context)).replace("\"v\":1", "\"v\":2").format(&claims(&context)),
            "sealed_card_rejected",
        ),
        (made_up(&context), "card_number_invalid"),
    ];
    for attempt in 0..10 {
        let (sealed_card, code) = &ways[attempt % 4];
        let answer = of.tokenize(&context, sealed_card, &random::make_name()).await;
        assert_eq!(&answer.code(), code, "{attempt}");
    }
    let dead = of.tokenize(&context, &sealed(&visa(), &context), "key").await;
    assert_eq!((dead.status.as_u16(), dead.code().as_str()), (403, "context_exhausted"));
    assert_eq!(of.tokenize(&other, &sealed(&visa(), &other), "key").await.status, 201);
}

#[tokio::test]
async fn nine_refused_cards_leave_the_context_usable_and_a_token_spends_it() {
    let of = vault_of(|_| ()).await;
    let context = of.context().await;
    for _ in 0..9 {
        assert_eq!(
            of.tokenize(&context, &made_up(&context), &random::make_name()).await.code(),
            "card_number_invalid"
        );
    }
    assert_eq!(of.tokenize(&context, &sealed(&visa(), &context), "key").await.status, 201);
    assert_eq!(of.tokenize(&context, &sealed(&visa(), &context), "other").await.code(), "context_spent");
}

#[tokio::test]
async fn what_was_never_opened_is_no_attempt() {
    let of = vault_of(|config| config.limits.context_per_minute = 1000).await;
    let context = of.context().await;
    for _ in 0..20 {
        assert_eq!(of.tokenize(&context, "", "").await.code(), "idempotency_key_invalid");
        let page = with_origin(&of, &[ORIGIN], "key", &context, &made_up(&context)).await;
        assert_eq!(page.code(), "origin_not_allowed");
    }
    assert_eq!(of.tokenize(&context, &sealed(&visa(), &context), "key").await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_try_no_more_cards_than_are_allowed() {
    let of = std::sync::Arc::new(vault_of(|config| config.limits.context_per_minute = 1000).await);
    let context = of.context().await;
    let tries: Vec<_> = (0..40)
        .map(|number| {
            let (of, context) = (std::sync::Arc::clone(&of), context.clone());
            tokio::spawn(async move {
                of.tokenize(&context, &made_up(&context), &format!("key-{number}")).await.code()
            })
        })
        .collect();
    let mut refused = 0;
    for answer in tries {
        match answer.await.unwrap().as_str() {
            "card_number_invalid" => refused += 1,
            code => assert!(["context_exhausted", "rate_limited"].contains(&code), "{code}"),
        }
    }
    assert_eq!(refused, 10);
    assert_eq!(of.vault.private_key_operations(), 10);
    assert_eq!(of.tokenize(&context, &sealed(&visa(), &context), "key").await.code(), "context_exhausted");
}

#[tokio::test]
async fn only_the_vaults_own_frames_or_no_browser_at_all_spend_a_context() {
    let of = vault_of(|_| ()).await;
    let context = of.context().await;
    let sealed_card = sealed(&visa(), &context);
    for origins in
        [&[ORIGIN][..], &["null"], &["https://vault.example.evil.example"], &[VAULT, ORIGIN], &["\u{fc}"]]
    {
        let answer = with_origin(&of, origins, "key", &context, &sealed_card).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (403, "origin_not_allowed"),
            "{origins:?}"
        );
        assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control-")));
    }
    let answer = with_origin(&of, &[VAULT], "key", &context, &sealed_card).await;
    assert_eq!(answer.status, 201);
    assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control-")));
    let replay = with_origin(&of, &[ORIGIN], "key", &context, &sealed_card).await;
    assert_eq!(replay.code(), "origin_not_allowed", "nor does a foreign page read an answer");
    let context = of.context().await;
    assert_eq!(with_origin(&of, &[], "another", &context, &sealed(&visa(), &context)).await.status, 201);
}

#[tokio::test]
async fn a_context_from_a_minute_ahead_is_taken_and_one_from_further_is_not() {
    let of = vault_of(|_| ()).await;
    let ahead = Node::beside(&of).await;
    for (seconds, status, code) in [(60, 201, ""), (1, 400, "context_malformed")] {
        ahead.clock.advance(seconds);
        let token = of.access_token("shop-backend").await;
        let request = support::context_request(&token, &json!({ "origins": [ORIGIN] }).to_string());
        let context = of.send(&ahead.api, request).await.json()["context"].as_str().unwrap().to_owned();
        let answer = of.tokenize(&context, &sealed(&visa(), &context), &random::make_name()).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        if !code.is_empty() {
            assert_eq!(answer.code(), code);
            assert!(answer.body.contains("60 seconds"), "{}", answer.body);
        }
    }
}

#[tokio::test]
async fn spikes_raise_one_alert_each() {
    let of = vault_of(|config| {
        config.limits.alert_card_failures = 5;
        config.limits.alert_distinct_cards = 2;
        config.limits.alert_unspent_contexts = 3;
    })
    .await;
    let raised = |alert| of.vault.limits().raised(alert);
    for failure in 0..8 {
        let context = of.context().await;
        assert_eq!(raised(Alert::CardFailures), u64::from(failure >= 5));
        of.tokenize(&context, &made_up(&context), "key").await;
    }
    assert_eq!(raised(Alert::DistinctCards), 0, "a number that is no card is none");
    for (number, alerts) in
        [("4242424242424242", 0), ("4242424242424242", 0), ("5555555555554444", 1), ("4000056655665556", 1)]
    {
        let parts = Parts { number, exp_year: 2030, exp_month: 12, cvc: Some("737"), ..Parts::default() };
        let context = of.context().await;
        let request = token_request(&context, &sealed(&card(&parts), &context), &random::make_name());
        assert_eq!(of.send(&of.capture, from("203.0.113.7", request)).await.status, 201);
        assert_eq!(raised(Alert::DistinctCards), alerts, "{number}");
    }
    assert_eq!(raised(Alert::UnspentContexts), 0);
    of.clock.advance(900);
    of.vault.sweep().await.unwrap();
    assert_eq!(raised(Alert::UnspentContexts), 1);
    of.vault.sweep().await.unwrap();
    assert_eq!(raised(Alert::UnspentContexts), 1);
}

#[tokio::test]
async fn contexts_that_another_node_spent_are_not_unspent() {
    let of = vault_of(|config| config.limits.alert_unspent_contexts = 1).await;
    let other = Node::beside(&of).await;
    for _ in 0..3 {
        let context = of.context().await;
        let request = token_request(&context, &sealed(&visa(), &context), &random::make_name());
        assert_eq!(of.send(&other.capture, request).await.status, 201);
    }
    of.clock.advance(900);
    of.vault.sweep().await.unwrap();
    assert_eq!(of.vault.limits().raised(Alert::UnspentContexts), 0);
}
