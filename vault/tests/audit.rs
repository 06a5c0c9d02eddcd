//! Whatever is done to the audit past the vault, the operator's command finds it and names the record.
//! It must never pass by looking at anything but the real database file through the real program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::path::PathBuf;

use cardseal_vault::service::Vault;
use serde_json::Value;
use support::stored::{LOOPBACK, audit_command, tamper};
use support::{SECRET, TestVault, VISA, config, frames, refused, vault};

/// A vault with some thirty records, whose newest one's head was signed.
async fn busy() -> (TestVault, PathBuf) {
    let TestVault { vault: old, clock, folder, .. } = vault().await;
    old.close().await;
    let mut config = config(&folder.0);
    let heads = folder.0.join("heads");
    config.audit_heads = Some(heads.clone());
    let vault = Vault::open(&config, frames(), clock.clone(), Vec::new()).await.unwrap();
    let (capture, api) =
        (cardseal_vault::api::capture(vault.clone()), cardseal_vault::api::api(vault.clone()));
    let of = TestVault { vault, clock, capture, api, folder };
    let id = of.token("order-1").await;
    of.token("order-2").await;
    let reveal = format!("POST /v1/tokens/{id}/reveal");
    assert_eq!(of.ask_as("shop-tokens", &reveal, r#"{"reason":"a test"}"#).await.status, 200);
    of.vault.write_head().await.unwrap();
    assert_eq!(of.ask_as("shop-tokens", &format!("DELETE /v1/tokens/{id}"), "").await.status, 204);
    for _ in 0..3 {
        of.ask("x", &format!("GET /v1/tokens/{id}"), "", LOOPBACK).await;
    }
    of.vault.write_head().await.unwrap();
    of.vault.write_head().await.unwrap();
    assert_eq!(std::fs::read_to_string(&heads).unwrap().lines().count(), 2);
    (of, heads)
}

/// Whether the program found the audit whole, and what it said.
fn verified(of: &TestVault, head: bool) -> (bool, String) {
    let heads = of.folder.0.join("heads");
    let heads = ["verify", "--head", heads.to_str().unwrap()];
    let output = audit_command(&of.folder.0, if head { &heads } else { &heads[..1] });
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{:?}", output.status);
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.success(), said)
}

#[tokio::test]
async fn a_whole_audit_verifies_while_the_vault_serves_and_after_it_stopped() {
    let (of, _) = busy().await;
    for head in [true, false] {
        let (good, said) = verified(&of, head);
        assert!(good && said.contains("the audit is whole"), "{said}");
        assert_eq!(said.contains("without --head FILE"), !head, "{said}");
    }
    of.vault.close().await;
    assert!(verified(&of, true).0);
}

#[tokio::test]
async fn every_change_to_a_record_is_found_and_named() {
    for (change, says) in [
        ("UPDATE audit SET at = at + 1 WHERE seq = 9", "record 9: it was edited"),
        ("UPDATE audit SET actor = 'client:shop-tokens' WHERE seq = 9", "record 9: it was edited"),
        ("UPDATE audit SET action = 'token.read' WHERE action = 'token.reveal'", "it was edited"),
        ("UPDATE audit SET subject = 'x' WHERE seq = 9", "record 9: it was edited"),
        ("UPDATE audit SET origin = 'x' WHERE seq = 9", "record 9: it was edited"),
        ("UPDATE audit SET merchant = 'x' WHERE seq = 9", "record 9: it was edited"),
        ("UPDATE audit SET result = 'x' WHERE seq = 9", "record 9: it was edited"),
        ("UPDATE audit SET reason = 'x' WHERE seq = 9", "record 9: it was edited"),
        ("UPDATE audit SET request_id = 'x' WHERE seq = 9", "record 9: it was edited"),
        ("UPDATE audit SET previous = zeroblob(32) WHERE seq = 9", "record 9: it was edited"),
        ("UPDATE audit SET hash = zeroblob(32) WHERE seq = 9", "record 9: it was edited"),
        ("DELETE FROM audit WHERE seq = 9", "record 9: it is missing"),
        ("DELETE FROM audit WHERE seq = 1", "record 1: it is missing"),
        ("DELETE FROM audit WHERE seq IN (9, 10)", "record 9: it and all up to record 10 are missing"),
        (
            "UPDATE audit SET seq = -1 WHERE seq = 9; UPDATE audit SET seq = 9 WHERE seq = 10; \
             UPDATE audit SET seq = 10 WHERE seq = -1",
            "record 9: it is record 10, which was moved here",
        ),
        (
            "DELETE FROM audit WHERE seq = 9; UPDATE audit SET seq = 9 WHERE seq = 10",
            "record 9: it is record 10, which was moved here",
        ),
        ("DELETE FROM audit", "record 1: it is missing, and every other"),
        ("UPDATE audit SET node = 'x'", "record 1: it is missing, and every other"),
        ("UPDATE node SET id = 'x'", "node x, record 1: it is missing, and every other"),
        ("DELETE FROM tokens", "is not stored, but no record says that it was deleted"),
        ("DELETE FROM tokens WHERE ref = 'order-2'", "is not stored, but no record says that it was deleted"),
        ("UPDATE tokens SET id = 'tok_x'", "token tok_x is stored, but no record says that it was made"),
        (
            "CREATE TEMP TABLE copy AS SELECT * FROM tokens; UPDATE copy SET id = 'tok_x', context = 'x'; \
             INSERT INTO tokens SELECT * FROM copy",
            "token tok_x is stored, but no record says that it was made",
        ),
    ] {
        let (of, _) = busy().await;
        of.vault.close().await;
        tamper(&of.folder.0, change).await;
        for head in [true, false] {
            let (good, said) = verified(&of, head);
            assert!(
                !good && said.contains(says) && said.contains("the audit is damaged"),
                "{change}: {said}"
            );
        }
    }
}

#[tokio::test]
async fn an_end_that_was_cut_off_shows_by_the_signed_head() {
    let (of, heads) = busy().await;
    of.vault.close().await;
    let newest = of.audit().await.len();
    tamper(&of.folder.0, &format!("DELETE FROM audit WHERE seq > {}", newest - 2)).await;
    let (good, said) = verified(&of, false);
    assert!(good && said.contains("without --head FILE nothing shows"), "{said}");
    let (good, said) = verified(&of, true);
    let says =
        format!("record {}: it and all up to record {newest} are missing: the end was cut off", newest - 1);
    assert!(!good && said.contains(&says), "{said}");

    // What the vault writes after the cut is genuine, but not what was signed.
    let vault = Vault::open(&config(&of.folder.0), frames(), of.clock.clone(), Vec::new()).await.unwrap();
    let again = TestVault { vault, api: of.api, capture: of.capture, clock: of.clock, folder: of.folder };
    again.vault.close().await;
    let of = open_again(again).await;
    let (good, said) = verified(&of, true);
    assert!(!good && said.contains(&format!("record {newest}: it is not the record whose head")), "{said}");
    assert!(verified(&of, false).0);

    let text = std::fs::read_to_string(&heads).unwrap();
    let forged = text.lines().last().unwrap().to_owned() + "A";
    std::fs::write(&heads, text + &forged + "\n").unwrap();
    let (good, said) = verified(&of, true);
    assert!(!good && said.contains("line 3 of the heads was not signed by this vault"), "{said}");
}

#[tokio::test]
async fn a_head_that_a_crash_cut_short_spoils_none_that_follows() {
    let (of, heads) = busy().await;
    let text = std::fs::read_to_string(&heads).unwrap();
    std::fs::write(&heads, format!("{text}{}", &text[..40])).unwrap();
    of.token("order-3").await;
    of.vault.write_head().await.unwrap();
    of.vault.close().await;
    let newest = of.audit().await.len();
    tamper(&of.folder.0, &format!("DELETE FROM audit WHERE seq = {newest}")).await;
    let (_, said) = verified(&of, true);
    assert!(said.contains("line 3 of the heads was not signed") && !said.contains("line 4"), "{said}");
    assert!(said.contains(&format!("the end was cut off, the head of record {newest}")), "{said}");
}

async fn open_again(of: TestVault) -> TestVault {
    let config = config(&of.folder.0);
    let vault = Vault::open(&config, frames(), of.clock.clone(), Vec::new()).await.unwrap();
    vault.close().await;
    TestVault { vault, ..of }
}

#[tokio::test]
async fn what_happened_is_exported_without_a_number_or_a_secret() {
    let (of, _) = busy().await;
    let context = of.context().await;
    refused(&of, &context, "a.b.c.d.e").await;
    of.ask_as("shop-tokens", "GET /v1/tokens/4242424242424242", "").await;
    of.ask_as("shop-tokens", "GET /v1/tokens?ref=4242424242424242", "").await;
    let request = axum::http::Request::post("/oauth/token")
        .header("authorization", support::basic(VISA, SECRET))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials".into())
        .unwrap();
    assert_eq!(of.send(&of.api, request).await.code(), "client_invalid");
    assert_eq!(
        of.ask_context("shop-backend", serde_json::json!({ "origins": ["https://x.example"] })).await.status,
        400
    );

    let output = audit_command(&of.folder.0, &["export"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("424242") && !text.contains(SECRET) && !text.contains("eyJ"), "{text}");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), of.audit().await.len());
    assert!(lines.iter().zip(1..).all(|(line, seq)| line["seq"] == seq));
    for (actor, action, result) in [
        ("vault", "key.make", "ok"),
        ("vault", "config.load", "ok"),
        ("client:shop-backend", "access.grant", "ok"),
        ("unknown", "access.grant", "client_invalid"),
        ("client:shop-backend", "context.create", "ok"),
        ("client:shop-backend", "context.create", "origin_not_registered"),
        ("shopper:shop", "token.create", "ok"),
        ("shopper:shop", "token.create", "sealed_card_malformed"),
        ("client:shop-tokens", "token.read", "not_found"),
        ("client:shop-tokens", "token.read", "ok"),
        ("client:shop-tokens", "token.reveal", "ok"),
        ("client:shop-tokens", "token.delete", "ok"),
        ("unknown", "token.read", "access_token_invalid"),
    ] {
        let found =
            |line: &&Value| line["actor"] == actor && line["action"] == action && line["result"] == result;
        assert!(lines.iter().any(|line| found(&line)), "{actor} {action} {result}");
    }
}
