//! `POST /v1/capture-contexts`: a merchant's backend gets a context for its page.
//! It must never look at the body before it knows who is asking.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cardseal::error::Code;
use cardseal::wire::{ContextAnswer, ContextRequest};

use super::body::Digested;
use super::by::{By, Capture};
use super::refusals::{BEARER, BODY, refusals};
use super::{App, idempotency};
use crate::problem::Problem;
use crate::service::Repeatable;

refusals!(Refusals: BEARER, BODY, &[
    Code::IdempotencyInFlight,
    Code::IdempotencyKeyInvalid,
    Code::IdempotencyKeyReused,
    Code::NotFound,
    Code::OptionsInvalid,
    Code::OriginNotRegistered,
]);

/// Makes a capture context for one card, or for the security code of one that is a token already.
#[utoipa::path(
    post, path = "/v1/capture-contexts", operation_id = "create_context",
    security(("client" = ["capture:create"])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body get the same answer", min_length = 1, max_length = 255, pattern = "^[!-~]+$", nullable = false)),
    request_body = ContextRequest,
    responses(
        (status = 201, description = "The context", body = ContextAnswer,
         headers(("Idempotent-Replayed" = String, description = "`true` on an answer that was given before"))),
        Refusals
    )
)]
pub(super) async fn create(
    State(app): State<App>,
    by: By<Capture>,
    headers: HeaderMap,
    Digested { value: request, digest }: Digested<ContextRequest>,
) -> Result<Response, Problem> {
    let repeatable = idempotency::key(&headers)?.map(|key| Repeatable { key, digest });
    let created = app.create_context_once(&by.client, &by.merchant, request, repeatable, by.caller).await?;
    let headers = [(header::CONTENT_TYPE, "application/json")];
    let mut response = (StatusCode::CREATED, headers, created.body).into_response();
    idempotency::mark(&mut response, created.replayed);
    Ok(response)
}
