//! The program itself: it says when it is ready, answers, keeps what it was told to keep, and leaves nothing else.
//! It must never be left running: each test ends what it started.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::process::Command;

use support::{Sandbox, temporary};

#[test]
fn it_says_where_it_is_answers_there_and_leaves_no_file() {
    let temporary = temporary("leaves-no-file");
    for signal in ["-INT", "-TERM"] {
        let sandbox = Sandbox::start(&["--origin", "http://shop.localhost:4000"], &temporary);
        let mut names: Vec<_> = sandbox.said.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["api", "client_id", "client_secret", "merchant", "vault"]);
        assert!(sandbox.said["vault"].starts_with("http://localhost:"));
        assert!(sandbox.said["api"].starts_with("http://127.0.0.1:"));
        assert!(std::fs::read_dir(&temporary).unwrap().next().is_some());

        for of in ["vault", "api"] {
            assert!(sandbox.get(of, "/healthz").starts_with("HTTP/1.1 200 "));
        }
        let frame = format!("/f/{}/{}/number", sandbox.said["merchant"], env!("CARGO_PKG_VERSION"));
        let document = sandbox.get("vault", &frame);
        assert!(document.contains("frame-ancestors http://shop.localhost:4000\r\n"), "{document}");

        let secret = sandbox.said["client_secret"].clone();
        let log = sandbox.stop(signal);
        assert!(log.contains("\"status\":200") && !log.contains(&secret));
        assert!(std::fs::read_dir(&temporary).unwrap().next().is_none());
    }
}

#[test]
fn with_a_folder_keys_and_merchant_stay_the_same() {
    let temporary = temporary("stays-the-same");
    let data = temporary.join("data");
    let start = || Sandbox::start(&["--data", data.to_str().unwrap()], &temporary);
    let keys = |sandbox: &Sandbox| {
        sandbox.get("vault", "/.well-known/jwks.json").split_once("\r\n\r\n").unwrap().1.to_owned()
    };
    let first = start();
    let (said, published) = (first.said.clone(), keys(&first));
    first.stop("-TERM");
    let second = start();
    for name in ["client_id", "client_secret", "merchant"] {
        assert_eq!(second.said[name], said[name]);
    }
    assert_eq!(keys(&second), published);
    second.stop("-TERM");
}

#[test]
fn an_origin_that_is_none_is_refused() {
    let run = Command::new(env!("CARGO_BIN_EXE_cardseal-sandbox"))
        .args(["--origin", "http://shop.localhost:4000/"])
        .env("TMPDIR", temporary("refused"))
        .output()
        .unwrap();
    assert!(!run.status.success());
    assert!(run.stdout.is_empty());
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(said.contains("`http://shop.localhost:4000/` is not an origin"), "{said}");
}

#[test]
fn the_help_says_what_becomes_of_the_files() {
    let run = Command::new(env!("CARGO_BIN_EXE_cardseal-sandbox")).arg("--help").output().unwrap();
    let help = String::from_utf8(run.stdout).unwrap();
    for words in ["temporary folder", "SIGKILL", "in memory only"] {
        assert!(help.contains(words), "{words} in {help}");
    }
}

#[test]
fn a_spoiled_account_is_told_without_its_secret() {
    let temporary = temporary("spoiled");
    std::fs::write(temporary.join("account.toml"), "merchant = \"sandbox\"\nclient_secrets = \"S3CRET\"\n")
        .unwrap();
    let run =
        Command::new(env!("CARGO_BIN_EXE_cardseal-sandbox")).arg("--data").arg(&temporary).output().unwrap();
    assert!(!run.status.success());
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(said.contains("account.toml") && said.contains("client_secrets"), "{said}");
    assert!(!said.contains("S3CRET"), "{said}");
}
