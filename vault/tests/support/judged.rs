//! Cards that are captured from an address for a purchase, and what the vault thought of them.
//! It must never be used where no rule about cards is asked.

use cardseal::card::{Card, Parts};
use cardseal_vault::config::Config;
use cardseal_vault::random;
use serde_json::{Value, json};

use super::node::from;
use super::{Answer, ORIGIN, TestVault, card, sealed, token_request};

pub fn of_number(number: &str) -> Card {
    let cvc = if number.len() == 15 { "9371" } else { "737" };
    card(&Parts { number, exp_year: 2030, exp_month: 12, cvc: Some(cvc), ..Parts::default() })
}

/// Gives a vault a table of these lines.
pub fn bin_table(config: &mut Config, lines: &str) {
    let path = config.data.join("bins.csv");
    std::fs::write(&path, format!("from,to,networks,funding,country\n{lines}")).unwrap();
    config.bin_table = Some(path);
}

/// A card for a fresh context with these facts, from an address.
pub async fn capture(of: &TestVault, card: &Card, facts: Value, address: &str) -> Answer {
    let mut body = json!({ "origins": [ORIGIN] });
    body.as_object_mut().unwrap().append(&mut facts.as_object().unwrap().clone());
    let context = of.context_with(body).await;
    let request = token_request(&context, &sealed(card, &context), &random::make_name());
    of.send(&of.capture, from(address, request)).await
}

/// What is known of the token in an answer: why it is for review.
pub async fn review(of: &TestVault, answer: &Answer) -> Value {
    assert_eq!(answer.status, 201, "{}", answer.body);
    let line = format!("GET /v1/tokens/{}", answer.json()["id"].as_str().unwrap());
    of.ask_as("shop-tokens", &line, "").await.json()["review"].clone()
}

/// How the answers were counted.
pub async fn counted(of: &TestVault, line: &str) -> bool {
    of.vault.format_metrics().await.unwrap().lines().any(|of| of == line)
}
