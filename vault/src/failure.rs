//! How a use case fails: refused with a stable code, or broken inside.
//! It must never carry a card, a key or a body: what it holds may reach the log.

use std::error::Error;
use std::fmt;

use cardseal::error::Code;
use tokio::task::JoinError;

/// Why a use case gave no answer.
#[derive(Debug)]
pub enum Failure {
    /// The request was refused; the code is the whole answer.
    Refused(Code),
    /// The request was refused, and this fixed sentence says more than the code does.
    RefusedBecause(Code, &'static str),
    /// The request was refused; it may succeed after so many seconds.
    RefusedUntil(Code, u64),
    /// A rule about cards refused; its reason is for the record, not for the client.
    RefusedByRule(Code, &'static str),
    /// The vault failed; answered `internal`, the cause goes to the log only.
    Broken {
        /// What was being done.
        doing: &'static str,
        /// What went wrong, in the words of the library that failed.
        cause: Box<dyn Error + Send + Sync>,
    },
}

impl Failure {
    /// A task that ended without a result. What it said when it panicked is left out: it may quote a value.
    pub fn of_task(doing: &'static str, error: &JoinError) -> Self {
        let cause = if error.is_panic() { "it panicked" } else { "it was cancelled" };
        Self::Broken { doing, cause: cause.into() }
    }

    /// The code that the client sees.
    pub fn code(&self) -> Code {
        match self {
            Self::Refused(code)
            | Self::RefusedBecause(code, _)
            | Self::RefusedUntil(code, _)
            | Self::RefusedByRule(code, _) => *code,
            Self::Broken { .. } => Code::Internal,
        }
    }
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Self::Refused(code)
    }
}

/// Says what was being done when something broke.
pub trait Doing<T> {
    /// Turns an error of a library into [`Failure::Broken`].
    fn doing(self, doing: &'static str) -> Result<T, Failure>;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> Doing<T> for Result<T, E> {
    fn doing(self, doing: &'static str) -> Result<T, Failure> {
        self.map_err(|cause| Failure::Broken { doing, cause: cause.into() })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(code) | Self::RefusedUntil(code, _) | Self::RefusedByRule(code, _) => {
                code.fmt(formatter)
            }
            Self::RefusedBecause(_, because) => formatter.write_str(because),
            Self::Broken { doing, cause } => write!(formatter, "{doing}: {cause}"),
        }
    }
}

impl Error for Failure {}
