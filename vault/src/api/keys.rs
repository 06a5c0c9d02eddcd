//! `GET /.well-known/jwks.json`: the public keys, with their kids.
//! It must never list a key that signs access tokens: those concern this vault only.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use cardseal::wire::{KeySet, PublicKey};

use super::App;
use super::refusals::refusals;
use crate::failure::Doing;
use crate::keyring::life::PUBLISHED_SECONDS;
use crate::problem::Problem;

refusals!(Refusals:);

/// Lists the public keys (RFC 7517 section 5).
#[utoipa::path(
    get, path = "/.well-known/jwks.json", operation_id = "list_keys",
    responses((status = 200, description = "The keys", body = KeySet, content_type = "application/jwk-set+json"), Refusals)
)]
pub(super) async fn list(State(app): State<App>) -> Result<Response, Problem> {
    let (known, now) = (app.known(), app.now());
    let keyring = &known.keyring;
    let signing = keyring.context_keys(now).map(|key| PublicKey::Ec {
        kid: key.kid().to_owned(),
        usage: "sig".to_owned(),
        alg: "ES256".to_owned(),
        crv: "P-256".to_owned(),
        x: key.x().to_owned(),
        y: key.y().to_owned(),
    });
    let capture = keyring.capture_keys(now).map(|key| PublicKey::Rsa {
        kid: key.jwk().kid.clone(),
        usage: "enc".to_owned(),
        alg: "RSA-OAEP-256".to_owned(),
        n: key.jwk().n.clone(),
        e: key.jwk().e.clone(),
    });
    let body = serde_json::to_string(&KeySet { keys: signing.chain(capture).collect() })
        .doing("writing the keys")?;
    // RFC 7517 section 8.5.1. A frame that meets an unknown kid fetches again past the cache.
    let headers = [
        (header::CONTENT_TYPE, "application/jwk-set+json".to_owned()),
        (header::CACHE_CONTROL, format!("public, max-age={PUBLISHED_SECONDS}")),
        // Public: a page that captures directly verifies its context by them.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
    ];
    Ok((headers, body).into_response())
}
