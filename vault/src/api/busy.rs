//! The limit of requests that one listener answers at once.
//! It must never let a request wait for its turn: who waits too long has gone before the answer comes.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cardseal::error::Code;
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// Answers if there is a place, else refuses at once.
pub(super) async fn limit(State(places): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    let Ok(_place) = places.try_acquire() else { return Problem::from(Code::Busy).into_response() };
    next.run(request).await
}
