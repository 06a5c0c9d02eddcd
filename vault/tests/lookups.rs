//! What the coordinator asks of the table: what it is answered, who else is not, and where its digits do not stand.
//! It must never pass if another site's page learns what the operator's table says.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use support::judged::bin_table;
use support::node::{from, limited, vault_of};
use support::program::{Program, configured};
use support::shop::ask;
use support::{Answer, Folder, TestVault, VAULT, vault};

const LINES: &str = "40000025,40000025,cartes-bancaires|visa,debit,FR\n42424242,42424242,visa,,\n";

async fn look_up(of: &TestVault, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    of.send(&of.capture, request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn what_is_known_is_answered_and_the_rest_left_out() {
    let of = vault_of(|config| bin_table(config, LINES)).await;
    for (bin8, known) in [
        (
            "40000025",
            json!({ "networks": ["cartes-bancaires", "visa"], "funding": "debit", "country": "FR" }),
        ),
        ("42424242", json!({ "networks": ["visa"] })),
        ("55555555", json!({ "networks": [] })),
    ] {
        let answer = look_up(&of, &format!("/v1/bins/{bin8}"), &[]).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, known), "{bin8}");
        assert_eq!(answer.header("content-type"), "application/json");
        // The address holds digits, and a cache keeps addresses on disk.
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")));
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    }
    let without_a_table = vault().await;
    assert_eq!(look_up(&without_a_table, "/v1/bins/40000025", &[]).await.json(), json!({ "networks": [] }));
}

#[tokio::test]
async fn anything_but_eight_digits_is_nothing() {
    let of = vault_of(|config| bin_table(config, LINES)).await;
    for wrong in
        ["4000002", "400000250", "4000002x", "%EF%BC%94000002", "4000%2F02", "%FF%FF%FF%FF%FF%FF%FF%FF"]
    {
        let answer = look_up(&of, &format!("/v1/bins/{wrong}"), &[]).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "not_found"), "{wrong}");
    }
    let of_the_other_listener =
        of.send(&of.api, Request::get("/v1/bins/40000025").body(Body::empty()).unwrap());
    assert_eq!(of_the_other_listener.await.status, 404);
}

#[tokio::test]
async fn only_the_vaults_own_pages_are_answered() {
    let of = vault_of(|config| bin_table(config, LINES)).await;
    for (headers, status) in [
        (&[("sec-fetch-site", "same-origin")][..], 200),
        (&[("origin", VAULT)], 200),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "none")], 403),
        (&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], 403),
        (&[("origin", "https://shop.example")], 403),
        (&[("origin", "null")], 403),
    ] {
        let answer = look_up(&of, "/v1/bins/40000025", headers).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?}");
        if status == 403 {
            assert_eq!(answer.code(), "origin_not_allowed");
        }
    }
}

#[tokio::test]
async fn a_network_can_ask_so_often_and_no_other_is_hindered() {
    let of = vault_of(|config| config.limits.lookups_per_minute = 4).await;
    let ask = async |address: &str, bin8: u32| {
        let request = Request::get(format!("/v1/bins/{bin8}")).body(Body::empty()).unwrap();
        of.send(&of.capture, from(address, request)).await
    };
    for bin8 in 40_000_000..40_000_004 {
        assert_eq!(ask("203.0.113.7", bin8).await.status, 200);
    }
    assert_eq!(limited(&ask("203.0.113.200", 40_000_000).await), 15);
    assert_eq!(ask("198.51.100.7", 40_000_000).await.status, 200);
    of.clock.advance(15);
    assert_eq!(ask("203.0.113.7", 40_000_000).await.status, 200);
    assert_eq!(of.vault.limits().remembered(), 2);
    of.clock.advance(60);
    of.vault.limits().sweep(of.vault.now());
    assert_eq!(of.vault.limits().remembered(), 0);
}

#[test]
fn the_digits_that_were_asked_for_stand_in_no_log_and_no_metric() {
    let folder = Folder::make();
    let path = folder.0.join("bins.csv");
    std::fs::write(&path, format!("from,to,networks,funding,country\n{LINES}")).unwrap();
    let config = configured(&folder, "vault.toml", &format!("bin_table = {path:?}"));
    let program = Program::start(&config).ready();
    for (bin8, status) in [("40000025", "200"), ("42424242", "200"), ("87654329", "200"), ("8765432x", "404")]
    {
        let said = program.shop().get(&format!("/v1/bins/{bin8}"));
        assert_eq!(said.status(), status);
        assert!(!said.head.contains(bin8) && !said.body.contains(bin8));
    }
    let metrics = ask(&program.admin, "GET /metrics", "", "").body;
    assert!(metrics.contains("/v1/bins/{bin8}"), "{metrics}");
    let log = program.end();
    assert!(log.contains("/v1/bins/{bin8}"), "{log}");
    for digits in ["40000025", "42424242", "8765432"] {
        assert!(!metrics.contains(digits) && !log.contains(digits), "{digits}");
    }
}
