//! `GET /readyz` and `GET /metrics`: what an operator's tools ask.
//! It must never be reachable by whoever can reach the other two listeners.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::{App, health};
use crate::problem::Problem;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

async fn ready(State(app): State<App>) -> Result<Response, Problem> {
    app.check_ready().await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], r#"{"status":"ready"}"#).into_response())
}

async fn metrics(State(app): State<App>) -> Result<Response, Problem> {
    let text = app.format_metrics().await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
