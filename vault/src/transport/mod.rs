//! What carries HTTP to the vault: sockets, TLS 1.3 and the limits of a connection.
//! It must never know what a request asks for: it hands every request to a router, with the one who sent it.

mod door;
mod listen;
mod settings;
mod tls;

use std::net::SocketAddr;

pub use listen::{Listener, listen};
pub use settings::{ApiTls, CaptureTls, Connections};
pub use tls::Tls;

/// Who is at the other end of a connection; every request that came over a socket carries it as an extension.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Its address, or that of the proxy before the vault.
    pub address: SocketAddr,
    /// Whether this process ended its TLS.
    pub tls: bool,
    /// SHA-256 of its certificate in DER, if it showed one that `client_ca` signed.
    pub certificate: Option<[u8; 32]>,
}
