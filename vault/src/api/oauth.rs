//! `POST /oauth/token`: a client's secret or certificate becomes a short-lived access token (RFC 6749 section 4.4).
//! It must never take a secret from the body or the address.

use axum::extract::State;
use axum::http::{Extensions, HeaderMap, header};
use axum::response::Response;
use cardseal::error::Code;
use cardseal::wire::AccessToken;

use super::body::{Form, answer};
use super::refusals::{BODY, refusals};
use super::{App, peer};
use crate::auth::Credentials;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::service::Grant;

refusals!(Refusals: BODY, &[Code::ClientInvalid, Code::RateLimited, Code::GrantInvalid, Code::ScopeInvalid]);

/// Grants an access token (RFC 6749 section 4.4).
#[utoipa::path(
    post, path = "/oauth/token", operation_id = "grant_access",
    security(("secret" = []), ("certificate" = [])),
    request_body(content = inline(Grant), content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "The access token", body = AccessToken), Refusals)
)]
pub(super) async fn grant(
    State(app): State<App>,
    headers: HeaderMap,
    extensions: Extensions,
    caller: Caller,
    form: Form,
) -> Result<Response, Problem> {
    // A client that sends any Authorization header means it: one method only (RFC 6749 section 2.3).
    let certificate = peer::certificate(&extensions);
    let by_certificate = !headers.contains_key(header::AUTHORIZATION);
    let credentials =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(Credentials::parse);
    let grant = Grant {
        grant_type: form.value("grant_type"),
        client_id: form.value("client_id").filter(|_| by_certificate),
        scope: form.value("scope"),
    };
    let granted = app.grant_on_record(credentials.as_ref(), certificate, &grant, &caller).await;
    answer(&granted.map_err(Problem::of_oauth)?)
}
