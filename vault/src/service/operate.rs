//! Use case: an operator's tools ask whether the vault can serve and what it did.
//! It must never say more than that: no merchant, no client, no token.

use std::sync::atomic::Ordering;

use cardseal::error::Code;

use super::Vault;
use crate::failure::Failure;
use crate::keyring::Purpose;
use crate::metrics::{Metrics, Readings};
use crate::transport::Connections;

impl Vault {
    /// Whether new work would be done: the database answers, the keys are there, nobody told it to stop.
    ///
    /// # Errors
    /// [`Code::Busy`] with a sentence.
    pub async fn check_ready(&self) -> Result<(), Failure> {
        if self.stopping.load(Ordering::SeqCst) {
            return Err(Failure::RefusedBecause(Code::Busy, "The vault is stopping."));
        }
        match self.store.keys().await {
            Ok(keys) if !keys.is_empty() => Ok(()),
            Ok(_) => Err(Failure::RefusedBecause(Code::Busy, "The database has no keys.")),
            Err(error) => {
                tracing::error!(doing = "asking the database whether it answers", cause = %error);
                Err(Failure::RefusedBecause(Code::Busy, "The database does not answer."))
            }
        }
    }

    /// From now on the vault is not ready for new work.
    pub fn begin_to_stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// The counters.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The counters as Prometheus reads them.
    ///
    /// # Errors
    /// When they could not be written.
    pub async fn format_metrics(&self) -> Result<String, Failure> {
        let (known, now) = (self.known(), self.clock.now());
        for purpose in Purpose::ALL {
            self.metrics.key_age(purpose.as_str(), known.keyring.age(purpose, now));
        }
        let unsigned = self.unsigned().await.unwrap_or_else(|failure| {
            // The other counters are worth most when the database is gone.
            tracing::error!(doing = "looking for unsigned records of the audit", cause = %failure);
            None
        });
        let (working, waiting) = self.opener.load();
        self.metrics.format(&Readings { operations: self.opener.operations(), working, waiting, unsigned })
    }

    /// How the connections of its listeners are limited.
    pub(crate) fn connections(&self) -> &Connections {
        &self.connections
    }
}
