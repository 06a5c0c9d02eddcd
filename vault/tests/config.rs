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
use cardseal_vault::rule::EveryCard;
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

[[merchants]]
id = "shop"
mode = "live"
origins = ["https://shop.example"]

[[merchants.clients]]
id = "shop-backend"
secret_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
scopes = ["capture:create"]
"#;

#[test]
fn a_good_configuration_is_taken() {
    let config = Config::parse(GOOD, &[]).unwrap();
    assert_eq!(config.api_origin(), "http://127.0.0.1:8444");
    assert_eq!((config.capture_key_bits, config.key_days), (3072, 90));
    assert_eq!(config.merchants[0].clients[0].id, "shop-backend");
    assert!(Config::parse(&GOOD.replace("127.0.0.1", "[::1]"), &[]).is_ok());
    let behind_proxy = GOOD.replace("127.0.0.1", "0.0.0.0").replacen('\n', "\nbehind_tls_proxy = true\n", 1);
    assert!(Config::parse(&behind_proxy, &[]).is_ok());
}

#[test]
fn each_fault_is_named_and_says_what_to_do() {
    for (from, to, says) in [
        ("mode = \"live\"\n\n[[merchants]]", "mode = \"live\"\ncolour = \"red\"\n\n[[merchants]]", "colour"),
        ("id = \"shop\"\n", "id = \"shop\"\nnickname = \"s\"\n", "nickname"),
        ("data = \"/var/lib/cardseal\"\n", "", "data"),
        ("https://vault.example", "https://vault.example/", "origin"),
        ("https://vault.example", "http://vault.example", "https in mode live"),
        ("\"127.0.0.1:8443\"", "\"0.0.0.0:8443\"", "behind_tls_proxy"),
        ("\"127.0.0.1:8443\"", "\"localhost\"", "capture_listen"),
        ("mode = \"live\"\n\n[[merchants]]", "mode = \"prod\"\n\n[[merchants]]", "`test` or `live`"),
        ("mode = \"live\"\n\n[[merchants]]", "mode = \"test\"\n\n[[merchants]]", "takes no live merchant"),
        (
            "mode = \"live\"\n\n[[merchants]]",
            "mode = \"live\"\ncapture_key_bits = 1024\n\n[[merchants]]",
            "2048, 3072 or 4096",
        ),
        (
            "mode = \"live\"\n\n[[merchants]]",
            "mode = \"live\"\nkey_days = 0\n\n[[merchants]]",
            "key_days must be 1 or more",
        ),
        ("id = \"shop\"\n", "id = \"Shop & Co\"\n", "Shop & Co"),
        ("[\"https://shop.example\"]", "[]", "origins is empty"),
        ("[\"https://shop.example\"]", "[\"http://shop.example\"]", "must be https"),
        ("[\"https://shop.example\"]", "[\"https://*.shop.example\"]", "not an origin"),
        (
            "[\"https://shop.example\"]",
            "[\"https://shop.example\", \"https://shop.example\"]",
            "merchant shop: the origin https://shop.example is listed twice",
        ),
        ("mode = \"live\"\norigins", "mode = \"live\"\nbrands = [\"acme\"]\norigins", "acme"),
        ("secret_sha256 = \"00", "secret_sha256 = \"0", "64 hexadecimal"),
        ("secret_sha256 = \"00", "secret_sha256 = \"zz", "64 hexadecimal"),
        ("[\"capture:create\"]", "[\"tokens:everything\"]", "tokens:everything"),
    ] {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD, "{from}");
        let sentence = Config::parse(&text, &[]).unwrap_err();
        assert!(sentence.contains(says), "{to}: {sentence}");
    }
    let (_, merchant) = GOOD.split_once("[[merchants]]").unwrap();
    for (second, says) in [
        (merchant.to_owned(), "`shop` is there twice"),
        (merchant.replace("\"shop\"", "\"two\""), "belongs to `shop` and to `two`"),
        (
            merchant.replace("\"shop\"", "\"two\"").replace("\"live\"", "\"test\""),
            "belongs to `shop` and to `two`",
        ),
        (merchant.replace("\"shop\"", "\"two\"").replace("//shop", "//two"), "`shop-backend` is there twice"),
    ] {
        let sentence = Config::parse(&format!("{GOOD}[[merchants]]{second}"), &[]).unwrap_err();
        assert!(sentence.contains(says), "{sentence}");
    }
}

#[test]
fn an_origin_of_a_live_merchant_is_nobody_elses_and_test_merchants_may_share() {
    let (head, live) = GOOD.split_once("[[merchants]]").unwrap();
    let (live, _) = live.split_once("[[merchants.clients]]").unwrap();
    let test = live.replace("\"shop\"", "\"two\"").replace("\"live\"", "\"test\"");
    let third = test.replace("\"two\"", "\"three\"");
    let parse = |merchants: &[&str]| {
        Config::parse(&format!("{head}[[merchants]]{}", merchants.join("[[merchants]]")), &[]).map(drop)
    };
    assert_eq!(parse(&[&test, &third]), Ok(()));
    for merchants in [[live, &test, ""], [&test, live, ""], [&test, &third, live]] {
        let merchants: Vec<_> = merchants.into_iter().filter(|text| !text.is_empty()).collect();
        let sentence = parse(&merchants).unwrap_err();
        assert!(
            sentence.contains("https://shop.example") && sentence.contains("a live origin"),
            "{sentence}"
        );
    }
}

#[test]
fn a_fault_is_told_by_its_line_and_never_by_what_stands_there() {
    for (from, to, line) in [
        ("secret_sha256 = \"00", "client_secret = \"S3CRET\"\nsecret_sha256 = \"00", 16),
        ("secret_sha256 = \"00", "secret = \"S3CRET\"\nsecret_sha256 = \"00", 16),
        ("scopes = [", "scopes = \"S3CRET, expected x\" #", 17),
        ("id = \"shop-backend\"", "id = { secret = \"S3CRET\" }", 15),
        ("id = \"shop-backend\"", "id = S3CRET", 15),
        ("id = \"shop-backend\"", "id = \"S3CRET", 15),
        ("id = \"shop-backend\"", "id = \"S3CRET\"S3CRET", 15),
        ("mode = \"live\"\n\n", "mode = \"live\"\ncapture_key_bits = \"S3CRET\"\n\n", 8),
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
    let opened = Vault::open(&config(&folder.0), frames(), clock, Arc::new(EveryCard)).await;
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
