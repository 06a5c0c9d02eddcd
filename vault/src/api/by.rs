//! Who asks, known before the rest of the request is looked at: a client with an access token for what it wants to do.
//! It must never let a handler run for a client that lacks the scope.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::{App, peer};
use crate::auth;
use crate::caller::Caller;
use crate::merchant::Merchant;
use crate::problem::Problem;
use crate::service::Permission;

/// What a route asks for.
pub(super) trait Asks: Send {
    const PERMISSION: Permission;
    /// A scope that lets the client see more.
    const MORE: Option<&str> = None;
}

/// Asks for `capture:create`.
pub(super) struct Capture;
/// Asks for `tokens:read`.
pub(super) struct Read;
/// Asks for `tokens:reveal`.
pub(super) struct Reveal;
/// Asks for `tokens:delete`.
pub(super) struct Delete;

/// Asks for `audit:read`.
pub(super) struct Audit;

impl Asks for Capture {
    const PERMISSION: Permission = Permission::CAPTURE;
}

impl Asks for Read {
    const PERMISSION: Permission = Permission::READ;
    const MORE: Option<&str> = Some(auth::TOKENS_FINGERPRINT);
}

impl Asks for Reveal {
    const PERMISSION: Permission = Permission::REVEAL;
}

impl Asks for Delete {
    const PERMISSION: Permission = Permission::DELETE;
}

impl Asks for Audit {
    const PERMISSION: Permission = Permission::AUDIT;
}

/// A client that may do what `A` asks for.
pub(super) struct By<A> {
    /// The client's id.
    pub(super) client: String,
    /// For whom it acts.
    pub(super) merchant: Arc<Merchant>,
    /// Whether it may see more.
    pub(super) more: bool,
    /// Where the request came from.
    pub(super) caller: Caller,
    asks: PhantomData<A>,
}

impl<A: Asks> FromRequestParts<App> for By<A> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let certificate = peer::certificate(&parts.extensions);
        let client = app.admit(bearer(parts), certificate, A::PERMISSION, &caller).await?;
        let (client, merchant) = (client.id.clone(), Arc::clone(&client.merchant));
        let allows = |scope| app.authorize(bearer(parts).unwrap_or_default(), certificate, scope).is_ok();
        Ok(Self { client, merchant, more: A::MORE.is_some_and(allows), caller, asks: PhantomData })
    }
}

/// RFC 6750 section 2.1.
fn bearer(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}
