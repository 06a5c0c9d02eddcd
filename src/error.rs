//! The one table of stable error codes: what each is called, who is at fault and what to do.
//! It must never hold a value that came from outside: a code says what was wrong, never with which input.

use core::fmt;

/// Who has to act on an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The cardholder: a field is incomplete or wrong.
    Input,
    /// The integrator: the page or its backend uses the product wrongly.
    Misuse,
    /// Nobody in particular: a connection failed, a limit was reached; most can be tried again.
    Network,
    /// The vault refused the request.
    Rejected,
}

impl Blame {
    /// The name used in JSON and JavaScript.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Misuse => "misuse",
            Self::Network => "network",
            Self::Rejected => "rejected",
        }
    }
}

macro_rules! codes {
    ($($blame:ident { $($variant:ident = $name:literal : $explain:literal,)+ })+) => {
        /// A stable code: its name never changes and its meaning never widens.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[doc = $explain] $variant,)+)+
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)+)+];

            /// The name on the wire and in JavaScript, in lower_snake.
            pub const fn as_str(self) -> &'static str {
                // The engine that shoppers load gives none of those behind it; their names would be half a kilobyte of it.
                let shipped = cfg!(all(target_arch = "wasm32", not(debug_assertions)));
                if shipped && self as usize > Self::RecipientInvalid as usize {
                    return "";
                }
                match self { $($(Self::$variant => $name,)+)+ }
            }

            /// Who has to act.
            pub const fn blame(self) -> Blame {
                match self { $($(Self::$variant => Blame::$blame,)+)+ }
            }

            /// One sentence for a developer: what is wrong and what to do.
            pub const fn explain(self) -> &'static str {
                match self { $($(Self::$variant => $explain,)+)+ }
            }
        }
    };
}

codes! {
    Input {
        CardNumberIncomplete = "card_number_incomplete": "The card number is not complete yet; let the cardholder finish it.",
        CardNumberInvalid = "card_number_invalid": "No card has this number; let the cardholder check it.",
        BrandNotAccepted = "brand_not_accepted": "The card's brand is not among the brands the context accepts; ask for another card.",
        CardNotAccepted = "card_not_accepted": "The context does not take cards that begin so, are paid so or were issued there; ask for another card.",
        ExpiryIncomplete = "expiry_incomplete": "The expiry date is not complete yet; let the cardholder finish it.",
        ExpiryInvalid = "expiry_invalid": "The expiry date is not a month and a year; let the cardholder check it.",
        ExpiryPast = "expiry_past": "The card has expired; ask for another card.",
        ExpiryTooFar = "expiry_too_far": "The expiry date is more than 20 years ahead; let the cardholder check it.",
        CvcIncomplete = "cvc_incomplete": "The security code is not complete for the card's brand; let the cardholder finish it.",
        CvcInvalid = "cvc_invalid": "The security code is too long for the card's brand; let the cardholder check it.",
        NameInvalid = "name_invalid": "The holder's name is empty, too long, has control characters or looks like a card number; let the cardholder check it.",
        PostalCodeInvalid = "postal_code_invalid": "The postal code is empty, too long or has characters no postal code has; let the cardholder check it.",
        NetworkInvalid = "network_invalid": "The chosen network is not one that the card carries and the context takes; let the cardholder choose again.",
    }
    Misuse {
        OptionsInvalid = "options_invalid": "An option is missing, unknown or of the wrong type; the message names it.",
        ElementNotFound = "element_not_found": "The selector of mount() matches no element; mount after the element exists.",
        FieldUnknown = "field_unknown": "There is no field of this name in this release; see the list of fields.",
        FieldAlreadyMounted = "field_already_mounted": "This form has this field already, by itself or in a card, or the expiry in its other shape; unmount it first.",
        FieldNotMounted = "field_not_mounted": "The context requires a field that is not mounted; mount it before tokenize().",
        Destroyed = "destroyed": "The form was destroyed; create a new one with createFields().",
        TokenizeInProgress = "tokenize_in_progress": "A tokenize() of this form is under way; wait for it to settle.",
        Aborted = "aborted": "The caller's AbortSignal ended the call; the token may exist, ask the vault by ref.",
        ContextUnavailable = "context_unavailable": "The context function failed or gave no string; see the cause and check the backend behind it.",
        ContextMalformed = "context_malformed": "The capture context is not one this release understands; pass it on exactly as the vault gave it.",
        ContextForged = "context_forged": "The capture context carries no valid signature of this vault; pass it on exactly as the vault gave it.",
        ContextIssuerMismatch = "context_issuer_mismatch": "The capture context was issued by another vault than the page names; use contexts of the same vault.",
        ContextViaMismatch = "context_via_mismatch": "The capture context is for the other way of capture, fields or direct; ask for one with the right `via`.",
        ContextExpired = "context_expired": "The capture context has expired; get a new one from the vault.",
        ContextSpent = "context_spent": "The capture context has made its token already; get a new one for each token.",
        ContextExhausted = "context_exhausted": "The capture context was tried too often without success; get a new one.",
        OriginNotAllowed = "origin_not_allowed": "The page's origin is not listed in the capture context; name it in `origins` when asking for the context.",
        OriginNotRegistered = "origin_not_registered": "An origin asked for is not registered for this merchant; register it with the vault first.",
        CardMalformed = "card_malformed": "The plaintext is not a card of protocol version 1; seal with a library of this release.",
        RecipientInvalid = "recipient_invalid": "The key to seal to is not an RSA key this release accepts (2048 to 4096 bits, exponent 65537, kid its RFC 7638 thumbprint).",
    }
    Network {
        NetworkFailed = "network_failed": "The vault could not be reached; try again.",
        Timeout = "timeout": "The vault did not answer in time; try again.",
        FrameTimeout = "frame_timeout": "A frame of the vault did not load in time; check the vault's address, the page's frame-src and the merchant's registered origins.",
        CoordinatorLost = "coordinator_lost": "The page removed or navigated the form's hidden frame; create the form anew.",
        ResponseMalformed = "response_malformed": "The answer is not one a vault gives; check what stands between the browser and the vault.",
        Busy = "busy": "The vault has more work than it takes at once; try again after Retry-After.",
        IdempotencyInFlight = "idempotency_in_flight": "A request with this Idempotency-Key is under way; try again after Retry-After.",
        RateLimited = "rate_limited": "Too many requests; try again after Retry-After.",
        WasmUnavailable = "wasm_unavailable": "The engine started neither as WebAssembly nor as JavaScript in the vault's frame; check for policies or extensions that block it.",
    }
    Rejected {
        SealedCardMalformed = "sealed_card_malformed": "The sealed card is not five canonical base64url parts of the right sizes (RFC 7516 section 7.1).",
        SealedCardHeaderInvalid = "sealed_card_header_invalid": "The sealed card's protected header is not exactly what protocol version 1 asks for.",
        SealedCardMismatch = "sealed_card_mismatch": "The sealed card names another context, key, origin or time than the context it came with.",
        SealedCardRejected = "sealed_card_rejected": "The sealed card cannot be opened; seal again to the key in the context.",
        IdempotencyKeyInvalid = "idempotency_key_invalid": "The Idempotency-Key header is missing or not 1 to 255 visible ASCII characters.",
        IdempotencyKeyReused = "idempotency_key_reused": "This Idempotency-Key was used with another request; draw a new key for a new request.",
        BodyMalformed = "body_malformed": "The body is not the JSON object this call takes; unknown members are refused.",
        BodyTooLarge = "body_too_large": "The body is larger than this call takes.",
        UnsupportedMediaType = "unsupported_media_type": "The Content-Type is not the one this call takes.",
        NotFound = "not_found": "There is nothing at this address, or what it names was deleted.",
        MethodNotAllowed = "method_not_allowed": "This address does not take this method.",
        MerchantUnknown = "merchant_unknown": "The vault knows no such merchant.",
        ReleaseUnknown = "release_unknown": "The vault does not serve frames of this release; use the release of the package that the vault serves.",
        ClientInvalid = "client_invalid": "The client's credentials are wrong; check client id and secret.",
        GrantInvalid = "grant_invalid": "The grant type is missing or not client_credentials.",
        ScopeInvalid = "scope_invalid": "A scope asked for is unknown or not granted to this client.",
        AccessTokenInvalid = "access_token_invalid": "The access token is missing, malformed, expired or not one of this vault; get a new one.",
        ScopeMissing = "scope_missing": "The access token lacks the scope this call needs.",
        TransportInsecure = "transport_insecure": "This call answers with a card and is taken over TLS or from this machine only.",
        CardRefused = "card_refused": "The rules of the vault or the merchant refuse this card; ask for another card or another way to pay.",
        TestCardRequired = "test_card_required": "This vault takes published test card numbers only.",
        Internal = "internal": "The vault failed; nothing was stored; try again, and report the request id if it stays.",
    }
}

impl Code {
    /// Whether the same request may succeed when sent again unchanged.
    pub const fn retryable(self) -> bool {
        matches!(
            self,
            Self::NetworkFailed
                | Self::Timeout
                | Self::FrameTimeout
                | Self::Busy
                | Self::IdempotencyInFlight
                | Self::RateLimited
                | Self::Internal
        )
    }

    /// The field an input error belongs to.
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::CardNumberIncomplete
            | Self::CardNumberInvalid
            | Self::BrandNotAccepted
            | Self::CardNotAccepted => Some("number"),
            Self::ExpiryIncomplete | Self::ExpiryInvalid | Self::ExpiryPast | Self::ExpiryTooFar => {
                Some("expiry")
            }
            Self::CvcIncomplete | Self::CvcInvalid => Some("cvc"),
            Self::NameInvalid => Some("name"),
            Self::PostalCodeInvalid => Some("postal_code"),
            Self::NetworkInvalid => Some("network"),
            _ => None,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.explain())
    }
}

impl core::error::Error for Code {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_lower_snake_name() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn exactly_the_input_errors_belong_to_a_field() {
        for code in Code::ALL {
            assert_eq!(code.field().is_some(), code.blame() == Blame::Input, "{code:?}");
        }
    }
}
