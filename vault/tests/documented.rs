//! The documented table of codes against what the vault answers.
//! It must never hold a status of its own.

use std::collections::HashMap;

use cardseal::error::Code;
use cardseal_vault::problem::status;

const PROTOCOL: &str = include_str!("../../docs/protocol.md");

/// Codes that arise in the browser have a dash instead of a status.
fn documented() -> HashMap<&'static str, Option<u16>> {
    let rows = PROTOCOL.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| {
        let (code, rest) = row.split_once("` | ")?;
        let (_blame, rest) = rest.split_once(" | ")?;
        let (status, _) = rest.split_once(" | ")?;
        Code::ALL.iter().any(|known| known.as_str() == code).then_some((code, status.parse().ok()))
    })
    .collect()
}

#[test]
fn every_code_answers_with_its_documented_status() {
    let documented = documented();
    for code in Code::ALL {
        match documented.get(code.as_str()) {
            Some(Some(expected)) => assert_eq!(status(*code).as_u16(), *expected, "{}", code.as_str()),
            // The vault has no reason to give them; if it did, that would be a fault of its own.
            Some(None) => assert_eq!(status(*code).as_u16(), 500, "{}", code.as_str()),
            None => panic!("docs/protocol.md lacks {}", code.as_str()),
        }
    }
}
