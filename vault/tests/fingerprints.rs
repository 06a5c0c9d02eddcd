//! A merchant sees which of its tokens are the same card, if its client may; nobody else does, and nobody finds a number.
//! It must never pass if two merchants could compare, or one could try number after number.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::http::Request;
use cardseal::card::Parts;
use cardseal_vault::custody::Custody;
use cardseal_vault::keyring::DATA_TERMS;
use serde_json::{Value, json};
use support::node::{limited, vault_of};
use support::stored::{LOOPBACK, tamper};
use support::{ORIGIN, SECRET, TestVault, VISA, basic, card, config, vault};

const DAY_SECONDS: u64 = 24 * 60 * 60;

/// A token of the shop, or of the bank, for a card with this number.
async fn token(of: &TestVault, merchant: &str, number: &str) -> String {
    let parts = Parts { number, exp_year: 2030, exp_month: 12, cvc: Some("737"), ..Parts::default() };
    let origin = if merchant == "shop" { ORIGIN } else { "https://bank.example" };
    let context = of.ask_context(&format!("{merchant}-backend"), json!({ "origins": [origin] })).await;
    let context = context.json()["context"].as_str().unwrap().to_owned();
    let sealed = support::sealed(&card(&parts), &context);
    let answer = of.tokenize(&context, &sealed, &cardseal_vault::random::make_name()).await;
    assert!(answer.json().get("fingerprint").is_none(), "{}", answer.body);
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn fingerprint(of: &TestVault, merchant: &str, id: &str) -> String {
    let answer = of.ask_as(&format!("{merchant}-fingerprints"), &format!("GET /v1/tokens/{id}"), "").await;
    answer.json()["fingerprint"].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
}

/// Numbers that begin with 42424242 and end in 4242.
fn alike() -> impl Iterator<Item = String> {
    (0..10_000).map(|middle| format!("42424242{middle:04}4242")).filter(|number| luhn::valid(number))
}

#[tokio::test]
async fn it_is_the_same_for_the_same_card_of_one_merchant_only() {
    let of = vault().await;
    let (one, again) = (token(&of, "shop", VISA).await, token(&of, "shop", VISA).await);
    let other = token(&of, "shop", &alike().next().unwrap()).await;
    let of_bank = token(&of, "bank", VISA).await;
    let shown = fingerprint(&of, "shop", &one).await;
    assert!(shown.starts_with("1.") && shown.len() == 2 + 43, "{shown}");
    assert_eq!(fingerprint(&of, "shop", &again).await, shown);
    assert_ne!(fingerprint(&of, "shop", &other).await, shown);
    assert_ne!(fingerprint(&of, "bank", &of_bank).await, shown);
}

#[tokio::test]
async fn it_is_shown_only_to_a_client_and_an_access_token_with_the_scope() {
    let of = vault().await;
    let id = token(&of, "shop", VISA).await;
    let shown = fingerprint(&of, "shop", &id).await;
    let request = Request::post("/oauth/token")
        .header("authorization", basic("shop-fingerprints", SECRET))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials&scope=tokens:read".into())
        .unwrap();
    let narrow = of.send(&of.api, request).await.json()["access_token"].as_str().unwrap().to_owned();
    for bearer in [narrow, of.access_token("shop-tokens").await] {
        let answer = of.ask(&bearer, &format!("GET /v1/tokens/{id}"), "", LOOPBACK).await;
        assert_eq!((answer.status.as_u16(), answer.json().get("fingerprint")), (200, None));
        let sought = of.ask(&bearer, &format!("GET /v1/tokens?fingerprint={shown}"), "", LOOPBACK).await;
        assert_eq!((sought.status.as_u16(), sought.code().as_str()), (403, "scope_missing"));
    }
    let refused = of.audit().await.into_iter().filter(|record| record[4] == "scope_missing").count();
    assert_eq!(refused, 2);
}

#[tokio::test]
async fn the_tokens_of_a_card_are_found_by_it_the_newest_first() {
    let of = vault().await;
    let first = token(&of, "shop", VISA).await;
    of.clock.advance(1);
    let second = token(&of, "shop", VISA).await;
    token(&of, "shop", &alike().next().unwrap()).await;
    let shown = fingerprint(&of, "shop", &first).await;
    let line = format!("GET /v1/tokens?fingerprint={shown}");
    let ids = async |client: &str| {
        let listed = of.ask_as(client, &line, "").await.json();
        assert_eq!(listed["object"], "list");
        let tokens = listed["tokens"].as_array().unwrap().clone();
        assert!(tokens.iter().all(|token| token["fingerprint"] == Value::String(shown.clone())));
        tokens.iter().map(|token| token["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("shop-fingerprints").await, [second.clone(), first.clone()]);
    assert!(ids("bank-fingerprints").await.is_empty());
    assert_eq!(of.ask_as("shop-tokens", &format!("DELETE /v1/tokens/{first}"), "").await.status, 204);
    assert_eq!(ids("shop-fingerprints").await, [second]);
    for wrong in
        ["", "1.", "1.AAAA", VISA, &shown[2..], &format!("{shown}A"), &format!("{shown}&ref=a"), "%ff", "%00"]
    {
        let answer = of.ask_as("shop-fingerprints", &format!("GET /v1/tokens?fingerprint={wrong}"), "").await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "options_invalid"), "{wrong}");
    }
    // Another version of the key, or a hash that no card has.
    for unknown in [format!("2{}", &shown[1..]), format!("1.{}", "A".repeat(43))] {
        let line = format!("GET /v1/tokens?fingerprint={unknown}");
        assert_eq!(of.ask_as("shop-fingerprints", &line, "").await.json()["tokens"], json!([]));
    }
}

#[tokio::test]
async fn nobody_tries_number_after_number() {
    let of = vault_of(|config| {
        config.limits.fingerprints_per_day = 2;
        config.limits.context_per_minute = 1000;
    })
    .await;
    let mut ids = Vec::new();
    for number in alike().take(4) {
        ids.push(token(&of, "shop", &number).await);
    }
    let twin = token(&of, "shop", &alike().next().unwrap()).await;
    let line = |id: &str| format!("GET /v1/tokens/{id}");
    let shown = fingerprint(&of, "shop", &ids[0]).await;
    fingerprint(&of, "shop", &ids[1]).await;
    let refused = of.ask_as("shop-fingerprints", &line(&ids[2]), "").await;
    assert_eq!(limited(&refused), DAY_SECONDS / 2);
    assert!(!refused.body.contains("4242"), "{}", refused.body);
    // What was shown may be seen again, by another token of the same card and by looking for it, too.
    assert_eq!(fingerprint(&of, "shop", &twin).await, shown);
    let sought = of.ask_as("shop-fingerprints", &format!("GET /v1/tokens?fingerprint={shown}"), "").await;
    assert_eq!(sought.json()["tokens"].as_array().unwrap().len(), 2);
    // Who sees no fingerprints is not limited, nor is another card.
    assert_eq!(of.ask_as("shop-tokens", &line(&ids[2]), "").await.status, 200);
    let visa = token(&of, "shop", "4000056655665556").await;
    fingerprint(&of, "shop", &visa).await;
    of.clock.advance(DAY_SECONDS / 2);
    fingerprint(&of, "shop", &ids[2]).await;
    limited(&of.ask_as("shop-fingerprints", &line(&ids[3]), "").await);
}

#[tokio::test]
async fn one_that_was_swapped_in_the_database_is_not_shown() {
    let of = vault().await;
    let (one, other) = (token(&of, "shop", VISA).await, token(&of, "shop", &alike().next().unwrap()).await);
    let shown = fingerprint(&of, "shop", &other).await;
    let swap = format!(
        "UPDATE tokens SET fingerprint = (SELECT fingerprint FROM tokens WHERE id = '{other}') WHERE id = '{one}'"
    );
    tamper(&of.folder.0, &swap).await;
    for line in [format!("GET /v1/tokens/{one}"), format!("GET /v1/tokens?fingerprint={shown}")] {
        let answer = of.ask_as("shop-fingerprints", &line, "").await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (500, "internal"), "{line}");
    }
}

#[tokio::test]
async fn a_new_data_key_begins_a_new_version_of_fingerprints_and_rekey_ends_the_old_one() {
    let of = vault().await;
    let before = token(&of, "shop", VISA).await;
    let old = fingerprint(&of, "shop", &before).await;
    let custody = Custody::open(&config(&of.folder.0), of.clock.clone()).await.unwrap();
    custody.renew_data("shop").await.unwrap();
    custody.close().await;
    of.vault.refresh().await.unwrap();
    of.clock.advance(DATA_TERMS.known_seconds);
    let after = [token(&of, "shop", VISA).await, token(&of, "shop", VISA).await];
    let new = fingerprint(&of, "shop", &after[0]).await;
    assert_eq!(fingerprint(&of, "shop", &after[1]).await, new);
    assert!(old.starts_with("1.") && new.starts_with("2.") && old[2..] != new[2..], "{old} {new}");
    assert_eq!(fingerprint(&of, "shop", &before).await, old);
    let custody = Custody::open(&config(&of.folder.0), of.clock.clone()).await.unwrap();
    custody.rekey(|_| ()).await.unwrap();
    custody.close().await;
    assert_eq!(fingerprint(&of, "shop", &before).await, new);
}
