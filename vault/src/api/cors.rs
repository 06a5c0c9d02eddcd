//! The headers that let a page of another origin send a sealed card, and read the answer (the Fetch standard's CORS protocol).
//! It must never name an origin that the caller did not check, nor let a page send credentials.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::failure::{Doing, Failure};

/// What `POST /v1/tokens` takes beyond what every page may send.
const SENT: &str = "content-type, idempotency-key";
/// What a page may read beyond what every page may.
const READ: &str = "idempotent-replayed, retry-after, x-request-id";
/// How long a browser may go on without asking again, in seconds.
const ALLOWED_SECONDS: &str = "300";

/// Lets a page read the answer to its request for a token.
///
/// # Errors
/// When its origin is no text that a header can have.
pub fn readable(headers: &mut HeaderMap, page: &str) -> Result<(), Failure> {
    name(headers, page)?;
    put(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, READ);
    Ok(())
}

/// Answers a browser that asks whether a page may send what it wants to send.
pub(super) fn preflight(headers: &mut HeaderMap, page: &str) -> Result<(), Failure> {
    name(headers, page)?;
    put(headers, header::ACCESS_CONTROL_ALLOW_METHODS, "POST");
    put(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, SENT);
    put(headers, header::ACCESS_CONTROL_MAX_AGE, ALLOWED_SECONDS);
    Ok(())
}

fn name(headers: &mut HeaderMap, page: &str) -> Result<(), Failure> {
    let origin = HeaderValue::from_str(page).doing("writing a page's origin")?;
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    put(headers, header::VARY, "origin");
    Ok(())
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
