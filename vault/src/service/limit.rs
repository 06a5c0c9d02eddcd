//! What the use cases ask before they work: limits, a page's origin, clocks that run apart; and what they report.
//! It must never refuse what was answered before: a repetition comes first.

use std::collections::HashMap;

use cardseal::context::{Context, Via};
use cardseal::error::Code;

use super::Vault;
use crate::clock::SKEW_SECONDS;
use crate::failure::{Doing, Failure};
use crate::limits::Limits;

impl Vault {
    /// The limits of this node.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether a proxy stands before this vault and writes down where requests come from.
    pub fn is_behind_proxy(&self) -> bool {
        self.behind_proxy
    }

    /// The `Origin` of a request for a token, if a browser says one, must be the vault's own where its frames capture, and
    /// else one that the context lists.
    pub(super) fn check_page(&self, context: &Context, origin: Option<&str>) -> Result<(), Code> {
        let allowed = origin.is_none_or(|origin| match context.via {
            Via::Fields => origin == self.origin,
            Via::Direct => context.origins.iter().any(|listed| listed == origin),
        });
        if allowed { Ok(()) } else { Err(Code::OriginNotAllowed) }
    }

    /// The page that may read what has become of a request for a token: one of another origin that captured the card itself.
    pub fn reader(&self, context: &Context, origin: Option<String>) -> Option<String> {
        origin.filter(|page| context.via == Via::Direct && self.check_page(context, Some(page)).is_ok())
    }

    /// Forgets what no longer limits anything, and counts the contexts that nobody spent.
    pub(super) async fn sweep_limits(&self, now: u64) -> Result<(), Failure> {
        self.limits.sweep(now);
        let mut unspent: HashMap<String, u32> = HashMap::new();
        for context in self.limits.take_expired(now) {
            // Another node may have taken it.
            if !self.store.is_spent(&context.jti).await.doing("looking for a spent context")? {
                *unspent.entry(context.merchant).or_default() += 1;
            }
        }
        for (merchant, count) in unspent {
            self.limits.expired_unspent(&merchant, count, now);
        }
        Ok(())
    }
}

/// A context from far in the future comes from a node whose clock is wrong: its end would be as far away.
pub(super) fn check_issued(context: &Context, now: u64) -> Result<(), Failure> {
    if context.iat > now.saturating_add(SKEW_SECONDS) {
        return Err(Failure::RefusedBecause(
            Code::ContextMalformed,
            "The capture context is from more than 60 seconds in the future; set the clocks of the vault's nodes.",
        ));
    }
    Ok(())
}
