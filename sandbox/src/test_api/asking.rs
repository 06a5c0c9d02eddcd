//! Who makes a test call: the merchant's backend, by its access token or right away by client id and secret.
//! It must never believe anybody whom the vault does not.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use cardseal_vault::auth::Credentials;
use cardseal_vault::caller::Caller;
use cardseal_vault::failure::Failure;
use cardseal_vault::merchant::Client;
use cardseal_vault::problem::Problem;
use cardseal_vault::random;
use cardseal_vault::service::{Grant, Permission, Vault};
use cardseal_vault::transport::Peer;

use super::Bench;

/// Somebody with an access token, good or not.
pub(super) struct Asking {
    access_token: String,
    pub(super) caller: Caller,
}

impl Asking {
    /// The client, if it may do this.
    pub(super) async fn may(&self, vault: &Vault, permission: Permission) -> Result<Arc<Client>, Failure> {
        vault.admit(Some(&self.access_token), None, permission, &self.caller).await
    }
}

impl FromRequestParts<Bench> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, bench: &Bench) -> Result<Self, Problem> {
        let address = parts.extensions.get::<Peer>().map(|peer| peer.address.ip());
        // A sandbox listens on this machine only.
        let caller = Caller { request_id: random::make_name(), address, confidential: true };
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let header = header.unwrap_or_default();
        let access_token = if let Some(credentials) = Credentials::parse(header) {
            let grant = Grant { grant_type: Some("client_credentials"), client_id: None, scope: None };
            bench.vault.grant_on_record(Some(&credentials), None, &grant, &caller).await?.access_token
        } else {
            header.split_once(' ').map(|(_, token)| token.to_owned()).unwrap_or_default()
        };
        Ok(Self { access_token, caller })
    }
}
