//! A merchant's tokens are nobody else's, and their time may be limited.
//! It must never pass if another merchant's token could be told from none.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use cardseal_vault::token::{Token, TokenFormat};
use support::node::vault_of;
use support::stored::LOOPBACK;
use support::{TestVault, config, vault, visa};

const CALLS: [(&str, &str); 4] = [
    ("GET /v1/tokens/ID", ""),
    ("GET /v1/tokens?ref=order-1", ""),
    ("POST /v1/tokens/ID/reveal", r#"{"reason":"a test"}"#),
    ("DELETE /v1/tokens/ID", ""),
];

#[tokio::test]
async fn another_merchants_token_looks_like_one_that_does_not_exist() {
    let of = vault().await;
    let id = of.token("order-1").await;
    let bearer = of.access_token("bank-tokens").await;
    let unknown = Token::make(TokenFormat::Opaque, visa().number()).to_string();
    let long = "t".repeat(10_000);
    for (line, body) in CALLS.into_iter().filter(|(line, _)| line.contains("ID")) {
        let mut faces = Vec::new();
        for id in [&id, &unknown, "tok_x", "4242424242424242", "%ff", "%00", &long] {
            let answer = of.ask(&bearer, &line.replace("ID", id), body, LOOPBACK).await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "not_found"), "{line} {id}");
            faces.push(answer.body);
        }
        faces.dedup();
        assert_eq!(faces.len(), 1, "{line}");
    }
    let audit = of.audit().await;
    for record in audit.iter().filter(|record| record[4] == "not_found") {
        assert!(record[2].is_empty() || record[2] == id || record[2] == unknown, "{record:?}");
    }
    assert_eq!(audit.iter().filter(|record| record[4] == "not_found").count(), 21);
    assert_eq!(of.vault.store().count_tokens().await.unwrap(), 1);
}

#[tokio::test]
async fn a_token_whose_time_is_over_is_deleted_on_record() {
    const DAY: u64 = 24 * 60 * 60;
    let TestVault { vault: old, clock, folder, .. } = vault().await;
    old.close().await;
    let mut config = config(&folder.0);
    config.merchants[0].settings.token_ttl_days = Some(2);
    let vault = config.open(clock.clone(), Vec::new()).await;
    let (capture, api) =
        (cardseal_vault::api::capture(vault.clone()), cardseal_vault::api::api(vault.clone()));
    let of = TestVault { vault, clock, capture, api, folder };
    let first = of.token("order-1").await;
    of.clock.advance(DAY);
    let second = of.token("order-1").await;
    let row = of.vault.store().token(&first).await.unwrap().unwrap().card;
    of.clock.advance(DAY - 1);
    assert_eq!(of.vault.expire_tokens().await.unwrap(), 0);
    of.clock.advance(1);
    // Over before the sweeper comes.
    let describe = format!("GET /v1/tokens/{first}");
    assert_eq!(of.ask_as("shop-tokens", &describe, "").await.code(), "not_found");
    let listed = of.ask_as("shop-tokens", "GET /v1/tokens?ref=order-1", "").await.json();
    assert_eq!(listed["tokens"].as_array().unwrap().len(), 1);
    assert_eq!(of.vault.sweep().await.unwrap().tokens, 1);
    assert!(of.vault.store().token(&first).await.unwrap().is_none());
    assert!(of.vault.store().token(&second).await.unwrap().is_some());
    assert!(!of.holds(&row));
    let expired: Vec<_> = of.audit().await.into_iter().filter(|record| record[1] == "token.expire").collect();
    assert_eq!(expired, [["vault", "token.expire", &first, "", "ok", ""].map(str::to_owned)]);
    assert_eq!(of.vault.expire_tokens().await.unwrap(), 0);
}

#[tokio::test]
async fn tokens_are_deleted_in_time_even_if_keys_cannot_be_renewed() {
    let of = vault_of(|config| config.merchants[0].settings.token_ttl_days = Some(30)).await;
    of.token("order-1").await;
    std::fs::remove_file(of.folder.0.join("kek")).unwrap();
    of.clock.advance(91 * 24 * 3600);
    assert!(of.vault.sweep().await.is_err());
    assert_eq!(of.vault.store().count_tokens().await.unwrap(), 0);
}
