//! A token that was acknowledged survives the sudden death of the process, and a repetition makes no second one.
//! It must never let the process that is killed end in any other way than by SIGKILL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use cardseal_vault::api;
use cardseal_vault::clock::FixedClock;
use cardseal_vault::token::Token;
use support::{Folder, NOW, TestVault, config, sealed, visa};

const FOLDER: &str = "CARDSEAL_TEST_FOLDER";

#[tokio::test]
async fn acknowledged_tokens_survive_sigkill() {
    let folder = Folder::make();
    let mut acknowledged = Vec::new();
    for lines in [1, 5, 20] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "the_process_that_is_killed", "--nocapture"])
            .env(FOLDER, &folder.0)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let before = acknowledged.len();
        while acknowledged.len() < before + lines {
            let Some(line) = out.next() else { break };
            acknowledged.extend(Acknowledged::parse(&line));
        }
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success());
        acknowledged.extend(out.filter_map(|line| Acknowledged::parse(&line)));
        assert!(acknowledged.len() >= before + lines, "the child ended by itself");

        let of = open(folder.0.clone()).await;
        for one in &acknowledged {
            let card = of.vault.reopen(&one.token).await.unwrap();
            // EXPOSE: the test compares the number.
            assert_eq!(card.number().digits().expose(), support::VISA);
            let again = of.tokenize(&one.context, &one.sealed_card, &one.key).await;
            assert_eq!(again.header("idempotent-replayed"), "true");
            assert_eq!(again.json()["id"].as_str(), Some(one.token.as_str()));
        }
        assert_eq!(of.vault.private_key_operations(), 0);
        of.vault.close().await;
        std::mem::forget(of.folder);
    }
}

#[tokio::test]
#[ignore = "the test above runs it as a process of its own"]
async fn the_process_that_is_killed() {
    let of = open(std::env::var_os(FOLDER).unwrap().into()).await;
    for number in 0_u32.. {
        let context = of.context().await;
        let (sealed_card, key) = (sealed(&visa(), &context), format!("key-{}-{number}", std::process::id()));
        let answer = of.tokenize(&context, &sealed_card, &key).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let token = answer.json()["id"].as_str().unwrap().to_owned();
        writeln!(std::io::stdout(), "\nacknowledged {token} {key} {context} {sealed_card}").unwrap();
    }
}

struct Acknowledged {
    token: Token,
    key: String,
    context: String,
    sealed_card: String,
}

impl Acknowledged {
    /// `None` for other output, and for a line that the kill cut off.
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix("acknowledged ")?.split(' ');
        let mut next = || words.next().map(str::to_owned);
        let (token, key, context, sealed_card) = (next()?, next()?, next()?, next()?);
        let whole = sealed_card.split('.').nth(4).is_some_and(|tag| tag.len() == 22);
        whole.then_some(Self { token: Token::parse(&token)?, key, context, sealed_card })
    }
}

async fn open(folder: PathBuf) -> TestVault {
    let clock = Arc::new(FixedClock::new(NOW));
    let vault = config(&folder).open(clock.clone(), Vec::new()).await;
    let (capture, api) = (api::capture(Arc::clone(&vault)), api::api(Arc::clone(&vault)));
    TestVault { vault, clock, capture, api, folder: Folder(folder) }
}
