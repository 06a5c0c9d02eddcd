//! A sandbox takes nothing that is live: no context, no merchant, no folder of another vault.
//! It must never be made easier for a real card to get in: each way is shut by itself.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use cardseal::context::Mode;
use cardseal_vault::admin::Admin;
use cardseal_vault::auth::SCOPES;
use cardseal_vault::clock::SystemClock;
use cardseal_vault::config::Config;
use cardseal_vault::merchant::{ClientRecord, MerchantRecord, OriginRecord, Proof};
use serde_json::json;
use support::shop::Shop;
use support::{ORIGIN, Sandbox, temporary};

const LIVE_ORIGIN: &str = "https://live.example";
const SECRET: &str = "s3cret";

#[tokio::test]
async fn a_live_context_gets_no_token_and_a_live_merchant_no_sandbox() {
    let temporary = temporary("live");
    let data = temporary.join("data");
    let sandbox = Sandbox::start(&["--origin", ORIGIN, "--data", data.to_str().unwrap()], &temporary);
    add_live_merchant(&data).await;
    let live = Shop {
        client_id: "live-backend".to_owned(),
        client_secret: SECRET.to_owned(),
        origin: LIVE_ORIGIN.to_owned(),
        ..sandbox.shop()
    };
    // A vault takes up within a second what an operator changed.
    let frame = format!("/f/live/{}/number", env!("CARGO_PKG_VERSION"));
    while live.get(&frame).status() != "200" {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let said = live.tokenize(&live.seal("4242424242424242"));
    assert_eq!((said.status(), &*said.text("code")), ("422", "test_card_required"));
    let stored = live.call("GET /test/captures", "").json()["captures"].clone();
    assert_eq!(stored, json!([]));
    sandbox.stop("-TERM");

    let said = refused(&["--data", data.to_str().unwrap()], &temporary);
    assert!(said.contains("merchant live is live"), "{said}");
}

#[test]
fn the_folder_of_another_vault_is_left_as_it_is() {
    let temporary = temporary("of-another-vault");
    let data = temporary.join("data");
    let arguments = ["--data", data.to_str().unwrap()];
    Sandbox::start(&arguments, &temporary).stop("-TERM");
    std::fs::remove_file(data.join("account.toml")).unwrap();
    let files = || {
        let mut files: Vec<_> = std::fs::read_dir(&data).unwrap().map(|of| of.unwrap().file_name()).collect();
        files.sort();
        files
    };
    let before = files();
    let said = refused(&arguments, &temporary);
    assert!(said.contains("is the folder of a vault that is no sandbox"), "{said}");
    assert_eq!(files(), before);
}

async fn add_live_merchant(data: &Path) {
    let at = data.display();
    let config = format!(
        "origin = \"https://vault.example\"\ncapture_listen = \"127.0.0.1:1\"\napi_listen = \"127.0.0.1:2\"\n\
         data = \"{at}\"\nkek_file = \"{at}/kek\"\nmode = \"live\"\n"
    );
    let config = Config::parse(&config, &[]).unwrap();
    let admin = Admin::open(&config, Arc::new(SystemClock)).await.unwrap();
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest(&SHA256, SECRET.as_bytes()).as_ref());
    let client = ClientRecord {
        id: "live-backend".to_owned(),
        secrets: vec![Proof::of(&sha256)],
        scopes: SCOPES.iter().map(|&scope| scope.to_owned()).collect(),
        ..ClientRecord::default()
    };
    let origins = vec![OriginRecord { origin: LIVE_ORIGIN.to_owned(), proven_at: Some(1) }];
    let merchant =
        MerchantRecord { origins, clients: vec![client], ..MerchantRecord::new("live", Mode::Live) };
    admin.add_merchant(&merchant).await.unwrap();
    admin.close().await;
}

/// What a sandbox says that does not start.
fn refused(arguments: &[&str], temporary: &Path) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_cardseal-sandbox"))
        .args(arguments)
        .env("TMPDIR", temporary)
        .output()
        .unwrap();
    assert!(!run.status.success() && run.stdout.is_empty());
    String::from_utf8(run.stderr).unwrap()
}
