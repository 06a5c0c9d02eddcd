//! The operator's commands for keys, as they are typed: what they do while the vault serves, and what they refuse.
//! It must never pass by anything but the real program on the files of a real vault.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use support::operator::run;
use support::{Folder, TestVault, vault};

async fn is_published(of: &TestVault, kid: &str) -> bool {
    of.get("/.well-known/jwks.json").await.body.contains(kid)
}

#[tokio::test]
async fn the_commands_renew_and_list_keys_while_the_vault_serves() {
    let of = vault().await;
    let (good, said) = run(&of.folder, &["key", "rotate", "capture"]);
    assert!(good && said.starts_with("made the capture key "), "{said}");
    let kid = said.split(' ').nth(4).unwrap().trim_end_matches(';').to_owned();
    let (good, said) = run(&of.folder, &["key", "rotate", "capture"]);
    assert!(
        good && said.contains(&format!("no key was made: the capture key {kid} waits already")),
        "{said}"
    );
    assert!(!is_published(&of, &kid).await);
    of.vault.refresh().await.unwrap();
    assert!(is_published(&of, &kid).await);

    let (good, said) = run(&of.folder, &["key", "rotate", "data", "--merchant", "shop"]);
    assert!(
        good && said.starts_with("made version 2 of the data key of shop; it seals new rows from "),
        "{said}"
    );
    let (good, said) = run(&of.folder, &["key", "list"]);
    assert!(good, "{said}");
    let lines: Vec<Vec<&str>> = said.lines().map(|line| line.split_whitespace().collect()).collect();
    let found =
        |purpose: &str, kid: &str, state: &str| lines.iter().any(|words| words[..3] == [purpose, kid, state]);
    assert!(found("capture", &kid, "next"), "{said}");
    for (kid, state) in [("shop/2", "next"), ("shop/1", "current"), ("bank/1", "current")] {
        assert!(found("data", kid, state), "{said}");
    }
    assert_eq!(lines.len(), 1 + 5 + 3, "{said}");
}

#[tokio::test]
async fn commands_that_cannot_be_done_say_why_and_change_nothing() {
    let of = vault().await;
    let empty = Folder::make();
    for (folder, words, says) in [
        (&of.folder, &["key", "rotate", "rsa"][..], "invalid value 'rsa'"),
        (&of.folder, &["key", "rotate"], "required arguments were not provided"),
        (&of.folder, &["key", "rotate", "data"], "--merchant <ID>"),
        (
            &of.folder,
            &["key", "rotate", "data", "--merchant", "nobody"],
            "no merchant of this id has a data key",
        ),
        (&of.folder, &["key", "rotate", "capture", "--merchant", "shop"], "--merchant is for `data` only"),
        (&empty, &["key", "list"], "there is no vault in"),
        (&empty, &["key", "rotate", "capture"], "start it once with `cardseal-vault serve`"),
    ] {
        let (good, said) = run(folder, words);
        assert!(!good && said.contains(says), "{words:?}: {said}");
    }
    assert!(!empty.0.join("vault.sqlite").exists());

    std::fs::remove_file(of.folder.0.join("kek")).unwrap();
    let (good, said) = run(&of.folder, &["key", "list"]);
    assert!(!good && said.contains("kek is missing; restore it from its backup"), "{said}");
    // A key file of another vault: what is made under it could never be opened beside the others.
    drop(cardseal_vault::kek::make(&of.folder.0.join("kek")).unwrap());
    for words in [&["key", "rotate", "context"][..], &["key", "rotate", "data", "--merchant", "shop"]] {
        let (good, said) = run(&of.folder, words);
        assert!(!good && said.contains("in the key file does not open"), "{words:?}: {said}");
    }
    let made = of.audit().await.iter().filter(|record| record[1] == "key.make").count();
    assert_eq!(made, 4 + 2);
}
