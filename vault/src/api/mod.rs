//! The three HTTP interfaces, every route in view: for browsers, for merchants' backends, for an operator's tools.
//! It must never decide anything: handlers extract, call the service and respond.

mod admin;
mod audit;
mod bins;
mod body;
mod busy;
mod by;
mod client;
mod contexts;
mod cors;
mod frames;
mod health;
mod idempotency;
mod keys;
mod oauth;
mod observe;
mod openapi;
mod peer;
mod refusals;
mod stored;
mod tokens;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::response::IntoResponse;
use cardseal::error::Code;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::failure::Failure;
use crate::problem::Problem;
use crate::service::Vault;
pub use cors::readable;
use observe::Listener;
pub use openapi::DOCUMENT;

/// The most bytes of a request's body.
pub const BODY_BYTES: usize = 32 * 1024;

/// What every handler works with.
pub type App = Arc<Vault>;

/// The capture listener: frames, public keys and tokenization, for browsers.
pub fn capture(app: App) -> Router {
    finish(capture_routes().into(), app, Listener::Capture)
}

/// The API listener: access tokens and capture contexts, for merchants' backends.
pub fn api(app: App) -> Router {
    finish(api_routes().into(), app, Listener::Api)
}

/// The admin listener: whether the vault can serve and what it did, for an operator's tools.
pub fn admin(app: App) -> Router {
    finish(admin::routes(), app, Listener::Admin)
}

// Each handler says its own method, address, bodies and refusals: router and document cannot differ.

fn capture_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(frames::document))
        .routes(routes!(frames::asset))
        .routes(routes!(keys::list))
        .routes(routes!(tokens::create, tokens::allow))
        .routes(routes!(bins::look_up))
        .routes(routes!(health::live))
}

fn api_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(oauth::grant))
        .routes(routes!(contexts::create))
        .routes(routes!(stored::list))
        .routes(routes!(stored::describe, stored::delete))
        .routes(routes!(stored::reveal))
        .routes(routes!(audit::list))
        .routes(routes!(openapi::show))
        .routes(routes!(health::live))
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
