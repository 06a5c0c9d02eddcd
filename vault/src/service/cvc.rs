//! Use case: a security code is used, by one use at a time, and is gone once a processor has answered to it.
//! It must never give a code to anybody over HTTP: only to what sends it on to a processor.

use std::sync::Arc;

use cardseal::secret::Secret;
use tokio::runtime::Handle;

use super::Vault;
use crate::failure::{Doing, Failure};
use crate::store::{Reserve, Reserved};
use crate::token::Token;

/// What somebody who wants to use a security code is told.
pub enum CvcClaim {
    /// The code is reserved for this use.
    Granted(Reservation),
    /// Another use has it; it may be there again when that has ended, or after
    /// [`RESERVED_SECONDS`](crate::store::cvc::RESERVED_SECONDS).
    InUse,
    /// None was captured, or it was spent or lost: the shopper has to be asked.
    Absent,
}

/// A security code for one use. It is never in a digest that is stored, nor in a write-ahead log or a backup.
///
/// [`commit`](Self::commit) it when the processor has answered, whatever the answer was: the code must not outlive its
/// authorization (PCI DSS 3.3.1). [`release`](Self::release) it, or drop it, when no answer came: the code can then be used
/// again, and the shopper need not type it again.
pub struct Reservation {
    vault: Arc<Vault>,
    token: String,
    reserved: Arc<Reserved>,
    ended: bool,
}

impl Vault {
    /// Reserves the security code of a token for one use. Whose token it is, and who may use it, the caller has checked.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn reserve_cvc(self: &Arc<Self>, token: &Token) -> Result<CvcClaim, Failure> {
        let reserve = self.cvcs.reserve(token.as_str(), self.clock.now()).await;
        Ok(match reserve.doing("reserving a security code")? {
            Reserve::Granted(reserved) => CvcClaim::Granted(Reservation {
                vault: Arc::clone(self),
                token: token.to_string(),
                reserved: Arc::new(reserved),
                ended: false,
            }),
            Reserve::InUse => CvcClaim::InUse,
            Reserve::Absent => CvcClaim::Absent,
        })
    }

    async fn spend_cvc(&self, token: &str, reserved: &Reserved) -> Result<(), Failure> {
        // The code first: without its mark it counts as lost, and is not used again either.
        if self.cvcs.spend(token, reserved).await.doing("deleting a security code")? {
            self.store.mark_cvc_spent(token).await.doing("marking a security code as spent")?;
        }
        Ok(())
    }

    async fn release_cvc(&self, token: &str, reserved: &Reserved) -> Result<(), Failure> {
        self.cvcs.release(token, reserved).await.doing("releasing a security code")
    }
}

impl Reservation {
    /// The digits.
    pub fn digits(&self) -> &Secret<Vec<u8>> {
        &self.reserved.digits
    }

    /// The Unix second by which the use must have ended: from then on the code may be given to another one.
    pub fn until(&self) -> u64 {
        self.reserved.until
    }

    /// A processor has answered: the code is gone and the token's metadata says `spent`, before this ends.
    ///
    /// It begins at once and goes on if nobody waits for it: a code that was used must not come back because a client
    /// hung up.
    ///
    /// # Errors
    /// When a store fails.
    pub fn commit(mut self) -> impl Future<Output = Result<(), Failure>> + use<> {
        self.ended = true;
        let (vault, token, reserved) =
            (Arc::clone(&self.vault), self.token.clone(), Arc::clone(&self.reserved));
        let task = tokio::spawn(async move { vault.spend_cvc(&token, &reserved).await });
        async { task.await.map_err(|error| Failure::of_task("spending a security code", &error))? }
    }

    /// No processor has answered: the code may be used again when this ends.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn release(mut self) -> Result<(), Failure> {
        let released = self.vault.release_cvc(&self.token, &self.reserved).await;
        self.ended = released.is_ok();
        released
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        // Without a runtime there is nobody to release it; its time ends all the same.
        if !self.ended
            && let Ok(runtime) = Handle::try_current()
        {
            let (vault, token, reserved) =
                (Arc::clone(&self.vault), self.token.clone(), Arc::clone(&self.reserved));
            runtime.spawn(async move {
                if let Err(error) = vault.release_cvc(&token, &reserved).await {
                    tracing::error!(doing = "releasing a security code", cause = %error);
                }
            });
        }
    }
}
