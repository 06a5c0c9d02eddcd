//! `GET /healthz`: whether the process answers.
//! It must never tell anything else to whoever asks.

use axum::http::header;
use axum::response::{IntoResponse, Response};

pub(super) async fn live() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], r#"{"status":"ok"}"#).into_response()
}
