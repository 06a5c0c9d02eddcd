//! Use case: a merchant's backend gets an access token and is recognized by it.
//! It must never grant a scope that the client was not given.

use cardseal::error::Code;
use cardseal::wire::AccessToken;

use super::Vault;
use crate::auth::{self, Credentials};
use crate::failure::Failure;
use crate::merchant::Client;

/// What a client asks for (RFC 6749 section 4.4.2).
pub struct Grant<'a> {
    /// `grant_type`.
    pub grant_type: Option<&'a str>,
    /// `scope`; without it everything the client may do.
    pub scope: Option<&'a str>,
}

impl Vault {
    /// Issues an access token to a client with the right secret.
    ///
    /// # Errors
    /// [`Code::ClientInvalid`], [`Code::GrantInvalid`], [`Code::ScopeInvalid`].
    pub fn grant(
        &self,
        credentials: Option<&Credentials>,
        grant: &Grant<'_>,
    ) -> Result<AccessToken, Failure> {
        let client = auth::check(credentials.ok_or(Code::ClientInvalid)?, &self.merchants)?;
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
        let key = &self.keyring.access_keys()[0];
        Ok(AccessToken {
            access_token: auth::issue(key, &self.api_origin, client, &scope, self.clock.now())?,
            token_type: "Bearer".to_owned(),
            expires_in: auth::ACCESS_SECONDS,
            scope,
        })
    }

    /// The client that an access token was issued to, if the token carries `scope`.
    ///
    /// # Errors
    /// [`Code::AccessTokenInvalid`] or [`Code::ScopeMissing`].
    pub fn authorize(&self, access_token: &str, scope: &str) -> Result<&Client, Code> {
        let claims =
            auth::read(access_token, self.keyring.access_keys(), &self.api_origin, self.clock.now())?;
        let client = self.merchants.client(claims.client()).ok_or(Code::AccessTokenInvalid)?;
        // Both must allow it: a scope taken from a client counts at once, not when its tokens have expired.
        let allowed = claims.allows(scope) && client.scopes.iter().any(|granted| granted == scope);
        if allowed { Ok(client) } else { Err(Code::ScopeMissing) }
    }
}
