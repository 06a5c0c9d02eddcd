//! Clients that ask and do not read, over real sockets: who stops is cut, who is slow is served to the end.
//! It must never pass because an answer fitted into the buffers of the system.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use support::wire::{Received, Served, exchange, get, served};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// More than the system keeps for one connection on both ends.
const LARGE: usize = 4 * 1024 * 1024;
const CUT: &str = "cardseal_connections_closed_total{listener=\"capture\",reason=\"unread\"} 1";
const ASSET: &str = "/assets/cardseal-CCCC.wasm";

async fn large_asset(header_millis: u64, write_millis: u64) -> Served {
    served(|config, _| {
        config.wasm = vec![7; LARGE];
        config.connections.header_millis = header_millis;
        config.connections.write_millis = write_millis;
    })
    .await
}

/// A client with little room for what it does not read.
async fn connect(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(64 * 1024).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    stream.write_all(get(ASSET).as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn who_stops_reading_is_cut_and_others_are_served() {
    let of = large_asset(600_000, 1_000).await;
    let mut stopped = connect(of.capture).await;
    stopped.read_exact(&mut [0; 1000]).await.unwrap();
    while !metrics(&of).await.contains(CUT) {
        assert_eq!(fetch(of.capture, "/healthz").await.status(), "200");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut received = 1000;
    let mut portion = vec![0; 1 << 20];
    while let Ok(1..) = stopped.read(&mut portion).await.inspect(|read| received += read) {}
    assert!(received < LARGE, "all of it came");
}

#[tokio::test]
async fn who_is_slow_gets_all_of_it() {
    let of = large_asset(1_000, 1_000).await;
    let mut slow = connect(of.capture).await;
    let mut portion = vec![0; LARGE / 16];
    // Several times longer than any limit, and never that long without a byte.
    for at in 0..16 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let read = slow.read_exact(&mut portion).await;
        assert!(read.is_ok(), "cut off within portion {at}: {}", metrics(&of).await);
    }
}

async fn metrics(of: &Served) -> String {
    fetch(of.admin, "/metrics").await.body
}

async fn fetch(address: SocketAddr, path: &str) -> Received {
    exchange(&mut TcpStream::connect(address).await.unwrap(), &get(path)).await
}
