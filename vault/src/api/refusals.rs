//! Which codes each call may be refused with, as the document of the interface lists them.
//! It must never say what a refusal looks like: that is read off the answer itself.

use std::collections::BTreeMap;

use axum::response::IntoResponse;
use cardseal::error::Code;
use serde_json::{Value, json};

use crate::problem::{Problem, status};

/// Headers that some refusals have; each is described under its name in the document's components.
const HEADERS: [&str; 2] = ["Retry-After", "WWW-Authenticate"];

/// Any call: more work than a listener takes, and a vault that failed.
const EVERY: &[Code] = &[Code::Busy, Code::Internal];
/// A call with a body.
pub(super) const BODY: &[Code] = &[Code::BodyMalformed, Code::BodyTooLarge, Code::UnsupportedMediaType];
/// A call by access token.
pub(super) const BEARER: &[Code] = &[Code::AccessTokenInvalid, Code::ScopeMissing];

/// Declares the codes of a call: `refusals!(Create: BODY, &[Code::NotFound])`, for its `responses(…, Create)`.
macro_rules! refusals {
    ($name:ident: $($codes:expr),*) => {
        struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses() -> crate::api::refusals::Responses {
                crate::api::refusals::responses(&[$($codes),*])
            }
        }
    };
}
pub(super) use refusals;

/// What utoipa takes from a type.
pub(super) type Responses = BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::response::Response>>;

/// One response for each status of these codes and of those of every call.
pub(super) fn responses(groups: &[&[Code]]) -> Responses {
    let mut of_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for &code in groups.iter().copied().chain([EVERY]).flatten() {
        of_status.entry(status(code).as_u16()).or_default().push(code);
    }
    of_status
        .into_iter()
        .map(|(status, codes)| {
            // Invariant: the shape is this file's own, and every test of the document makes it.
            let response = serde_json::from_value(response(status, &codes)).expect("a response");
            (status.to_string(), response)
        })
        .collect()
}

/// A refusal with one of these codes, all of one status.
pub(super) fn response(status: u16, codes: &[Code]) -> Value {
    let answers: Vec<_> = codes.iter().map(|code| Problem::from(*code).into_response()).collect();
    let carried =
        HEADERS.into_iter().filter(|name| answers.iter().any(|of| of.headers().contains_key(*name)));
    let headers: BTreeMap<_, _> =
        carried.map(|name| (name, json!({ "$ref": format!("#/components/headers/{name}") }))).collect();
    let names: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
    let problem = json!({ "allOf": [
        { "$ref": "#/components/schemas/Problem" },
        { "type": "object", "properties": {
            "status": { "type": "integer", "enum": [status] },
            "code": { "type": "string", "enum": names },
        } },
    ] });
    json!({
        "description": names.join(", "),
        "headers": headers,
        "content": { "application/problem+json": { "schema": problem } },
    })
}
