//! The program itself, as an operator starts it: it reads its configuration, serves a shop, and ends when it is asked.
//! It must never pass without the built frames: what cannot be served must not look as if it were.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use cardseal_vault::frames::RELEASE;
use support::program::{Program, configured};
use support::{Folder, ORIGIN, SECRET, VISA};

#[test]
fn a_configured_vault_serves_frames_and_tokens_and_ends_when_it_is_asked() {
    let folder = Folder::make();
    let program = Program::start(&configured(&folder, "vault.toml", "")).ready();
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

    let log = program.end();
    assert!(log.contains("\"status\":201") && !log.contains(VISA) && !log.contains(SECRET), "{log}");
    assert!(folder.0.join("data/vault.sqlite").is_file());
}
