//! A client's secret becomes an access token; everything else becomes an error of RFC 6749 and RFC 9457 at once.
//! It must never pass if an unknown client can be told from a wrong secret.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::body::Body;
use axum::http::Request;
use cardseal::envelope::compact;
use serde_json::{Value, json};
use support::{Answer, NOW, SECRET, TestVault, basic, vault};

const FORM: &str = "application/x-www-form-urlencoded";

async fn ask(of: &TestVault, authorization: Option<String>, content_type: &str, body: &str) -> Answer {
    let mut request = Request::post("/oauth/token").header("content-type", content_type);
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    of.send(&of.api, request.body(Body::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn the_right_secret_gets_a_token_of_fifteen_minutes() {
    let of = vault().await;
    for body in
        ["grant_type=client_credentials", "grant_type=client_credentials&scope=capture:create&unknown=1"]
    {
        let answer = ask(&of, Some(basic("shop-backend", SECRET)), FORM, body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store");
        let body = answer.json();
        assert_eq!(body["token_type"], "Bearer");
        assert_eq!(body["expires_in"], 900);
        assert_eq!(body["scope"], "capture:create");
        let [header, payload, _] = compact::parts::<3>(body["access_token"].as_str().unwrap()).unwrap();
        let read = |part: &str| serde_json::from_slice::<Value>(&compact::decode(part).unwrap()).unwrap();
        assert_eq!(read(header)["typ"], "at+jwt");
        assert_eq!(read(header)["alg"], "ES256");
        let claims = read(payload);
        assert_eq!(claims["iss"], "https://api.vault.example");
        assert_eq!(claims["aud"], "cardseal-api");
        assert_eq!(claims["client_id"], "shop-backend");
        assert_eq!((&claims["iat"], &claims["exp"]), (&json!(NOW), &json!(NOW + 900)));
    }
}

#[tokio::test]
async fn the_secret_may_be_form_encoded() {
    let of = vault().await;
    let encoded = SECRET.replace(' ', "%20").replace('\'', "%27");
    let answer =
        ask(&of, Some(basic("shop%2Dbackend", &encoded)), FORM, "grant_type=client_credentials").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn an_unknown_client_and_a_wrong_secret_look_the_same() {
    let of = vault().await;
    let mut faces = Vec::new();
    for authorization in [
        None,
        Some(basic("shop-backend", "wrong")),
        Some(basic("shop-backend", "")),
        Some(basic("nobody", SECRET)),
        Some(basic("bank", SECRET)),
        Some("Basic ???".to_owned()),
        Some(format!("Bearer {SECRET}")),
    ] {
        let answer = ask(&of, authorization, FORM, "grant_type=client_credentials").await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "client_invalid"));
        assert_eq!(answer.json()["error"], "invalid_client");
        assert!(answer.header("www-authenticate").starts_with("Basic "));
        faces.push(answer.body);
    }
    faces.dedup();
    assert_eq!(faces.len(), 1);
}

#[tokio::test]
async fn a_secret_in_the_body_is_not_taken() {
    let of = vault().await;
    let body = format!("grant_type=client_credentials&client_id=shop-backend&client_secret={SECRET}");
    assert_eq!(ask(&of, None, FORM, &body).await.code(), "client_invalid");
}

#[tokio::test]
async fn other_grants_scopes_and_bodies_are_refused() {
    let of = vault().await;
    for (content_type, body, status, code, error) in [
        (FORM, "", 400, "grant_invalid", "unsupported_grant_type"),
        (FORM, "grant_type=password", 400, "grant_invalid", "unsupported_grant_type"),
        (FORM, "grant_type=client_credentials&scope=tokens:reveal", 400, "scope_invalid", "invalid_scope"),
        (
            FORM,
            "grant_type=client_credentials&scope=capture:create%20x",
            400,
            "scope_invalid",
            "invalid_scope",
        ),
        (
            FORM,
            "grant_type=client_credentials&grant_type=client_credentials",
            400,
            "body_malformed",
            "invalid_request",
        ),
        (
            "application/json",
            r#"{"grant_type":"client_credentials"}"#,
            415,
            "unsupported_media_type",
            "invalid_request",
        ),
    ] {
        let answer = ask(&of, Some(basic("shop-backend", SECRET)), content_type, body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{body}");
        assert_eq!(answer.json()["error"], error, "{body}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let powerless = ask(
        &of,
        Some(basic("powerless", SECRET)),
        FORM,
        "grant_type=client_credentials&scope=capture:create",
    );
    assert_eq!(powerless.await.code(), "scope_invalid");
    let large = "x".repeat(40_000);
    assert_eq!(ask(&of, Some(basic("shop-backend", SECRET)), FORM, &large).await.code(), "body_too_large");
}
