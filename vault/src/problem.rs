//! How a failure looks to a client: one status and one problem document (RFC 9457) for each code.
//! It must never let the text of an inner error out; that goes to the log, under the request's id.

use std::error::Error;
use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cardseal::error::Code;
use cardseal::wire;

use crate::failure::Failure;

/// An error answer.
pub struct Problem {
    code: Code,
    because: Option<&'static str>,
    wait: u64,
    oauth: bool,
    broken: Option<Broken>,
}

/// What the log shall say of an error answer; it travels beside the response, never in it.
#[derive(Clone)]
pub struct Noted {
    /// The code that the client sees.
    pub code: Code,
    /// What broke inside, if something did.
    pub broken: Option<Broken>,
}

/// What was being done when the vault broke, and why it did.
#[derive(Clone)]
pub struct Broken {
    /// What was being done.
    pub doing: &'static str,
    /// Why it went wrong.
    pub cause: Arc<dyn Error + Send + Sync>,
}

impl Problem {
    /// Makes it an answer of the OAuth endpoint, with RFC 6749's own `error` member.
    pub fn of_oauth(failure: impl Into<Self>) -> Self {
        Self { oauth: true, ..failure.into() }
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self { code, because: None, wait: 1, oauth: false, broken: None }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let code = failure.code();
        match failure {
            Failure::Refused(_) | Failure::RefusedByRule(..) => code.into(),
            Failure::RefusedBecause(_, because) => Self { because: Some(because), ..code.into() },
            Failure::RefusedUntil(_, wait) => Self { wait, ..code.into() },
            Failure::Broken { doing, cause } => {
                Self { broken: Some(Broken { doing, cause: cause.into() }), ..code.into() }
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = status(self.code);
        let document = wire::Problem {
            // RFC 9457 section 4.2.1: the status says it all, `code` says which.
            kind: "about:blank".to_owned(),
            title: status.canonical_reason().unwrap_or_default().to_owned(),
            status: status.as_u16(),
            code: self.code.as_str().to_owned(),
            detail: self.because.unwrap_or(self.code.explain()).to_owned(),
            field: self.code.field().map(str::to_owned),
            error: self.oauth.then(|| oauth_error(self.code)).map(str::to_owned),
        };
        let body = serde_json::to_string(&document).unwrap_or_default();
        let mut response =
            (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        let headers = response.headers_mut();
        if let Some(challenge) = challenge(self.code) {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if matches!(self.code, Code::Busy | Code::RateLimited | Code::IdempotencyInFlight) {
            // RFC 9110 section 10.2.3: whole seconds.
            headers.insert(header::RETRY_AFTER, self.wait.into());
        }
        response.extensions_mut().insert(Noted { code: self.code, broken: self.broken });
        response
    }
}

/// The status of each code. Codes that only a page can meet are listed too, so that none is ever forgotten.
pub fn status(code: Code) -> StatusCode {
    match code {
        Code::CardNumberIncomplete
        | Code::CardNumberInvalid
        | Code::BrandNotAccepted
        | Code::CardNotAccepted
        | Code::ExpiryIncomplete
        | Code::ExpiryInvalid
        | Code::ExpiryPast
        | Code::ExpiryTooFar
        | Code::CvcIncomplete
        | Code::CvcInvalid
        | Code::NameInvalid
        | Code::PostalCodeInvalid
        | Code::NetworkInvalid
        | Code::CardRefused
        | Code::TestCardRequired
        | Code::IdempotencyKeyReused
        | Code::SealedCardRejected
        | Code::SealedCardMismatch => StatusCode::UNPROCESSABLE_ENTITY,
        Code::OptionsInvalid
        | Code::OriginNotRegistered
        | Code::ContextMalformed
        | Code::SealedCardMalformed
        | Code::SealedCardHeaderInvalid
        | Code::IdempotencyKeyInvalid
        | Code::BodyMalformed
        | Code::GrantInvalid
        | Code::ScopeInvalid => StatusCode::BAD_REQUEST,
        Code::ContextForged | Code::ContextIssuerMismatch | Code::ContextExpired => StatusCode::FORBIDDEN,
        Code::OriginNotAllowed | Code::ScopeMissing | Code::ContextExhausted | Code::TransportInsecure => {
            StatusCode::FORBIDDEN
        }
        Code::ContextSpent | Code::IdempotencyInFlight => StatusCode::CONFLICT,
        Code::ClientInvalid | Code::AccessTokenInvalid => StatusCode::UNAUTHORIZED,
        Code::NotFound | Code::MerchantUnknown | Code::ReleaseUnknown => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        // These arise in the page or its frames; the vault has no reason to give them.
        Code::ElementNotFound
        | Code::FieldUnknown
        | Code::FieldAlreadyMounted
        | Code::FieldNotMounted
        | Code::Destroyed
        | Code::TokenizeInProgress
        | Code::Aborted
        | Code::ContextUnavailable
        | Code::ContextViaMismatch
        | Code::CardMalformed
        | Code::RecipientInvalid
        | Code::NetworkFailed
        | Code::Timeout
        | Code::FrameTimeout
        | Code::CoordinatorLost
        | Code::ResponseMalformed
        | Code::WasmUnavailable => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// RFC 6749 section 5.2.
fn oauth_error(code: Code) -> &'static str {
    match code {
        Code::ClientInvalid => "invalid_client",
        Code::GrantInvalid => "unsupported_grant_type",
        Code::ScopeInvalid => "invalid_scope",
        Code::Internal => "server_error",
        _ => "invalid_request",
    }
}

/// RFC 9110 section 11.6.1 and RFC 6750 section 3.
fn challenge(code: Code) -> Option<&'static str> {
    match code {
        Code::ClientInvalid => Some("Basic realm=\"cardseal\", charset=\"UTF-8\""),
        Code::AccessTokenInvalid => Some("Bearer realm=\"cardseal\", error=\"invalid_token\""),
        Code::ScopeMissing => Some("Bearer realm=\"cardseal\", error=\"insufficient_scope\""),
        _ => None,
    }
}
