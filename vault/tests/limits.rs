//! Limits of the capture endpoint: what is over them is told how long to wait, and waiting that long helps.
//! It must never pass if somebody's limit is met by somebody else.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use cardseal_vault::random;
use cardseal_vault::transport::Peer;
use serde_json::json;
use support::node::{from, limited, vault_of};
use support::{Answer, TestVault, sealed, token_request, visa};

const HERE: &str = "203.0.113.7";
const NEIGHBOUR: &str = "203.0.113.200";
const ELSEWHERE: &str = "198.51.100.7";

/// A card for a fresh context, from an address; the context's name is new, so only the other limits count.
async fn capture(of: &TestVault, address: &str) -> Answer {
    let context = of.context().await;
    let request = token_request(&context, &sealed(&visa(), &context), &random::make_name());
    of.send(&of.capture, from(address, request)).await
}

/// A request that costs no private-key operation and counts all the same.
async fn nonsense(of: &TestVault, context: &str, address: &str) -> Answer {
    of.send(&of.capture, from(address, token_request(context, "a.b.c.d.e", &random::make_name()))).await
}

#[tokio::test]
async fn a_context_is_limited_and_waiting_as_told_helps() {
    let of = vault_of(|config| {
        config.limits.context_per_minute = 4;
        config.limits.attempts_per_context = 1000;
    })
    .await;
    let context = of.context().await;
    for _ in 0..4 {
        assert_eq!(nonsense(&of, &context, HERE).await.code(), "sealed_card_malformed");
    }
    let wait = limited(&nonsense(&of, &context, HERE).await);
    assert_eq!(wait, 15);
    of.clock.advance(wait - 1);
    assert_eq!(limited(&nonsense(&of, &context, ELSEWHERE).await), 1);
    of.clock.advance(1);
    assert_eq!(nonsense(&of, &context, HERE).await.code(), "sealed_card_malformed");
    limited(&nonsense(&of, &context, HERE).await);
    assert_eq!(capture(&of, HERE).await.status, 201, "another context is not limited");
}

#[tokio::test]
async fn a_spent_context_cannot_be_used_to_fill_the_audit() {
    let of = vault_of(|config| config.limits.context_per_minute = 4).await;
    let context = of.context().await;
    let answer = of.tokenize(&context, &sealed(&visa(), &context), &random::make_name()).await;
    assert_eq!(answer.status, 201);
    let before = of.audit().await.len();
    let mut codes = Vec::new();
    for _ in 0..50 {
        codes.push(nonsense(&of, &context, HERE).await.code());
    }
    // The token itself was the first of the four.
    assert_eq!(codes.iter().filter(|code| *code == "context_spent").count(), 3);
    assert_eq!(codes.iter().filter(|code| *code == "rate_limited").count(), 47);
    assert_eq!(of.audit().await.len(), before + 3);
}

#[tokio::test]
async fn whatever_is_refused_of_a_genuine_context_counts() {
    for (code, seconds) in
        [("origin_not_allowed", 0), ("idempotency_key_reused", 0), ("context_expired", 900)]
    {
        let of = vault_of(|config| config.limits.context_per_minute = 4).await;
        let (context, other) = (of.context().await, of.context().await);
        assert_eq!(of.tokenize(&other, &sealed(&visa(), &other), "used").await.status, 201);
        of.clock.advance(seconds);
        for attempt in 0..10 {
            let own_key = format!("key-{attempt}");
            let key = if code == "idempotency_key_reused" { "used" } else { &own_key };
            let mut request = token_request(&context, "a.b.c.d.e", key);
            if code == "origin_not_allowed" {
                request.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
            }
            let answer = of.send(&of.capture, request).await;
            assert_eq!(answer.code(), if attempt < 4 { code } else { "rate_limited" }, "{attempt}");
        }
        let recorded = of.audit().await.iter().filter(|record| record[4] == code).count();
        assert_eq!(recorded, 4);
    }
}

#[tokio::test]
async fn a_network_is_limited_for_one_merchant_and_no_other_network_is() {
    let of = vault_of(|config| config.limits.network_per_minute = 3).await;
    for address in [HERE, NEIGHBOUR, HERE] {
        assert_eq!(capture(&of, address).await.status, 201);
    }
    assert_eq!(limited(&capture(&of, NEIGHBOUR).await), 20);
    assert_eq!(capture(&of, ELSEWHERE).await.status, 201);
    let answer = of.ask_context("bank-backend", json!({ "origins": ["https://bank.example"] })).await;
    let bank = answer.json()["context"].as_str().unwrap().to_owned();
    let request = token_request(&bank, &sealed(&visa(), &bank), "key");
    assert_eq!(of.send(&of.capture, from(HERE, request)).await.status, 201);
}

#[tokio::test]
async fn an_ipv6_network_is_a_56() {
    let of = vault_of(|config| config.limits.network_per_minute = 1).await;
    assert_eq!(capture(&of, "2001:db8:1:2200::1").await.status, 201);
    assert_eq!(limited(&capture(&of, "2001:db8:1:22ff:1:2:3:4").await), 60);
    assert_eq!(capture(&of, "2001:db8:1:2300::1").await.status, 201);
}

#[tokio::test]
async fn a_merchant_is_limited_and_what_another_limit_refused_does_not_count_for_it() {
    let of = vault_of(|config| {
        config.limits.network_per_minute = 2;
        config.limits.merchant_per_minute = 3;
    })
    .await;
    for _ in 0..2 {
        assert_eq!(capture(&of, HERE).await.status, 201);
    }
    for _ in 0..10 {
        limited(&capture(&of, HERE).await);
    }
    assert_eq!(
        capture(&of, ELSEWHERE).await.status,
        201,
        "a flood from one network took the merchant's room"
    );
    assert_eq!(limited(&capture(&of, ELSEWHERE).await), 20);
    assert_eq!(limited(&capture(&of, HERE).await), 30, "the longest wait is the true one");
}

#[tokio::test]
async fn a_known_idempotency_key_is_answered_before_limits() {
    let of = vault_of(|config| config.limits.context_per_minute = 1).await;
    let context = of.context().await;
    let sealed_card = sealed(&visa(), &context);
    let first = of.tokenize(&context, &sealed_card, "one-key").await;
    assert_eq!(first.status, 201);
    for _ in 0..5 {
        let again = of.tokenize(&context, &sealed_card, "one-key").await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
    }
}

#[tokio::test]
async fn access_tokens_are_limited_for_each_client() {
    let of = vault_of(|config| config.limits.grants_per_minute = 2).await;
    let ask = |client| {
        let request = axum::http::Request::post("/oauth/token")
            .header("authorization", support::basic(client, support::SECRET))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials".into())
            .unwrap();
        of.send(&of.api, request)
    };
    assert_eq!(ask("shop-backend").await.status, 200);
    assert_eq!(ask("shop-backend").await.status, 200);
    assert_eq!(limited(&ask("shop-backend").await), 30);
    assert_eq!(ask("powerless").await.status, 200, "the merchant's other client");
    of.clock.advance(30);
    assert_eq!(ask("shop-backend").await.status, 200);
}

#[tokio::test]
async fn a_forwarded_address_counts_only_behind_a_declared_proxy() {
    for (behind, status) in [(false, 429), (true, 201)] {
        let of = vault_of(|config| {
            config.behind_tls_proxy = behind;
            config.limits.network_per_minute = 1;
        })
        .await;
        for (forwarded, expected) in [("192.0.2.1, 203.0.113.7", 201), ("192.0.2.1, 198.51.100.7", status)] {
            let context = of.context().await;
            let mut request = token_request(&context, &sealed(&visa(), &context), &random::make_name());
            request.headers_mut().insert("x-forwarded-for", forwarded.parse().unwrap());
            let answer = of.send(&of.capture, from("127.0.0.1", request)).await;
            assert_eq!(answer.status, expected, "behind a proxy: {behind}");
        }
        let context = of.context().await;
        let mut request = token_request(&context, &sealed(&visa(), &context), "key");
        // What the client wrote before the proxy's own hop names nobody.
        request.headers_mut().insert("x-forwarded-for", "192.0.2.77, 203.0.113.8".parse().unwrap());
        limited(&of.send(&of.capture, from("127.0.0.1", request)).await);
    }
}

#[tokio::test]
async fn a_connection_that_the_vault_itself_encrypts_has_no_proxy_before_it() {
    let of = vault_of(|config| {
        config.behind_tls_proxy = true;
        config.limits.network_per_minute = 1;
    })
    .await;
    for (forwarded, status) in [("192.0.2.1", 201), ("198.51.100.1", 429)] {
        let context = of.context().await;
        let mut request =
            from(HERE, token_request(&context, &sealed(&visa(), &context), &random::make_name()));
        request.headers_mut().insert("x-forwarded-for", forwarded.parse().unwrap());
        request.extensions_mut().get_mut::<Peer>().unwrap().tls = true;
        assert_eq!(of.send(&of.capture, request).await.status, status);
    }
}

#[tokio::test]
async fn a_flood_of_networks_leaves_a_bounded_memory_that_the_sweeper_empties() {
    let of = vault_of(|settings| settings.limits.merchant_per_minute = 1_000_000).await;
    let now = support::NOW;
    let known = of.vault.known();
    let shop = known.merchants.merchant("shop").unwrap();
    for number in 0..200_000_u32 {
        let network = format!("{}/24", std::net::Ipv4Addr::from_bits(number << 8));
        of.vault.limits().admit_authentication("shop-backend", &network, now).unwrap();
        of.vault.limits().authentication_failed("shop-backend", true, &network, now);
        of.vault.limits().admit_capture(&network, shop, &network, now).unwrap();
    }
    assert!(of.vault.limits().remembered() <= 4 * 65_536, "{}", of.vault.limits().remembered());
    of.clock.advance(61);
    of.vault.sweep().await.unwrap();
    assert_eq!(of.vault.limits().remembered(), 0);
}

#[test]
fn a_limit_of_nothing_and_an_unknown_limit_are_refused_by_name() {
    let mut settings = support::config(std::path::Path::new("/nowhere"));
    settings.limits.network_per_minute = 0;
    assert!(settings.check().unwrap_err().contains("network_per_minute"));
    let text = include_str!("../../docs/operating.md");
    let example = text.split("```toml\n[limits]\n").nth(1).unwrap().split("```").next().unwrap();
    let documented: cardseal_vault::limits::LimitsConfig = toml::from_str(example).unwrap();
    let defaults = cardseal_vault::limits::LimitsConfig::default();
    assert_eq!(format!("{documented:?}"), format!("{defaults:?}"), "docs/operating.md shows other defaults");
    assert!(toml::from_str::<cardseal_vault::limits::LimitsConfig>("per_second = 1").is_err());
}
