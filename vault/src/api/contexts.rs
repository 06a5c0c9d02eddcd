//! `POST /v1/capture-contexts`: a merchant's backend gets a context for its page.
//! It must never look at the body before it knows who is asking.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cardseal::wire::ContextRequest;

use super::body::Digested;
use super::by::{By, Capture};
use super::{App, idempotency};
use crate::problem::Problem;
use crate::service::Repeatable;

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
