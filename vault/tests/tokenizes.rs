//! A sealed card becomes a token, and only the vault's own process can read what it stored.
//! It must never pass if a digit of a card is found where none may be.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use cardseal::card::{Card, Parts};
use cardseal_vault::store::cvc::KEPT_SECONDS;
use cardseal_vault::token::Token;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Row, query};
use support::stored::held_cvc;
use support::{NOW, ORIGIN, TestVault, VISA, card, vault, visa};

#[tokio::test]
async fn a_sealed_card_becomes_a_token() {
    let of = vault().await;
    let answer = of.tokenize_card(&visa(), json!({ "origins": [ORIGIN], "ref": "order 7" })).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("idempotent-replayed"), "");
    let body = answer.json();
    let token = Token::parse(body["id"].as_str().unwrap()).unwrap();
    assert_eq!(
        body,
        json!({ "id": token.as_str(), "object": "token", "brand": "visa", "last4": "4242", "ref": "order 7" })
    );
    assert_eq!(of.vault.private_key_operations(), 1);
}

#[tokio::test]
async fn the_stored_row_opens_to_exactly_the_card_without_its_security_code() {
    let of = vault().await;
    for parts in [
        Parts { number: VISA, exp_year: 2030, exp_month: 12, cvc: Some("737"), ..Parts::default() },
        Parts {
            number: "2223003122003222",
            exp_year: 2026,
            exp_month: 9,
            cvc: Some("111"),
            ..Parts::default()
        },
        Parts {
            number: "378282246310005",
            exp_year: 2031,
            exp_month: 1,
            cvc: Some("7373"),
            ..Parts::default()
        },
        Parts {
            number: "6205500000000000004",
            exp_year: 2029,
            exp_month: 3,
            cvc: Some("123"),
            name: Some("Zoë O'Neill-李"),
            postal_code: Some("SW1A 1AA"),
            network: Some("unionpay"),
        },
    ] {
        let answer = of.tokenize_card(&card(&parts), json!({ "origins": [ORIGIN] })).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let token = Token::parse(answer.json()["id"].as_str().unwrap()).unwrap();
        // That a card of one network is to be paid over that is nothing to keep.
        let without_cvc = card(&Parts { cvc: None, network: None, ..parts });
        assert_eq!(plaintext(&of.vault.reopen(&token).await.unwrap()), plaintext(&without_cvc));
        assert_eq!(of.held_cvc(&token).await.as_deref(), parts.cvc.map(str::as_bytes));
    }
}

#[tokio::test]
async fn nothing_of_the_card_stands_in_clear_in_any_file() {
    let of = vault().await;
    let parts = Parts {
        number: VISA,
        exp_year: 2030,
        exp_month: 12,
        cvc: Some("9371"),
        name: Some("Ottoline Featherstonehaugh"),
        postal_code: Some("ZX9 8QV"),
        ..Parts::default()
    };
    let amex = card(&Parts { number: "378282246310005", ..parts });
    let answer = of.tokenize_card(&amex, json!({ "origins": [ORIGIN] })).await;
    assert_eq!(answer.status, 201);
    let needles: [&[u8]; 6] =
        [b"378282246310005", b"Ottoline", b"ZX9 8QV", b"exp_month", b"\"9371\"", b"BEGIN PRIVATE KEY"];
    for round in ["with its log", "after the log was folded in"] {
        let files = of.files();
        assert!(files.iter().any(|(path, _)| path.ends_with("vault.sqlite")));
        for (path, bytes) in &files {
            for needle in needles {
                assert!(
                    !contains(bytes, needle),
                    "{round}: {} holds {}",
                    path.display(),
                    needle.escape_ascii()
                );
            }
        }
        of.vault.close().await;
    }
    // The search does find what is stored in clear on purpose.
    assert!(
        of.files().iter().any(|(_, bytes)| contains(bytes, answer.json()["id"].as_str().unwrap().as_bytes()))
    );
}

#[tokio::test]
async fn the_security_code_is_gone_after_fifteen_minutes_and_after_a_restart() {
    let of = vault().await;
    let answer = of.tokenize_card(&visa(), json!({ "origins": [ORIGIN] })).await;
    let token = Token::parse(answer.json()["id"].as_str().unwrap()).unwrap();
    of.clock.advance(KEPT_SECONDS - 1);
    assert!(of.held_cvc(&token).await.is_some());
    of.clock.advance(1);
    assert!(of.held_cvc(&token).await.is_none());

    of.vault.close().await;
    let again = cardseal_vault::service::Vault::open(
        &support::config(&of.folder.0),
        support::frames(),
        std::sync::Arc::new(cardseal_vault::clock::FixedClock::new(NOW)),
        Vec::new(),
    )
    .await
    .unwrap();
    assert!(held_cvc(&again, &token).await.is_none());
    assert_eq!(plaintext(&again.reopen(&token).await.unwrap()), plaintext(&visa().split_cvc().0));
}

#[tokio::test]
async fn a_row_swapped_with_another_or_moved_to_another_merchant_does_not_open() {
    let of = vault().await;
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let answer = of.tokenize_card(&visa(), json!({ "origins": [ORIGIN] })).await;
        tokens.push(Token::parse(answer.json()["id"].as_str().unwrap()).unwrap());
    }
    let [first, second] = [tokens[0].as_str(), tokens[1].as_str()];
    let mut database = database(&of).await;
    query("CREATE TEMP TABLE kept AS SELECT * FROM tokens").execute(&mut database).await.unwrap();
    for change in [
        "UPDATE tokens SET card = (SELECT card FROM kept WHERE kept.id != tokens.id)",
        "UPDATE tokens SET card = substr(card, 1, length(card) - 1)",
        "UPDATE tokens SET card = x'01'",
        "UPDATE tokens SET card = x''",
        "UPDATE tokens SET merchant = 'bank'",
    ] {
        query(change).execute(&mut database).await.unwrap();
        for token in &tokens {
            let failure = of.vault.reopen(token).await.unwrap_err();
            assert_eq!(failure.code().as_str(), "internal", "{change}");
        }
        for id in [first, second] {
            query("UPDATE tokens SET (merchant, card) = (SELECT merchant, card FROM kept WHERE id = ?1) WHERE id = ?1")
                .bind(id)
                .execute(&mut database)
                .await
                .unwrap();
        }
        for token in &tokens {
            assert!(of.vault.reopen(token).await.is_ok(), "restored after {change}");
        }
    }
}

#[tokio::test]
async fn the_audit_names_the_token_and_cannot_be_rewritten() {
    let of = vault().await;
    let answer = of.tokenize_card(&visa(), json!({ "origins": [ORIGIN] })).await;
    let mut database = database(&of).await;
    let row =
        query("SELECT at, actor, action, subject, result, request_id FROM audit ORDER BY seq DESC LIMIT 1")
            .fetch_one(&mut database)
            .await
            .unwrap();
    assert_eq!(row.get::<i64, _>(0), NOW as i64);
    assert_eq!(row.get::<String, _>(1), "shopper:shop");
    assert_eq!(row.get::<String, _>(2), "token.create");
    assert_eq!(row.get::<String, _>(3), answer.json()["id"].as_str().unwrap());
    assert_eq!(row.get::<String, _>(4), "ok");
    assert_eq!(row.get::<String, _>(5), answer.header("x-request-id"));
    for change in ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"] {
        assert!(query(change).execute(&mut database).await.is_err(), "{change}");
    }
}

fn plaintext(card: &Card) -> String {
    // EXPOSE: the test compares whole cards.
    String::from_utf8(card.format().expose().clone()).unwrap()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

async fn database(of: &TestVault) -> SqliteConnection {
    SqliteConnectOptions::new().filename(of.folder.0.join("vault.sqlite")).connect().await.unwrap()
}
