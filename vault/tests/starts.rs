//! Each start of the program is on record, with the names of the settings that changed since the one before.
//! It must never pass if a value, or what could be compared with a guess of it, is in the database.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;
use support::Folder;
use support::stored::{intruder, tamper};

const BASE: &str = "origin = \"https://vault.example\"\ncapture_listen = \"127.0.0.1:0\"\n\
    api_listen = \"127.0.0.1:0\"\nmode = \"test\"\ncapture_key_bits = 2048\n";

fn program(folder: &Folder, words: &[&str], text: &str, variables: &[(&str, &str)]) -> Command {
    let path = folder.0.join("vault.toml");
    let there = folder.0.display();
    fs::write(&path, format!("data = \"{there}\"\nkek_file = \"{there}/kek\"\n{BASE}{text}")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cardseal-vault"));
    command.args(words).arg("--config").arg(&path).envs(variables.iter().copied());
    command
}

/// Starts the program, ends it, and gives the settings that the record of this start says have changed.
fn changes(folder: &Folder, text: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let before = records(folder, text).len();
    let mut running = program(folder, &["serve"], text, variables).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(running.stderr.take().unwrap()).lines().map(Result::unwrap);
    let ready = log.find(|line| line.contains("api listener is ready"));
    Command::new("kill").arg("-TERM").arg(running.id().to_string()).status().unwrap();
    let rest: Vec<_> = log.collect();
    assert!(running.wait().unwrap().success() && ready.is_some(), "{rest:?}");
    let records = records(folder, text).split_off(before);
    let of = |action: &str| {
        let subject = |line: &Value| line["subject"].as_str().unwrap().to_owned();
        records.iter().filter(|line| line["action"] == action).map(subject).collect::<Vec<_>>()
    };
    assert_eq!(of("config.load").len(), 1, "{records:?}");
    of("config.change")
}

fn records(folder: &Folder, text: &str) -> Vec<Value> {
    if !folder.0.join("vault.sqlite").exists() {
        return Vec::new();
    }
    let output = program(folder, &["audit", "export"], text, &[]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn loads(folder: &Folder) -> Vec<Value> {
    let records = records(folder, "").into_iter().filter(|line| line["action"] == "config.load");
    records.map(|line| line["subject"].clone()).collect()
}

async fn digests(folder: &Folder) -> Vec<(String, Vec<u8>)> {
    let rows = sqlx::query_as("SELECT name, digest FROM settings ORDER BY name");
    rows.fetch_all(&mut intruder(&folder.0).await).await.unwrap()
}

#[tokio::test]
async fn the_record_names_each_setting_that_changed_wherever_it_was_said() {
    let folder = Folder::make();
    let nothing: [&str; 0] = [];
    assert_eq!(changes(&folder, "", &[]), nothing);
    assert_eq!(changes(&folder, "# a comment\n", &[]), nothing);
    let limits = "behind_tls_proxy = true\n[limits]\ngrants_per_minute = 7\ncontext_per_minute = 8\n";
    let all = ["behind_tls_proxy", "limits.context_per_minute", "limits.grants_per_minute"];
    assert_eq!(changes(&folder, limits, &[]), all);
    let variable = ("CARDSEAL_LIMITS__GRANTS_PER_MINUTE", "9");
    assert_eq!(changes(&folder, limits, &[variable]), ["limits.grants_per_minute"]);
    // What the environment said and the file says now is the same configuration.
    assert_eq!(changes(&folder, &limits.replace('7', "9"), &[]), nothing);
    assert_eq!(changes(&folder, "", &[]), all);
    let loads = loads(&folder);
    assert!(loads[0] == loads[1] && loads[0] == loads[5] && loads[3] == loads[4], "{loads:?}");
    assert!(loads[2] != loads[0] && loads[2] != loads[3], "{loads:?}");
    let whole = program(&folder, &["audit", "verify"], "", &[]).output().unwrap();
    assert!(whole.status.success());
}

#[tokio::test]
async fn digests_in_the_file_answer_no_guess_and_cannot_be_traded_or_dropped() {
    let folder = Folder::make();
    let text = "[limits]\ngrants_per_minute = 7\ncontext_per_minute = 7\n";
    changes(&folder, text, &[]);
    let kept = digests(&folder).await;
    let of = |name: &str| kept.iter().find(|(kept, _)| kept == name).unwrap().1.clone();
    assert_eq!(kept.len(), 9);
    assert_ne!(of("limits.grants_per_minute"), of("limits.context_per_minute"));
    // Another vault's key gives other digests of the same values, so that they cannot be looked up.
    let other = Folder::make();
    changes(&other, text, &[]);
    let others = digests(&other).await;
    assert!(kept.iter().zip(&others).all(|(one, other)| one.0 == other.0 && one.1 != other.1));
    assert_ne!(loads(&folder), loads(&other));

    let copy = "UPDATE settings SET digest = (SELECT digest FROM settings WHERE name = 'limits.grants_per_minute') \
        WHERE name = 'limits.context_per_minute'";
    tamper(&folder.0, copy).await;
    assert_eq!(changes(&folder, text, &[]), ["limits.context_per_minute"]);
    tamper(&folder.0, "DELETE FROM settings").await;
    assert_eq!(changes(&folder, text, &[]).len(), 9);
}

#[test]
fn a_new_key_on_top_of_the_key_file_changes_no_setting() {
    let folder = Folder::make();
    changes(&folder, "", &[]);
    let path = folder.0.join("kek");
    let old = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    cardseal_vault::kek::make(&path).unwrap();
    let new = fs::read_to_string(&path).unwrap();
    fs::write(&path, new + &old).unwrap();
    assert_eq!(changes(&folder, "", &[]), Vec::<String>::new());
}
