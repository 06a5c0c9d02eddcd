//! What stands around a sealed card in a request: the context that authorises it, and the body's strict shape.
//! It must never pass if the private key is used before both are right.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::body::Body;
use axum::http::Request;
use cardseal::envelope::compact;
use cardseal_vault::{jws, random};
use serde_json::json;
use support::{NOW, ORIGIN, claims, sealed, token_request, vault, visa};

#[tokio::test]
async fn a_context_that_is_forged_foreign_or_expired_is_refused() {
    let of = vault().await;
    let other_vault = vault().await;
    let context = of.context().await;
    let sealed_card = sealed(&visa(), &context);
    let tokenize = async |context: &str| of.tokenize(context, &sealed_card, &random::make_name()).await;

    let access_token = of.access_token("shop-backend").await;
    assert_eq!(tokenize(&access_token).await.code(), "context_forged");

    let [header, payload, signature] = compact::parts::<3>(&context).unwrap();
    let widened =
        String::from_utf8(compact::decode(payload).unwrap()).unwrap().replace(ORIGIN, "https://evil.example");
    let widened = format!("{header}.{}.{signature}", compact::encode(widened.as_bytes()));
    let answer = tokenize(&widened).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "context_forged"));
    let none = compact::encode(br#"{"alg":"none","kid":"x","typ":"cardseal-context+jwt"}"#);
    assert_eq!(tokenize(&format!("{none}.{payload}.")).await.code(), "context_forged");
    for wrong in ["", "a.b", &context[1..], &format!("{context}."), &format!("{header}.{payload}")] {
        let answer = tokenize(wrong).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "context_malformed"), "{wrong}");
    }
    // Signed by this vault's keys (the files are copies), for a merchant it does not know.
    let mut foreign = claims(&context);
    foreign.sub = "nobody".to_owned();
    let known = other_vault.vault.known();
    let key = known.keyring.current_context_key(NOW);
    let foreign = jws::sign(key, "cardseal-context+jwt", foreign.format().as_bytes()).unwrap();
    assert_eq!(tokenize(&foreign).await.code(), "merchant_unknown");
    let mut foreign = claims(&context);
    foreign.iss = "https://other.example".to_owned();
    let foreign = jws::sign(key, "cardseal-context+jwt", foreign.format().as_bytes()).unwrap();
    assert_eq!(tokenize(&foreign).await.code(), "context_issuer_mismatch");
    // The right claims under a key of the other purpose.
    let known = of.vault.known();
    let key = known.keyring.current_access_key(NOW);
    let wrong_key = jws::sign(key, "cardseal-context+jwt", claims(&context).format().as_bytes()).unwrap();
    assert_eq!(tokenize(&wrong_key).await.code(), "context_forged");

    of.clock.advance(15 * 60 - 1);
    assert_eq!(tokenize("x").await.code(), "context_malformed");
    of.clock.advance(1);
    let answer = tokenize(&context).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "context_expired"));
    assert_eq!(of.vault.private_key_operations(), 0);
}

#[tokio::test]
async fn bodies_are_strict() {
    let of = vault().await;
    let context = of.context().await;
    let sealed_card = sealed(&visa(), &context);
    let good = json!({ "context": context, "sealed_card": sealed_card }).to_string();
    let post = async |content_type: Option<&str>, key: Option<&str>, body: String| {
        let mut request = Request::post("/v1/tokens");
        for (name, value) in [("content-type", content_type), ("idempotency-key", key)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let answer = of.send(&of.capture, request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.header("content-type"), "application/problem+json");
        (answer.status.as_u16(), answer.code())
    };
    let json = Some("application/json");
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/jsonx"),
        Some("application/json; charset=latin1"),
        Some("application/json; boundary=x"),
    ] {
        assert_eq!(
            post(content_type, Some("key"), good.clone()).await,
            (415, "unsupported_media_type".into()),
            "{content_type:?}"
        );
    }
    assert_eq!(post(json, Some("key"), "x".repeat(1024 * 1024)).await, (413, "body_too_large".into()));
    assert_eq!(post(json, Some("key"), " ".repeat(32 * 1024 + 1)).await, (413, "body_too_large".into()));
    assert_eq!(post(json, Some("key"), " ".repeat(32 * 1024)).await, (400, "body_malformed".into()));
    for body in [
        "".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        good.clone() + "x",
        good.replacen('{', r#"{"extra":1,"#, 1),
        good.replacen('{', r#"{"context":"x","#, 1),
        json!({ "context": "x" }).to_string(),
        json!({ "context": 1, "sealed_card": "x" }).to_string(),
    ] {
        assert_eq!(post(json, Some("key"), body).await, (400, "body_malformed".into()));
    }
    for key in [None, Some(""), Some("a b"), Some("ключ"), Some(&"k".repeat(256))] {
        assert_eq!(post(json, key, good.clone()).await, (400, "idempotency_key_invalid".into()), "{key:?}");
    }
    let mut twice = token_request(&context, &sealed_card, "one");
    twice.headers_mut().append("idempotency-key", "two".parse().unwrap());
    assert_eq!(of.send(&of.capture, twice).await.code(), "idempotency_key_invalid");

    let mut charset = token_request(&context, &sealed_card, "one");
    charset.headers_mut().insert("content-type", "Application/JSON; charset=\"UTF-8\"".parse().unwrap());
    assert_eq!(of.send(&of.capture, charset).await.status, 201);
}
