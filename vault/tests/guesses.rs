//! Who guesses a client's secret is slowed down and reported; who shares nothing with them but a name is not.
//! It must never pass if a wrong secret and a right one get different answers while the pair is shut out.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::http::Request;
use cardseal_vault::clock::FixedClock;
use cardseal_vault::limits::Alert;
use cardseal_vault::telemetry::Lines;
use support::node::{from, limited, vault_of};
use support::{Answer, SECRET, TestVault, basic};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::SubscriberExt;

const HERE: &str = "203.0.113.7";
const NEIGHBOUR: &str = "203.0.113.99";
const ELSEWHERE: &str = "198.51.100.7";

/// What the vault logs on this thread while the test holds on to it.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn watch(&self) -> DefaultGuard {
        let log = self.clone();
        let lines = Lines { clock: Arc::new(FixedClock::new(7)), out: move || log.clone() };
        tracing::subscriber::set_default(tracing_subscriber::registry().with(lines))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn ask(of: &TestVault, address: &str, client: &str, secret: &str) -> Answer {
    let request = Request::post("/oauth/token")
        .header("authorization", basic(client, secret))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials".into())
        .unwrap();
    of.send(&of.api, from(address, request)).await
}

#[tokio::test]
async fn five_failures_within_a_minute_shut_out_that_client_from_that_network_for_a_minute() {
    let log = Log::default();
    let _watching = log.watch();
    let of = vault_of(|_| ()).await;
    for (number, address) in [HERE, NEIGHBOUR, HERE, HERE, NEIGHBOUR].into_iter().enumerate() {
        assert_eq!(of.vault.limits().raised(Alert::ClientGuessed), 0, "{number}");
        assert_eq!(ask(&of, address, "shop-backend", "wrong").await.code(), "client_invalid");
        of.clock.advance(10);
    }
    assert_eq!(of.vault.limits().raised(Alert::ClientGuessed), 1);
    assert_eq!(limited(&ask(&of, HERE, "shop-backend", "wrong").await), 50);
    assert_eq!(limited(&ask(&of, HERE, "shop-backend", SECRET).await), 50);
    assert_eq!(limited(&ask(&of, NEIGHBOUR, "shop-backend", SECRET).await), 50);
    assert_eq!(ask(&of, ELSEWHERE, "shop-backend", SECRET).await.status, 200, "the client from elsewhere");
    assert_eq!(ask(&of, HERE, "powerless", SECRET).await.status, 200, "the merchant's other client");
    assert_eq!(ask(&of, HERE, "bank-backend", SECRET).await.status, 200, "another merchant");
    of.clock.advance(50);
    assert_eq!(ask(&of, HERE, "shop-backend", SECRET).await.status, 200);

    let log = log.text();
    let alerts: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line["alert"].is_string())
        .collect();
    assert_eq!(alerts.len(), 1, "{log}");
    assert_eq!(
        (&alerts[0]["alert"], &alerts[0]["client"], &alerts[0]["network"], &alerts[0]["level"]),
        (&"client_guessed".into(), &"shop-backend".into(), &"203.0.113.0/24".into(), &"WARN".into())
    );
    assert!(!log.contains(SECRET) && !log.contains("wrong"));
}

#[tokio::test]
async fn a_client_that_does_not_exist_is_slowed_down_the_same_and_its_name_is_not_logged() {
    let log = Log::default();
    let _watching = log.watch();
    let of = vault_of(|_| ()).await;
    for _ in 0..5 {
        assert_eq!(ask(&of, HERE, "4242424242424242", "wrong").await.code(), "client_invalid");
    }
    assert_eq!(limited(&ask(&of, HERE, "4242424242424242", "wrong").await), 60);
    assert_eq!(of.vault.limits().raised(Alert::ClientGuessed), 1);
    assert!(log.text().contains("client_guessed"));
    assert!(!log.text().contains("4242424242424242"), "{}", log.text());
}

#[tokio::test]
async fn failures_that_are_rare_enough_slow_nobody_down() {
    let of = vault_of(|_| ()).await;
    for _ in 0..20 {
        assert_eq!(ask(&of, HERE, "shop-backend", "wrong").await.code(), "client_invalid");
        of.clock.advance(15);
    }
    assert_eq!(ask(&of, HERE, "shop-backend", SECRET).await.status, 200);
    assert_eq!(of.vault.limits().raised(Alert::ClientGuessed), 0);
}
