//! Clients of merchants: added, given new secrets or certificates, revoked.
//! It must never keep a secret that it made: whoever asked is shown it once.

use aws_lc_rs::digest::{SHA256, digest};
use cardseal::envelope::compact;

use super::{Admin, change};
use crate::audit::Action;
use crate::merchant::{ClientRecord, MerchantRecord, Proof};
use crate::random;

/// What a client shall prove itself by.
pub enum NewProof {
    /// A secret, which is made and shown once.
    Secret,
    /// The certificate with this SHA-256 of its DER form.
    Certificate([u8; 32]),
}

impl Admin {
    /// Adds a client to a merchant; gives its secret, if it has one.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub async fn add_client(
        &self,
        merchant: &str,
        id: &str,
        scopes: &[String],
        proof: &NewProof,
    ) -> Result<Option<String>, String> {
        let (hash, secret) = made(proof);
        self.change_merchant(merchant, change(Action::ClientAdd, id, &scopes.join(" ")), |of| {
            let mut client =
                ClientRecord { id: id.to_owned(), scopes: scopes.to_vec(), ..ClientRecord::default() };
            list(&mut client, proof).push(hash.clone());
            of.clients.push(client);
            Ok(())
        })
        .await?;
        Ok(secret)
    }

    /// Gives a client a new secret or certificate, and ends all that it had, of both kinds, after `overlap_seconds`; gives
    /// the secret, if it is one.
    ///
    /// # Errors
    /// A sentence when there is no such client, or it is revoked.
    pub async fn rotate_client(
        &self,
        id: &str,
        proof: &NewProof,
        overlap_seconds: u64,
    ) -> Result<Option<String>, String> {
        let (hash, secret) = made(proof);
        let until = self.clock.now() + overlap_seconds;
        let what = if secret.is_some() { "secret" } else { "certificate" };
        self.change_client(id, Action::ClientRotate, what, |client| {
            if client.revoked {
                return Err(format!("client_revoked: {id} is revoked; add a client with another id"));
            }
            // Of both kinds: who goes over to a certificate is to be nobody by a secret that others may know.
            for former in client.secrets.iter_mut().chain(&mut client.certificates) {
                former.until = Some(former.until.map_or(until, |earlier| earlier.min(until)));
            }
            let proofs = list(client, proof);
            proofs.truncate(1);
            proofs.insert(0, hash.clone());
            Ok(())
        })
        .await?;
        Ok(secret)
    }

    /// Revokes a client: neither its secret nor its access tokens are believed any more.
    ///
    /// # Errors
    /// A sentence when there is no such client.
    pub async fn revoke_client(&self, id: &str) -> Result<(), String> {
        self.change_client(id, Action::ClientRevoke, "", |client| {
            client.revoked = true;
            Ok(())
        })
        .await
    }

    async fn change_client(
        &self,
        id: &str,
        action: Action,
        what: &str,
        apply: impl Fn(&mut ClientRecord) -> Result<(), String>,
    ) -> Result<(), String> {
        let client_of = |of: &mut MerchantRecord| of.clients.iter().position(|client| client.id == id);
        self.change(change(action, id, what), |records| {
            for record in records {
                if let Some(at) = client_of(record) {
                    apply(&mut record.clients[at])?;
                    return Ok(record.id.clone());
                }
            }
            Err(format!("there is no client {id}"))
        })
        .await
    }
}

fn list<'a>(client: &'a mut ClientRecord, proof: &NewProof) -> &'a mut Vec<Proof> {
    match proof {
        NewProof::Secret => &mut client.secrets,
        NewProof::Certificate(_) => &mut client.certificates,
    }
}

/// The hash to keep, and the secret to show.
fn made(proof: &NewProof) -> (Proof, Option<String>) {
    match proof {
        NewProof::Certificate(sha256) => (Proof::of(sha256), None),
        NewProof::Secret => {
            let secret = compact::encode(&random::make_bytes::<32>());
            let mut sha256 = [0; 32];
            sha256.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
            (Proof::of(&sha256), Some(secret))
        }
    }
}
