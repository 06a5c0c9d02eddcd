//! The two headers of repeated calls: the key that asks, and the mark on an answer that was given before.
//! It must never take a key that could be read in two ways: one header, visible ASCII.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use cardseal::error::Code;

use crate::service::IdempotencyKey;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The key of a request, if it has one.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Code> {
    let mut values = headers.get_all(KEY).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            value.to_str().ok().and_then(IdempotencyKey::parse).map(Some).ok_or(Code::IdempotencyKeyInvalid)
        }
        _ => Err(Code::IdempotencyKeyInvalid),
    }
}

/// Marks an answer that was given before.
pub(super) fn mark(response: &mut Response, replayed: bool) {
    if replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
}
