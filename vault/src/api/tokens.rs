//! `POST /v1/tokens`: a sealed card becomes a token.
//! It must never answer more than the token, the brand, the last four digits and the merchant's reference.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cardseal::error::Code;
use cardseal::wire::{TokenAnswer, TokenRequest};

use super::body::Json;
use super::refusals::{BODY, refusals};
use super::{App, cors, idempotency};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::service::{Tokenized, Tokenizing};

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
    let Tokenizing { page, outcome } = app.tokenize(request, key, origin(&headers), caller).await;
    let mut response = outcome.map_or_else(|failure| Problem::from(failure).into_response(), answer);
    if let Some(page) = page {
        cors::readable(response.headers_mut(), &page)?;
    }
    Ok(response)
}

fn answer(tokenized: Tokenized) -> Response {
    let status = StatusCode::from_u16(tokenized.answer.status).unwrap_or(StatusCode::CREATED);
    let mut response =
        (status, [(header::CONTENT_TYPE, "application/json")], tokenized.answer.body).into_response();
    idempotency::mark(&mut response, tokenized.replayed);
    response
}

refusals!(Foreign: &[Code::OriginNotAllowed]);

/// Tells a browser which pages may send a sealed card themselves.
#[utoipa::path(
    options, path = "/v1/tokens", operation_id = "allow_page",
    params(("Origin" = String, Header, description = "The page's origin: one of a merchant that captures directly")),
    responses((status = 204, description = "The page may (CORS preflight)"), Foreign)
)]
pub(super) async fn allow(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let page = origin(&headers).filter(|origin| app.known().merchants.captures_directly(origin));
    let page = page.ok_or(Code::OriginNotAllowed)?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    cors::preflight(response.headers_mut(), &page)?;
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
