//! Silent, slow and too many clients, over real sockets: the others are served all the same, and a stop is graceful.
//! It must never assert how long something took: it waits for what must happen.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use support::wire::{Received, Served, exchange, get, post, receive, rest, served};
use support::{SECRET, basic};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const GRANT: &str = "grant_type=client_credentials";

fn grant() -> String {
    post("/oauth/token", "application/x-www-form-urlencoded", &basic("shop-backend", SECRET), GRANT)
}

/// A request whose last byte is still to come. The vault has begun with it: it asked for the body.
async fn under_way(of: &Served) -> TcpStream {
    let request = grant().replacen("\r\n", "\r\nexpect: 100-continue\r\n", 1);
    let (head, body) = request.split_once(GRANT).unwrap();
    assert_eq!(body, "");
    let mut stream = TcpStream::connect(of.api).await.unwrap();
    // RFC 9110 section 10.1.1.
    assert_eq!(exchange(&mut stream, head).await.status(), "100");
    stream.write_all(&GRANT.as_bytes()[..GRANT.len() - 1]).await.unwrap();
    stream
}

async fn end(mut stream: TcpStream) -> Received {
    stream.write_all(&GRANT.as_bytes()[GRANT.len() - 1..]).await.unwrap();
    receive(&mut stream).await
}

async fn fetch(address: SocketAddr, path: &str) -> Received {
    exchange(&mut TcpStream::connect(address).await.unwrap(), &get(path)).await
}

#[tokio::test]
async fn a_connection_carries_one_request_after_another() {
    let of = served(|_, _| {}).await;
    let mut stream = TcpStream::connect(of.api).await.unwrap();
    for _ in 0..3 {
        assert_eq!(exchange(&mut stream, &grant()).await.status(), "200");
    }
}

#[tokio::test]
async fn a_thousand_silent_connections_leave_room_for_one_more() {
    let of = served(|config, _| {
        config.connections.most = 32;
        config.connections.header_millis = 600_000;
        config.connections.body_millis = 600_000;
    })
    .await;
    // One whose request is under way keeps its place all the while.
    let working = under_way(&of).await;
    let mut silent = Vec::new();
    for at in 0..1_000 {
        let mut stream = TcpStream::connect(of.api).await.unwrap();
        if at % 2 == 0 {
            let _ = stream.write_all(b"POST /oauth/to").await;
        }
        silent.push(stream);
    }
    assert_eq!(fetch(of.api, "/healthz").await.status(), "200");
    assert_eq!(end(working).await.status(), "200");
    // The first of them was closed to make room.
    assert_eq!(rest(&mut silent[0]).await, "");
    let metrics = fetch(of.admin, "/metrics").await.body;
    let counted = |line: &str| {
        let count = metrics.lines().find_map(|of| of.strip_prefix(line)).unwrap();
        count.trim().parse::<u32>().unwrap()
    };
    assert!(counted("cardseal_connections_closed_total{listener=\"api\",reason=\"room\"}") >= 968);
    assert!((1..=34).contains(&counted("cardseal_connections_open{listener=\"api\"}")));
}

#[tokio::test]
async fn a_slow_head_and_an_idle_connection_are_closed() {
    let of = served(|config, _| config.connections.header_millis = 1_000).await;
    let mut idle = TcpStream::connect(of.capture).await.unwrap();
    assert_eq!(exchange(&mut idle, &get("/healthz")).await.status(), "200");
    let mut slow = TcpStream::connect(of.capture).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: ").await.unwrap();
    let mut silent = TcpStream::connect(of.capture).await.unwrap();
    assert_eq!(rest(&mut idle).await, "");
    assert_eq!(rest(&mut slow).await, "");
    assert_eq!(rest(&mut silent).await, "");
    let metrics = fetch(of.admin, "/metrics").await.body;
    assert!(
        metrics.contains("cardseal_connections_closed_total{listener=\"capture\",reason=\"silent\"} 3\n"),
        "{metrics}"
    );
    // A byte now and then does not buy time.
    let mut dripping = TcpStream::connect(of.capture).await.unwrap();
    let (mut reading, mut writing) = dripping.split();
    let drip = async {
        while writing.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        said = rest(&mut reading) => assert_eq!(said, ""),
        () = drip => {}
    }
}

#[tokio::test]
async fn a_slow_body_is_refused() {
    let of = served(|config, _| config.connections.body_millis = 1_000).await;
    let mut slow = under_way(&of).await;
    let answer = receive(&mut slow).await;
    assert_eq!((answer.status(), &answer.json()["code"]), ("400", &"body_malformed".into()));
    assert_eq!(rest(&mut slow).await, "");
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let of = served(|config, _| config.connections.header_bytes = 8 * 1024).await;
    let mut stream = TcpStream::connect(of.api).await.unwrap();
    let filler = "x".repeat(10_000);
    let request = format!("GET /healthz HTTP/1.1\r\nhost: vault\r\nx-filler: {filler}\r\n\r\n");
    let _ = stream.write_all(request.as_bytes()).await;
    assert_eq!(receive(&mut stream).await.status(), "431");
    assert_eq!(fetch(of.api, "/healthz").await.status(), "200");
}

#[tokio::test]
async fn past_the_requests_in_flight_the_answer_is_busy_with_retry_after() {
    let of = served(|config, _| {
        config.connections.in_flight = 1;
        config.connections.body_millis = 600_000;
    })
    .await;
    let working = under_way(&of).await;
    let answer = fetch(of.api, "/healthz").await;
    assert_eq!((answer.status(), &answer.json()["code"]), ("503", &"busy".into()));
    assert!(answer.head.contains("retry-after: 1\r\n"), "{}", answer.head);
    assert!(answer.head.contains("content-type: application/problem+json\r\n"), "{}", answer.head);
    // Each listener has places of its own.
    assert_eq!(fetch(of.capture, "/healthz").await.status(), "200");
    assert_eq!(end(working).await.status(), "200");
    assert_eq!(fetch(of.api, "/healthz").await.status(), "200");
}

#[tokio::test]
async fn a_stop_lets_the_request_under_way_end_and_takes_no_other() {
    let mut of = served(|config, _| {
        config.connections.in_flight = 1;
        config.connections.body_millis = 600_000;
    })
    .await;
    assert_eq!(fetch(of.admin, "/readyz").await.status(), "200");
    let mut idle = TcpStream::connect(of.capture).await.unwrap();
    assert_eq!(exchange(&mut idle, &get("/healthz")).await.status(), "200");
    let working = under_way(&of).await;
    of.stop.take().unwrap().send(()).unwrap();
    while TcpStream::connect(of.api).await.is_ok() {}
    assert_eq!(rest(&mut idle).await, "");
    // The admin listener answers until the last request has ended.
    let ready = fetch(of.admin, "/readyz").await;
    assert_eq!((ready.status(), &ready.json()["code"]), ("503", &"busy".into()));
    assert_eq!(fetch(of.admin, "/healthz").await.status(), "200");
    assert_eq!(end(working).await.status(), "200");
    of.ended.await.unwrap().unwrap();
    assert!(TcpStream::connect(of.admin).await.is_err());
}
