//! Direct mode: a merchant that may captures cards by its own pages and programs, each for what it is and nothing else.
//! It must never pass if a page that no context lists can read an answer.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::body::Body;
use axum::http::{Request, header};
use cardseal::card::{Brand, Cvc, Parts};
use cardseal::context::Via;
use cardseal_vault::random;
use serde_json::{Value, json};
use support::node::vault_of;
use support::{
    Answer, ORIGIN, TestVault, VAULT, card, claims, sealed, sealed_from, token_request, vault, visa,
};

const OTHER: &str = "https://www.shop.example";
const FOREIGN: &str = "https://bank.example";

/// A vault whose shop may capture directly, and whose bank may not.
async fn direct() -> TestVault {
    vault_of(|config| config.merchants[0].settings.direct = true).await
}

fn of_pages() -> Value {
    json!({ "origins": [ORIGIN, OTHER], "via": "direct" })
}

fn of_programs() -> Value {
    json!({ "origins": [], "via": "direct" })
}

/// Sends a sealed card as a page of this origin does, or as a program.
async fn send(of: &TestVault, page: Option<&str>, context: &str, sealed_card: &str, key: &str) -> Answer {
    let mut request = token_request(context, sealed_card, key);
    if let Some(page) = page {
        request.headers_mut().insert(header::ORIGIN, page.parse().unwrap());
    }
    of.send(&of.capture, request).await
}

async fn preflight(of: &TestVault, page: &str) -> Answer {
    let request = Request::options("/v1/tokens")
        .header("origin", page)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type,idempotency-key");
    of.send(&of.capture, request.body(Body::empty()).unwrap()).await
}

fn cors(answer: &Answer) -> Vec<&str> {
    answer
        .headers
        .keys()
        .map(|name| name.as_str())
        .filter(|name| name.starts_with("access-control-"))
        .collect()
}

#[tokio::test]
async fn only_a_merchant_that_may_gets_a_context_for_it() {
    let of = direct().await;
    assert_eq!(claims(&of.context_with(of_pages()).await).via, Via::Direct);
    assert_eq!(claims(&of.context_with(of_programs()).await).origins, Vec::<String>::new());
    assert_eq!(claims(&of.context().await).via, Via::Fields);
    let bank = of.ask_context("bank-backend", json!({ "origins": [FOREIGN], "via": "direct" })).await;
    assert_eq!((bank.status.as_u16(), bank.code().as_str()), (400, "options_invalid"));
    assert!(bank.json()["detail"].as_str().unwrap().contains("--direct true"), "{}", bank.body);
    for (origins, code) in [
        (json!([FOREIGN]), "origin_not_registered"),
        (json!([ORIGIN, ORIGIN]), "options_invalid"),
        (json!(["null"]), "options_invalid"),
    ] {
        let asked = json!({ "origins": origins, "via": "direct" });
        assert_eq!(of.ask_context("shop-backend", asked).await.code(), code, "{origins}");
    }
}

#[tokio::test]
async fn a_page_sends_what_it_sealed_itself_and_reads_the_answer() {
    let of = direct().await;
    let asked = preflight(&of, ORIGIN).await;
    assert_eq!(asked.status, 204);
    for (name, value) in [
        ("access-control-allow-origin", ORIGIN),
        ("access-control-allow-methods", "POST"),
        ("access-control-allow-headers", "content-type, idempotency-key"),
        ("access-control-allow-credentials", ""),
        ("vary", "origin"),
    ] {
        assert_eq!(asked.header(name), value, "{name}");
    }
    for page in [ORIGIN, OTHER] {
        let context = of.context_with(of_pages()).await;
        let sealed_card = sealed_from(page, &visa(), &context);
        for replayed in ["", "true"] {
            let answer = send(&of, Some(page), &context, &sealed_card, page).await;
            assert_eq!((answer.status.as_u16(), answer.header("idempotent-replayed")), (201, replayed));
            assert_eq!(answer.header("access-control-allow-origin"), page);
            assert!(answer.header("access-control-expose-headers").contains("retry-after"));
            assert_eq!(answer.header("vary"), "origin");
        }
        // What is refused can be read as well, or nobody could act on it.
        let answer = send(&of, Some(page), &context, &sealed_card, "another-key").await;
        assert_eq!(
            (answer.code().as_str(), answer.header("access-control-allow-origin")),
            ("context_spent", page)
        );
    }
}

#[tokio::test]
async fn a_program_needs_a_context_without_origins_and_seals_as_from_the_vaults_own() {
    let of = direct().await;
    let context = of.context_with(of_programs()).await;
    for wrong in [ORIGIN, FOREIGN, "null", ""] {
        let answer = send(&of, None, &context, &sealed_from(wrong, &visa(), &context), "key").await;
        assert_eq!(answer.code(), "sealed_card_mismatch", "{wrong}");
    }
    let answer = send(&of, None, &context, &sealed_from(VAULT, &visa(), &context), "key").await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(cors(&answer), Vec::<&str>::new());
}

#[tokio::test]
async fn what_a_page_sealed_its_backend_may_send() {
    let of = direct().await;
    let context = of.context_with(of_pages()).await;
    let answer = send(&of, None, &context, &sealed_from(VAULT, &visa(), &context), "key").await;
    assert_eq!(answer.code(), "sealed_card_mismatch");
    let answer = send(&of, None, &context, &sealed_from(OTHER, &visa(), &context), "key").await;
    assert_eq!(answer.status, 201);
    assert_eq!(cors(&answer), Vec::<&str>::new());
}

#[tokio::test]
async fn no_page_but_those_of_the_context_is_served_or_told_anything() {
    let of = direct().await;
    let (pages, programs, fields) =
        (of.context_with(of_pages()).await, of.context_with(of_programs()).await, of.context().await);
    let one = of.context_with(json!({ "origins": [ORIGIN], "via": "direct" })).await;
    for (what, page, context) in [
        ("another merchant's", FOREIGN, &pages),
        ("a stranger's", "https://evil.example", &pages),
        ("an opaque one", "null", &pages),
        ("the vault's own", VAULT, &pages),
        ("registered, but not in the context", OTHER, &one),
        ("a page with a program's", ORIGIN, &programs),
        ("the vault's own with a program's", VAULT, &programs),
        ("a page with one for fields", ORIGIN, &fields),
        ("another merchant's with one for fields", FOREIGN, &fields),
    ] {
        let sealed_card = sealed_from(page, &visa(), context);
        let answer = send(&of, Some(page), context, &sealed_card, &random::make_name()).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "origin_not_allowed"), "{what}");
        assert_eq!(cors(&answer), Vec::<&str>::new(), "{what}");
    }
    // Two headers are no page's either.
    let mut request = token_request(&pages, &sealed_from(ORIGIN, &visa(), &pages), "two");
    for page in [ORIGIN, ORIGIN] {
        request.headers_mut().append(header::ORIGIN, page.parse().unwrap());
    }
    assert_eq!(of.send(&of.capture, request).await.code(), "origin_not_allowed");
    assert_eq!(of.vault.store().count_tokens().await.unwrap(), 0);
    // None of it has spent one of them.
    assert_eq!(send(&of, Some(VAULT), &fields, &sealed(&visa(), &fields), "key").await.status, 201);
}

#[tokio::test]
async fn a_card_that_one_page_sealed_no_other_can_send() {
    let of = direct().await;
    let context = of.context_with(of_pages()).await;
    let sealed_card = sealed_from(ORIGIN, &visa(), &context);
    let answer = send(&of, Some(OTHER), &context, &sealed_card, "key").await;
    assert_eq!(answer.code(), "sealed_card_mismatch");
    assert_eq!(answer.header("access-control-allow-origin"), OTHER);
    assert_eq!(send(&of, Some(ORIGIN), &context, &sealed_card, "key").await.status, 201);
}

#[tokio::test]
async fn a_page_is_asked_in_only_where_a_merchant_captures_directly() {
    let of = direct().await;
    for page in [FOREIGN, "https://evil.example", VAULT, "null", ""] {
        let answer = preflight(&of, page).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "origin_not_allowed"), "{page}");
        assert_eq!(cors(&answer), Vec::<&str>::new(), "{page}");
    }
    assert_eq!(preflight(&vault().await, ORIGIN).await.code(), "origin_not_allowed");
    // A change of the record counts at once.
    assert_eq!(preflight(&of, OTHER).await.status, 204);
    of.vault.admin().disable("shop", true).await.unwrap();
    of.vault.refresh().await.unwrap();
    assert_eq!(preflight(&of, OTHER).await.code(), "origin_not_allowed");
}

#[tokio::test]
async fn any_page_reads_the_public_keys_to_verify_its_context() {
    let of = vault().await;
    assert_eq!(of.get("/.well-known/jwks.json").await.header("access-control-allow-origin"), "*");
    for path in ["/v1/bins/42424242", "/healthz"] {
        assert_eq!(cors(&of.get(path).await), Vec::<&str>::new(), "{path}");
    }
}

#[tokio::test]
async fn the_rules_limits_and_the_audit_are_those_of_fields() {
    let of = vault_of(|config| {
        config.merchants[0].settings.direct = true;
        config.limits.context_per_minute = 3;
    })
    .await;
    let asked = json!({ "origins": [ORIGIN], "via": "direct", "brands": ["mastercard"] });
    let context = of.context_with(asked).await;
    let sealed_card = sealed_from(ORIGIN, &visa(), &context);
    let refused = send(&of, Some(ORIGIN), &context, &sealed_card, "one").await;
    assert_eq!(refused.code(), "brand_not_accepted");
    let mastercard = card(&Parts {
        number: "5555555555554444",
        exp_year: 2030,
        exp_month: 12,
        cvc: Some("737"),
        ..Parts::default()
    });
    let sealed_card = sealed_from(ORIGIN, &mastercard, &context);
    assert_eq!(send(&of, Some(ORIGIN), &context, &sealed_card, "two").await.status, 201);
    let reused = send(&of, Some(ORIGIN), &context, &sealed_from(ORIGIN, &mastercard, &context), "two").await;
    assert_eq!(reused.code(), "idempotency_key_reused");
    let limited = send(&of, Some(ORIGIN), &context, &sealed_card, "three").await;
    assert_eq!(
        (limited.code().as_str(), limited.header("access-control-allow-origin")),
        ("rate_limited", ORIGIN)
    );
    let results: Vec<_> =
        of.audit().await.into_iter().filter(|of| of[1] == "token.create").map(|of| of[4].clone()).collect();
    assert_eq!(results, ["brand_not_accepted", "ok", "idempotency_key_reused"]);
}

#[tokio::test]
async fn a_security_code_alone_is_captured_directly_too() {
    let of = direct().await;
    let id = of.token("order-1").await;
    let asked = json!({ "origins": [], "via": "direct", "kind": "cvc", "token": id });
    let context = of.context_with(asked).await;
    let cvc = Cvc::parse("737", Brand::named("visa").unwrap()).unwrap();
    for (org, page, expected) in [(VAULT, Some(ORIGIN), 403), (ORIGIN, None, 422), (VAULT, None, 201)] {
        let sealed_card = sealed_from(org, &cvc, &context);
        let answer = send(&of, page, &context, &sealed_card, &random::make_name()).await;
        assert_eq!(answer.status, expected, "{}", answer.body);
    }
}
