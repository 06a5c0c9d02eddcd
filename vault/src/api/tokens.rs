//! `POST /v1/tokens`: a sealed card becomes a token.
//! It must never answer more than the token, the brand, the last four digits and the merchant's reference.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cardseal::error::Code;
use cardseal::wire::{TokenAnswer, TokenRequest};

use super::body::Json;
use super::refusals::{BODY, refusals};
use super::{App, idempotency};
use crate::caller::Caller;
use crate::problem::Problem;

refusals!(Refusals: BODY, &[
    Code::IdempotencyKeyInvalid,
    Code::ContextMalformed,
    Code::ContextForged,
    Code::ContextIssuerMismatch,
    Code::MerchantUnknown,
    Code::OriginNotAllowed,
    Code::IdempotencyKeyReused,
    Code::ContextExpired,
    Code::ContextSpent,
    Code::RateLimited,
    Code::ContextExhausted,
    Code::NotFound,
    Code::SealedCardMalformed,
    Code::SealedCardHeaderInvalid,
    Code::SealedCardMismatch,
    Code::SealedCardRejected,
    Code::CardNumberIncomplete,
    Code::CardNumberInvalid,
    Code::BrandNotAccepted,
    Code::CardNotAccepted,
    Code::ExpiryInvalid,
    Code::ExpiryPast,
    Code::ExpiryTooFar,
    Code::CvcIncomplete,
    Code::CvcInvalid,
    Code::NameInvalid,
    Code::PostalCodeInvalid,
    Code::NetworkInvalid,
    Code::CardRefused,
    Code::TestCardRequired,
]);

/// Makes a token of a sealed card, or keeps the security code of a token.
#[utoipa::path(
    post, path = "/v1/tokens", operation_id = "create_token",
    params(("Idempotency-Key" = String, Header, description = "The same key, context and sealed card get the same answer", min_length = 1, max_length = 255, pattern = "^[!-~]+$")),
    request_body = TokenRequest,
    responses(
        (status = 201, description = "The token", body = TokenAnswer,
         headers(("Idempotent-Replayed" = String, description = "`true` on an answer that was given before"))),
        Refusals
    )
)]
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
