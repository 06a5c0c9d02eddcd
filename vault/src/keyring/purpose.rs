//! What a private key is for.
//! It must never let a key serve two purposes (RFC 8725 section 3.11).

use super::life::{HONOURED_SECONDS, PUBLISHED_SECONDS, Terms};

/// What a private key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Cards are sealed to it.
    Capture,
    /// It signs capture contexts.
    Context,
    /// It signs access tokens.
    Access,
    /// It signs heads of the audit.
    Audit,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 4] = [Self::Capture, Self::Context, Self::Access, Self::Audit];

    /// The purpose of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|of| of.as_str() == name)
    }

    /// The name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Context => "context",
            Self::Access => "access",
            Self::Audit => "audit",
        }
    }

    /// How its keys follow each other. A head of the audit is to be verified for as long as it is kept: those keys are
    /// honoured for ever.
    pub fn terms(self) -> Terms {
        let honoured_seconds = if self == Self::Audit { u64::MAX } else { HONOURED_SECONDS };
        Terms { known_seconds: PUBLISHED_SECONDS, honoured_seconds }
    }
}
