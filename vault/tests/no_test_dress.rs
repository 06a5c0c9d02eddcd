//! What the sandbox adds to the vault for tests is in no part of the vault: not in its program, not in its sources.
//! It must never pass because it looked for the wrong things: what it seeks is read from the sandbox itself.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use aho_corasick::AhoCorasick;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cardseal-vault");

/// The magic numbers, the names of their rows that are words of no other meaning, and the addresses of the test calls.
fn dress() -> Vec<String> {
    let rows = include_str!("../../sandbox/src/magic.csv").lines().skip(1);
    let numbers = rows.clone().filter_map(|row| row.split(',').next());
    let names = rows.filter_map(|row| row.split(',').nth(1)).filter(|name| name.contains("_once"));
    let calls =
        include_str!("../../sandbox/src/test_api/mod.rs").split('"').filter(|of| of.starts_with("/test/"));
    let dress: Vec<_> = numbers.chain(names).chain(calls).chain(["magic_card"]).map(str::to_owned).collect();
    assert!(dress.len() > 30, "{dress:?}");
    dress
}

#[test]
fn the_vaults_program_has_no_magic_number_and_no_test_call() {
    let program = std::fs::read(PROGRAM).unwrap();
    let sought = AhoCorasick::new(["/v1/tokens", "cardseal_verdicts_total"]).unwrap();
    assert!(sought.find_iter(&program).count() > 1, "this is not the program, or its texts are hidden");
    let sought = dress();
    let found = AhoCorasick::new(&sought).unwrap().find(&program);
    assert_eq!(found.map(|found| &sought[found.pattern().as_usize()]), None);
}

#[test]
fn the_vault_does_not_use_the_sandbox_nor_has_a_feature_to_turn_on() {
    let manifest = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap();
    assert!(!manifest.contains("sandbox") && !manifest.contains("[features]"), "{manifest}");
    let sought = AhoCorasick::new(dress()).unwrap();
    let mut files = 0;
    look(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut |path, text| {
        files += 1;
        assert!(!text.contains("feature ="), "{}: what is compiled depends on a feature", path.display());
        // A module's own tests may write any number.
        let compiled = text.split("#[cfg(test)]").next().unwrap();
        assert!(sought.find(compiled).is_none(), "{}", path.display());
    });
    assert!(files > 100, "{files}");
}

fn look(folder: &Path, at: &mut impl FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            look(&path, at);
        } else {
            at(&path, &std::fs::read_to_string(&path).unwrap());
        }
    }
}
