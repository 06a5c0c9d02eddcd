//! `POST /v1/tokens`: a sealed card becomes a token.
//! It must never answer more than the token, the brand, the last four digits and the merchant's reference.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cardseal::error::Code;
use cardseal::wire::TokenRequest;

use super::App;
use super::body::Json;
use super::observe::RequestId;
use crate::problem::Problem;
use crate::service::IdempotencyKey;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

pub(super) async fn create(
    State(app): State<App>,
    RequestId(id): RequestId,
    headers: HeaderMap,
    Json(request): Json<TokenRequest>,
) -> Result<Response, Problem> {
    let key = idempotency_key(&headers).ok_or(Code::IdempotencyKeyInvalid)?;
    let tokenized = app.tokenize(request, key, id).await?;
    let status = StatusCode::from_u16(tokenized.answer.status).unwrap_or(StatusCode::CREATED);
    let mut response =
        (status, [(header::CONTENT_TYPE, "application/json")], tokenized.answer.body).into_response();
    if tokenized.replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

fn idempotency_key(headers: &HeaderMap) -> Option<IdempotencyKey> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    IdempotencyKey::parse(value.to_str().ok()?)
}
