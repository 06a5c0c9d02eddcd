//! An OpenTelemetry collector as far as a vault sees one: it takes traces over HTTP or HTTPS and keeps them.
//! It must never answer before it has kept them: the vault may end right after.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::authority::Authority;

/// A collector that listens.
pub struct Collector {
    pub address: SocketAddr,
    kept: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Collector {
    /// In clear, or with a certificate for `localhost` by this authority.
    pub fn start(authority: Option<(&Authority, &Path)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let kept = Arc::new(Mutex::new(Vec::new()));
        let tls = authority.map(|(authority, folder)| server(authority, folder));
        let keeping = Arc::clone(&kept);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                match &tls {
                    None => take(stream, &keeping),
                    Some(tls) => {
                        let connection = ServerConnection::new(Arc::clone(tls)).unwrap();
                        take(StreamOwned::new(connection, stream), &keeping);
                    }
                }
            }
        });
        Self { address, kept }
    }

    /// The bodies as they came.
    pub fn bytes(&self) -> Vec<u8> {
        self.kept.lock().unwrap().concat()
    }

    /// What they say.
    pub fn requests(&self) -> Vec<ExportTraceServiceRequest> {
        let kept = self.kept.lock().unwrap();
        kept.iter().map(|body| ExportTraceServiceRequest::decode(body.as_slice()).unwrap()).collect()
    }
}

fn server(authority: &Authority, folder: &Path) -> Arc<ServerConfig> {
    let (certificate, key) = authority.issue("collector").write(folder);
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_file(certificate).unwrap()],
            PrivateKeyDer::from_pem_file(key).unwrap(),
        );
    Arc::new(config.unwrap())
}

/// One request; who does not even shake hands is left alone.
fn take(stream: impl Read + Write, kept: &Mutex<Vec<Vec<u8>>>) {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        match stream.read_line(&mut head) {
            Ok(1..) => {}
            _ => return,
        }
    }
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("post /v1/traces http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\ncontent-type: application/x-protobuf\r\n"), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    kept.lock().unwrap().push(body);
    stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
}
