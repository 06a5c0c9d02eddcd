//! Accepts connections and serves a router on them, within limits, until it is told to stop.
//! It must never wait for one connection before it serves another.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
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
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::door::{Door, Visit};
use super::{Connections, Peer, Tls};
use crate::metrics::{Closed, ConnectionCounts};

const BREATH: Duration = Duration::from_millis(50);
/// What the system keeps of answers that are not read yet, for each connection. The vault learns that a client reads
/// only when about a third of it was taken: with the megabytes of the default, a slow client would look like one that
/// has stopped, and a thousand of those would hold gigabytes.
const UNREAD_BYTES: usize = 64 * 1024;

/// A connection whose writes fail once the client has taken nothing for too long.
type Patient = Pin<Box<TimeoutStream<TcpStream>>>;

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
pub async fn listen(
    listener: Listener,
    router: Router,
    counts: ConnectionCounts,
    stopped: watch::Receiver<bool>,
) {
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
        let Some(visit) = door.enter() else {
            // Every connection is being answered: this one is closed at once.
            counts.closed(Closed::Full);
            continue;
        };
        let (router, tls, stopped, counts) = (router.clone(), tls.clone(), stopped.clone(), counts.clone());
        visits.spawn(async move {
            let _open = counts.open();
            let closed = tokio::select! {
                biased;
                closed = welcome(stream, address, tls, router, &visit, connections, stopped) => closed,
                () = visit.sent_away() => Some(Closed::Room),
            };
            if let Some(closed) = closed {
                counts.closed(closed);
            }
        });
    }
    drop(socket);
    while visits.join_next().await.is_some() {}
}

/// Serves one connection to its end; why, if a limit ended it.
async fn welcome(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<Arc<Tls>>,
    router: Router,
    visit: &Arc<Visit>,
    connections: Connections,
    stopped: watch::Receiver<bool>,
) -> Option<Closed> {
    // A system that refuses leaves its defaults, which serve as well.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(&stream).set_send_buffer_size(UNREAD_BYTES);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(connections.write()));
    let stream = Box::pin(stream);
    let Some(tls) = tls else {
        let peer = Peer { address, tls: false, certificate: None };
        return serve(stream, peer, router, visit, connections, stopped).await;
    };
    match shake(stream, &tls, connections.handshake(), stopped.clone()).await {
        Shaken::Hands(stream) => {
            let certificate = certificate(stream.get_ref().1);
            let peer = Peer { address, tls: true, certificate };
            serve(*stream, peer, router, visit, connections, stopped).await
        }
        Shaken::TooSlowly => Some(Closed::Handshake),
        Shaken::Off => None,
    }
}

/// Ready when it is time to stop; a closed channel means stop, too.
async fn told(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

enum Shaken {
    Hands(Box<TlsStream<Patient>>),
    TooSlowly,
    Off,
}

async fn shake(stream: Patient, tls: &Tls, patience: Duration, stopped: watch::Receiver<bool>) -> Shaken {
    let accepting = TlsAcceptor::from(tls.current()).accept(stream);
    // A handshake that fails is the client's affair: anybody can send anything, and a log of it would be theirs.
    tokio::select! {
        shaken = tokio::time::timeout(patience, accepting) => match shaken {
            Ok(Ok(stream)) => Shaken::Hands(Box::new(stream)),
            Ok(Err(_)) => Shaken::Off,
            Err(_) => Shaken::TooSlowly,
        },
        () = told(stopped) => Shaken::Off,
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    peer: Peer,
    router: Router,
    visit: &Arc<Visit>,
    connections: Connections,
    stopped: watch::Receiver<bool>,
) -> Option<Closed> {
    let router = TowerToHyperService::new(router);
    let service = service_fn(|request| answer(request, peer, &router, visit));
    let mut serving = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(connections.header())
            .max_buf_size(connections.header_bytes)
            .serve_connection(TokioIo::new(stream), service)
    );
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = told(stopped) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    ended.err().and_then(|error| limit_of(&error))
}

/// The limit that ended a connection. How it ends otherwise is the client's affair.
fn limit_of(error: &hyper::Error) -> Option<Closed> {
    let of_writing = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    if of_writing.is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
        return Some(Closed::Unread);
    }
    error.is_timeout().then_some(Closed::Silent)
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
