//! A merchant's backend gets contexts that are never wider than its merchant's record.
//! It must never pass if a context is signed for an origin that is not registered.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::body::Body;
use axum::http::Request;
use cardseal::context::{Expose, Kind, Mode, Via};
use cardseal::form::Field;
use serde_json::{Value, json};
use support::{NOW, ORIGIN, VAULT, claims, context_request, vault};

#[tokio::test]
async fn a_context_says_what_was_asked_and_lives_fifteen_minutes() {
    let of = vault().await;
    let answer = of.ask_context("shop-backend", json!({ "origins": [ORIGIN], "ref": "order 7" })).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.json()["expires_at"], json!(NOW + 900));
    let context = claims(answer.json()["context"].as_str().unwrap());
    assert_eq!((context.iss.as_str(), context.sub.as_str()), (VAULT, "shop"));
    assert_eq!((context.iat, context.exp), (NOW, NOW + 900));
    assert_eq!(context.jti.len(), 22);
    assert_eq!(context.origins, [ORIGIN]);
    assert_eq!((context.mode, context.via, context.kind), (Mode::Test, Via::Fields, Kind::Card));
    assert_eq!(context.expose, Expose { brand: true, bin: false });
    assert_eq!(context.fields, [Field::Number, Field::Expiry, Field::Cvc]);
    assert!(context.accepted.brands.is_empty());
    assert_eq!(context.reference.as_deref(), Some("order 7"));
    assert_eq!(&context.key, of.vault.known().keyring.current_capture_key(NOW).jwk());
}

#[tokio::test]
async fn every_context_has_a_name_of_its_own() {
    let of = vault().await;
    let (one, two) = (of.context().await, of.context().await);
    assert_ne!(claims(&one).jti, claims(&two).jti);
}

#[tokio::test]
async fn the_merchants_brands_are_the_default_and_the_limit() {
    let of = vault().await;
    let ask = async |body: Value| of.ask_context("bank-backend", body).await;
    let names = |answer: &support::Answer| {
        claims(answer.json()["context"].as_str().unwrap())
            .accepted
            .brands
            .iter()
            .map(|brand| brand.name)
            .collect::<Vec<_>>()
    };
    let origin = "https://bank.example";
    assert_eq!(names(&ask(json!({ "origins": [origin] })).await), ["visa", "mastercard"]);
    assert_eq!(names(&ask(json!({ "origins": [origin], "brands": ["mastercard"] })).await), ["mastercard"]);
    assert_eq!(ask(json!({ "origins": [origin], "brands": ["jcb"] })).await.code(), "options_invalid");
}

#[tokio::test]
async fn an_origin_that_is_not_registered_is_refused() {
    let of = vault().await;
    for origins in [json!(["https://evil.example"]), json!([ORIGIN, "https://bank.example"])] {
        let answer = of.ask_context("shop-backend", json!({ "origins": origins })).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "origin_not_registered"));
    }
}

#[tokio::test]
async fn options_out_of_range_are_refused_by_name() {
    let of = vault().await;
    for (body, names) in [
        (json!({ "origins": [] }), "origins"),
        (json!({ "origins": [ORIGIN, ORIGIN] }), "origins"),
        (json!({ "origins": ["https://shop.example/"] }), "origins"),
        (json!({ "origins": ["*"] }), "origins"),
        (json!({ "origins": [ORIGIN], "brands": [] }), "brands"),
        (json!({ "origins": [ORIGIN], "brands": ["acme"] }), "brands"),
        (json!({ "origins": [ORIGIN], "brands": ["visa", "visa"] }), "brands"),
        (json!({ "origins": [ORIGIN], "expose": ["last4"] }), "expose"),
        (json!({ "origins": [ORIGIN], "expose": ["brand", "brand"] }), "expose"),
        (json!({ "origins": [ORIGIN], "fields": ["number"] }), "fields"),
        (json!({ "origins": [ORIGIN], "fields": ["number", "expiry", "pin"] }), "fields"),
        (json!({ "origins": [ORIGIN], "kind": "cvc" }), "kind"),
        (json!({ "origins": [ORIGIN], "token": "tok_x" }), "kind"),
        (json!({ "origins": [ORIGIN], "via": "direct" }), "via"),
        (json!({ "origins": [ORIGIN], "via": "terminal" }), "via"),
        (json!({ "origins": [ORIGIN], "ref": "" }), "ref"),
        (json!({ "origins": [ORIGIN], "ref": "a\nb" }), "ref"),
        (json!({ "origins": [ORIGIN], "ref": "r".repeat(201) }), "ref"),
    ] {
        let answer = of.ask_context("shop-backend", body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "options_invalid"), "{body}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(names), "{body}: {}", answer.body);
    }
    for body in [json!({}), json!({ "origins": ORIGIN }), json!({ "origins": [ORIGIN], "extra": 1 })] {
        assert_eq!(of.ask_context("shop-backend", body).await.code(), "body_malformed");
    }
}

#[tokio::test]
async fn what_this_release_cannot_honour_is_refused_with_a_sentence() {
    let of = vault().await;
    for (body, says) in [
        (json!({ "origins": [ORIGIN], "expose": ["bin"] }), "than this merchant's record allows"),
        (json!({ "origins": [ORIGIN], "expose": ["brand", "bin"] }), "than this merchant's record allows"),
        (json!({ "origins": [ORIGIN], "expose": ["brand", "brand"] }), "each once"),
        (
            json!({ "origins": [ORIGIN], "fields": ["number", "expiry", "card"] }),
            "`number`, `expiry`, `cvc`, `name` and `postal_code`",
        ),
        (json!({ "origins": [ORIGIN], "fields": ["expiry", "cvc"] }), "`number` and `expiry`"),
        (json!({ "origins": [ORIGIN], "fields": ["number", "cvc"] }), "`number` and `expiry`"),
        (json!({ "origins": [ORIGIN], "fields": ["number", "expiry", "cvc", "cvc"] }), "each field once"),
        // How the expiry is typed is the page's to decide.
        (
            json!({ "origins": [ORIGIN], "fields": ["number", "expiry", "month"] }),
            "`number`, `expiry`, `cvc`",
        ),
    ] {
        let answer = of.ask_context("shop-backend", body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "options_invalid"), "{body}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(says), "{body}: {}", answer.body);
    }
    let without_cvc = json!({ "origins": [ORIGIN], "expose": [], "fields": ["expiry", "number"] });
    let context = claims(&of.context_with(without_cvc).await);
    assert_eq!(context.fields, [Field::Expiry, Field::Number]);
    assert_eq!(context.expose, Expose { brand: false, bin: false });
}

#[tokio::test]
async fn name_and_postal_code_must_be_filled_in_where_the_request_says_so_and_only_there() {
    let of = vault().await;
    let usual = [Field::Number, Field::Expiry, Field::Cvc];
    assert_eq!(claims(&of.context_with(json!({ "origins": [ORIGIN] })).await).fields, usual);
    let fields = [&usual[..], &[Field::Name, Field::PostalCode]].concat();
    let names: Vec<_> = fields.iter().map(|field| field.as_str()).collect();
    let all = json!({ "origins": [ORIGIN], "fields": names });
    assert_eq!(claims(&of.context_with(all).await).fields, fields);
}

#[tokio::test]
async fn only_an_access_token_of_this_vault_with_the_scope_opens_the_door() {
    let of = vault().await;
    let ask = async |authorization: Option<&str>| {
        let mut request = Request::post("/v1/capture-contexts").header("content-type", "application/json");
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let body = json!({ "origins": [ORIGIN] }).to_string();
        of.send(&of.api, request.body(Body::from(body)).unwrap()).await
    };
    let token = of.access_token("shop-backend").await;
    let bearer = |token: &str| format!("Bearer {token}");
    assert_eq!(ask(Some(&bearer(&token))).await.status, 201);
    assert_eq!(ask(Some(&format!("bearer {token}"))).await.status, 201);

    let capture_context = of.context().await;
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let tampered =
        format!("{signed}.{}{}", if signature.starts_with('A') { 'B' } else { 'A' }, &signature[1..]);
    for authorization in [
        None,
        Some(token.clone()),
        Some(format!("Basic {token}")),
        Some(bearer("")),
        Some(bearer(&tampered)),
        // RFC 8725 section 3.11: a context is a statement of this vault as well, yet never an access token.
        Some(bearer(&capture_context)),
    ] {
        let answer = ask(authorization.as_deref()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (401, "access_token_invalid"),
            "{authorization:?}"
        );
        assert!(answer.header("www-authenticate").starts_with("Bearer "), "{authorization:?}");
    }

    let powerless = ask(Some(&bearer(&of.access_token("powerless").await))).await;
    assert_eq!((powerless.status.as_u16(), powerless.code().as_str()), (403, "scope_missing"));
    assert!(powerless.header("www-authenticate").contains("insufficient_scope"));

    of.clock.advance(900);
    assert_eq!(ask(Some(&bearer(&token))).await.code(), "access_token_invalid");
}

#[tokio::test]
async fn whoever_asks_is_known_before_the_body_is_read() {
    let of = vault().await;
    assert_eq!(of.send(&of.api, context_request("x", "not JSON")).await.code(), "access_token_invalid");
    let token = of.access_token("shop-backend").await;
    assert_eq!(of.send(&of.api, context_request(&token, "not JSON")).await.code(), "body_malformed");
}
