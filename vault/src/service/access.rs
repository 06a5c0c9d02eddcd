//! Use case: a merchant's backend gets an access token and is recognized by it.
//! It must never grant a scope that the client was not given.

use std::sync::Arc;

use cardseal::error::Code;
use cardseal::wire::AccessToken;
use utoipa::ToSchema;

use super::Vault;
use crate::auth::{self, Credentials};
use crate::failure::Failure;
use crate::merchant::Client;

/// What a client asks for (RFC 6749 section 4.4.2).
#[derive(ToSchema)]
pub struct Grant<'a> {
    /// `client_credentials`.
    #[schema(required, nullable = false, pattern = "^client_credentials$")]
    pub grant_type: Option<&'a str>,
    /// `client_id`, for a client that proves itself by its certificate (RFC 8705 section 2).
    #[schema(nullable = false)]
    pub client_id: Option<&'a str>,
    /// `scope`; without it everything the client may do.
    #[schema(nullable = false)]
    pub scope: Option<&'a str>,
}

impl Vault {
    /// Issues an access token to a client with the right secret or the right certificate.
    ///
    /// It is bound to the certificate of the connection, if there is one, whatever the client proved itself by
    /// (RFC 8705 sections 3 and 4).
    ///
    /// # Errors
    /// [`Code::ClientInvalid`], [`Code::GrantInvalid`], [`Code::ScopeInvalid`], [`Code::RateLimited`].
    pub fn grant(
        &self,
        credentials: Option<&Credentials>,
        certificate: Option<&[u8; 32]>,
        grant: &Grant<'_>,
        network: &str,
    ) -> Result<AccessToken, Failure> {
        let now = self.clock.now();
        let claimed = credentials.map(Credentials::id).or(grant.client_id).ok_or(Code::ClientInvalid)?;
        // Before the secret is looked at: whoever guesses learns nothing from a right one either.
        self.limits.admit_authentication(claimed, network, now)?;
        let known = self.known();
        let merchants = &known.merchants;
        let checked = match (credentials, certificate) {
            (Some(credentials), _) => auth::check(credentials, merchants, now),
            (None, Some(certificate)) => auth::check_certificate(claimed, certificate, merchants, now),
            (None, None) => Err(Code::ClientInvalid),
        };
        let client = checked.inspect_err(|_| {
            self.limits.authentication_failed(claimed, merchants.client(claimed).is_some(), network, now);
        })?;
        // After it: nobody uses up a client's limit in its name.
        self.limits.admit_grant(&client.id, now)?;
        if grant.grant_type != Some("client_credentials") {
            return Err(Code::GrantInvalid.into());
        }
        let scope = match grant.scope {
            None => client.scopes.join(" "),
            Some(scope) if scope.split(' ').all(|of| client.scopes.iter().any(|granted| granted == of)) => {
                scope.to_owned()
            }
            Some(_) => return Err(Code::ScopeInvalid.into()),
        };
        let key = known.keyring.current_access_key(now);
        Ok(AccessToken {
            access_token: auth::issue(key, &self.api_origin, client, certificate, &scope, now)?,
            token_type: "Bearer".to_owned(),
            expires_in: auth::ACCESS_SECONDS,
            scope,
        })
    }

    /// The client that an access token was issued to, if the token carries `scope` and is bound to no other certificate.
    ///
    /// # Errors
    /// [`Code::AccessTokenInvalid`] or [`Code::ScopeMissing`].
    pub fn authorize(
        &self,
        access_token: &str,
        certificate: Option<&[u8; 32]>,
        scope: &str,
    ) -> Result<Arc<Client>, Code> {
        let (known, now) = (self.known(), self.clock.now());
        let claims = auth::read(access_token, known.keyring.access_keys(now), &self.api_origin, now)?;
        if !claims.admits(certificate) {
            return Err(Code::AccessTokenInvalid);
        }
        let client = known.merchants.client(claims.client()).ok_or(Code::AccessTokenInvalid)?;
        // Both must allow it: a scope taken from a client counts at once, not when its tokens have expired.
        let allowed = claims.allows(scope) && client.scopes.iter().any(|granted| granted == scope);
        if allowed { Ok(Arc::clone(client)) } else { Err(Code::ScopeMissing) }
    }
}
