//! Access tokens: short-lived JWTs (RFC 9068) that this vault issues to a client and reads itself.
//! It must never accept one with another type, audience or issuer, however it was signed.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use cardseal::envelope::compact;
use cardseal::error::Code;
use serde::{Deserialize, Serialize};

use crate::failure::{Doing, Failure};
use crate::keyring::SigningKey;
use crate::keyring::life::HONOURED_SECONDS;
use crate::merchant::Client;
use crate::{jws, random};

/// How long an access token lives.
pub const ACCESS_SECONDS: u64 = 15 * 60;
// No longer than the keys that sign them are honoured.
const _: () = assert!(ACCESS_SECONDS < HONOURED_SECONDS);

const TYP: &str = "at+jwt";
const AUD: &str = "cardseal-api";

/// What an access token says.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AccessClaims {
    iss: String,
    aud: String,
    sub: String,
    client_id: String,
    iat: u64,
    exp: u64,
    jti: String,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

/// RFC 8705 section 3.1: the certificate that the token is bound to.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    #[serde(rename = "x5t#S256")]
    thumbprint: String,
}

impl AccessClaims {
    /// The client that the token was issued to.
    pub fn client(&self) -> &str {
        &self.client_id
    }

    /// Whether the token is bound to no certificate or to this one (RFC 8705 section 3).
    pub fn admits(&self, certificate: Option<&[u8; 32]>) -> bool {
        let Some(Confirmation { thumbprint }) = &self.cnf else { return true };
        let bound = compact::decode(thumbprint);
        certificate.zip(bound).is_some_and(|(of, bound)| verify_slices_are_equal(of, &bound).is_ok())
    }

    /// Whether the token carries this scope.
    pub fn allows(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|of| of == scope)
    }
}

/// Issues an access token.
///
/// # Errors
/// When it could not be signed.
pub fn issue(
    key: &SigningKey,
    issuer: &str,
    client: &Client,
    certificate: Option<&[u8; 32]>,
    scope: &str,
    now: u64,
) -> Result<String, Failure> {
    let claims = AccessClaims {
        iss: issuer.to_owned(),
        aud: AUD.to_owned(),
        sub: client.id.clone(),
        client_id: client.id.clone(),
        iat: now,
        exp: now + ACCESS_SECONDS,
        jti: random::make_name(),
        scope: scope.to_owned(),
        cnf: certificate.map(|of| Confirmation { thumbprint: compact::encode(of) }),
    };
    let payload = serde_json::to_vec(&claims).doing("writing an access token")?;
    jws::sign(key, TYP, &payload)
}

/// Reads an access token that is valid now.
///
/// # Errors
/// [`Code::AccessTokenInvalid`].
pub fn read<'a>(
    token: &str,
    keys: impl IntoIterator<Item = &'a SigningKey>,
    issuer: &str,
    now: u64,
) -> Result<AccessClaims, Code> {
    let payload = jws::verify(token, TYP, keys).map_err(|_| Code::AccessTokenInvalid)?;
    serde_json::from_slice::<AccessClaims>(&payload)
        .ok()
        .filter(|claims| claims.iss == issuer && claims.aud == AUD && now < claims.exp)
        .ok_or(Code::AccessTokenInvalid)
}
