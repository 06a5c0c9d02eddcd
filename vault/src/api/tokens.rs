//! `POST /v1/tokens`: a sealed card becomes a token.
//! It must never answer more than the token, the brand, the last four digits and the merchant's reference.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cardseal::error::Code;
use cardseal::wire::TokenRequest;

use super::body::Json;
use super::{App, idempotency};
use crate::caller::Caller;
use crate::problem::Problem;

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(request): Json<TokenRequest>,
) -> Result<Response, Problem> {
    let key = idempotency::key(&headers)?.ok_or(Code::IdempotencyKeyInvalid)?;
    let tokenized = app.tokenize(request, key, origin(&headers), caller).await?;
    let status = StatusCode::from_u16(tokenized.answer.status).unwrap_or(StatusCode::CREATED);
    let mut response =
        (status, [(header::CONTENT_TYPE, "application/json")], tokenized.answer.body).into_response();
    idempotency::mark(&mut response, tokenized.replayed);
    Ok(response)
}

/// What the browser says about the page; two headers, or one that is no text, are an origin that no page has.
fn origin(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(header::ORIGIN).iter();
    match (values.next(), values.next()) {
        (None, _) => None,
        (Some(value), None) => Some(value.to_str().unwrap_or_default().to_owned()),
        _ => Some(String::new()),
    }
}
