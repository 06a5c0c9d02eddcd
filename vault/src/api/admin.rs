//! `GET /readyz` and `GET /metrics`: what an operator's tools ask.
//! It must never be reachable by whoever can reach the other two listeners.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::App;
use crate::problem::Problem;

pub(super) async fn ready(State(app): State<App>) -> Result<Response, Problem> {
    app.check_ready().await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], r#"{"status":"ready"}"#).into_response())
}

pub(super) async fn metrics(State(app): State<App>) -> Result<Response, Problem> {
    let text = app.format_metrics()?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
