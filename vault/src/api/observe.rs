//! What surrounds every request: an id, a place in a trace, a line in the log, a span, and the headers of every answer.
//! It must never tell an address as it was asked for: the route's pattern is enough, and nobody can write into it.

use std::time::Instant;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use super::App;
use crate::origin;
use crate::problem::{Broken, Noted, Problem};
use crate::random;
use crate::spans::Answered;
use crate::trace::Trace;

const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Which of the two interfaces a request came in by.
#[derive(Clone, Copy)]
pub(super) enum Listener {
    /// For browsers.
    Capture,
    /// For merchants' backends.
    Api,
    /// For an operator's tools.
    Admin,
}

impl Listener {
    fn as_str(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Api => "api",
            Self::Admin => "admin",
        }
    }
}

/// The name of a request in the log, in the audit and in its answer.
#[derive(Clone)]
pub(super) struct RequestId(pub(super) String);

impl FromRequestParts<App> for RequestId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(|| Self(random::make_name())))
    }
}

/// Names the request, answers it, completes the answer's headers, logs one line and ends the span.
pub(super) async fn observe(
    State((app, listener)): State<(App, Listener)>,
    mut request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let id = random::make_name();
    let trace = Trace::of(request.headers());
    // Every line that is written within it names the request and its place in a trace.
    let span =
        tracing::info_span!("request", request_id = id, trace_id = trace.trace_id, span_id = trace.span_id);
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    request.extensions_mut().insert(RequestId(id.clone()));

    let mut response = next.run(request).instrument(span.clone()).await;
    let _within = span.entered();

    let own_origin = match listener {
        Listener::Capture => app.origin(),
        Listener::Api => app.api_origin(),
        // Never encrypted by this process, so nobody is told to come back encrypted.
        Listener::Admin => "",
    };
    complete(response.headers_mut(), origin::is_https(own_origin), &id);
    let noted = response.extensions_mut().remove::<Noted>();
    let (status, elapsed) = (response.status().as_u16(), began.elapsed());
    let refused = noted.as_ref().map(|noted| noted.code);
    let pattern = route.as_ref().map(MatchedPath::as_str);
    app.metrics().answered(listener.as_str(), pattern, status, refused, elapsed.as_secs_f64());
    let micros = elapsed.as_micros() as u64;
    let code = noted.as_ref().map(|noted| noted.code.as_str());
    if let Some(Noted { broken: Some(Broken { doing, cause }), .. }) = &noted {
        tracing::error!(doing, %cause, "broken");
    }
    tracing::info!(listener = listener.as_str(), method, route = pattern, status, code, micros, "answered");
    let answered = Answered { listener: listener.as_str(), method, route: pattern, status, code };
    app.spans().ended(&trace, &answered, elapsed);
    response
}

/// A method may be any word (RFC 9110 section 9.1); one that nobody knows could be written to carry something.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"];
    KNOWN.into_iter().find(|of| *of == method.as_str()).unwrap_or("other")
}

fn complete(headers: &mut HeaderMap, https: bool, id: &str) {
    let mut unless_set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    unless_set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    unless_set(header::REFERRER_POLICY, "no-referrer");
    unless_set(header::CACHE_CONTROL, "no-store");
    unless_set(header::CONTENT_SECURITY_POLICY, NOTHING);
    unless_set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if https {
        unless_set(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000");
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
}
