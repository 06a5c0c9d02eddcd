//! Requests as a backend and a browser send them.
//! It must never hold what only one test needs.

use axum::body::Body;
use axum::http::{Method, Request};
use base64ct::{Base64, Encoding};
use serde_json::json;

pub fn basic(client: &str, secret: &str) -> String {
    format!("Basic {}", Base64::encode_string(format!("{client}:{secret}").as_bytes()))
}

pub fn context_request(access_token: &str, body: &str) -> Request<Body> {
    Request::post("/v1/capture-contexts")
        .header("authorization", format!("Bearer {access_token}"))
        .header("content-type", "application/json")
        .body(body.to_owned().into())
        .unwrap()
}

pub fn token_request(context: &str, sealed_card: &str, key: &str) -> Request<Body> {
    let body = json!({ "context": context, "sealed_card": sealed_card }).to_string();
    Request::builder()
        .method(Method::POST)
        .uri("/v1/tokens")
        .header("content-type", "application/json")
        .header("idempotency-key", key)
        .body(body.into())
        .unwrap()
}
