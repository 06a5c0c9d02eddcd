//! The three HTTP interfaces, every route in view: for browsers, for merchants' backends, for an operator's tools.
//! It must never decide anything: handlers extract, call the service and respond.

mod admin;
mod body;
mod busy;
mod by;
mod client;
mod contexts;
mod frames;
mod health;
mod idempotency;
mod keys;
mod oauth;
mod observe;
mod peer;
mod stored;
mod tokens;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use cardseal::error::Code;
use tokio::sync::Semaphore;
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
        .route("/v1/tokens", get(stored::list))
        .route("/v1/tokens/{id}", get(stored::describe).delete(stored::delete))
        .route("/v1/tokens/{id}/reveal", post(stored::reveal))
        .route("/healthz", get(health::live));
    finish(routes, app, Listener::Api)
}

/// The admin listener: whether the vault can serve and what it did, for an operator's tools.
pub fn admin(app: App) -> Router {
    let routes = Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(admin::ready))
        .route("/metrics", get(admin::metrics));
    finish(routes, app, Listener::Admin)
}

fn finish(routes: Router<App>, app: App, listener: Listener) -> Router {
    let places = Arc::new(Semaphore::new(app.connections().in_flight));
    routes
        .fallback(|| async { Problem::from(Code::NotFound) })
        .method_not_allowed_fallback(|| async { Problem::from(Code::MethodNotAllowed) })
        .layer(middleware::from_fn_with_state(places, busy::limit))
        .layer(CatchPanicLayer::custom(|_| Problem::from(panicked()).into_response()))
        .layer(middleware::from_fn_with_state((Arc::clone(&app), listener), observe::observe))
        .with_state(app)
}

fn panicked() -> Failure {
    Failure::Broken { doing: "answering a request", cause: "it panicked".into() }
}
