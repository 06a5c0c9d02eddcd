//! A configuration that is wrong, and a key file that others can read, stop the vault with a sentence that helps.
//! It must never pass if a vault starts under a key that was not meant for it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::Arc;

use cardseal_vault::clock::FixedClock;
use cardseal_vault::config::Config;
use cardseal_vault::kek;
use cardseal_vault::service::Vault;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use support::{Folder, NOW, config, frames};

const GOOD: &str = r#"
origin = "https://vault.example"
capture_listen = "127.0.0.1:8443"
api_listen = "127.0.0.1:8444"
data = "/var/lib/cardseal"
kek_file = "/etc/cardseal/kek"
mode = "live"
"#;

#[test]
fn a_good_configuration_is_taken() {
    let config = Config::parse(GOOD, &[]).unwrap();
    assert_eq!(config.api_origin(), "http://127.0.0.1:8444");
    assert_eq!((config.capture_key_bits, config.key_days), (3072, 90));
    assert!(Config::parse(&GOOD.replace("127.0.0.1", "[::1]"), &[]).is_ok());
    let behind_proxy = GOOD.replace("127.0.0.1", "0.0.0.0").replacen('\n', "\nbehind_tls_proxy = true\n", 1);
    assert!(Config::parse(&behind_proxy, &[]).is_ok());
}

#[test]
fn each_fault_is_named_and_says_what_to_do() {
    for (from, to, says) in [
        ("mode = \"live\"", "mode = \"live\"\ncolour = \"red\"", "colour"),
        ("mode = \"live\"", "mode = \"live\"\n[[merchants]]\nid = \"shop\"", "merchants"),
        ("data = \"/var/lib/cardseal\"\n", "", "data"),
        ("https://vault.example", "https://vault.example/", "origin"),
        ("https://vault.example", "http://vault.example", "https in mode live"),
        ("\"127.0.0.1:8443\"", "\"0.0.0.0:8443\"", "behind_tls_proxy"),
        ("\"127.0.0.1:8443\"", "\"localhost\"", "capture_listen"),
        ("mode = \"live\"", "mode = \"prod\"", "`test` or `live`"),
        ("mode = \"live\"", "mode = \"live\"\ncapture_key_bits = 1024", "2048, 3072 or 4096"),
        ("mode = \"live\"", "mode = \"live\"\nkey_days = 0", "key_days must be 1 or more"),
        (
            "mode = \"live\"",
            "mode = \"live\"\ntelemetry.otlp_endpoint = \"127.0.0.1:4318\"",
            "without a path or a user",
        ),
        ("mode = \"live\"", "mode = \"live\"\n[telemetry]\nheaders = \"x\"", "headers"),
    ] {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD, "{from}");
        let sentence = Config::parse(&text, &[]).unwrap_err();
        assert!(sentence.contains(says), "{to}: {sentence}");
    }
}

#[test]
fn a_fault_is_told_by_its_line_and_never_by_what_stands_there() {
    for (from, to, line) in [
        ("kek_file = \"/etc", "client_secret = \"S3CRET\"\nkek_file = \"/etc", 6),
        ("data = \"/var/lib/cardseal\"", "data = { secret = \"S3CRET\" }", 5),
        ("data = \"/var/lib/cardseal\"", "data = S3CRET", 5),
        ("data = \"/var/lib/cardseal\"", "data = \"S3CRET", 5),
        ("data = \"/var/lib/cardseal\"", "data = \"S3CRET\"S3CRET", 5),
        ("mode = \"live\"", "mode = \"live\"\ncapture_key_bits = \"S3CRET\"", 8),
        ("\"127.0.0.1:8443\"", "\"S3CRET\"", 3),
        ("mode = \"live\"", "mode = \"S3CRET\"", 7),
    ] {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD, "{from}");
        let sentence = Config::parse(&text, &[]).unwrap_err();
        assert!(!sentence.contains("S3CRET"), "{sentence}");
        assert!(sentence.starts_with(&format!("line {line}: ")), "{to}: {sentence}");
    }
}

#[test]
fn the_program_names_the_setting_and_fails() {
    let folder = Folder::make();
    let path = folder.0.join("vault.toml");
    fs::write(&path, GOOD.replacen('\n', "\ncolour = \"red\"\n", 1)).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_cardseal-vault"))
        .arg("serve")
        .arg("--config")
        .arg(&path)
        .output()
        .unwrap();
    assert!(!run.status.success());
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(said.starts_with("cardseal-vault: ") && said.contains("colour"), "{said}");
    let run = Command::new(env!("CARGO_BIN_EXE_cardseal-vault"))
        .args(["serve", "--config", "/nowhere.toml"])
        .output()
        .unwrap();
    assert!(String::from_utf8(run.stderr).unwrap().contains("/nowhere.toml"));
}

#[test]
fn a_key_file_is_made_for_its_owner_only_and_never_replaced() {
    let folder = Folder::make();
    let path = folder.0.join("kek");
    kek::make(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.trim_end().len(), 43);
    assert!(kek::make(&path).err().unwrap().contains("cannot make"));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert!(kek::read(&path).is_ok());
}

#[test]
fn a_key_file_that_others_can_read_or_that_holds_no_key_is_refused() {
    let folder = Folder::make();
    let path = folder.0.join("kek");
    kek::make(&path).unwrap();
    for mode in [0o640, 0o604, 0o660, 0o601, 0o644] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        assert!(kek::read(&path).err().unwrap().contains("chmod 600"), "{mode:o}");
    }
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    for (text, says) in [
        ("", "holds no key"),
        ("\n\n", "holds no key"),
        ("short\n", "not 32 bytes"),
        ("not base64!\n", "not 32 bytes"),
    ] {
        fs::write(&path, text).unwrap();
        assert!(kek::read(&path).err().unwrap().contains(says), "{text}");
    }
    assert!(kek::read(&folder.0).err().unwrap().contains("not a regular file"));
}

async fn open(folder: &Folder) -> Result<Arc<Vault>, String> {
    let clock = Arc::new(FixedClock::new(NOW));
    let opened = Vault::open(&config(&folder.0), frames(), clock, Vec::new()).await;
    opened.map_err(|failure| failure.to_string())
}

#[tokio::test]
async fn keys_stay_the_same_over_restarts() {
    let folder = Folder::make();
    let kids = |vault: &Vault| {
        let known = vault.known();
        let ring = &known.keyring;
        [
            ring.current_capture_key(NOW).jwk().kid.clone(),
            ring.current_context_key(NOW).kid().into(),
            ring.current_access_key(NOW).kid().into(),
        ]
    };
    let first = open(&folder).await.unwrap();
    let before = kids(&first);
    first.close().await;
    let second = open(&folder).await.unwrap();
    assert_eq!(kids(&second), before);
    second.close().await;
}

#[tokio::test]
async fn a_lost_or_exchanged_key_file_stops_the_vault() {
    let folder = Folder::make();
    open(&folder).await.unwrap().close().await;
    let path = folder.0.join("kek");
    let kept = fs::read_to_string(&path).unwrap();

    fs::remove_file(&path).unwrap();
    assert!(open(&folder).await.err().unwrap().contains("is missing; restore it"));
    assert!(!path.exists());

    kek::make(&path).unwrap();
    assert!(open(&folder).await.err().unwrap().contains("does not open the keys"));

    // A new key on the first line seals from now on; the old one below it still opens.
    let new = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{new}{kept}")).unwrap();
    assert!(open(&folder).await.is_ok());
}

#[tokio::test]
async fn a_key_that_was_given_another_purpose_stops_the_vault() {
    let folder = Folder::make();
    open(&folder).await.unwrap().close().await;
    let path = folder.0.join("vault.sqlite");
    let mut database = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    // A key that signs access tokens would make contexts from now on, and was never published for it.
    let changed = sqlx::query("UPDATE keys SET purpose = 'context' WHERE purpose = 'access'")
        .execute(&mut database)
        .await
        .unwrap();
    assert_eq!(changed.rows_affected(), 1);
    database.close().await.unwrap();
    assert!(open(&folder).await.err().unwrap().contains("does not open the keys"));
}

#[tokio::test]
async fn the_files_of_a_vault_are_its_owners_only() {
    let folder = Folder::make();
    let vault = open(&folder).await.unwrap();
    for entry in fs::read_dir(&folder.0).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "{}", path.display());
    }
    vault.close().await;
}
