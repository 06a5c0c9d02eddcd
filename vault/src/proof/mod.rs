//! Proof that a merchant controls an origin: a text that names vault and merchant, in the DNS or at a known address of it.
//! It must never reach for an address that is not on the internet, unless the operator says so, nor believe another host.

mod address;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{ACCEPT, HOST};
use rustls::ClientConfig;
use serde::Deserialize;

use crate::origin;
use crate::outgoing::{self, literal};
use address::is_public;

/// Where the text is, below the origin (RFC 8615).
pub const PATH: &str = "/.well-known/cardseal";
/// The label before the host in the DNS (RFC 8552).
pub const LABEL: &str = "_cardseal";
const PATIENCE: Duration = Duration::from_secs(5);

/// How origins are proven.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProofConfig {
    /// Who signs the certificates of pages besides the authorities that the system trusts, a PEM file.
    pub ca: Option<PathBuf>,
    /// Whether a page may be at an address that is not on the internet.
    pub private_addresses: bool,
    /// The name server that is asked; without it those of the system.
    pub name_server: Option<SocketAddr>,
}

/// By what an origin was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A TXT record at `_cardseal.<host>`.
    Dns,
    /// A line of `<origin>/.well-known/cardseal`.
    WellKnown,
}

/// The text that proves that an origin is this merchant's at this vault. It is no secret: it proves by its place alone.
pub fn challenge(vault: &str, merchant: &str) -> String {
    format!("cardseal-merchant={vault}/{merchant}")
}

/// Looks for proofs.
pub struct Prover {
    resolver: TokioResolver,
    tls: Arc<ClientConfig>,
    private_addresses: bool,
}

impl Prover {
    /// Reads the file of authorities and how names are looked up.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn open(config: &ProofConfig) -> Result<Self, String> {
        let tls =
            outgoing::trust(config.ca.as_deref()).map_err(|error| format!("origin_proof: ca: {error}"))?;
        let builder = match config.name_server {
            None => TokioResolver::builder_tokio(),
            Some(server) => Ok(TokioResolver::builder_with_config(
                ResolverConfig::from_name_servers(vec![name_server(server)]),
                TokioRuntimeProvider::default(),
            )),
        };
        let resolver = builder
            .and_then(hickory_resolver::ResolverBuilder::build)
            .map_err(|error| format!("origin_proof: names cannot be looked up: {error}"))?;
        Ok(Self { resolver, tls, private_addresses: config.private_addresses })
    }

    /// Looks for the text in the DNS, then at the origin itself; five seconds each.
    ///
    /// # Errors
    /// A sentence that says what was found in both places and what to do.
    pub async fn prove(&self, origin: &str, challenge: &str) -> Result<Proof, String> {
        let Some((host, port)) = origin::https_host(origin) else {
            return Err(format!("`{origin}` is not an https origin; write it like https://shop.example"));
        };
        let dns = match within(self.ask_dns(host, challenge)).await {
            Ok(()) => return Ok(Proof::Dns),
            Err(wrong) => wrong,
        };
        match within(self.ask_origin(origin, host, port, challenge)).await {
            Ok(()) => Ok(Proof::WellKnown),
            Err(wrong) => Err(format!(
                "{origin} is not proven: of the TXT records at {LABEL}.{host}, {dns}; of {origin}{PATH}, {wrong}. Put \
                 `{challenge}` into such a record, or as a line into that file"
            )),
        }
    }

    async fn ask_dns(&self, host: &str, challenge: &str) -> Result<(), String> {
        if literal(host).is_some() {
            return Err("an address has none".to_owned());
        }
        // The dot at the end keeps the search list of the system out.
        let answer = match self.resolver.lookup(format!("{LABEL}.{host}."), RecordType::TXT).await {
            Ok(answer) => answer,
            Err(error) if error.is_no_records_found() => return Err("there is none".to_owned()),
            Err(error) => return Err(failed(&error)),
        };
        // RFC 7208 section 3.3: the strings of one record are one text.
        let is_proof =
            |data: &RData| matches!(data, RData::TXT(text) if text.txt_data.concat() == challenge.as_bytes());
        if answer.answers().iter().any(|record| is_proof(&record.data)) {
            Ok(())
        } else {
            Err("none is the text".to_owned())
        }
    }

    async fn ask_origin(&self, origin: &str, host: &str, port: u16, challenge: &str) -> Result<(), String> {
        let addresses: Vec<_> = match literal(host) {
            Some(address) => vec![address],
            None => match self.resolver.lookup_ip(format!("{host}.")).await {
                Ok(found) => found.iter().collect(),
                Err(error) if error.is_no_records_found() => return Err("its host has no address".to_owned()),
                Err(error) => return Err(failed(&error)),
            },
        };
        // All or nothing, and these very addresses are used: a name that answers otherwise the next time gains nothing.
        if !self.private_addresses && !addresses.iter().all(|&address| is_public(address)) {
            return Err("its host has an address that is not on the internet".to_owned());
        }
        let addresses: Vec<_> = addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect();
        let authority = origin.trim_start_matches("https://");
        let request = Request::get(PATH)
            .header(HOST, authority)
            .header(ACCEPT, "text/plain")
            .body(Full::<Bytes>::default())
            .map_err(|error| format!("HTTP failed: {error}"))?;
        let text = outgoing::send(&addresses, Some((host, Arc::clone(&self.tls))), request).await?;
        let text = std::str::from_utf8(&text).map_err(|_| "the answer is not UTF-8".to_owned())?;
        if text.lines().any(|line| line == challenge) {
            Ok(())
        } else {
            Err("no line is the text".to_owned())
        }
    }
}

async fn within(asking: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    tokio::time::timeout(PATIENCE, asking)
        .await
        .unwrap_or_else(|_| Err(format!("there was no answer within {} seconds", PATIENCE.as_secs())))
}

fn name_server(server: SocketAddr) -> NameServerConfig {
    let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = server.port();
    }
    NameServerConfig::new(server.ip(), true, connections)
}

fn failed(error: &NetError) -> String {
    format!("the name could not be looked up: {error}")
}
