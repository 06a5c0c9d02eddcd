//! TLS 1.3 of a listener, from PEM files that may be replaced while it serves.
//! It must never speak an older version, nor give up a working certificate for a faulty one.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use super::{ApiTls, CaptureTls};

/// The TLS of one listener.
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    client_ca: Option<PathBuf>,
    current: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// For the capture listener.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub fn of_capture(settings: &CaptureTls) -> Result<Self, String> {
        Self::open(&settings.certificate, &settings.key, None)
    }

    /// For the API listener.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub fn of_api(settings: &ApiTls) -> Result<Self, String> {
        Self::open(&settings.certificate, &settings.key, settings.client_ca.as_deref())
    }

    /// Reads the files again; handshakes from now on use them. What is wrong with them leaves the old ones in use.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub fn reload(&self) -> Result<(), String> {
        let fresh = read(&self.certificate, &self.key, self.client_ca.as_deref())?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// What a handshake that begins now works with.
    pub(super) fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn open(certificate: &Path, key: &Path, client_ca: Option<&Path>) -> Result<Self, String> {
        let current = RwLock::new(read(certificate, key, client_ca)?);
        let client_ca = client_ca.map(Path::to_owned);
        Ok(Self { certificate: certificate.to_owned(), key: key.to_owned(), client_ca, current })
    }
}

fn read(certificate: &Path, key: &Path, client_ca: Option<&Path>) -> Result<Arc<ServerConfig>, String> {
    let provider = Arc::new(default_provider());
    // RFC 8446 alone: with one version there is none to fall back to.
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| format!("TLS 1.3 does not start: {error}"))?;
    let config = match client_ca {
        None => config.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for root in certificates(path)? {
                roots.add(root).map_err(|error| said(path, &error))?;
            }
            // A client without a certificate may still come by its secret.
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .allow_unauthenticated()
                .build()
                .map_err(|error| said(path, &error))?;
            config.with_client_cert_verifier(verifier)
        }
    };
    // What the PEM reader says of a key is left out: it could quote it.
    let private = PrivateKeyDer::from_pem_file(key)
        .map_err(|_| format!("cannot read a private key from {}", key.display()))?;
    let mut config = config
        .with_single_cert(certificates(certificate)?, private)
        .map_err(|error| said(certificate, &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| said(path, &error))?;
    if chain.is_empty() { Err(format!("there is no certificate in {}", path.display())) } else { Ok(chain) }
}

fn said(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("cannot use {}: {error}", path.display())
}
