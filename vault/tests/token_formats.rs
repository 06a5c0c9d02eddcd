//! Tokens of every format do all that a token does, and none of them can be taken for a card.
//! It must never pass if two cards share a token.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::collections::HashSet;

use cardseal::card::{CardNumber, Parts};
use cardseal_vault::audit::{Action, Audited};
use cardseal_vault::random;
use cardseal_vault::store::{Answer as Kept, Capture, Outcome, Sameness, StoredToken};
use cardseal_vault::token::{Token, TokenFormat};
use serde_json::json;
use support::node::{Node, vault_of};
use support::stored::tamper;
use support::{NOW, ORIGIN, TestVault, VISA, card, sealed, visa};

const FORMATS: [TokenFormat; 3] = [TokenFormat::Opaque, TokenFormat::Uuid, TokenFormat::Last4];

async fn vault_with(format: TokenFormat) -> TestVault {
    vault_of(|config| {
        config.merchants.iter_mut().for_each(|merchant| merchant.settings.token_format = format)
    })
    .await
}

#[tokio::test]
async fn a_token_of_every_format_does_what_a_token_does() {
    for format in FORMATS {
        let of = vault_with(format).await;
        let context = of.context_with(json!({ "origins": [ORIGIN], "ref": "order-1" })).await;
        let (sealed_card, key) = (sealed(&visa(), &context), random::make_name());
        let made = of.tokenize(&context, &sealed_card, &key).await;
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let token = Token::parse(&id).unwrap();
        let again = of.tokenize(&context, &sealed_card, &key).await;
        assert_eq!((again.header("idempotent-replayed"), &again.body), ("true", &made.body));
        assert!(of.held_cvc(&token).await.is_some());

        let line = format!("GET /v1/tokens/{id}");
        let described = of.ask_as("shop-tokens", &line, "").await.json();
        assert_eq!(
            described,
            json!({
                "id": id, "object": "token", "brand": "visa", "bin": "42424242", "last4": "4242", "exp_month": 12,
                "exp_year": 2030, "cvc": "held", "ref": "order-1", "mode": "test", "created_at": NOW, "review": []
            })
        );
        let listed = of.ask_as("shop-tokens", "GET /v1/tokens?ref=order-1", "").await.json();
        assert_eq!(listed["tokens"], json!([described]));
        let reveal = format!("POST /v1/tokens/{id}/reveal");
        let card = of.ask_as("shop-tokens", &reveal, r#"{"reason":"a test"}"#).await.json();
        assert_eq!(card, json!({ "number": VISA, "exp_month": 12, "exp_year": 2030 }));
        assert_eq!(of.ask_as("bank-tokens", &line, "").await.code(), "not_found");
        assert_eq!(of.ask_as("shop-tokens", &format!("DELETE /v1/tokens/{id}"), "").await.status, 204);
        assert_eq!(of.ask_as("shop-tokens", &line, "").await.code(), "not_found");
        assert!(of.held_cvc(&token).await.is_none());

        let on_record: Vec<_> = of.audit().await.into_iter().filter(|record| record[2] == id).collect();
        let actions: Vec<_> = on_record.iter().map(|record| record[1].as_str()).collect();
        let expected =
            ["token.create", "token.read", "token.read", "token.reveal", "token.read", "token.delete"];
        assert_eq!(actions[..6], expected, "{format:?}");
    }
}

#[tokio::test]
async fn a_token_that_keeps_the_last_four_is_as_long_as_the_card_and_is_none() {
    let of = vault_with(TokenFormat::Last4).await;
    for (number, cvc) in
        [("676770000005", "737"), ("378282246310005", "7373"), (VISA, "737"), ("6205500000000000004", "737")]
    {
        let parts = Parts { number, exp_year: 2030, exp_month: 12, cvc: Some(cvc), ..Parts::default() };
        let answer = of.tokenize_card(&card(&parts), json!({ "origins": [ORIGIN] })).await.json();
        let id = answer["id"].as_str().unwrap();
        assert_eq!((id.len(), id.get(..2)), (number.len(), Some("99")), "{id}");
        assert_eq!(Some(&id[id.len() - 4..]), answer["last4"].as_str());
        assert!(!luhn::valid(id) && CardNumber::parse(id).is_err(), "{id}");
    }
}

#[tokio::test]
async fn tokens_made_before_a_change_of_the_format_are_honoured() {
    let of = vault_with(TokenFormat::Last4).await;
    let id = of.token("order-1").await;
    // The same merchant, with the format of a configuration that names none.
    let changed = Node::beside(&of).await;
    assert!(changed.vault.reopen(&Token::parse(&id).unwrap()).await.is_ok());
}

#[tokio::test]
async fn a_token_that_is_taken_is_drawn_again() {
    let of = vault_with(TokenFormat::Last4).await;
    // Stands for a store that is full but for every fifth token: the database takes no other.
    let full = "CREATE TRIGGER full BEFORE INSERT ON tokens WHEN substr(NEW.id, 3, 1) < '8' \
                BEGIN SELECT RAISE (IGNORE); END";
    tamper(&of.folder.0, full).await;
    let mut ids = HashSet::new();
    while ids.len() < 5 {
        let answer = of.tokenize_card(&visa(), json!({ "origins": [ORIGIN] })).await;
        // Twenty draws may fail in a row, once in a hundred.
        if answer.status == 201 {
            let id = answer.json()["id"].as_str().unwrap().to_owned();
            assert!(id.as_bytes()[2] >= b'8', "{id}");
            ids.insert(id);
        }
    }
    assert_eq!(of.vault.store().count_tokens().await.unwrap(), 5);
}

#[tokio::test]
async fn when_no_token_is_free_nothing_is_spent() {
    let of = vault_with(TokenFormat::Last4).await;
    let full = "CREATE TRIGGER full BEFORE INSERT ON tokens BEGIN SELECT RAISE (IGNORE); END";
    tamper(&of.folder.0, full).await;
    let context = of.context().await;
    let (sealed_card, key) = (sealed(&visa(), &context), random::make_name());
    let refused = of.tokenize(&context, &sealed_card, &key).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (500, "internal"));
    tamper(&of.folder.0, "DROP TRIGGER full").await;
    assert_eq!(of.tokenize(&context, &sealed_card, &key).await.status, 201);
}

#[tokio::test]
async fn the_store_gives_a_token_to_one_card_only() {
    let of = vault_with(TokenFormat::Last4).await;
    let taken = of.token("order-1").await;
    let row = of.vault.store().token(&taken).await.unwrap().unwrap();
    let capture = |id: &str| Capture {
        token: StoredToken { id: id.to_owned(), context: "another".to_owned(), ..row.clone() },
        context_expires_at: NOW + 900,
        key: "key".to_owned(),
        sameness: Sameness { context: "another".to_owned(), digest: vec![1] },
        answer: Kept { status: 201, body: String::new() },
        audited: Audited::of_vault(NOW, Action::TokenCreate, id.to_owned()),
    };
    let outcome = of.vault.store().insert_capture(&capture(&taken)).await.unwrap();
    assert!(outcome.is_none());
    // Nothing of it stayed: the same context and key are free for the next token.
    let outcome = of.vault.store().insert_capture(&capture("free")).await.unwrap();
    assert!(matches!(outcome, Some(Outcome::Stored)));
    assert_eq!(of.vault.store().token(&taken).await.unwrap().unwrap().context, row.context);
    assert_eq!(of.vault.store().count_tokens().await.unwrap(), 2);
}
