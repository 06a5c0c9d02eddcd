//! `POST /oauth/token`: a client's secret becomes a short-lived access token (RFC 6749 section 4.4).
//! It must never take a secret from the body or the address.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};

use super::App;
use super::body::Form;
use crate::auth::Credentials;
use crate::failure::Doing;
use crate::problem::Problem;
use crate::service::Grant;

pub(super) async fn grant(
    State(app): State<App>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Problem> {
    let credentials =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(Credentials::parse);
    let grant = Grant { grant_type: form.value("grant_type"), scope: form.value("scope") };
    let answer = app.grant(credentials.as_ref(), &grant).map_err(Problem::of_oauth)?;
    let body = serde_json::to_string(&answer).doing("writing an answer")?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}
