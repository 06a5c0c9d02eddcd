//! A token that the running program acknowledged is found again after a SIGKILL that came right behind the answer.
//! It must never end the program in any other way before the last look.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use support::{ORIGIN, Sandbox, temporary};

const SIGKILL: i32 = 9;
const ROUNDS: usize = 6;
/// As many published numbers as there are rounds and more, so that a token stands for its own card only.
const NUMBERS: [&str; 3] = ["4242424242424242", "5555555555554444", "6011111111111117"];

struct Acknowledged {
    token: String,
    number: &'static str,
}

#[test]
fn every_acknowledged_token_survives_sigkill() {
    let temporary = temporary("survives");
    let data = temporary.join("data");
    let start = || Sandbox::start(&["--origin", ORIGIN, "--data", data.to_str().unwrap()], &temporary);
    let mut acknowledged: Vec<Acknowledged> = Vec::new();
    for round in 0..ROUNDS {
        let mut sandbox = start();
        let shop = sandbox.shop();
        for one in &acknowledged {
            assert_eq!(shown(&data, &one.token), one.number, "{}", one.token);
        }
        // One token in the first round, then more, so that the kill meets logs of several lengths.
        for at in 0..=round % 3 {
            let number = NUMBERS[(round + at) % NUMBERS.len()];
            let answer = shop.tokenize(&shop.seal(number));
            if at == round % 3 {
                sandbox.process.kill().unwrap();
            }
            assert_eq!(answer.status(), "201", "{}", answer.body);
            acknowledged.push(Acknowledged { token: answer.text("id"), number });
        }
        assert_eq!(sandbox.process.wait().unwrap().signal(), Some(SIGKILL));
    }
    assert_eq!(acknowledged.len(), 12);
    let sandbox = start();
    for one in &acknowledged {
        assert_eq!(shown(&data, &one.token), one.number, "{}", one.token);
    }
    sandbox.stop("-TERM");
}

/// The number that `cardseal-sandbox show` prints for a token.
fn shown(data: &Path, token: &str) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_cardseal-sandbox"))
        .arg("show")
        .arg("--data")
        .arg(data)
        .arg(token)
        .output()
        .unwrap();
    assert!(run.status.success(), "{token}: {}", String::from_utf8_lossy(&run.stderr));
    let card: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    card["number"].as_str().unwrap().to_owned()
}
