//! The seam of rules about cards: what a rule is told, and what a browser, a merchant and an operator learn of it.
//! It must never pass if a browser could tell a card that is for review from any other.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::{Arc, Mutex};

use cardseal::context::Mode;
use cardseal::error::Code;
use cardseal_vault::facts::{Country, Currency};
use cardseal_vault::random;
use cardseal_vault::rule::{Attempt, Rule, Verdict};
use serde_json::json;
use support::judged::{capture, counted, of_number, review};
use support::node::{from, vault_of};
use support::{Answer, NOW, ORIGIN, claims, refused, sealed, token_request, vault_with, visa};

const HERE: &str = "203.0.113.7";

/// A test's own rule: says this, by the name of the card's brand.
struct Of(&'static str, &'static str, Verdict);

impl Rule for Of {
    fn name(&self) -> &'static str {
        self.0
    }

    fn judge(&self, attempt: &Attempt<'_>) -> Verdict {
        if attempt.card.number().brand().name == self.1 { self.2 } else { Verdict::Allow }
    }
}

#[tokio::test]
async fn a_rule_is_told_everything_that_is_known() {
    #[derive(Default)]
    struct Listens(Mutex<Vec<String>>);
    impl Rule for Listens {
        fn name(&self) -> &'static str {
            "listens"
        }

        fn judge(&self, attempt: &Attempt<'_>) -> Verdict {
            assert_eq!((attempt.mode, attempt.now, attempt.merchant), (Mode::Test, NOW, "shop"));
            let amount = attempt.facts.amount.map(|amount| (amount.value, amount.currency));
            assert_eq!(amount, Some((1250, Currency::EUR)));
            assert_eq!(attempt.facts.shipping_country, Country::parse("DE"));
            assert_eq!(attempt.reference, Some("order-1"));
            let address = attempt.address.unwrap().to_string();
            self.0.lock().unwrap().extend([
                attempt.card.number().last4().to_owned(),
                address,
                attempt.network.to_owned(),
            ]);
            Verdict::Allow
        }
    }
    let listens = Arc::new(Listens::default());
    let of = vault_with(vec![listens.clone()]).await;
    let facts = json!({
        "amount": { "value": 1250, "currency": "EUR" }, "shipping_country": "DE", "ref": "order-1"
    });
    let answer = capture(&of, &visa(), facts, HERE).await;
    assert_eq!(review(&of, &answer).await, json!([]));
    assert_eq!(*listens.0.lock().unwrap(), ["4242", HERE, "203.0.113.0/24"]);
}

#[tokio::test]
async fn the_strictest_of_several_rules_counts_and_the_context_stays_usable() {
    let of = vault_with(vec![
        Arc::new(Of("one", "visa", Verdict::Review("odd"))),
        Arc::new(Of("two", "visa", Verdict::Review("odder"))),
        Arc::new(Of("three", "visa", Verdict::Review("odd"))),
        Arc::new(Of("four", "mastercard", Verdict::Review("odd"))),
        Arc::new(Of("five", "mastercard", Verdict::Reject("worst"))),
        Arc::new(Of("six", "mastercard", Verdict::Reject("never asked"))),
    ])
    .await;
    let context = of.context().await;
    let answer = refused(&of, &context, &sealed(&of_number("5555555555554444"), &context)).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "card_refused"));
    for word in ["odd", "worst", "five"] {
        assert!(!answer.body.contains(word), "{}", answer.body);
    }
    let reviewed = of.tokenize(&context, &sealed(&visa(), &context), "key").await;
    let plain = capture(&of, &of_number("378282246310005"), json!({}), HERE).await;
    assert_eq!(review(&of, &reviewed).await, json!(["odd", "odder"]));
    assert_eq!(review(&of, &plain).await, json!([]));
    let names = |answer: &Answer| {
        let names: Vec<_> = answer.headers.keys().cloned().collect();
        (answer.status, names, answer.json().as_object().unwrap().keys().cloned().collect::<Vec<_>>())
    };
    assert_eq!(names(&reviewed), names(&plain), "a browser could tell them apart");

    let records = of.audit().await;
    let made: Vec<_> = records
        .iter()
        .filter(|record| record[1] == "token.create")
        .map(|record| (record[4].as_str(), record[5].as_str()))
        .collect();
    assert_eq!(made, [("card_refused", "worst"), ("ok", "odd odder"), ("ok", "")]);
    for (verdict, rule, count) in [
        ("review", "one", 1),
        ("allow", "one", 2),
        ("review", "four", 1),
        ("reject", "five", 1),
        ("allow", "five", 2),
        ("allow", "six", 2),
        ("reject", "six", 0),
    ] {
        let line = format!("cardseal_verdicts_total{{rule=\"{rule}\",verdict=\"{verdict}\"}} {count}");
        assert!(counted(&of, &line).await, "{line}");
    }
}

#[tokio::test]
async fn a_rule_may_have_a_code_of_its_own_and_is_asked_after_the_context() {
    struct NoVisa;
    impl Rule for NoVisa {
        fn name(&self) -> &'static str {
            "no_visa"
        }

        fn judge(&self, _: &Attempt<'_>) -> Verdict {
            Verdict::Reject("no_visa")
        }

        fn code(&self) -> Code {
            Code::TestCardRequired
        }
    }
    let of = vault_with(vec![Arc::new(NoVisa)]).await;
    let context = of.context_with(json!({ "origins": [ORIGIN], "brands": ["mastercard"] })).await;
    let answer = refused(&of, &context, &sealed(&visa(), &context)).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "brand_not_accepted"));
    let context = of.context().await;
    let answer = refused(&of, &context, &sealed(&visa(), &context)).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "test_card_required"));
}

#[tokio::test]
async fn a_rejected_card_is_an_attempt() {
    let of = vault_of(|config| {
        config.rules.deny_addresses = vec!["203.0.113.0/24".to_owned()];
        config.limits.attempts_per_context = 2;
    })
    .await;
    let context = of.context().await;
    for code in ["card_refused", "card_refused", "context_exhausted"] {
        let request = token_request(&context, &sealed(&visa(), &context), &random::make_name());
        assert_eq!(of.send(&of.capture, from(HERE, request)).await.code(), code);
    }
    assert!(!of.vault.store().is_spent(&claims(&context).jti).await.unwrap());
}
