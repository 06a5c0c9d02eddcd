//! Accepts connections and serves a router on them, within limits, until it is told to stop.
//! It must never wait for one connection before it serves another.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::door::{Door, Visit};
use super::{Connections, Peer, Tls};

const BREATH: Duration = Duration::from_millis(50);

/// A bound socket and how connections to it are taken.
pub struct Listener {
    /// The socket.
    pub socket: TcpListener,
    /// Without it HTTP is in clear.
    pub tls: Option<Arc<Tls>>,
    /// What its connections may cost.
    pub connections: Connections,
}

/// Serves `router` until `stopped` says so; then no connection is accepted and the requests under way end.
pub async fn listen(listener: Listener, router: Router, stopped: watch::Receiver<bool>) {
    let Listener { socket, tls, connections } = listener;
    let door = Door::new(connections.most);
    let mut visits = JoinSet::new();
    let mut stop = pin!(told(stopped.clone()));
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            Some(_) = visits.join_next() => continue,
            accepted = socket.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                if !is_of_the_client(&error) {
                    // Most likely out of file descriptors: somebody must go before the next one can come.
                    tracing::error!(doing = "accepting a connection", cause = %error);
                    door.make_room();
                    tokio::time::sleep(BREATH).await;
                }
                continue;
            }
        };
        // When every connection is being answered, a new one is closed at once.
        let Some(visit) = door.enter() else { continue };
        let (router, tls, stopped) = (router.clone(), tls.clone(), stopped.clone());
        visits.spawn(async move {
            let _ = stream.set_nodelay(true);
            let away = Arc::clone(&visit);
            let served = async {
                match tls {
                    None => {
                        let peer = Peer { address, tls: false, certificate: None };
                        serve(stream, peer, router, &visit, connections, stopped).await;
                    }
                    Some(tls) => {
                        let shaking = shake(stream, &tls, connections.handshake(), stopped.clone());
                        if let Some(stream) = shaking.await {
                            let certificate = certificate(stream.get_ref().1);
                            let peer = Peer { address, tls: true, certificate };
                            serve(stream, peer, router, &visit, connections, stopped).await;
                        }
                    }
                }
            };
            tokio::select! {
                biased;
                () = served => {}
                () = away.sent_away() => {}
            }
        });
    }
    drop(socket);
    while visits.join_next().await.is_some() {}
}

/// Ready when it is time to stop; a closed channel means stop, too.
async fn told(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

async fn shake(
    stream: TcpStream,
    tls: &Tls,
    patience: Duration,
    stopped: watch::Receiver<bool>,
) -> Option<tokio_rustls::server::TlsStream<TcpStream>> {
    let accepting = TlsAcceptor::from(tls.current()).accept(stream);
    // A handshake that fails is the client's affair: anybody can send anything, and a log of it would be theirs.
    tokio::select! {
        shaken = tokio::time::timeout(patience, accepting) => shaken.ok()?.ok(),
        () = told(stopped) => None,
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    peer: Peer,
    router: Router,
    visit: &Arc<Visit>,
    connections: Connections,
    stopped: watch::Receiver<bool>,
) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(|request| answer(request, peer, &router, visit));
    let mut serving = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(connections.header())
            .max_buf_size(connections.header_bytes)
            .serve_connection(TokioIo::new(stream), service)
    );
    // How a connection ends is the client's affair, too.
    tokio::select! {
        _ = serving.as_mut() => return,
        () = told(stopped) => serving.as_mut().graceful_shutdown(),
    }
    let _ = serving.await;
}

/// The router's answer; the request counts as under way until the last byte of the answer's body was taken.
fn answer<'a>(
    request: Request<Incoming>,
    peer: Peer,
    router: &'a TowerToHyperService<Router>,
    visit: &'a Arc<Visit>,
) -> impl Future<Output = Result<Response<Body>, io::Error>> + 'a {
    let answering = visit.answer();
    async move {
        let Some(answering) = answering else { return Err(io::ErrorKind::ConnectionAborted.into()) };
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        let response = router.call(request).await.unwrap_or_else(|never: Infallible| match never {});
        Ok(response.map(|body| {
            Body::new(body.map_frame(move |frame| {
                let _ = &answering;
                frame
            }))
        }))
    }
}

/// RFC 8705 section 3.1: the SHA-256 of the DER form of the client's own certificate.
fn certificate(connection: &ServerConnection) -> Option<[u8; 32]> {
    let own = connection.peer_certificates()?.first()?;
    digest(&SHA256, own).as_ref().try_into().ok()
}

fn is_of_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}
