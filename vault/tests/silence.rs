//! The log of a vault at work holds no card, no secret, no context and no body.
//! It must never be run in one process with other tests: it watches the log of the whole process.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use cardseal::card::Parts;
use cardseal_vault::clock::FixedClock;
use cardseal_vault::rule::{Attempt, Rule, Verdict};
use cardseal_vault::telemetry::{self, Lines};
use support::forge::Forge;
use support::{ORIGIN, SECRET, VISA, card, claims, sealed, vault_with, visa};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct PanicsAtVisa;

impl Rule for PanicsAtVisa {
    fn name(&self) -> &'static str {
        "panics_at_visa"
    }

    fn judge(&self, attempt: &Attempt<'_>) -> Verdict {
        let number = attempt.card.number();
        // EXPOSE: the test shows that even this reaches no log.
        assert!(number.brand().name != "visa", "{}", number.digits().expose());
        Verdict::Allow
    }
}

#[tokio::test]
async fn the_log_is_lines_of_json_without_a_secret() {
    tracing_subscriber::registry().with(Lines { clock: Arc::new(FixedClock::new(7)), out: || Log }).init();
    telemetry::init(Arc::new(FixedClock::new(7)));
    let of = vault_with(vec![Arc::new(PanicsAtVisa)]).await;
    let context = of.context_with(serde_json::json!({ "origins": [ORIGIN], "ref": "order-4711" })).await;
    let amex = card(&Parts {
        number: "378282246310005",
        exp_year: 2030,
        exp_month: 12,
        cvc: Some("9371"),
        name: Some("Ottoline"),
        ..Parts::default()
    });
    let sealed_card = sealed(&amex, &context);
    let invalid = Forge::of(&claims(&context))
        .replace("4242424242424242", "4242424242424241")
        .format(&claims(&context));
    assert_eq!(of.tokenize(&context, &invalid, "key-one").await.code(), "card_number_invalid");
    let answer = of.tokenize(&context, &sealed_card, "key-two").await;
    assert_eq!(answer.status, 201);
    of.get("/f/378282246310005/0.1.0/number?pan=378282246310005").await;
    of.get("/378282246310005").await;
    // RFC 9110 section 9.1: a method is any token, so digits may stand there as well.
    let request = Request::builder().method("378282246310005").uri("/v1/tokens").body(Body::empty()).unwrap();
    assert_eq!(of.send(&of.capture, request).await.status, 405);
    let request =
        Request::post("/oauth/token").header("authorization", SECRET).body(Body::from(SECRET)).unwrap();
    of.send(&of.api, request).await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    for (trace_id, state) in [(trace, "order=4711-4242"), ("00000000000000004242424242424242", "")] {
        let request = Request::get("/healthz")
            .header("traceparent", format!("00-{trace_id}-b7ad6b7169203331-01"))
            .header("tracestate", state)
            .body(Body::empty())
            .unwrap();
        assert_eq!(of.send(&of.capture, request).await.status, 200);
    }
    // Two loud failures: a panic that quotes the card, and a database that is gone.
    let context = of.context().await;
    assert_eq!(of.tokenize(&context, &sealed(&visa(), &context), "key-three").await.code(), "internal");
    let context = of.context().await;
    of.vault.close().await;
    assert_eq!(of.tokenize(&context, &sealed(&visa(), &context), "key-four").await.code(), "internal");

    let log = String::from_utf8(LOG.lock().unwrap().clone()).unwrap();
    assert!(log.lines().count() >= 7, "{log}");
    let mut spans = HashMap::new();
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["at"], 7);
        // All of it happened within requests.
        for (id, digits) in [("trace_id", 32), ("span_id", 16)] {
            assert_eq!(line[id].as_str().unwrap().len(), digits, "{line}");
        }
        assert!(line["request_id"].is_string(), "{line}");
        spans.insert(line["span_id"].to_string(), line["request_id"].to_string());
    }
    assert_eq!(log.matches(trace).count(), 1);
    assert_eq!(spans.len(), spans.values().collect::<HashSet<_>>().len());
    assert!(log.contains(answer.header("x-request-id")));
    for line in [
        "card_number_invalid",
        "\"message\":\"panic\"",
        "it panicked",
        "looking for an earlier answer",
        "silence.rs:",
    ] {
        assert!(log.contains(line), "{line} in {log}");
    }
    assert!(log.contains("/f/{merchant}/{release}/{kind}"));
    for method in ["GET", "POST", "other"] {
        assert!(log.contains(&format!("\"method\":\"{method}\"")), "{method} in {log}");
    }
    let token = answer.json()["id"].as_str().unwrap().to_owned();
    for secret in [
        "378282246310005",
        "4242424242424241",
        "9371",
        "Ottoline",
        VISA,
        SECRET,
        "order-4711",
        "order=4711",
        "eyJ",
        &token,
        "key-two",
    ] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
