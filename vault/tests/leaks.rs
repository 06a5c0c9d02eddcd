//! Every card of the tests goes through every call of a running vault, well and badly; afterwards its numbers and codes
//! are in no log, metric, answer, record, file or memory of it, save in the answer to a reveal.
//! It must never search for less than what it sent.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::collections::HashSet;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use cardseal::card::CardNumber;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Row};
use support::program::{Program, configured};
use support::shop::ask;
use support::sought::{Sent, Sought};
use support::stored::{audit_of, intruder};
use support::talk::{NAME, POSTAL_CODE, Talk};
use support::{Folder, ORIGIN, SECRET};

const PUBLISHED: &str = include_str!("../../sandbox/src/cards.txt");

#[tokio::test]
async fn what_was_sent_is_nowhere_but_in_the_answer_of_a_reveal() {
    let folder = Folder::make();
    let heads = folder.0.join("heads");
    let settings = format!("audit_heads = {heads:?}\naudit_head_seconds = 1");
    let config = configured(&folder, "vault.toml", &settings);
    let program = Program::start(&config).ready();
    let mut talk = Talk::with(program.shop());
    let cards = cards();
    let sought = Sought::of(&cards, &[NAME, POSTAL_CODE, SECRET]);

    let tokens: Vec<_> = cards.iter().map(|card| talk.capture(card)).collect();
    // Before any number was sent in clear or revealed: those may stay in the buffers of their connections.
    assert_eq!(in_memory(&sought, program.id()), HashSet::new());
    assert!(!in_memory(&Sought::of(&[], &[ORIGIN]), program.id()).is_empty());
    for card in &cards {
        talk.misplace(&card.number);
    }
    cards.iter().for_each(|card| talk.guess(&card.number));
    for (card, token) in cards.iter().zip(&tokens).filter_map(|(card, token)| Some((card, token.as_ref()?))) {
        talk.use_up(&sought, card, token);
    }
    talk.read_audit();
    let admin = ["/metrics", "/readyz", "/healthz", "/x"];
    talk.heard.extend(admin.map(|path| ask(&program.admin, &format!("GET {path}"), "", "")));

    for said in &talk.heard {
        let both = format!("{}{}", said.head, said.body);
        assert_eq!(sought.in_bytes(both.as_bytes()), HashSet::new(), "{both}");
        let named =
            |line: &&str| !line.starts_with("content-length: ") && !line.starts_with("x-request-id: ");
        let mut words: Vec<_> = said.head.lines().skip(1).filter(named).collect();
        if let Ok(value) = serde_json::from_str(&said.body) {
            assert_eq!(sought.in_values(&value), HashSet::new(), "{both}");
            assert_eq!(sought.in_text(said.body.as_bytes()), HashSet::new(), "{both}");
        } else {
            // A metric's value follows its last space.
            words.extend(said.body.lines().filter_map(|line| Some(line.rsplit_once(' ')?.0)));
        }
        for text in words {
            assert_eq!(sought.in_text(text.as_bytes()), HashSet::new(), "{both}");
            assert_eq!(sought.in_words(text), HashSet::new(), "{both}");
        }
    }
    // While it runs, the newest content is in the logs beside the database.
    let data = folder.0.join("data");
    let names = search_files(&sought, &data);
    for name in ["vault.sqlite", "vault.sqlite-wal", "vault.sqlite-shm"] {
        assert!(names.contains(name), "{name} is not among {names:?}");
    }
    let log = program.end();
    search_lines(&sought, &log);
    for what in ["card_failures", "distinct_cards", "card_number_invalid", "client_guessed", "\"status\":201"]
    {
        assert!(log.contains(what), "{what}");
    }
    search_files(&sought, &data);
    assert!(search_files(&sought, &folder.0).contains("heads"));
    search_tables(&sought, &data).await;
    let exported = String::from_utf8(audit_of(&config, &["export"]).stdout).unwrap();
    assert!(exported.lines().count() > cards.len() * 20);
    search_lines(&sought, &exported);
    let verified = audit_of(&config, &["verify", "--head", heads.to_str().unwrap()]);
    assert!(verified.status.success());
    assert_eq!(sought.in_text(&verified.stdout), HashSet::new());
}

#[test]
fn a_number_and_a_code_are_found_in_every_form() {
    let (number, code) = ("5454609899026213", "9371");
    let sought = Sought::of(&[Sent { number: number.to_owned(), code: code.to_owned() }], &[NAME]);
    let text = |text: &str| sought.in_text(text.as_bytes()).len();
    for form in [
        "x5454609899026213y",
        "5454 6098 9902 6213",
        "5454-6098-9902-6213",
        "35343534363039383939303236323133",
        "[53, 52, 53, 52, 54, 48, 57, 56, 57, 57, 48, 50, 54, 50, 49, 51]",
        "NTQ1NDYwOTg5OTAyNjIxMw==",
        // `{"number":"5454609899026213"}`
        "eyJudW1iZXIiOiI1NDU0NjA5ODk5MDI2MjEzIn0",
        "545460******6213 and 546098990",
        "{\"cvc\":\"9371\"}",
        NAME,
    ] {
        assert_ne!(text(form), 0, "{form}");
    }
    for bytes in [&5_454_609_899_026_213_u64.to_le_bytes()[..], b"\x54\x54\x60\x98\x99\x02\x62\x13"] {
        assert_eq!(sought.in_bytes(bytes).len(), 1);
    }
    assert_eq!(text("545460******6213, 5454 and 1795309371"), 0);
    for value in [json!({ "x": ["9371"] }), json!({ "x": 9371 }), json!({ "9371": 1 }), json!("cvc=9371.")] {
        assert_eq!(sought.in_values(&value).len(), 1, "{value}");
    }
    assert_eq!(sought.in_values(&json!({ "micros": 9371, "x": "a9371" })), HashSet::new());
}

/// Every number of the lists and of the vectors, each with a code of its own, and some that are no card's.
fn cards() -> Vec<Sent> {
    let listed =
        PUBLISHED.lines().filter_map(|line| line.split_once(' ')).map(|(number, _)| number.to_owned());
    let vectors = support::vectors::each::<Value>("number").into_iter();
    let vectors = vectors.map(|(_, case)| case["digits"].as_str().unwrap().to_owned());
    let mut numbers: Vec<_> = listed.chain(vectors).filter(|number| is_number(number)).collect();
    // A number for every brand whose digits stand in no order, and each number with its last digit wrong.
    numbers.extend(["5454609899026213", "4539578763621486", "371287493856270"].map(str::to_owned));
    numbers.sort();
    numbers.dedup();
    // No status of HTTP begins with 6.
    let code = |at: usize, number: &str| {
        let length = CardNumber::parse(number).map_or(3, |number| number.brand().code_length);
        if length == 4 { format!("{}", 9001 + at) } else { format!("{}", 601 + at) }
    };
    let cards: Vec<_> = numbers
        .into_iter()
        .enumerate()
        .map(|(at, number)| Sent { code: code(at, &number), number })
        .collect();
    // The last four may be shown, so that no code may look like them.
    assert!(
        cards
            .iter()
            .all(|card| cards.iter().all(|of| !of.number.ends_with(&card.code) || card.code.len() == 3))
    );
    cards
}

/// Zeros alone are the name of no span, and in any memory.
fn is_number(digits: &str) -> bool {
    (12..=19).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits.bytes().any(|byte| byte != b'0')
}

fn in_memory(sought: &Sought, id: u32) -> HashSet<&str> {
    const STEP: usize = 1 << 20;
    const OVERLAP: usize = 256;
    let memory = File::open(format!("/proc/{id}/mem")).unwrap();
    let maps = std::fs::read_to_string(format!("/proc/{id}/maps")).unwrap();
    let (mut found, mut read, mut buffer) = (HashSet::new(), 0, vec![0; STEP + OVERLAP]);
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let address = |text| u64::from_str_radix(text, 16).unwrap();
        for at in (address(from)..address(to)).step_by(STEP) {
            let most = usize::try_from(address(to) - at).unwrap().min(buffer.len());
            let length = memory.read_at(&mut buffer[..most], at).unwrap_or(0);
            found.extend(sought.in_bytes(&buffer[..length]));
            read += length;
        }
    }
    assert!(read > 1 << 20, "{read} bytes of the vault's memory could be read");
    found
}

/// The names of the files in which nothing was found.
fn search_files(sought: &Sought, folder: &Path) -> HashSet<String> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    // The configuration is the operator's.
    let files = files.filter(|path| path.is_file() && path.extension().is_none_or(|of| of != "toml"));
    files
        .map(|path| {
            assert_eq!(sought.in_text(&std::fs::read(&path).unwrap()), HashSet::new(), "{}", path.display());
            path.file_name().unwrap().to_str().unwrap().to_owned()
        })
        .collect()
}

fn search_lines(sought: &Sought, lines: &str) {
    for line in lines.lines() {
        assert_eq!(sought.in_text(line.as_bytes()), HashSet::new(), "{line}");
        assert_eq!(sought.in_values(&serde_json::from_str(line).unwrap()), HashSet::new(), "{line}");
    }
}

/// Codes are too short to be looked for among the bytes of a file: each value of each table is compared.
async fn search_tables(sought: &Sought, data: &Path) {
    let mut connection = intruder(data).await;
    let columns = "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' \
                   AND c.name NOT IN ('seq', 'last4', 'request_id')";
    let columns = sqlx::query(columns).fetch_all(&mut connection).await.unwrap();
    let mut values = 0;
    for column in &columns {
        let (table, column): (String, String) = (column.get(0), column.get(1));
        let sql = format!(
            "SELECT CAST(\"{column}\" AS TEXT) FROM \"{table}\" WHERE typeof(\"{column}\") != 'blob'"
        );
        for row in sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap() {
            let value: Option<String> = row.get(0);
            assert_eq!(sought.in_words(&value.unwrap_or_default()), HashSet::new(), "{table}.{column}");
            values += 1;
        }
    }
    assert!(columns.len() > 40 && values > 1000, "{} columns, {values} values", columns.len());
}
