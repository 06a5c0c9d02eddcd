//! The settings of the transport: where certificates are and what a connection may cost.
//! It must never leave a limit off: every one has a default and none can be zero.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// hyper's own lower bound of a connection's buffer.
const LEAST_HEADER_BYTES: usize = 8 * 1024;

/// TLS of the capture listener.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaptureTls {
    /// The certificate chain, a PEM file, the vault's own certificate first.
    pub certificate: PathBuf,
    /// Its private key, a PEM file.
    pub key: PathBuf,
}

/// TLS of the API listener, the only one that asks for client certificates.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiTls {
    /// The certificate chain, a PEM file, the vault's own certificate first.
    pub certificate: PathBuf,
    /// Its private key, a PEM file.
    pub key: PathBuf,
    /// Who signs the certificates of clients, a PEM file; without it none is asked for.
    pub client_ca: Option<PathBuf>,
}

/// What the connections of one listener may cost.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Connections {
    /// How many connections are open at once; past them the one that has been silent for longest is closed.
    pub most: usize,
    /// How many requests are answered at once; past them the answer is 503.
    pub in_flight: usize,
    /// How long a TLS handshake may take, in milliseconds.
    pub handshake_millis: u64,
    /// How long a connection may be silent or a request's head may take, in milliseconds.
    pub header_millis: u64,
    /// The most bytes of a request's head.
    pub header_bytes: usize,
    /// How long a request's body may take, in milliseconds.
    pub body_millis: u64,
    /// How long a client may take nothing of an answer, in milliseconds.
    pub write_millis: u64,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            most: 1_000,
            in_flight: 256,
            handshake_millis: 10_000,
            header_millis: 10_000,
            header_bytes: 16 * 1024,
            body_millis: 10_000,
            write_millis: 10_000,
        }
    }
}

impl Connections {
    /// Checks what the types do not.
    ///
    /// # Errors
    /// A sentence that names the setting and says what to do.
    pub fn check(&self) -> Result<(), String> {
        for (name, zero) in [
            ("most", self.most == 0),
            ("in_flight", self.in_flight == 0),
            ("handshake_millis", self.handshake_millis == 0),
            ("header_millis", self.header_millis == 0),
            ("body_millis", self.body_millis == 0),
            ("write_millis", self.write_millis == 0),
        ] {
            if zero {
                return Err(format!("connections: {name} is 0; nobody could be served"));
            }
        }
        if self.header_bytes < LEAST_HEADER_BYTES {
            return Err(format!("connections: header_bytes must be {LEAST_HEADER_BYTES} or more"));
        }
        Ok(())
    }

    /// How long a TLS handshake may take.
    pub fn handshake(&self) -> Duration {
        Duration::from_millis(self.handshake_millis)
    }

    /// How long a connection may be silent, and a request's head may take.
    pub fn header(&self) -> Duration {
        Duration::from_millis(self.header_millis)
    }

    /// How long a request's body may take.
    pub fn body(&self) -> Duration {
        Duration::from_millis(self.body_millis)
    }

    /// How long a client may take nothing of an answer.
    pub fn write(&self) -> Duration {
        Duration::from_millis(self.write_millis)
    }
}
