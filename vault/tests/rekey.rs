//! `cardseal-vault rekey` on the files of a vault that serves: killed in the middle, beside deletions, with new key files.
//! It must never let the program that is killed end in any other way than by SIGKILL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cardseal_vault::audit::{Action, Audited};
use cardseal_vault::custody::Custody;
use cardseal_vault::kek;
use cardseal_vault::row;
use cardseal_vault::service::Vault;
use cardseal_vault::store::{Answer, Capture, Outcome, Resealed, Sameness, StoredToken};
use cardseal_vault::token::{Token, TokenFormat};
use sqlx::{Connection, Row};
use support::operator::{command, run};
use support::stored::{audit_command, intruder, reading, tamper};
use support::{Folder, NOW, TestVault, VISA, config, frames, vault, visa};

const ROWS: u64 = 3000;
const KEPT: &str = "SELECT count(*) FROM tokens WHERE key_version = 2";

/// Makes the shop's second data key and lets it seal.
async fn renew_data(of: &TestVault) {
    let custody = Custody::open(&config(&of.folder.0), of.clock.clone()).await.unwrap();
    assert_eq!(custody.renew_data("shop").await.unwrap(), (2, NOW + 60));
    custody.close().await;
    of.vault.refresh().await.unwrap();
    assert_eq!(of.vault.known().data_keys("shop").unwrap().sealing_version(NOW + 59), 1);
    of.clock.advance(60);
}

/// Stores cards as the vault does, without opening one for each.
async fn store(of: &TestVault, rows: u64) {
    let known = of.vault.known();
    let keys = known.data_keys("shop").unwrap();
    let row = of.token("the first").await;
    let row = of.vault.store().token(&row).await.unwrap().unwrap();
    for number in 1..rows {
        let subject = Token::make(TokenFormat::Opaque, visa().number()).to_string();
        let context = format!("context {number}");
        let mut token = StoredToken { id: subject.clone(), context: context.clone(), ..row.clone() };
        row::seal(&mut token, keys, &visa().split_cvc().0, NOW);
        let capture = Capture {
            token,
            context_expires_at: NOW,
            key: context.clone(),
            sameness: Sameness { context, digest: vec![0; 32] },
            answer: Answer { status: 201, body: String::new() },
            audited: Audited::of_vault(NOW, Action::TokenCreate, subject),
        };
        assert!(matches!(of.vault.store().insert_capture(&capture).await.unwrap(), Some(Outcome::Stored)));
    }
}

async fn ids(of: &TestVault) -> Vec<Token> {
    let rows = sqlx::query("SELECT id FROM tokens ORDER BY id");
    let rows = rows.fetch_all(&mut intruder(&of.folder.0).await).await.unwrap();
    rows.iter().map(|row| Token::parse(row.get(0)).unwrap()).collect()
}

async fn kept(of: &TestVault) -> u64 {
    let row = sqlx::query(KEPT).fetch_one(&mut intruder(&of.folder.0).await).await.unwrap();
    row.get::<i64, _>(0).unsigned_abs()
}

async fn opens(vault: &Vault, token: &Token) {
    let card = vault.reopen(token).await.unwrap();
    // EXPOSE: the test compares the number.
    assert_eq!(card.number().digits().expose(), VISA);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_killed_loses_nothing_and_the_next_one_does_the_rest() {
    let of = vault().await;
    store(&of, ROWS).await;
    renew_data(&of).await;
    let ids = ids(&of).await;
    assert_eq!((ids.len() as u64, kept(&of).await), (ROWS, 0));

    // The vault serves all the time.
    let stop = Arc::new(AtomicBool::new(false));
    let reading = tokio::spawn({
        let (vault, ids, stop) = (Arc::clone(&of.vault), ids.clone(), Arc::clone(&stop));
        async move {
            let mut read = 0_u64;
            while !stop.load(Ordering::Relaxed) {
                opens(&vault, &ids[(read as usize * 37) % ids.len()]).await;
                read += 1;
            }
            read
        }
    });
    let mut in_the_middle = 0;
    for enough in [1, ROWS / 3, ROWS / 2] {
        let mut child = command(&of.folder, &["rekey"]).stdout(Stdio::null()).spawn().unwrap();
        while kept(&of).await < enough && child.try_wait().unwrap().is_none() {}
        child.kill().unwrap();
        let killed = child.wait().unwrap().signal() == Some(9);
        in_the_middle += u32::from(killed && (1..ROWS).contains(&kept(&of).await));
    }
    // On a busy machine a later one may have been done before it was killed.
    assert!(in_the_middle > 0);
    let (good, said) = run(&of.folder, &["rekey"]);
    assert!(
        good && said.contains(&format!("of {ROWS} stored cards sealed under the newest data key")),
        "{said}"
    );
    stop.store(true, Ordering::Relaxed);
    assert!(reading.await.unwrap() > 0);
    assert_eq!(kept(&of).await, ROWS);
    for id in &ids {
        opens(&of.vault, id).await;
    }
    let (good, said) = run(&of.folder, &["rekey"]);
    assert!(
        good && said.starts_with("0 keys and 0 merchants") && said.contains(&format!("; 0 of {ROWS} ")),
        "{said}"
    );
    of.token("a new one").await;
    assert_eq!(kept(&of).await, ROWS + 1);
}

#[tokio::test]
async fn what_was_deleted_or_changed_meanwhile_stays_so() {
    let of = vault().await;
    let (deleted, changed) = (of.token("deleted").await, of.token("changed").await);
    let resealed = |id: &str, old: &[u8]| Resealed {
        id: id.to_owned(),
        old: old.to_vec(),
        key_version: 1,
        card: b"anew".to_vec(),
        fingerprint: Vec::new(),
    };
    let old = of.vault.store().token(&deleted).await.unwrap().unwrap().card;
    assert_eq!(of.ask_as("shop-tokens", &format!("DELETE /v1/tokens/{deleted}"), "").await.status, 204);
    let both = [resealed(&deleted, &old), resealed(&changed, &old)];
    assert_eq!(of.vault.store().reseal_tokens(&both).await.unwrap(), 0);
    assert!(of.vault.store().token(&deleted).await.unwrap().is_none());
    opens(&of.vault, &Token::parse(&changed).unwrap()).await;
}

#[tokio::test]
async fn a_card_that_does_not_open_is_named_and_left_alone() {
    let of = vault().await;
    store(&of, 300).await;
    renew_data(&of).await;
    let broken = ids(&of).await[150].to_string();
    tamper(&of.folder.0, &format!("UPDATE tokens SET card = zeroblob(60) WHERE id = '{broken}'")).await;
    let (good, said) = run(&of.folder, &["rekey"]);
    assert!(!good && said.contains("; 299 of 300 stored cards"), "{said}");
    assert!(
        said.contains(&format!(
            "1 stored cards do not open where they stand and were left as they are, among them {broken}"
        )),
        "{said}"
    );
    assert_eq!(of.vault.store().token(&broken).await.unwrap().unwrap().card, [0; 60]);
}

#[tokio::test]
async fn a_run_waits_for_whoever_reads_the_database_and_fails_when_they_do_not_end() {
    let of = vault().await;
    let id = of.token("order-1").await;
    let row = of.vault.store().token(&id).await.unwrap().unwrap().card;
    renew_data(&of).await;
    let reading = reading(&of).await;
    let (good, said) = run(&of.folder, &["rekey"]);
    assert!(!good && said.contains("; 1 of 1 stored cards") && said.contains("run it again"), "{said}");
    let mut child = command(&of.folder, &["rekey"]).stdout(Stdio::null()).spawn().unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(child.try_wait().unwrap().is_none());
    reading.close().await.unwrap();
    assert!(child.wait().unwrap().success());
    assert!(!of.holds(&row));
}

#[tokio::test]
async fn a_new_first_line_of_the_key_file_seals_all_keys_and_then_the_old_one_can_go() {
    let of = vault().await;
    let before = Token::parse(&of.token("before").await).unwrap();
    let (path, other) = (of.folder.0.join("kek"), of.folder.0.join("other"));
    drop(kek::make(&other).unwrap());
    let old = std::fs::read_to_string(&path).unwrap();
    let new = std::fs::read_to_string(&other).unwrap();
    std::fs::write(&path, format!("{new}{old}")).unwrap();

    let keys = 4 + 2;
    let (good, said) = run(&of.folder, &["rekey"]);
    assert!(
        good && said.starts_with(&format!("{keys} keys and 2 merchants sealed under the newest")),
        "{said}"
    );
    let wrapped = of.audit().await.into_iter().filter(|record| record[1] == "key.wrap").count();
    assert_eq!(wrapped, keys + 2);
    let (good, said) = run(&of.folder, &["rekey"]);
    assert!(good && said.starts_with("0 keys and 0 merchants "), "{said}");
    assert!(audit_command(&of.folder.0, &["verify"]).status.success());

    // The vault that was started with the old file takes up what is sealed under the new one.
    assert!(run(&of.folder, &["key", "rotate", "context"]).0);
    of.vault.refresh().await.unwrap();
    let published = of.get("/.well-known/jwks.json").await.json()["keys"].as_array().unwrap().len();
    assert_eq!(published, 3);
    let meanwhile = Token::parse(&of.token("meanwhile").await).unwrap();
    of.vault.close().await;

    std::fs::write(&path, &new).unwrap();
    let after = Vault::open(&config(&of.folder.0), frames(), of.clock.clone(), Vec::new()).await;
    let after = after.unwrap();
    opens(&after, &before).await;
    opens(&after, &meanwhile).await;
    after.close().await;
    // And the old one alone opens nothing any more.
    std::fs::write(&path, &old).unwrap();
    let (good, said) = run(&of.folder, &["rekey"]);
    assert!(!good && said.contains("in the key file does not open the keys in the database"), "{said}");
}

#[tokio::test]
async fn a_run_waits_for_a_data_key_that_does_not_seal_yet_and_needs_a_vault() {
    let of = vault().await;
    assert!(run(&of.folder, &["key", "rotate", "data", "--merchant", "shop"]).0);
    let mut child = command(&of.folder, &["rekey"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.starts_with("waiting until "), "{said}");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(child.try_wait().unwrap().is_none());
    child.kill().unwrap();
    child.wait().unwrap();

    let (good, said) = run(&Folder::make(), &["rekey"]);
    assert!(!good && said.contains("there is no vault in"), "{said}");
    // A faulty key file stops it before it changes anything.
    std::fs::OpenOptions::new().append(true).open(of.folder.0.join("kek")).unwrap().write_all(b"x").unwrap();
    let (good, said) = run(&of.folder, &["rekey"]);
    assert!(!good && said.contains("not 32 bytes in base64url"), "{said}");
}
