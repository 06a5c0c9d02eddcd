//! One request over a connection of its own to an address that was looked up before, in clear or with TLS.
//! It must never look a name up by itself, follow a redirect, or take a certificate that does not name the host.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{HeaderValue, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

const MOST_BODY_BYTES: usize = 4 * 1024;
const MOST_HEAD_BYTES: usize = 16 * 1024;

/// Trusts the authorities of this system, and those in `ca`.
///
/// # Errors
/// A sentence that names the file that cannot be used.
pub fn trust(ca: Option<&Path>) -> Result<Arc<ClientConfig>, String> {
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

/// The address of a host that is one; of IPv6 with or without its brackets.
pub fn literal(host: &str) -> Option<IpAddr> {
    unbracketed(host).parse().ok()
}

/// The body of the answer, if that is 200; else what went wrong, in words that nobody else chose. `tls` also names the
/// host that the certificate must be for; without it the connection is in clear.
///
/// # Errors
/// What went wrong.
pub async fn send(
    addresses: &[SocketAddr],
    tls: Option<(&str, Arc<ClientConfig>)>,
    request: Request<Full<Bytes>>,
) -> Result<Bytes, String> {
    let Some((host, tls)) = tls else { return exchange(connect(addresses).await?, request).await };
    let name = ServerName::try_from(unbracketed(host).to_owned())
        .map_err(|_| "its host cannot be in a certificate".to_owned())?;
    let stream = connect(addresses).await?;
    let stream = TlsConnector::from(tls)
        .connect(name, stream)
        .await
        .map_err(|error| format!("TLS failed: {error}"))?;
    exchange(stream, request).await
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    mut request: Request<Full<Bytes>>,
) -> Result<Bytes, String> {
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(MOST_HEAD_BYTES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| format!("HTTP failed: {error}"))?;
    // Ends with this function, however that ends.
    let mut driving = JoinSet::new();
    driving.spawn(connection);
    request.headers_mut().insert(USER_AGENT, HeaderValue::from_static("cardseal-vault"));
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

fn unbracketed(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}
