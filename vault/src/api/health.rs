//! `GET /healthz`: whether the process answers.
//! It must never tell anything else to whoever asks.

use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::refusals::refusals;

refusals!(Refusals:);

/// Answers as long as the process does.
#[utoipa::path(
    get, path = "/healthz", operation_id = "health",
    responses((status = 200, description = "The process answers", body = inline(Health)), Refusals)
)]
pub(super) async fn live() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], r#"{"status":"ok"}"#).into_response()
}

/// The answer, for the document.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "there is one answer only")]
struct Health {
    #[schema(pattern = "^ok$")]
    status: String,
}
