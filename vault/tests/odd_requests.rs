//! Requests that are cut short, too large or unusual, over real sockets: each has its answer, and others are served.
//! It must never pass if the vault stopped serving.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use support::wire::{Served, exchange, get, post, receive, rest, served};
use support::{SECRET, basic};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

async fn connect(of: &Served) -> TcpStream {
    TcpStream::connect(of.api).await.unwrap()
}

async fn still_serves(of: &Served) {
    assert_eq!(exchange(&mut connect(of).await, &get("/healthz")).await.status(), "200");
}

#[tokio::test]
async fn an_unusual_request_is_answered_with_its_code() {
    let of = served(|_, _| {}).await;
    let long = "k".repeat(10_000);
    let json = "content-type: application/json\r\ncontent-length: 2";
    for (request, status, code) in [
        (format!("GET /healthz HTTP/1.1\r\nhost: vault\r\nx-filler: {}\r\n\r\n", "x".repeat(20_000)), "431", ""),
        ("BREW /v1/tokens HTTP/1.1\r\nhost: vault\r\n\r\n".to_owned(), "405", "method_not_allowed"),
        ("BREW / HTTP/1.1\r\nhost: vault\r\n\r\n".to_owned(), "404", "not_found"),
        ("GET  /healthz HTTP/1.1\r\nhost: vault\r\n\r\n".to_owned(), "400", ""),
        ("GET /healthz HTTP/3.0\r\nhost: vault\r\n\r\n".to_owned(), "400", ""),
        ("GET /healthz HTTP/1.1\r\nhost: vault\r\nx\0y: z\r\n\r\n".to_owned(), "400", ""),
        (
            "POST /oauth/token HTTP/1.1\r\nhost: vault\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcde".to_owned(),
            "400",
            "",
        ),
        (format!("POST /v1/capture-contexts HTTP/1.1\r\nhost: vault\r\n{json}\r\n\r\n{{}}"), "401", "access_token_invalid"),
    ] {
        let mut stream = connect(&of).await;
        let _ = stream.write_all(request.as_bytes()).await;
        let answer = receive(&mut stream).await;
        assert_eq!(answer.status(), status, "{request:.80}");
        if !code.is_empty() {
            assert_eq!(answer.json()["code"], code, "{request:.80}");
        }
        still_serves(&of).await;
    }
    // A capture listener's own: the key is looked at, and quoted nowhere.
    let mut stream = TcpStream::connect(of.capture).await.unwrap();
    let body = r#"{"context":"a.b.c","sealed_card":"a.b.c.d.e"}"#;
    let request = post("/v1/tokens", "application/json", "", body).replacen(
        "\r\n",
        &format!("\r\nidempotency-key: {long}\r\n"),
        1,
    );
    let answer = exchange(&mut stream, &request).await;
    assert_eq!((answer.status(), &answer.json()["code"]), ("400", &"idempotency_key_invalid".into()));
    assert!(!answer.body.contains("kkk"));
}

#[tokio::test]
async fn a_body_cut_short_does_nothing() {
    let of = served(|_, _| {}).await;
    let grant = post(
        "/oauth/token",
        "application/x-www-form-urlencoded",
        &basic("shop-backend", SECRET),
        "grant_type=client_credentials",
    );
    let mut stream = connect(&of).await;
    stream.write_all(&grant.as_bytes()[..grant.len() - 5]).await.unwrap();
    stream.shutdown().await.unwrap();
    assert!(!rest(&mut stream).await.contains("access_token"));
    still_serves(&of).await;
}

#[tokio::test]
async fn http_1_0_is_answered_and_closed() {
    let of = served(|_, _| {}).await;
    let mut stream = connect(&of).await;
    stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_their_order() {
    let of = served(|_, _| {}).await;
    let mut stream = connect(&of).await;
    let requests = get("/healthz") + &get("/nowhere") + &get("/healthz");
    stream.write_all(requests.as_bytes()).await.unwrap();
    for status in ["200", "404", "200"] {
        assert_eq!(receive(&mut stream).await.status(), status);
    }
}

#[tokio::test]
async fn http_2_is_not_spoken() {
    let of = served(|_, _| {}).await;
    let mut stream = connect(&of).await;
    // RFC 9113 section 3.4: what a client begins with.
    let _ = stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    let answer = rest(&mut stream).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    still_serves(&of).await;
}
