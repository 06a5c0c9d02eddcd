//! A merchant's backend reads, reveals and deletes its own tokens, and no one else's.
//! It must never pass if another merchant's token can be told from one that does not exist.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use cardseal_vault::audit::Action;
use cardseal_vault::random;
use cardseal_vault::store::cvc::KEPT_SECONDS;
use cardseal_vault::token::Token;
use serde_json::json;
use sqlx::Connection;
use support::stored::{IN_CLEAR, LOOPBACK, OVER_TLS, audit_command, reading, tamper};
use support::{NOW, ORIGIN, VISA, vault, visa};

const REASON: &str = r#"{"reason":"dispute 4711"}"#;

#[tokio::test]
async fn a_token_is_described_without_its_number() {
    let of = vault().await;
    let id = of.token("order-1").await;
    let line = format!("GET /v1/tokens/{id}");
    let answer = of.ask_as("shop-tokens", &line, "").await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
    let expected = json!({
        "id": id, "object": "token", "brand": "visa", "bin": "42424242", "last4": "4242", "exp_month": 12, "exp_year": 2030,
        "cvc": "held", "ref": "order-1", "mode": "test", "created_at": NOW, "review": []
    });
    assert_eq!(answer.json(), expected);
    of.clock.advance(KEPT_SECONDS);
    assert_eq!(of.ask_as("shop-tokens", &line, "").await.json()["cvc"], "lost");
}

#[tokio::test]
async fn tokens_are_listed_by_reference_the_newest_first() {
    let of = vault().await;
    let first = of.token("order 1&x").await;
    of.clock.advance(1);
    let second = of.token("order 1&x").await;
    of.token("order-2").await;
    let answer = of.ask_as("shop-tokens", "GET /v1/tokens?ref=order+1%26x", "").await;
    assert_eq!(answer.json()["object"], "list");
    let listed = answer.json()["tokens"].as_array().unwrap().clone();
    assert_eq!(listed.iter().map(|token| token["id"].as_str().unwrap()).collect::<Vec<_>>(), [second, first]);
    for client in ["shop-tokens", "bank-tokens"] {
        let reference = if client == "shop-tokens" { "order-3" } else { "order-2" };
        let answer = of.ask_as(client, &format!("GET /v1/tokens?ref={reference}"), "").await;
        assert_eq!(answer.json(), json!({ "object": "list", "tokens": [] }));
    }
    for query in ["", "?", "?ref=", "?ref=a&ref=b", "?ref=a&limit=1", "?limit=1", "?REF=a"] {
        let answer = of.ask_as("shop-tokens", &format!("GET /v1/tokens{query}"), "").await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "options_invalid"), "{query}");
    }
}

#[tokio::test]
async fn a_card_is_revealed_for_a_reason_and_only_where_nobody_reads_along() {
    let of = vault().await;
    let id = of.token("order-1").await;
    let line = format!("POST /v1/tokens/{id}/reveal");
    let bearer = of.access_token("shop-tokens").await;
    for from in [LOOPBACK, OVER_TLS] {
        let answer = of.ask(&bearer, &line, REASON, from).await;
        assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.json(), json!({ "number": VISA, "exp_month": 12, "exp_year": 2030 }));
    }
    let answer = of.ask(&bearer, &line, REASON, IN_CLEAR).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "transport_insecure"));
    for (body, code) in [
        ("{}", "body_malformed"),
        ("", "unsupported_media_type"),
        ("null", "body_malformed"),
        (r#"{"reason":1}"#, "body_malformed"),
        (r#"{"reason":"x","why":"y"}"#, "body_malformed"),
        (r#"{"reason":"x","reason":"y"}"#, "body_malformed"),
        (r#"{"reason":""}"#, "options_invalid"),
        (r#"{"reason":"4242 4242 4242 4242"}"#, "options_invalid"),
        (&format!(r#"{{"reason":"{}"}}"#, "r".repeat(201)), "options_invalid"),
    ] {
        let answer = of.ask(&bearer, &line, body, LOOPBACK).await;
        assert_eq!(answer.code(), code, "{body}");
        assert!(!answer.body.contains("4242"), "{}", answer.body);
    }
    let shown: Vec<_> =
        of.audit().await.into_iter().filter(|record| record[1] == Action::TokenReveal.as_str()).collect();
    let record = |origin: &str, result: &str, reason: &str| {
        ["client:shop-tokens", "token.reveal", &id, origin, result, reason].map(str::to_owned)
    };
    assert_eq!(shown[0], record("127.0.0.0/24", "ok", "dispute 4711"));
    assert_eq!(shown[1], record("203.0.113.0/24", "ok", "dispute 4711"));
    assert_eq!(shown[2], record("203.0.113.0/24", "transport_insecure", ""));
    assert_eq!(shown.len(), 6);
}

#[tokio::test]
async fn a_reveal_that_cannot_be_put_on_record_shows_nothing() {
    let of = vault().await;
    let id = of.token("order-1").await;
    let bearer = of.access_token("shop-tokens").await;
    let fails = "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE (ABORT, 'full'); END";
    tamper(&of.folder.0, fails).await;
    for (line, body) in
        [("POST /v1/tokens/ID/reveal", REASON), ("GET /v1/tokens/ID", ""), ("DELETE /v1/tokens/ID", "")]
    {
        let answer = of.ask(&bearer, &line.replace("ID", &id), body, LOOPBACK).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (500, "internal"), "{line}");
        assert!(!answer.body.contains("4242") && !answer.body.contains("full"), "{}", answer.body);
    }
    tamper(&of.folder.0, "DROP TRIGGER full").await;
    assert_eq!(of.ask(&bearer, &format!("GET /v1/tokens/{id}"), "", LOOPBACK).await.status, 200);
}

#[tokio::test]
async fn a_deleted_token_is_gone_from_every_file() {
    let of = vault().await;
    let context = of.context_with(json!({ "origins": [ORIGIN], "ref": "order-77" })).await;
    let (sealed, key) = (support::sealed(&visa(), &context), random::make_name());
    let answer = of.tokenize(&context, &sealed, &key).await;
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let other = of.token("order-2").await;
    let row = of.vault.store().token(&id).await.unwrap().unwrap().card;
    assert!(of.holds(&row) && of.holds(b"order-77"));

    let line = format!("DELETE /v1/tokens/{id}");
    assert_eq!(of.ask_as("bank-tokens", &line, "").await.code(), "not_found");
    let deleted = of.ask_as("shop-tokens", &line, "").await;
    assert_eq!((deleted.status.as_u16(), deleted.body.as_str()), (204, ""));
    // Neither the row nor the answer that it was given with.
    assert!(!of.holds(&row) && !of.holds(b"order-77"));
    for again in [line.clone(), format!("GET /v1/tokens/{id}")] {
        assert_eq!(of.ask_as("shop-tokens", &again, "").await.code(), "not_found");
    }
    let reveal = of.ask_as("shop-tokens", &format!("POST /v1/tokens/{id}/reveal"), REASON).await;
    assert_eq!(reveal.code(), "not_found");
    assert_eq!(of.tokenize(&context, &sealed, &key).await.code(), "context_spent");
    assert_eq!(of.ask_as("shop-tokens", &format!("GET /v1/tokens/{other}"), "").await.status, 200);
    let token = Token::parse(&id).unwrap();
    assert!(of.held_cvc(&token).await.is_none());
}

#[tokio::test]
async fn somebody_who_reads_the_database_for_long_holds_up_no_call_and_the_log_is_emptied_afterwards() {
    let of = vault().await;
    let id = of.token("order-1").await;
    let row = of.vault.store().token(&id).await.unwrap().unwrap().card;
    let reading = reading(&of).await;
    let calls = async {
        assert_eq!(of.ask_as("shop-tokens", &format!("DELETE /v1/tokens/{id}"), "").await.status, 204);
        of.token("order-2").await;
    };
    // SQLite would wait for the reader for ten seconds, and everybody who writes with it.
    tokio::time::timeout(Duration::from_secs(5), calls).await.unwrap();
    reading.close().await.unwrap();
    of.vault.sweep().await.unwrap();
    assert!(!of.holds(&row));
}

#[tokio::test]
async fn a_client_that_hangs_up_during_a_deletion_leaves_nothing_of_the_card_behind() {
    let of = vault().await;
    let id = of.token("order-1").await;
    let token = Token::parse(&id).unwrap();
    let row = of.vault.store().token(&id).await.unwrap().unwrap().card;
    let reading = reading(&of).await;
    {
        let bearer = of.access_token("shop-tokens").await;
        let line = format!("DELETE /v1/tokens/{id}");
        let mut deleting = pin!(of.ask(&bearer, &line, "", LOOPBACK));
        while of.vault.store().token(&id).await.unwrap().is_some() {
            let polled = poll_fn(|context| Poll::Ready(deleting.as_mut().poll(context))).await;
            assert!(polled.is_pending());
        }
    }
    reading.close().await.unwrap();
    let gone = async {
        while of.held_cvc(&token).await.is_some() || of.holds(&row) {
            of.vault.sweep().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(5), gone).await.unwrap();
}

#[tokio::test]
async fn a_row_that_was_changed_or_swapped_is_not_read() {
    let of = vault().await;
    let (one, two) = (of.token("order-1").await, of.token("order-2").await);
    let bearer = of.access_token("shop-tokens").await;
    let broken = async |id: &str| {
        let describe = of.ask(&bearer, &format!("GET /v1/tokens/{id}"), "", LOOPBACK).await;
        let reveal = of.ask(&bearer, &format!("POST /v1/tokens/{id}/reveal"), REASON, LOOPBACK).await;
        let list = of.ask(&bearer, "GET /v1/tokens?ref=order-1", "", LOOPBACK).await;
        assert_eq!([describe.code(), reveal.code(), list.code()], ["internal"; 3]);
        assert!(!reveal.body.contains("4242"));
    };
    let swap = format!(
        "CREATE TEMP TABLE cards AS SELECT id, card FROM tokens; \
         UPDATE tokens SET card = (SELECT card FROM cards WHERE cards.id = '{two}') WHERE id = '{one}'; \
         UPDATE tokens SET card = (SELECT card FROM cards WHERE cards.id = '{one}') WHERE id = '{two}'"
    );
    let before = of.vault.store().token(&one).await.unwrap().unwrap().card;
    tamper(&of.folder.0, &swap).await;
    assert_ne!(of.vault.store().token(&one).await.unwrap().unwrap().card, before);
    broken(&one).await;
}

#[tokio::test]
async fn whatever_column_of_a_row_is_edited_it_is_not_read_and_the_audit_names_it() {
    const FREE: &str = "'tok_aaaaaaaaaaaaaaaaaaaaaaaaadzldrkb'";
    for (column, value) in [
        ("mode", "'live'"),
        ("brand", "'mastercard'"),
        ("last4", "'1111'"),
        ("ref", "'order-2'"),
        ("ref", "''"),
        ("ref", "NULL"),
        ("created_at", "created_at + 1"),
        ("context", "'another'"),
        ("review", "'[\"no reason\"]'"),
        ("card", "zeroblob(200)"),
        ("id", FREE),
        ("merchant", "'bank'"),
    ] {
        let of = vault().await;
        let id = of.token("order-1").await;
        of.token("order-9").await;
        let whole = audit_command(&of.folder.0, &["verify"]);
        assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stdout));
        tamper(&of.folder.0, &format!("UPDATE tokens SET {column} = {value} WHERE id = '{id}'")).await;

        let id = if column == "id" { FREE.trim_matches('\'') } else { &id };
        let row = of.vault.store().token(id).await.unwrap().unwrap();
        let client = if column == "merchant" { "bank-tokens" } else { "shop-tokens" };
        let mut calls = vec![
            (format!("GET /v1/tokens/{}", row.id), ""),
            (format!("POST /v1/tokens/{}/reveal", row.id), REASON),
        ];
        if let Some(reference) = row.reference.as_ref().filter(|reference| !reference.is_empty()) {
            calls.push((format!("GET /v1/tokens?ref={reference}"), ""));
        }
        for (line, body) in calls {
            let answer = of.ask_as(client, &line, body).await;
            let said = (answer.status.as_u16(), answer.code());
            assert_eq!(said, (500, "internal".to_owned()), "{column} {value}: {line}");
            for secret in ["4242", "1111", "order", "shop", "row"] {
                assert!(!answer.body.contains(secret), "{}", answer.body);
            }
        }
        let verified = audit_command(&of.folder.0, &["verify"]);
        let said = String::from_utf8(verified.stdout).unwrap();
        let fault = format!("token {}: its row was edited or moved, and does not open", row.id);
        assert!(!verified.status.success() && said.contains(&fault), "{column} {value}: {said}");
        assert_eq!(said.matches("does not open").count(), 1, "{said}");
    }
}
