//! What an operator's tools see: readiness, and counters in the text format of Prometheus.
//! It must never pass if a word of a request can be found in the metrics.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use cardseal_vault::{api, random};
use serde_json::json;
use support::node::vault_of;
use support::{ORIGIN, TestVault, VISA, sealed, vault, visa};

async fn metrics(of: &TestVault) -> String {
    let admin = api::admin(Arc::clone(&of.vault));
    let answer = of.send(&admin, Request::get("/metrics").body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    answer.body
}

#[tokio::test]
async fn requests_refusals_and_private_key_operations_are_counted() {
    let of = vault().await;
    let context = of.context().await;
    let sealed = sealed(&visa(), &context);
    let key = random::make_name();
    assert_eq!(of.tokenize(&context, &sealed, &key).await.status, 201);
    assert_eq!(of.tokenize(&context, &sealed, &key).await.status, 201);
    assert_eq!(of.tokenize(&context, &sealed, &random::make_name()).await.code(), "context_spent");
    of.get("/no/such/address-4242424242424242").await;
    of.get("/f/nobody-5555/9/coordinator").await;
    let text = metrics(&of).await;
    for line in [
        "cardseal_request_seconds_count{listener=\"capture\",route=\"/v1/tokens\",status=\"201\"} 2",
        "cardseal_request_seconds_count{listener=\"capture\",route=\"/v1/tokens\",status=\"409\"} 1",
        "cardseal_request_seconds_count{listener=\"capture\",route=\"none\",status=\"404\"} 1",
        "cardseal_request_seconds_count{listener=\"api\",route=\"/oauth/token\",status=\"200\"} 1",
        "cardseal_refusals_total{code=\"context_spent\",listener=\"capture\"} 1",
        "cardseal_refusals_total{code=\"not_found\",listener=\"capture\"} 1",
        "cardseal_private_key_operations_total 1",
        "cardseal_opener_cards{state=\"waiting\"} 0",
        "cardseal_opener_cards{state=\"working\"} 0",
        concat!("cardseal_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
    ] {
        assert!(text.lines().any(|of| of == line), "{line}\n{text}");
    }
    for word in [VISA, "nobody", "no/such", "shop", ORIGIN] {
        assert!(!text.contains(word), "{word}\n{text}");
    }
}

#[tokio::test]
async fn what_no_signed_head_covers_is_told() {
    let of = vault_of(|config| config.audit_heads = Some(config.data.join("heads"))).await;
    of.vault.write_head().await.unwrap();
    let unsigned = async |records: u64, seconds: u64| {
        let text = metrics(&of).await;
        for (name, value) in [("records", records), ("seconds", seconds)] {
            let line = format!("cardseal_audit_unsigned_{name} {value}");
            assert!(text.lines().any(|of| of == line), "{line}\n{text}");
        }
    };
    unsigned(0, 0).await;
    of.access_token("shop-backend").await;
    of.clock.advance(60);
    of.access_token("shop-backend").await;
    unsigned(2, 60).await;
    of.vault.write_head().await.unwrap();
    unsigned(0, 0).await;
    // A vault that cannot know says nothing, and the rest all the same.
    of.vault.store().close().await;
    let text = metrics(&of).await;
    assert!(!text.contains("unsigned") && text.contains("cardseal_build_info"), "{text}");
}

#[tokio::test]
async fn a_vault_is_ready_until_it_stops_or_its_database_is_gone() {
    let of = vault().await;
    let admin = api::admin(Arc::clone(&of.vault));
    let ready = || of.send(&admin, Request::get("/readyz").body(Body::empty()).unwrap());
    assert_eq!((ready().await.status.as_u16(), ready().await.json()), (200, json!({ "status": "ready" })));
    of.vault.store().close().await;
    let answer = ready().await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "busy"));
    assert!(answer.body.contains("The database does not answer."), "{}", answer.body);
    assert_eq!(answer.header("retry-after"), "1");
    of.vault.begin_to_stop();
    assert!(ready().await.body.contains("The vault is stopping."));
}

#[tokio::test]
async fn operators_pages_are_on_the_admin_listener_only() {
    let of = vault().await;
    for path in ["/readyz", "/metrics"] {
        for router in [&of.capture, &of.api] {
            let answer = of.send(router, Request::get(path).body(Body::empty()).unwrap()).await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "not_found"), "{path}");
        }
    }
}
