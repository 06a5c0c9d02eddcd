//! Real certificates: an authority made for one test, and what it signs.
//! It must never be trusted by anything but that test.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

/// Somebody who signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
}

/// A certificate and its key.
pub struct Identity {
    certificate: CertificateDer<'static>,
    pem: String,
    key: String,
}

impl Authority {
    pub fn make() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    pub fn issue(&self, name: &str) -> Identity {
        self.issue_for(name, "localhost")
    }

    /// For a server that is reached under `host`.
    pub fn issue_for(&self, name: &str, host: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity { certificate: certificate.der().clone(), pem: certificate.pem(), key: key.serialize_pem() }
    }

    pub fn write(&self, folder: &Path) -> PathBuf {
        let path = folder.join("ca.pem");
        std::fs::write(&path, self.certificate.pem()).unwrap();
        path
    }

    /// A client that trusts this authority, shows `identity` and speaks `versions` only.
    pub fn client(
        &self,
        identity: Option<&Identity>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.der().clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        Arc::new(match identity {
            None => config.with_no_client_auth(),
            Some(of) => config
                .with_client_auth_cert(
                    vec![of.certificate.clone()],
                    PrivateKeyDer::from_pem_slice(of.key.as_bytes()).unwrap(),
                )
                .unwrap(),
        })
    }
}

impl Identity {
    /// Writes certificate and key where a vault reads them.
    pub fn write(&self, folder: &Path) -> (PathBuf, PathBuf) {
        std::fs::create_dir_all(folder).unwrap();
        let paths = (folder.join("tls.pem"), folder.join("tls.key"));
        std::fs::write(&paths.0, &self.pem).unwrap();
        std::fs::write(&paths.1, &self.key).unwrap();
        paths
    }

    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    pub fn sha256(&self) -> [u8; 32] {
        digest(&SHA256, &self.certificate).as_ref().try_into().unwrap()
    }
}
