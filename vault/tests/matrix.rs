//! Every call of the API under every fault that does not depend on what the call does: who asks, how the body looks.
//! It must never leave a call out: a new one belongs into the list.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::body::Body;
use axum::http::Request;
use cardseal_vault::auth::ACCESS_SECONDS;
use cardseal_vault::jws;
use cardseal_vault::transport::Peer;
use serde_json::json;
use support::stored::LOOPBACK;
use support::{Answer, NOW, ORIGIN, SECRET, TestVault, basic, vault};

struct Call {
    /// What is on record.
    action: &'static str,
    line: String,
    body: String,
    /// The one client of the shop that may do it.
    client: &'static str,
}

fn calls(id: &str) -> Vec<Call> {
    let call = |action, line: &str, body: &str, client| {
        let (line, body) = (line.replace("ID", id), body.to_owned());
        Call { action, line, body, client }
    };
    let context = json!({ "origins": [ORIGIN] }).to_string();
    vec![
        call("context.create", "POST /v1/capture-contexts", &context, "shop-backend"),
        call("token.read", "GET /v1/tokens/ID", "", "shop-tokens"),
        call("token.read", "GET /v1/tokens?ref=order-1", "", "shop-tokens"),
        call("token.reveal", "POST /v1/tokens/ID/reveal", r#"{"reason":"a test"}"#, "shop-tokens"),
        call("audit.read", "GET /v1/audit", "", "shop-auditor"),
        // The last one: afterwards there is no token.
        call("token.delete", "DELETE /v1/tokens/ID", "", "shop-tokens"),
    ]
}

fn is(answer: &Answer, status: u16, code: &str, what: &str) {
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{what}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
}

/// Sends over a connection with this client certificate.
async fn send(
    of: &TestVault,
    line: &str,
    head: [(&str, &str); 2],
    body: &str,
    cert: Option<[u8; 32]>,
) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    let peer = Peer { address: LOOPBACK.0.parse().unwrap(), tls: false, certificate: cert };
    let request = Request::builder().method(method).uri(path).extension(peer);
    let request = head
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .fold(request, |to, (name, value)| to.header(*name, *value));
    of.send(&of.api, request.body(Body::from(body.to_owned())).unwrap()).await
}

/// An access token that is bound to a certificate (RFC 8705 section 3).
async fn bound(of: &TestVault, client: &str, certificate: [u8; 32]) -> String {
    let authorization = basic(client, SECRET);
    let head =
        [("authorization", authorization.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let body = "grant_type=client_credentials";
    let answer = send(of, "POST /oauth/token", head, body, Some(certificate)).await;
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn nobody_does_anything_without_a_valid_access_token_and_its_scope() {
    let of = vault().await;
    let id = of.token("order-1").await;
    let context = of.context().await;
    let known = of.vault.known();
    let clients = ["shop-backend", "shop-tokens", "shop-auditor", "powerless"];
    for call in calls(&id) {
        let good = of.access_token(call.client).await;
        let bearer = |token: &str| format!("Bearer {token}");
        let (rest, signature) = good.rsplit_once('.').unwrap();
        let [_, claims, _] = cardseal::envelope::compact::parts::<3>(&good).unwrap();
        let claims = cardseal::envelope::compact::decode(claims).unwrap();
        // The right claims, signed with the key of the other purpose; and the right key under the other type.
        let other_key = jws::sign(known.keyring.current_context_key(NOW), "at+jwt", &claims).unwrap();
        let other_type =
            jws::sign(known.keyring.current_access_key(NOW), "cardseal-context+jwt", &claims).unwrap();
        let tied = bound(&of, call.client, [7; 32]).await;
        let mut faults = vec![
            ("no token", String::new(), None),
            ("an empty token", bearer(""), None),
            ("no scheme", good.clone(), None),
            ("another scheme", format!("Basic {good}"), None),
            ("10,000 characters", bearer(&"k".repeat(10_000)), None),
            ("a broken signature", bearer(&format!("{rest}.{}", "A".repeat(signature.len()))), None),
            ("a capture context", bearer(&context), None),
            ("another key", bearer(&other_key), None),
            ("another type", bearer(&other_type), None),
            ("a bound token without its certificate", bearer(&tied), None),
            ("a bound token with another certificate", bearer(&tied), Some([8; 32])),
        ]
        .into_iter()
        .map(|(what, authorization, certificate)| {
            (what, authorization, certificate, 401, "access_token_invalid")
        })
        .collect::<Vec<_>>();
        for client in clients.into_iter().filter(|client| *client != call.client) {
            faults.push((client, bearer(&of.access_token(client).await), None, 403, "scope_missing"));
        }
        for (what, authorization, certificate, status, code) in faults {
            // Even a body that cannot be read is not looked at.
            for body in [call.body.as_str(), "{"] {
                let before = of.audit().await.len();
                let head = [("authorization", authorization.as_str()), ("content-type", "application/json")];
                let answer = send(&of, &call.line, head, body, certificate).await;
                is(&answer, status, code, &format!("{} {what}", call.line));
                let challenge = answer.header("www-authenticate");
                assert_eq!(challenge.contains("insufficient_scope"), status == 403, "{challenge}");
                assert!(challenge.starts_with("Bearer "), "{challenge}");
                let actor = if status == 403 { format!("client:{what}") } else { "unknown".to_owned() };
                let recorded = of.audit().await.split_off(before);
                let record = [&actor, call.action, "", "127.0.0.0/24", code, ""].map(str::to_owned);
                assert_eq!(recorded, [record], "{} {what}", call.line);
            }
        }
        of.clock.advance(ACCESS_SECONDS);
        is(&of.ask(&good, &call.line, &call.body, LOOPBACK).await, 401, "access_token_invalid", "expired");
    }
    // And each of them is done for whoever may, also over the certificate that its token is bound to.
    for call in calls(&id) {
        let tied = format!("Bearer {}", bound(&of, call.client, [7; 32]).await);
        let content_type = if call.body.is_empty() { "" } else { "application/json" };
        let head = [("authorization", tied.as_str()), ("content-type", content_type)];
        let answer = send(&of, &call.line, head, &call.body, Some([7; 32])).await;
        assert!(answer.status.is_success(), "{} {}", call.line, answer.body);
    }
}

#[tokio::test]
async fn no_body_of_another_shape_is_taken() {
    let of = vault().await;
    let id = of.token("order-1").await;
    for call in calls(&id).into_iter().filter(|call| !call.body.is_empty()) {
        let token = format!("Bearer {}", of.access_token(call.client).await);
        let (good, json) = (call.body.as_str(), "application/json");
        let member = good[1..].split(':').next().unwrap();
        let malformed = (400, "body_malformed");
        for (content_type, body, (status, code)) in [
            (json, String::new(), malformed),
            (json, "null".to_owned(), malformed),
            (json, "[]".to_owned(), malformed),
            (json, "{}".to_owned(), malformed),
            (json, good[..good.len() - 1].to_owned(), malformed),
            (json, format!("{good}{good}"), malformed),
            (json, good.replacen('{', r#"{"unknown":1,"#, 1), malformed),
            (json, good.replacen('{', &format!("{{{member}:{},", r#""x""#), 1), malformed),
            (json, format!("{{{member}:1}}"), malformed),
            (json, format!("{{{member}:null}}"), malformed),
            (json, format!("{{{member}:{{}}}}"), malformed),
            (json, format!("{good}{}", " ".repeat(32 * 1024)), (413, "body_too_large")),
            ("", good.to_owned(), (415, "unsupported_media_type")),
            ("text/plain", good.to_owned(), (415, "unsupported_media_type")),
            ("application/x-www-form-urlencoded", good.to_owned(), (415, "unsupported_media_type")),
        ] {
            let head = [("authorization", token.as_str()), ("content-type", content_type)];
            let answer = send(&of, &call.line, head, &body, None).await;
            is(&answer, status, code, &format!("{} {content_type} {body:.200}", call.line));
        }
    }
}

#[tokio::test]
async fn a_key_of_ten_thousand_characters_is_no_key() {
    let of = vault().await;
    let context = of.context().await;
    let key = "k".repeat(10_000);
    is(&of.tokenize(&context, "x", &key).await, 400, "idempotency_key_invalid", "POST /v1/tokens");
    let mut request = support::context_request(&of.access_token("shop-backend").await, "{}");
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    let body = json!({ "origins": [ORIGIN] }).to_string();
    *request.body_mut() = Body::from(body);
    is(&of.send(&of.api, request).await, 400, "idempotency_key_invalid", "POST /v1/capture-contexts");
}

#[tokio::test]
async fn of_two_deletions_at_once_one_finds_nothing() {
    let of = vault().await;
    for round in 0..20 {
        let id = of.token("order-1").await;
        let bearer = of.access_token("shop-tokens").await;
        let line = format!("DELETE /v1/tokens/{id}");
        let both = tokio::join!(of.ask(&bearer, &line, "", LOOPBACK), of.ask(&bearer, &line, "", LOOPBACK));
        let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404], "round {round}");
        let deleted = of.audit().await.into_iter().filter(|of| of[1] == "token.delete" && of[2] == id);
        let mut results: Vec<_> = deleted.map(|of| of[4].clone()).collect();
        results.sort_unstable();
        assert_eq!(results, ["not_found", "ok"], "round {round}");
    }
}
