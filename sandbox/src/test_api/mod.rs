//! The calls that only a sandbox has, under `/test`: what was captured, and a processor to pay with.
//! It must never be served by anything that could hold a real card.

mod asking;
mod captures;
mod payments;

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use cardseal::error::Code;
use cardseal_vault::failure::Doing;
use cardseal_vault::problem::Problem;
use cardseal_vault::service::Vault;
use serde::Serialize;

use crate::magic::Tries;
use payments::Payments;

/// What every call works with.
#[derive(Clone)]
struct Bench {
    vault: Arc<Vault>,
    tries: Arc<Tries>,
    payments: Arc<Payments>,
}

/// The test calls, before the vault's own.
pub(crate) fn before(api: Router, vault: Arc<Vault>, tries: Arc<Tries>) -> Router {
    Router::new()
        .route("/test/captures", get(captures::list).delete(captures::reset))
        .route("/test/payments", post(payments::pay))
        .route("/test/payments/{id}", get(payments::show))
        .route("/test/payments/{id}/capture", post(payments::capture))
        .route("/test/payments/{id}/refund", post(payments::refund))
        .method_not_allowed_fallback(|| async { Problem::from(Code::MethodNotAllowed) })
        .with_state(Bench { vault, tries, payments: Arc::default() })
        .fallback_service(api)
}

/// A JSON answer, which nobody keeps.
fn answer(status: StatusCode, body: &impl Serialize) -> Result<Response, Problem> {
    let body = serde_json::to_string(body).doing("writing an answer")?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((status, headers, body).into_response())
}
