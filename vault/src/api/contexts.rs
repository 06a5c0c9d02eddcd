//! `POST /v1/capture-contexts`: a merchant's backend gets a context for its page.
//! It must never look at the body before it knows who is asking.

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use cardseal::error::Code;
use cardseal::wire::ContextRequest;

use super::App;
use super::body::Json;
use crate::auth::CAPTURE_CREATE;
use crate::failure::Doing;
use crate::merchant::Merchant;
use crate::problem::Problem;

pub(super) async fn create(
    State(app): State<App>,
    Capturer(merchant): Capturer,
    Json(request): Json<ContextRequest>,
) -> Result<Response, Problem> {
    let answer = app.create_context(&merchant, request)?;
    let body = serde_json::to_string(&answer).doing("writing an answer")?;
    Ok((StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// The merchant of a caller that may ask for contexts.
pub(super) struct Capturer(Arc<Merchant>);

impl FromRequestParts<App> for Capturer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = bearer(parts).ok_or(Code::AccessTokenInvalid)?;
        let client = app.authorize(token, CAPTURE_CREATE)?;
        Ok(Self(Arc::clone(&client.merchant)))
    }
}

/// RFC 6750 section 2.1.
fn bearer(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}
