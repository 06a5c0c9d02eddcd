//! Bodies as this interface takes them, one media type, a bounded size, a closed set of members; and as it gives them.
//! It must never say where in a body the fault was: that could quote the body.

use std::collections::HashMap;
use std::error::Error;

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use cardseal::error::Code;
use http_body_util::LengthLimitError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{App, BODY_BYTES};
use crate::failure::{Doing, Failure};
use crate::problem::Problem;

/// A JSON body of a closed shape.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read(app, &parts.headers, body, "application/json").await?;
        Ok(Self(serde_json::from_slice(&bytes).map_err(|_| Code::BodyMalformed)?))
    }
}

/// The answer 200 with a JSON body.
pub(super) fn answer(body: &impl Serialize) -> Result<Response, Problem> {
    let body = serde_json::to_string(body).doing("writing an answer")?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// A JSON body of a closed shape, and what tells two of them apart.
pub(super) struct Digested<T> {
    pub(super) value: T,
    /// SHA-256 of the bytes.
    pub(super) digest: Vec<u8>,
}

impl<T: DeserializeOwned> FromRequest<App> for Digested<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read(app, &parts.headers, body, "application/json").await?;
        let value = serde_json::from_slice(&bytes).map_err(|_| Code::BodyMalformed)?;
        Ok(Self { value, digest: digest(&SHA256, &bytes).as_ref().to_vec() })
    }
}

/// A form body: its parameters, each at most once (RFC 6749 section 3.2).
pub(super) struct Form(HashMap<String, String>);

impl Form {
    /// The value of a parameter; an empty one counts as missing.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

impl FromRequest<App> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read(app, &parts.headers, body, "application/x-www-form-urlencoded")
            .await
            .map_err(Problem::of_oauth)?;
        // A map: a stranger may send thousands, and to compare each with each would take long.
        let mut parameters = HashMap::new();
        for (name, value) in form_urlencoded::parse(&bytes).into_owned() {
            if parameters.insert(name, value).is_some() {
                return Err(Problem::of_oauth(Code::BodyMalformed));
            }
        }
        Ok(Self(parameters))
    }
}

/// Bodies are not wiped: they carry ciphertext, a context that lives for minutes, and options; never a card in clear.
async fn read(app: &App, headers: &HeaderMap, body: Body, media_type: &str) -> Result<Bytes, Failure> {
    if !is_media_type(headers, media_type) {
        return Err(Code::UnsupportedMediaType.into());
    }
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > BODY_BYTES as u64) {
        return Err(Code::BodyTooLarge.into());
    }
    let reading = tokio::time::timeout(app.connections().body(), to_bytes(body, BODY_BYTES));
    let late = Failure::RefusedBecause(Code::BodyMalformed, "The body did not arrive in time.");
    reading.await.map_err(|_| late)?.map_err(|error| {
        let too_large = error.source().is_some_and(|cause| cause.is::<LengthLimitError>());
        // Anything else is a client that broke off; nobody reads that answer.
        if too_large { Code::BodyTooLarge.into() } else { Code::BodyMalformed.into() }
    })
}

/// The media type without parameters, or with `charset=utf-8` alone.
fn is_media_type(headers: &HeaderMap, media_type: &str) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let Ok(value) = value.to_str() else { return false };
    let (essence, parameter) = match value.split_once(';') {
        Some((essence, parameter)) => (essence, Some(parameter)),
        None => (value, None),
    };
    let is_utf8 = |parameter: &str| {
        parameter.trim().split_once('=').is_some_and(|(name, charset)| {
            name.eq_ignore_ascii_case("charset") && charset.trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
    };
    essence.trim().eq_ignore_ascii_case(media_type) && parameter.is_none_or(is_utf8)
}
