//! Reads one small text over HTTPS from addresses that were looked at before.
//! It must never look a name up by itself, follow a redirect, or take a certificate that does not name the host.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, HOST, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

const MOST_BODY_BYTES: usize = 4 * 1024;
const MOST_HEAD_BYTES: usize = 16 * 1024;

/// Where a text is.
pub(super) struct Place<'a> {
    /// The name or address that the certificate must be for.
    pub(super) host: &'a str,
    /// Host and port as the origin has them.
    pub(super) authority: &'a str,
    /// The path.
    pub(super) path: &'static str,
}

/// Trusts the authorities of this system, and those in `ca`.
pub(super) fn trust(ca: Option<&Path>) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    // A system may hold a certificate that cannot be read; the others are as good as before.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca {
        let name = path.display();
        let certificates = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| format!("cannot use {name}: {error}"))?;
        if certificates.is_empty() {
            return Err(format!("there is no certificate in {name}"));
        }
        for certificate in certificates {
            roots.add(certificate).map_err(|error| format!("cannot use {name}: {error}"))?;
        }
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS does not start: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The text, if the answer is 200; else what went wrong, in words that nobody else chose.
pub(super) async fn fetch(
    place: &Place<'_>,
    addresses: &[SocketAddr],
    tls: Arc<ClientConfig>,
) -> Result<Bytes, String> {
    let name = place.host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(name).map_err(|_| "its host cannot be in a certificate".to_owned())?;
    let stream = connect(addresses).await?;
    let stream = TlsConnector::from(tls)
        .connect(name, stream)
        .await
        .map_err(|error| format!("TLS failed: {error}"))?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(MOST_HEAD_BYTES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| format!("HTTP failed: {error}"))?;
    // Ends with this function, however that ends.
    let mut driving = JoinSet::new();
    driving.spawn(connection);
    let request = Request::get(place.path)
        .header(HOST, place.authority)
        .header(ACCEPT, "text/plain")
        .header(USER_AGENT, "cardseal-vault")
        .body(Empty::<Bytes>::new())
        .map_err(|error| format!("HTTP failed: {error}"))?;
    let answer = sender.send_request(request).await.map_err(|error| format!("HTTP failed: {error}"))?;
    if answer.status() != StatusCode::OK {
        return Err(format!("it answered {}, not 200", answer.status().as_u16()));
    }
    let body = Limited::new(answer.into_body(), MOST_BODY_BYTES).collect().await;
    body.map(|body| body.to_bytes())
        .map_err(|_| format!("its answer ended early or is longer than {MOST_BODY_BYTES} bytes"))
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, String> {
    let mut refused = "there is no address".to_owned();
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => refused = format!("cannot connect to {address}: {error}"),
        }
    }
    Err(refused)
}
