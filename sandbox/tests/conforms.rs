//! A running sandbox against its own OpenAPI document, by schemathesis: thousands of requests, good and bad.
//! It must never be told to overlook an answer: what the document cannot say is in schemathesis.toml, with its reason.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::io::Read;
use std::process::Command;

use base64ct::{Base64, Encoding};
use support::{ORIGIN, Sandbox, temporary};

#[test]
#[ignore = "cargo xtask test runs it, with SCHEMATHESIS naming the program"]
fn every_answer_is_one_of_the_document() {
    let program = std::env::var_os("SCHEMATHESIS").expect("SCHEMATHESIS names the program");
    let temporary = temporary("conforms");
    let mut sandbox = Sandbox::start(&["--origin", ORIGIN], &temporary);
    // Thousands of lines: a pipe that nobody empties would hold the sandbox up.
    let mut said = sandbox.process.stderr.take().unwrap();
    let log = std::thread::spawn(move || {
        let mut log = String::new();
        said.read_to_string(&mut log).unwrap();
        log
    });
    let shop = sandbox.shop();
    let token = || {
        let answer = shop.tokenize(&shop.seal("4242424242424242"));
        assert_eq!(answer.status(), "201", "{}", answer.body);
        answer.text("id")
    };
    // One whose security code has been spent, too, answers as the document says.
    let described = token();
    let payment = serde_json::json!({ "token": described, "amount": { "value": 1, "currency": "EUR" } });
    assert_eq!(shop.call("POST /test/payments", &payment.to_string()).text("status"), "approved");
    let release = env!("CARGO_PKG_VERSION");
    let frame = shop.get(&format!("/f/{}/{release}/number", sandbox.said["merchant"])).body;
    let (_, asset) = frame.split_once("src=\"/assets/").unwrap();
    // One more that is not sent yet: some generated requests spend its context.
    let sealed = shop.seal("4242424242424242");
    for (name, text) in [
        ("schemathesis.toml", include_str!("schemathesis.toml")),
        ("context", &format!("\"{}\"\n", sealed.context)),
        ("sealed_card", &format!("\"{}\"\n", sealed.sealed_card)),
    ] {
        std::fs::write(temporary.join(name), text).unwrap();
    }
    let credentials = format!("{}:{}", shop.client_id, shop.client_secret);
    let ran = Command::new(program)
        .args(["run", "--no-color", &format!("http://{}/openapi.json", shop.api)])
        .env("CARDSEAL_RELEASE", release)
        .env("CARDSEAL_ASSET", asset.split('"').next().unwrap())
        .env("CARDSEAL_CAPTURE", format!("http://{}", shop.capture))
        .env("CARDSEAL_ACCESS_TOKEN", shop.access_token())
        .env("CARDSEAL_CREDENTIALS", Base64::encode_string(credentials.as_bytes()))
        .env("CARDSEAL_TOKEN", described)
        .env("CARDSEAL_TOKEN_TO_DELETE", token())
        .current_dir(&temporary)
        .status()
        .unwrap();
    drop(sandbox);
    let log = log.join().unwrap();
    assert!(ran.success(), "{ran}");
    assert!(!log.contains("\"level\":\"ERROR\""), "{log}");
}
