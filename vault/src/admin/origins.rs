//! Origins of merchants: added, proven, taken away.
//! It must never count a live origin as a merchant's own before its owner has said so where only the owner can.

use std::future::Future;

use cardseal::context::Mode;

use super::{Admin, change, no_merchant};
use crate::audit::Action;
use crate::merchant::OriginRecord;
use crate::proof::challenge;

impl Admin {
    /// Adds an origin to a merchant; gives what its owner has to publish, if it has to be proven.
    ///
    /// # Errors
    /// A sentence that says what is wrong; `origin_taken` if it is another merchant's.
    pub async fn add_origin(&self, merchant: &str, origin: &str) -> Result<Option<String>, String> {
        self.change_merchant(merchant, change(Action::OriginAdd, origin, merchant), |of| {
            of.origins.push(OriginRecord { origin: origin.to_owned(), proven_at: None });
            Ok(())
        })
        .await?;
        let live = self.merchant(merchant).await?.mode == Mode::Live;
        Ok(live.then(|| challenge(&self.origin, merchant)))
    }

    /// Has an origin proven: `prove` looks for the challenge where only the origin's owner can publish it.
    ///
    /// # Errors
    /// A sentence: there is no such origin, or it was not proven and why.
    pub async fn verify_origin<P: Future<Output = Result<(), String>>>(
        &self,
        merchant: &str,
        origin: &str,
        prove: impl FnOnce(String) -> P,
    ) -> Result<(), String> {
        let known = self.merchant(merchant).await?;
        if !known.origins.iter().any(|of| of.origin == origin) {
            return Err(format!("{origin} is not an origin of the merchant {merchant}; add it first"));
        }
        prove(challenge(&self.origin, merchant)).await?;
        let now = self.clock.now();
        self.change_merchant(merchant, change(Action::OriginVerify, origin, merchant), |of| {
            // It may have been taken away meanwhile.
            let of = of.origins.iter_mut().find(|of| of.origin == origin);
            of.ok_or_else(|| no_merchant(merchant))?.proven_at = Some(now);
            Ok(())
        })
        .await
    }

    /// Takes an origin from a merchant.
    ///
    /// # Errors
    /// A sentence when it is not the merchant's.
    pub async fn remove_origin(&self, merchant: &str, origin: &str) -> Result<(), String> {
        self.change_merchant(merchant, change(Action::OriginRemove, origin, merchant), |of| {
            let before = of.origins.len();
            of.origins.retain(|of| of.origin != origin);
            if of.origins.len() == before {
                return Err(format!("{origin} is not an origin of the merchant {merchant}"));
            }
            Ok(())
        })
        .await
    }
}
