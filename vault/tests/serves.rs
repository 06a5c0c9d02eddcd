//! The program itself, as an operator starts it: it reads its configuration, serves a shop, and ends when it is asked.
//! It must never pass without the built frames: what cannot be served must not look as if it were.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use aws_lc_rs::digest::{SHA256, digest};
use cardseal_vault::frames::RELEASE;
use serde_json::Value;
use support::shop::Shop;
use support::{Folder, ORIGIN, SECRET, VISA};

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_configured_vault_serves_frames_and_tokens_and_ends_when_it_is_asked() {
    let folder = Folder::make();
    let config = folder.0.join("vault.toml");
    std::fs::write(&config, configured(&folder)).unwrap();
    let process = Command::new(env!("CARGO_BIN_EXE_cardseal-vault"))
        .arg("serve")
        .arg("--config")
        .arg(&config)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut running = Running(process);
    let mut log = BufReader::new(running.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut ready = |listener: &str| {
        let line = log.next().expect("the vault says something");
        // What stops it is told in a sentence, such as to run `cargo xtask build`.
        let json: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
        assert_eq!(json["message"], format!("{listener} listener is ready"), "{line}");
        json["address"].as_str().unwrap().to_owned()
    };
    let (capture, api) = (ready("capture"), ready("api"));
    let shop = Shop {
        capture,
        api,
        client_id: "shop-backend".to_owned(),
        client_secret: SECRET.to_owned(),
        origin: ORIGIN.to_owned(),
    };

    let document = shop.get(&format!("/f/shop/{RELEASE}/coordinator"));
    assert_eq!(document.status(), "200", "{}", document.head);
    assert!(document.head.contains(&format!("frame-ancestors {ORIGIN}\r\n")), "{}", document.head);
    let (_, script) = document.body.split_once("src=\"").unwrap();
    assert_eq!(shop.get(script.split('"').next().unwrap()).status(), "200");
    let sealed = shop.seal(VISA);
    let answer = shop.tokenize(&sealed);
    assert_eq!((answer.status(), answer.text("last4").as_str()), ("201", "4242"));
    assert_eq!(shop.tokenize(&sealed).body, answer.body);

    let asked = Command::new("kill").arg("-TERM").arg(running.0.id().to_string()).status().unwrap();
    assert!(asked.success());
    assert!(running.0.wait().unwrap().success());
    let log: String = log.collect();
    assert!(log.contains("\"status\":201") && !log.contains(VISA) && !log.contains(SECRET), "{log}");
    assert!(folder.0.join("data/vault.sqlite").is_file());
}

/// A configuration with nothing of the test support's: every word of it is read by the program.
fn configured(folder: &Folder) -> String {
    let folder = folder.0.display();
    let hash: String =
        digest(&SHA256, SECRET.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        r#"
        origin = "https://vault.example"
        capture_listen = "127.0.0.1:0"
        api_listen = "127.0.0.1:0"
        data = "{folder}/data"
        kek_file = "{folder}/kek"
        mode = "test"
        capture_key_bits = 2048

        [[merchants]]
        id = "shop"
        mode = "test"
        origins = ["{ORIGIN}"]

        [[merchants.clients]]
        id = "shop-backend"
        secret_sha256 = "{hash}"
        scopes = ["capture:create"]
        "#
    )
}
