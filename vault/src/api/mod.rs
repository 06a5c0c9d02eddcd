//! The two HTTP interfaces, every route in view: one for browsers, one for merchants' backends.
//! It must never decide anything: handlers extract, call the service and respond.

mod body;
mod contexts;
mod frames;
mod health;
mod keys;
mod oauth;
mod observe;
mod tokens;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use cardseal::error::Code;
use tower_http::catch_panic::CatchPanicLayer;

use crate::failure::Failure;
use crate::problem::Problem;
use crate::service::Vault;
use observe::Listener;

/// The most bytes of a request's body.
pub const BODY_BYTES: usize = 32 * 1024;

/// What every handler works with.
pub type App = Arc<Vault>;

/// The capture listener: frames, public keys and tokenization, for browsers.
pub fn capture(app: App) -> Router {
    let routes = Router::new()
        .route("/f/{merchant}/{release}/{kind}", get(frames::document))
        .route("/assets/{file}", get(frames::asset))
        .route("/.well-known/jwks.json", get(keys::list))
        .route("/v1/tokens", post(tokens::create))
        .route("/healthz", get(health::live));
    finish(routes, app, Listener::Capture)
}

/// The API listener: access tokens and capture contexts, for merchants' backends.
pub fn api(app: App) -> Router {
    let routes = Router::new()
        .route("/oauth/token", post(oauth::grant))
        .route("/v1/capture-contexts", post(contexts::create))
        .route("/healthz", get(health::live));
    finish(routes, app, Listener::Api)
}

fn finish(routes: Router<App>, app: App, listener: Listener) -> Router {
    routes
        .fallback(|| async { Problem::from(Code::NotFound) })
        .method_not_allowed_fallback(|| async { Problem::from(Code::MethodNotAllowed) })
        .layer(CatchPanicLayer::custom(|_| Problem::from(panicked()).into_response()))
        .layer(middleware::from_fn_with_state((Arc::clone(&app), listener), observe::observe))
        .with_state(app)
}

fn panicked() -> Failure {
    Failure::Broken { doing: "answering a request", cause: "it panicked".into() }
}
