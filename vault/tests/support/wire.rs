//! A vault on real sockets, and a client that writes HTTP byte by byte.
//! It must never be used where the router alone would do.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use cardseal_vault::clock::FixedClock;
use cardseal_vault::serve::{Listeners, serve};
use cardseal_vault::service::Vault;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{Folder, NOW, Setup, config, prepared, write_owner_only};

/// A vault that listens.
pub struct Served {
    pub vault: Arc<Vault>,
    pub capture: SocketAddr,
    pub api: SocketAddr,
    pub admin: SocketAddr,
    pub folder: Folder,
    pub stop: Option<oneshot::Sender<()>>,
    pub ended: JoinHandle<io::Result<()>>,
}

/// Serves a vault whose configuration was changed; certificates may be written into the folder first.
pub async fn served(change: impl FnOnce(&mut Setup, &Path)) -> Served {
    let folder = Folder::make();
    for (path, bytes) in prepared().await {
        write_owner_only(&folder.0.join(path.file_name().unwrap()), bytes);
    }
    let mut config = config(&folder.0);
    change(&mut config, &folder.0);
    let clock = Arc::new(FixedClock::new(NOW));
    let vault = config.open(clock, Vec::new()).await;
    let (capture, capture_at) = bind().await;
    let (api, api_at) = bind().await;
    let (admin, admin_at) = bind().await;
    let listeners = Listeners::open(&config, capture, api, Some(admin)).unwrap();
    let (stop, stopped) = oneshot::channel();
    let serving = Arc::clone(&vault);
    let ended = tokio::spawn(async move {
        serve(serving, listeners, async {
            let _ = stopped.await;
        })
        .await
    });
    Served { vault, capture: capture_at, api: api_at, admin: admin_at, folder, stop: Some(stop), ended }
}

async fn bind() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

pub async fn connect_tls(
    address: SocketAddr,
    client: Arc<rustls::ClientConfig>,
) -> io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(client).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

/// An answer as it stood on the wire.
pub struct Received {
    pub head: String,
    pub body: String,
}

impl Received {
    pub fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {} {}", self.head, self.body))
    }
}

/// Sends a request and reads its answer; the connection stays open.
pub async fn exchange(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &str) -> Received {
    stream.write_all(request.as_bytes()).await.unwrap();
    receive(stream).await
}

/// Reads one answer.
pub async fn receive(stream: &mut (impl AsyncRead + Unpin)) -> Received {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    Received { head, body: String::from_utf8(body).unwrap() }
}

/// Everything until the vault closes the connection; broken off counts as closed.
pub async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8(bytes).unwrap()
}

pub fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: vault\r\n\r\n")
}

pub fn post(path: &str, content_type: &str, authorization: &str, body: &str) -> String {
    let authorization = match authorization {
        "" => String::new(),
        value => format!("authorization: {value}\r\n"),
    };
    format!(
        "POST {path} HTTP/1.1\r\nhost: vault\r\ncontent-type: {content_type}\r\n{authorization}\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}
