//! The program itself, as an operator starts it: it reads its configuration, serves a shop, and ends when it is asked.
//! It must never pass without the built frames: what cannot be served must not look as if it were.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use cardseal_vault::frames::RELEASE;
use serde_json::Value;
use support::authority::Authority;
use support::program::{Program, configured};
use support::{Folder, ORIGIN, SECRET, VISA};

#[test]
fn a_configured_vault_serves_frames_and_tokens_and_ends_when_it_is_asked() {
    let folder = Folder::make();
    let config = configured(&folder, "vault.toml", "");
    let program = Program::start(&config).ready();
    let shop = program.shop();

    let document = shop.get(&format!("/f/shop/{RELEASE}/coordinator"));
    assert_eq!(document.status(), "200", "{}", document.head);
    assert!(document.head.contains(&format!("frame-ancestors {ORIGIN}\r\n")), "{}", document.head);
    let (_, script) = document.body.split_once("src=\"").unwrap();
    assert_eq!(shop.get(script.split('"').next().unwrap()).status(), "200");
    let sealed = shop.seal(VISA);
    let answer = shop.tokenize(&sealed);
    assert_eq!((answer.status(), answer.text("last4").as_str()), ("201", "4242"));
    assert_eq!(shop.tokenize(&sealed).body, answer.body);

    // A key that a command makes while the vault serves is taken up by it.
    let keys = || shop.get("/.well-known/jwks.json").json()["keys"].as_array().unwrap().len();
    assert_eq!(keys(), 2);
    let rotate = ["key", "rotate", "context", "--config", config.to_str().unwrap()];
    let rotated = Command::new(env!("CARGO_BIN_EXE_cardseal-vault")).args(rotate).output().unwrap();
    assert!(rotated.status.success(), "{}", String::from_utf8_lossy(&rotated.stderr));
    let until = Instant::now() + Duration::from_secs(10);
    while keys() != 3 {
        assert!(Instant::now() < until, "the new key is not published");
        std::thread::sleep(Duration::from_millis(50));
    }

    let log = program.end();
    assert!(log.contains("\"status\":201") && !log.contains(VISA) && !log.contains(SECRET), "{log}");
    assert!(folder.0.join("data/vault.sqlite").is_file());
}

#[test]
fn a_command_that_cannot_be_done_says_why_and_fails() {
    let folder = Folder::make();
    let config = configured(&folder, "vault.toml", "");
    let run = |arguments: &str| {
        Command::new(env!("CARGO_BIN_EXE_cardseal-vault"))
            .args(arguments.split(' '))
            .arg("--config")
            .arg(&config)
            .output()
            .unwrap()
    };
    let certificate = Authority::make().write(&folder.0);
    let of_certificate = |arguments: &str| format!("{arguments} --certificate {}", certificate.display());
    for (arguments, says) in [
        ("merchant add shop --mode test", "there is a merchant shop already"),
        ("merchant add live --mode live", "a vault in mode test takes no live merchant"),
        ("merchant add other --mode prod", "mode is `test` or `live`"),
        ("merchant add other --mode test --brands visa,acme", "there is no brand `acme`"),
        ("merchant set shop", "name at least one setting"),
        ("merchant set shop --token-ttl-days soon", "--token-ttl-days takes a number or `none`"),
        ("merchant set shop --direct perhaps", "[possible values: true, false]"),
        ("merchant set shop --token-format Uuid", "the token format is `opaque`, `uuid` or `last4`"),
        ("merchant show nobody", "there is no merchant nobody"),
        ("merchant disable nobody", "there is no merchant nobody"),
        ("origin add shop shop.example", "is not an origin"),
        ("origin remove shop https://other.example", "is not an origin of the merchant shop"),
        ("client add shop c", "--scope"),
        ("client add shop c --scope everything", "there is no scope `everything`"),
        ("client add shop c --scope tokens:read --certificate /nowhere.pem", "/nowhere.pem"),
        (&of_certificate("client add shop c --scope tokens:read"), "needs client_ca in api_tls"),
        (&of_certificate("client rotate c"), "needs client_ca in api_tls"),
        ("client rotate nobody", "there is no client nobody"),
        ("client revoke nobody", "there is no client nobody"),
    ] {
        let ended = run(arguments);
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(!ended.status.success() && said.contains(says), "{arguments}: {said}");
    }
    assert!(
        run("merchant set shop --brands visa --token-ttl-days 400 --token-format last4").status.success()
    );
    assert!(run("merchant set shop --token-ttl-days none").status.success());
    let shown: Value = serde_json::from_slice(&run("merchant show shop").stdout).unwrap();
    assert_eq!(shown["settings"]["brands"], serde_json::json!(["visa"]));
    assert_eq!(shown["settings"]["token_ttl_days"], Value::Null);
    assert_eq!(shown["settings"]["token_format"], "last4");
    assert_eq!(shown["settings"]["direct"], false);
    for direct in [true, false] {
        assert!(run(&format!("merchant set shop --direct {direct}")).status.success());
        let shown: Value = serde_json::from_slice(&run("merchant show shop").stdout).unwrap();
        assert_eq!(shown["settings"]["direct"], direct);
    }
}
