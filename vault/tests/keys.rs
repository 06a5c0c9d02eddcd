//! Keys are renewed while the vault serves: known before they are used, honoured while anything alive names them.
//! It must never pass while the private part of a retired key is anywhere in the vault's files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::collections::HashSet;

use axum::http::StatusCode;
use cardseal::envelope::compact;
use cardseal_vault::custody::{Custody, Listed};
use cardseal_vault::keyring::life::{HONOURED_SECONDS, PUBLISHED_SECONDS};
use cardseal_vault::keyring::{Purpose, Renewal};
use cardseal_vault::random;
use serde_json::Value;
use sqlx::Row;
use support::node::{Node, vault_of};
use support::stored::{LOOPBACK, audit_command, intruder, tamper};
use support::{Answer, TestVault, claims, config, sealed, vault, visa};

const LIFE: u64 = 15 * 60;
const DAY: u64 = 24 * 60 * 60;

async fn custody(of: &TestVault) -> Custody {
    Custody::open(&config(&of.folder.0), of.clock.clone()).await.unwrap()
}

/// Renews every private key, as an operator does while the vault serves.
async fn renew_all(of: &TestVault) {
    let custody = custody(of).await;
    for purpose in Purpose::ALL {
        assert!(custody.renew(purpose).await.unwrap().made);
    }
    custody.close().await;
    of.vault.refresh().await.unwrap();
}

async fn listed(of: &TestVault, purpose: &str) -> Vec<Listed> {
    let custody = custody(of).await;
    let mut listed = custody.list().await.unwrap();
    custody.close().await;
    listed.retain(|key| key.purpose == purpose);
    listed
}

async fn states(of: &TestVault, purpose: &str) -> Vec<&'static str> {
    listed(of, purpose).await.iter().map(|key| key.state.as_str()).collect()
}

async fn published(of: &TestVault) -> HashSet<String> {
    let keys = of.get("/.well-known/jwks.json").await.json()["keys"].as_array().unwrap().clone();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// The kid of the key that signed a statement.
fn signer(statement: &str) -> String {
    let header = compact::decode(statement.split('.').next().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
}

async fn use_up(of: &TestVault, context: &str) -> Answer {
    of.tokenize(context, &sealed(&visa(), context), &random::make_name()).await
}

/// Asks for what the token may, for a token that does not exist.
async fn ask(of: &TestVault, access_token: &str) -> String {
    of.ask(access_token, "GET /v1/tokens/none", "", LOOPBACK).await.code()
}

#[tokio::test]
async fn what_old_and_new_keys_signed_counts_until_it_would_have_expired_anyway() {
    let of = vault().await;
    let first = of.context().await;
    let before = published(&of).await;
    assert_eq!(before, HashSet::from([signer(&first), claims(&first).key.kid]));
    renew_all(&of).await;

    // Known, not yet used.
    let both = published(&of).await;
    assert!(both.len() == 4 && both.is_superset(&before));
    of.clock.advance(PUBLISHED_SECONDS);
    let (last, last_access) = (of.context().await, of.access_token("shop-tokens").await);
    assert_eq!(signer(&last), signer(&first));
    assert_eq!(claims(&last).key, claims(&first).key);
    assert_eq!(states(&of, "context").await, ["next", "current"]);

    // Used; the old ones count on. The new ones were made a second later than the vault's first ones.
    of.clock.advance(1);
    let (new, new_access) = (of.context().await, of.access_token("shop-tokens").await);
    let news = HashSet::from([signer(&new), claims(&new).key.kid]);
    assert_eq!(news, &both - &before);
    assert_ne!(signer(&new_access), signer(&last_access));
    assert_eq!(states(&of, "capture").await, ["current", "honoured"]);
    assert_eq!(use_up(&of, &first).await.status, StatusCode::CREATED);
    let spare = of.context().await;
    assert_eq!(use_up(&of, &spare).await.status, StatusCode::CREATED);
    of.clock.advance(LIFE - 2);
    assert_eq!(use_up(&of, &last).await.status, StatusCode::CREATED);
    assert_eq!(ask(&of, &last_access).await, "not_found");
    assert_eq!(use_up(&of, &new).await.status, StatusCode::CREATED);

    // The last that they signed has expired, and is told so until they are retired.
    of.clock.advance(HONOURED_SECONDS - LIFE + 1);
    assert_eq!(use_up(&of, &last).await.code(), "context_expired");
    assert_eq!(published(&of).await, both);
    of.clock.advance(1);
    assert_eq!(use_up(&of, &last).await.code(), "context_forged");
    assert_eq!(ask(&of, &last_access).await, "access_token_invalid");
    assert_eq!(published(&of).await, news);
    assert_eq!(use_up(&of, &of.context().await).await.status, StatusCode::CREATED);
    assert_eq!(states(&of, "access").await, ["current", "retired"]);
    assert_eq!(states(&of, "audit").await, ["current", "honoured"]);
}

#[tokio::test]
async fn the_private_part_of_a_retired_key_is_gone_from_every_file() {
    let of = vault().await;
    let mut past: Vec<(String, Vec<u8>)> = Vec::new();
    // Several times, so that the database moves its rows.
    for _ in 0..4 {
        let old = blobs(&of).await;
        renew_all(&of).await;
        of.clock.advance(PUBLISHED_SECONDS + 1 + HONOURED_SECONDS);
        assert!(old.iter().all(|(_, blob)| is_in_files(&of, blob)));
        of.vault.sweep().await.unwrap();
        past.extend(old.into_iter().filter(|(purpose, _)| purpose != "audit"));
    }
    for (purpose, blob) in &past {
        assert!(!is_in_files(&of, blob), "{purpose}");
    }
    let (living, audit) = (blobs(&of).await, of.audit().await);
    assert_eq!(living.len(), 3 + 5);
    assert!(living.iter().all(|(_, blob)| is_in_files(&of, blob)));
    let count = |actor: &str, action: &str| {
        audit.iter().filter(|record| record[0].starts_with(actor) && record[1] == action).count()
    };
    assert_eq!((count("operator:", "key.make"), count("vault", "key.retire")), (16, 12));
    for key in listed(&of, "context").await.iter().filter(|key| key.retired_at.is_some()) {
        let record = |of: &&[String; 6]| of[1] == "key.retire" && of[2] == format!("context/{}", key.kid);
        assert_eq!(audit.iter().filter(record).count(), 1);
    }
    // What is left opens, and works.
    let beside = Node::beside(&of).await;
    assert_eq!(use_up(&of, &of.context().await).await.status, StatusCode::CREATED);
    beside.vault.close().await;
}

async fn blobs(of: &TestVault) -> Vec<(String, Vec<u8>)> {
    let rows = sqlx::query("SELECT purpose, pkcs8 FROM keys WHERE pkcs8 IS NOT NULL")
        .fetch_all(&mut intruder(&of.folder.0).await)
        .await
        .unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// Whether any sixteen bytes of it are; a part that was overwritten would hide the rest.
fn is_in_files(of: &TestVault, blob: &[u8]) -> bool {
    let parts: HashSet<&[u8]> = blob.chunks_exact(16).collect();
    of.files().iter().any(|(_, bytes)| bytes.windows(16).any(|window| parts.contains(window)))
}

#[tokio::test]
async fn a_context_is_never_an_access_token_whatever_the_age_of_its_key() {
    let of = vault().await;
    let (mut contexts, mut tokens) = (Vec::new(), Vec::new());
    renew_all(&of).await;
    for step in [0, PUBLISHED_SECONDS, 1, LIFE, HONOURED_SECONDS] {
        of.clock.advance(step);
        contexts.push(of.context().await);
        tokens.push(of.access_token("shop-tokens").await);
        for context in &contexts {
            assert_eq!(ask(&of, context).await, "access_token_invalid", "after {step}");
        }
        for token in &tokens {
            let answer = of.tokenize(token, &sealed(&visa(), &contexts[0]), "key").await;
            assert_eq!(answer.code(), "context_forged", "after {step}");
        }
    }
    let signers = |of: &[String]| of.iter().map(|of| signer(of)).collect::<HashSet<_>>();
    assert_eq!((signers(&contexts).len(), signers(&tokens).len()), (2, 2));
    assert!(signers(&contexts).is_disjoint(&signers(&tokens)));
    assert!(signers(&tokens).is_disjoint(&published(&of).await));
}

#[tokio::test]
async fn two_vaults_on_one_database_renew_a_key_once() {
    let of = vault().await;
    let beside = Node::beside(&of).await;
    let (one, other) = (custody(&of).await, custody(&of).await);
    for purpose in Purpose::ALL {
        let (a, b) = tokio::join!(one.renew(purpose), other.renew(purpose));
        let (a, b): (Renewal, Renewal) = (a.unwrap(), b.unwrap());
        assert_eq!((&a.kid, a.takes_over_at), (&b.kid, b.takes_over_at));
        assert_ne!(a.made, b.made);
        assert!(!one.renew(purpose).await.unwrap().made);
    }
    for days in 1..=90 {
        if [1, 89, 90].contains(&days) {
            let (a, b) = tokio::join!(of.vault.sweep(), beside.vault.sweep());
            a.unwrap();
            b.unwrap();
            assert_eq!(listed(&of, "capture").await.len(), 2, "day {days}");
        }
        of.clock.advance(DAY);
        beside.clock.advance(DAY);
    }
    of.clock.advance(1);
    beside.clock.advance(1);
    let (a, b) = tokio::join!(of.vault.sweep(), beside.vault.sweep());
    a.unwrap();
    b.unwrap();
    for purpose in ["capture", "context", "access"] {
        assert_eq!(states(&of, purpose).await, ["next", "current", "retired"], "{purpose}");
    }
    assert_eq!(states(&of, "audit").await, ["current", "honoured"]);
    // Whichever made it, both know it.
    of.vault.refresh().await.unwrap();
    beside.vault.refresh().await.unwrap();
    let later = of.vault.now() + PUBLISHED_SECONDS;
    let kid = |vault: &cardseal_vault::service::Vault| {
        vault.known().keyring.current_capture_key(later).jwk().kid.clone()
    };
    assert_eq!(kid(&of.vault), kid(&beside.vault));
    assert_eq!(kid(&of.vault), listed(&of, "capture").await[0].kid);
}

#[tokio::test]
async fn keys_are_renewed_and_retired_although_something_else_cannot_be_deleted() {
    let of = vault().await;
    of.token("order-1").await;
    renew_all(&of).await;
    let fails =
        "CREATE TRIGGER stuck BEFORE DELETE ON idempotency_keys BEGIN SELECT RAISE (ABORT, 'stuck'); END";
    tamper(&of.folder.0, fails).await;
    of.clock.advance(400 * DAY);
    assert!(of.vault.sweep().await.is_err());
    assert_eq!(states(&of, "capture").await, ["next", "current", "retired"]);
}

#[tokio::test]
async fn heads_of_the_audit_verify_under_every_key_that_signed_one() {
    let of = vault_of(|config| config.audit_heads = Some(config.data.join("heads"))).await;
    of.vault.write_head().await.unwrap();
    renew_all(&of).await;
    of.clock.advance(400 * DAY);
    of.vault.sweep().await.unwrap();
    of.vault.write_head().await.unwrap();
    let heads = of.folder.0.join("heads");
    let text = std::fs::read_to_string(&heads).unwrap();
    assert_eq!(text.lines().map(signer).collect::<HashSet<_>>().len(), 2);
    let output = audit_command(&of.folder.0, &["verify", "--head", heads.to_str().unwrap()]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("2 signed heads") && said.contains("the audit is whole"), "{said}");
}

#[tokio::test]
async fn the_age_of_the_key_in_use_is_a_metric() {
    let of = vault().await;
    of.clock.advance(7);
    let text = of.vault.format_metrics().await.unwrap();
    for purpose in ["capture", "context", "access", "audit"] {
        let line = format!("cardseal_key_age_seconds{{purpose=\"{purpose}\"}} 7");
        assert!(text.lines().any(|of| of == line), "{line}\n{text}");
    }
}
