//! `cardseal-vault client`: adds, rotates and revokes the backends that act for merchants.
//! It must never show a secret twice.

use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use cardseal_vault::admin::NewProof;
use clap::Subcommand;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::{Of, say};

#[derive(Subcommand)]
pub(crate) enum Client {
    /// Adds a client to a merchant and shows its secret, once.
    Add {
        #[command(flatten)]
        of: Of,
        /// The merchant.
        merchant: String,
        /// The client's name, unique in the vault.
        id: String,
        /// What it may do; repeat it for more.
        #[arg(long = "scope", value_name = "SCOPE", required = true)]
        scopes: Vec<String>,
        /// It proves itself by this certificate (PEM) and gets no secret.
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
    },
    /// Gives a client a new secret, shown once, or a new certificate; what it had of either kind ends after a while.
    Rotate {
        #[command(flatten)]
        of: Of,
        /// The client.
        id: String,
        /// The new certificate (PEM); without it a new secret.
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
        /// For how many hours its former secrets and certificates are honoured.
        #[arg(long, value_name = "HOURS", default_value_t = 24)]
        overlap: u32,
    },
    /// Revokes a client for good: neither its secret nor its access tokens are believed any more.
    Revoke {
        #[command(flatten)]
        of: Of,
        /// The client.
        id: String,
    },
}

impl Client {
    pub(crate) async fn run(self) -> Result<(), String> {
        match self {
            Self::Add { of, merchant, id, scopes, certificate } => {
                let proof = proof(&of, certificate.as_deref())?;
                let secret = of.admin().await?.add_client(&merchant, &id, &scopes, &proof).await?;
                show(&id, secret)
            }
            Self::Rotate { of, id, certificate, overlap } => {
                let proof = proof(&of, certificate.as_deref())?;
                let seconds = u64::from(overlap) * 60 * 60;
                show(&id, of.admin().await?.rotate_client(&id, &proof, seconds).await?)
            }
            Self::Revoke { of, id } => {
                of.admin().await?.revoke_client(&id).await?;
                say(&format!("revoked the client {id}"))
            }
        }
    }
}

fn show(id: &str, secret: Option<String>) -> Result<(), String> {
    match secret {
        Some(secret) => say(&format!("client_id={id}\nclient_secret={secret}")),
        None => say(&format!("client_id={id}")),
    }
}

fn proof(of: &Of, certificate: Option<&Path>) -> Result<NewProof, String> {
    let Some(path) = certificate else { return Ok(NewProof::Secret) };
    let der = CertificateDer::from_pem_file(path)
        .map_err(|error| format!("cannot read a certificate from {}: {error}", path.display()))?;
    if of.read()?.api_tls.is_none_or(|tls| tls.client_ca.is_none()) {
        return Err("a client with a certificate needs client_ca in api_tls, or none is asked for".to_owned());
    }
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest(&SHA256, &der).as_ref());
    Ok(NewProof::Certificate(sha256))
}
