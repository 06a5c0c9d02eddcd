//! The built-in rules about cards and the busy BIN: what each objects to, and what it leaves alone.
//! It must never pass if a rule is about another merchant, card or network than the one it counted.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use cardseal::card::CardNumber;
use cardseal_vault::config::Config;
use cardseal_vault::limits::Alert;
use cardseal_vault::rule::{Severity, VelocityConfig};
use serde_json::{Value, json};
use support::judged::{bin_table, capture, counted, of_number, review};
use support::node::vault_of;
use support::stored::tamper;
use support::{ORIGIN, VISA, sealed, visa};

const HERE: &str = "203.0.113.7";

fn euros(value: u64) -> Value {
    json!({ "amount": { "value": value, "currency": "EUR" } })
}

#[tokio::test]
async fn listed_addresses_are_refused_however_they_are_written() {
    let of = vault_of(|config| {
        let denied = ["203.0.113.0/25", "198.51.100.7", "2001:db8:1::/48"];
        config.rules.deny_addresses = denied.map(str::to_owned).to_vec();
    })
    .await;
    for (address, denied) in [
        ("203.0.113.7", true),
        ("::ffff:203.0.113.7", true),
        ("203.0.113.128", false),
        ("198.51.100.7", true),
        ("198.51.100.8", false),
        ("2001:db8:1:ffff::1", true),
        ("2001:db8:2::1", false),
    ] {
        let answer = capture(&of, &visa(), json!({}), address).await;
        assert_eq!(answer.status == 422, denied, "{address}: {}", answer.body);
        if denied {
            assert_eq!(answer.code(), "card_refused");
        }
    }
    let records = of.audit().await;
    assert_eq!(records.iter().filter(|record| record[5] == "address_denied").count(), 4);
    let context = of.context().await;
    assert_eq!(of.tokenize(&context, &sealed(&visa(), &context), "key").await.status, 201, "no address");
}

#[tokio::test]
async fn a_card_of_another_country_is_for_review_or_refused_if_both_are_known() {
    let table = "424242,424242,visa,credit,US\n555555,555555,mastercard,debit,\n";
    for severity in [Severity::Off, Severity::Review, Severity::Reject] {
        let of = vault_of(|config| {
            bin_table(config, table);
            config.rules.country_mismatch = severity;
        })
        .await;
        for (number, facts, objects) in [
            ("4242424242424242", json!({ "shipping_country": "DE" }), true),
            ("4242424242424242", json!({ "shipping_country": "US" }), false),
            ("4242424242424242", json!({}), false),
            ("5555555555554444", json!({ "shipping_country": "DE" }), false),
            ("378282246310005", json!({ "shipping_country": "DE" }), false),
        ] {
            let answer = capture(&of, &of_number(number), facts.clone(), HERE).await;
            match severity {
                Severity::Reject if objects => assert_eq!(answer.code(), "card_refused", "{facts}"),
                Severity::Review if objects => {
                    assert_eq!(review(&of, &answer).await, json!(["country_mismatch"]), "{facts}");
                }
                _ => assert_eq!(review(&of, &answer).await, json!([]), "{number} {facts}"),
            }
        }
    }
}

fn velocity(verdict: Severity) -> VelocityConfig {
    VelocityConfig {
        verdict,
        window_minutes: 60,
        card_count: None,
        network_count: None,
        card_sum: [].into(),
        network_sum: [].into(),
    }
}

#[tokio::test]
async fn a_card_that_pays_often_is_refused_until_the_window_ends_and_no_other_card_is() {
    let velocity = VelocityConfig { card_count: Some(2), ..velocity(Severity::Reject) };
    let of = vault_of(|config| config.rules.amount_velocity = Some(velocity)).await;
    for (card, address, status) in [
        ("4242424242424242", HERE, 201),
        ("4242424242424242", "198.51.100.7", 201),
        ("4242424242424242", HERE, 422),
        ("4242424242424242", "192.0.2.1", 422),
        ("5555555555554444", HERE, 201),
    ] {
        assert_eq!(capture(&of, &of_number(card), json!({}), address).await.status, status, "{card}");
    }
    let answer = of.ask_context("bank-backend", json!({ "origins": ["https://bank.example"] })).await;
    let bank = answer.json()["context"].as_str().unwrap().to_owned();
    assert_eq!(of.tokenize(&bank, &sealed(&visa(), &bank), "key").await.status, 201, "another merchant");
    of.clock.advance(3599);
    assert_eq!(capture(&of, &visa(), json!({}), HERE).await.code(), "card_refused");
    of.clock.advance(1);
    for status in [201, 201, 422] {
        assert_eq!(capture(&of, &visa(), json!({}), HERE).await.status, status);
    }
}

#[tokio::test]
async fn a_card_that_is_sent_again_with_its_context_is_one_capture_and_never_refused_for_itself() {
    let velocity = VelocityConfig { card_count: Some(2), ..velocity(Severity::Reject) };
    let of = vault_of(|config| config.rules.amount_velocity = Some(velocity)).await;
    let context = of.context().await;
    let sealed_card = sealed(&visa(), &context);
    let fails = "CREATE TRIGGER full BEFORE INSERT ON tokens BEGIN SELECT RAISE (ABORT, 'full'); END";
    tamper(&of.folder.0, fails).await;
    for _ in 0..3 {
        assert_eq!(of.tokenize(&context, &sealed_card, "key").await.code(), "internal");
    }
    tamper(&of.folder.0, "DROP TRIGGER full").await;
    let (one, two) =
        tokio::join!(of.tokenize(&context, &sealed_card, "key"), of.tokenize(&context, &sealed_card, "key"),);
    assert_eq!((one.status.as_u16(), two.status.as_u16()), (201, 201), "{} {}", one.body, two.body);
    for status in [201, 422] {
        assert_eq!(capture(&of, &visa(), json!({}), HERE).await.status, status);
    }
}

#[tokio::test]
async fn sums_are_of_one_currency_and_of_what_was_captured() {
    let velocity = VelocityConfig {
        card_sum: [("EUR".to_owned(), 10_000), ("JPY".to_owned(), 500)].into(),
        ..velocity(Severity::Reject)
    };
    let of = vault_of(|config| config.rules.amount_velocity = Some(velocity)).await;
    let of_currency = |value: u64, currency| json!({ "amount": { "value": value, "currency": currency } });
    for (facts, status) in [
        (euros(6_000), 201),
        // Refused, and so not counted.
        (euros(4_001), 422),
        (euros(999_999_999_999), 422),
        (of_currency(500, "JPY"), 201),
        (of_currency(1, "JPY"), 422),
        // No threshold for this one.
        (of_currency(999_999_999_999, "USD"), 201),
        (json!({}), 201),
        (euros(4_000), 201),
        (euros(0), 201),
        (euros(1), 422),
    ] {
        let answer = capture(&of, &visa(), facts.clone(), HERE).await;
        assert_eq!(answer.status, status, "{facts}");
    }
}

#[tokio::test]
async fn a_network_is_counted_whatever_its_cards_and_addresses_but_not_where_it_is_unknown() {
    let velocity = VelocityConfig {
        network_count: Some(3),
        network_sum: [("EUR".to_owned(), 1_000)].into(),
        ..velocity(Severity::Review)
    };
    let of = vault_of(|config| config.rules.amount_velocity = Some(velocity)).await;
    for (number, address, value, reasons) in [
        ("4242424242424242", HERE, 900, json!([])),
        ("5555555555554444", "203.0.113.8", 200, json!(["network_velocity"])),
        ("378282246310005", "198.51.100.7", 900, json!([])),
        ("378282246310005", "203.0.113.9", 0, json!(["network_velocity"])),
    ] {
        let answer = capture(&of, &of_number(number), euros(value), address).await;
        assert_eq!(review(&of, &answer).await, reasons, "{number} {address}");
    }
    for _ in 0..5 {
        let answer = of
            .tokenize_card(
                &visa(),
                json!({ "origins": [ORIGIN], "amount": { "value": 900, "currency": "EUR" } }),
            )
            .await;
        assert_eq!(review(&of, &answer).await, json!([]));
    }
}

#[tokio::test]
async fn a_busy_bin_is_for_review_and_never_refused() {
    let of = vault_of(|config| config.limits.bin_per_minute = 3).await;
    let sibling = (0..10).map(|check| format!("424242111111111{check}"));
    let sibling = sibling.filter(|number| CardNumber::parse(number).is_ok()).collect::<String>();
    for at in 0..6 {
        let answer = capture(&of, &of_number([VISA, &sibling][at % 2]), json!({}), HERE).await;
        let expected = if at < 3 { json!([]) } else { json!(["busy_bin"]) };
        assert_eq!(review(&of, &answer).await, expected, "{at}");
    }
    let other = capture(&of, &of_number("4000056655665556"), json!({}), HERE).await;
    assert_eq!(review(&of, &other).await, json!([]), "another bank's card");
    assert_eq!(of.vault.limits().raised(Alert::BusyBin), 1);
    assert!(counted(&of, "cardseal_limits_total{limit=\"bin\"} 3").await);
    of.clock.advance(60);
    let later = capture(&of, &visa(), json!({}), HERE).await;
    assert_eq!(review(&of, &later).await, json!([]));
}

#[test]
fn a_rule_that_is_set_wrongly_is_told_by_name() {
    const GOOD: &str = "origin = \"https://vault.example\"\ncapture_listen = \"127.0.0.1:1\"\n\
        api_listen = \"127.0.0.1:2\"\ndata = \"/data\"\nkek_file = \"/kek\"\nmode = \"test\"\n";
    for (rules, says) in [
        ("colour = \"red\"", "colour"),
        ("deny_addresses = [\"203.0.113.300\"]", "203.0.113.300"),
        ("deny_addresses = [\"\"]", "deny_addresses"),
        ("deny_addresses = [\"203.0.113.7/24\"]", "write 203.0.113.0/24"),
        ("deny_addresses = [\"203.0.113.0/33\"]", "deny_addresses"),
        ("deny_addresses = [\"::ffff:203.0.113.7\"]", "write it as IPv4"),
        ("deny_addresses = [\"shop.example\"]", "shop.example"),
        ("country_mismatch = \"maybe\"", "`off`, `review` or `reject`"),
        ("country_mismatch = true", "expected a string"),
        ("[rules.amount_velocity]\nverdict = \"review\"", "no threshold"),
        ("[rules.amount_velocity]\ncard_count = 1", "verdict"),
        ("[rules.amount_velocity]\nverdict = \"review\"\ncard_count = 0", "card_count is 0"),
        ("[rules.amount_velocity]\nverdict = \"review\"\ncard_count = -1", "line 10"),
        ("[rules.amount_velocity]\nverdict = \"off\"\nnetwork_count = 0", "network_count is 0"),
        (
            "[rules.amount_velocity]\nverdict = \"review\"\ncard_count = 1\nwindow_minutes = 0",
            "window_minutes",
        ),
        (
            "[rules.amount_velocity]\nverdict = \"review\"\ncard_count = 1\nwindow_minutes = 10081",
            "1 to 10080",
        ),
        ("[rules.amount_velocity]\nverdict = \"review\"\ncard_sum = { euro = 1 }", "card_sum: `euro`"),
        ("[rules.amount_velocity]\nverdict = \"review\"\nnetwork_sum = { EUR = \"1\" }", "line 10"),
        ("[rules.amount_velocity]\nverdict = \"review\"\ncard_max = 1", "card_max"),
    ] {
        let sentence = Config::parse(&format!("{GOOD}[rules]\n{rules}\n"), &[]).unwrap_err();
        assert!(sentence.contains(says), "{rules}: {sentence}");
    }
    assert!(Config::parse(&format!("{GOOD}[rules]\n"), &[]).is_ok());
    let documented = include_str!("../../docs/operating.md").split("```toml\n[rules]\n").nth(1).unwrap();
    let documented = documented.split("```").next().unwrap();
    Config::parse(&format!("{GOOD}[rules]\n{documented}"), &[]).unwrap();
}
