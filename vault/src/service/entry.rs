//! Use case: somebody says who they are, and that is on record, whether they are believed or not.
//! It must never put on record what a stranger typed: only the names of clients that exist.

use std::sync::Arc;

use cardseal::context::{Context, Kind};
use cardseal::error::Code;
use cardseal::wire::{AccessToken, ContextAnswer, ContextRequest};

use super::record::Deed;
use super::{Grant, Vault};
use crate::audit::{Action, Actor};
use crate::auth::{self, Credentials};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::merchant::{Client, Merchant};

/// What a caller wants to do, and the scope that it takes.
#[derive(Clone, Copy)]
pub struct Permission {
    /// The scope.
    pub scope: &'static str,
    /// What is on record.
    pub action: Action,
}

impl Permission {
    /// To ask for capture contexts.
    pub const CAPTURE: Self = Self { scope: auth::CAPTURE_CREATE, action: Action::ContextCreate };
    /// To ask what is known of a token.
    pub const READ: Self = Self { scope: auth::TOKENS_READ, action: Action::TokenRead };
    /// To ask for a card in clear.
    pub const REVEAL: Self = Self { scope: auth::TOKENS_REVEAL, action: Action::TokenReveal };
    /// To delete a token.
    pub const DELETE: Self = Self { scope: auth::TOKENS_DELETE, action: Action::TokenDelete };
    /// To read the merchant's part of the audit.
    pub const AUDIT: Self = Self { scope: auth::AUDIT_READ, action: Action::AuditRead };
}

impl Vault {
    /// Grants an access token as [`Vault::grant`] does, on record.
    ///
    /// # Errors
    /// Those of [`Vault::grant`], and a broken vault when the record could not be written.
    pub async fn grant_on_record(
        &self,
        credentials: Option<&Credentials>,
        certificate: Option<&[u8; 32]>,
        grant: &Grant<'_>,
        caller: &Caller,
    ) -> Result<AccessToken, Failure> {
        let claimed = credentials.map(Credentials::id).or(grant.client_id);
        let (actor, merchant) = self.actor_of(claimed);
        let deed = Deed { caller, actor, merchant, action: Action::AccessGrant, subject: String::new() };
        match self.grant(credentials, certificate, grant, &caller.network()) {
            Ok(token) => self.record(&deed).await.map(|()| token),
            Err(failure) => Err(self.refused(&deed, failure).await),
        }
    }

    /// Signs a capture context as [`Vault::create_context`] does, on record.
    pub(super) async fn create_context_on_record(
        &self,
        client: &str,
        merchant: &Merchant,
        request: ContextRequest,
        caller: &Caller,
    ) -> Result<ContextAnswer, Failure> {
        let (actor, action) = (Actor::Client(client.to_owned()), Action::ContextCreate);
        let mut deed = Deed { caller, actor, merchant: merchant.id.clone(), action, subject: String::new() };
        match self.create_context(merchant, request).await {
            Ok((jti, answer)) => {
                deed.subject = jti;
                self.record(&deed).await.map(|()| answer)
            }
            Err(failure) => Err(self.refused(&deed, failure).await),
        }
    }

    /// Puts on record that a sealed card was refused.
    pub(super) async fn token_refused(
        &self,
        context: &Context,
        failure: Failure,
        caller: &Caller,
    ) -> Failure {
        let action = match context.kind {
            Kind::Card => Action::TokenCreate,
            Kind::Cvc { .. } => Action::CvcCapture,
        };
        self.refused(&Deed::of_shopper(caller, &context.sub, action, context.jti.clone()), failure).await
    }

    /// The client that may do this by its access token. A refusal is on record; what is allowed is recorded when done.
    ///
    /// # Errors
    /// [`Code::AccessTokenInvalid`] or [`Code::ScopeMissing`].
    pub async fn admit(
        &self,
        access_token: Option<&str>,
        certificate: Option<&[u8; 32]>,
        permission: Permission,
        caller: &Caller,
    ) -> Result<Arc<Client>, Failure> {
        let token = access_token.unwrap_or_default();
        match self.authorize(token, certificate, permission.scope) {
            Ok(client) => Ok(client),
            Err(code) => {
                // A token that lacks a scope is genuine, and so is the client's name in it.
                let genuine = (code == Code::ScopeMissing).then(|| self.client_of(token)).flatten();
                let (action, subject) = (permission.action, String::new());
                let (actor, merchant) = self.actor_of(genuine.as_deref());
                let deed = Deed { caller, actor, merchant, action, subject };
                Err(self.refused(&deed, code).await)
            }
        }
    }

    fn client_of(&self, access_token: &str) -> Option<String> {
        let (known, now) = (self.known(), self.clock.now());
        let claims = auth::read(access_token, known.keyring.access_keys(now), &self.api_origin, now).ok()?;
        Some(claims.client().to_owned())
    }

    /// The client of this name and its merchant, or nobody and none.
    fn actor_of(&self, id: Option<&str>) -> (Actor, String) {
        let known = self.known();
        let client = id.and_then(|id| known.merchants.client(id));
        client.map_or((Actor::Unknown, String::new()), |client| {
            (Actor::Client(client.id.clone()), client.merchant.id.clone())
        })
    }
}
