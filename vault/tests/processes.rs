//! Two processes of the program on one folder: what one promises the other keeps, and a context is spent once.
//! It must never pass without a real race: both processes have to be at the private key at once, again and again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Barrier;
use std::thread;

use support::program::{Program, configured};
use support::shop::{Said, Sealed, Shop, ask};
use support::stored::audit_of;
use support::{Folder, VISA};

const ROUNDS: usize = 200;
const OTHER: &str = "5555555555554444";

#[test]
fn a_context_spent_twice_at_the_same_instant_makes_one_token() {
    let folder = Folder::make();
    let heads = folder.0.join("heads");
    let config =
        configured(&folder, "vault.toml", &format!("audit_heads = {heads:?}\naudit_head_seconds = 1"));
    // Both at once on an empty folder: they must come to share one key file and one set of keys.
    let programs = [Program::start(&config), Program::start(&config)].map(|starting| starting.ready());
    let shops = [programs[0].shop(), programs[1].shop()];

    let mut tokens = Vec::new();
    for round in 0..ROUNDS {
        let context = shops[round % 2].context();
        let requests = [shops[0].seal_for(VISA, &context), shops[1].seal_for(OTHER, &context)];
        let mut answers = at_once(&shops, [&requests[0], &requests[1]]);
        let won = answers.iter().position(|answer| answer.status() == "201");
        let won = won.unwrap_or_else(|| panic!("{}{}", answers[0].body, answers[1].body));
        let [winner, loser] = if won == 0 { [0, 1] } else { [1, 0] };
        let refused = (answers[loser].status(), answers[loser].text("code"));
        assert_eq!(refused, ("409", "context_spent".to_owned()), "round {round}");
        // Each process repeats the winner's answer, though only one of them made it.
        for shop in &shops {
            assert_eq!(shop.tokenize(&requests[winner]).body, answers[winner].body);
        }
        tokens.push(answers.swap_remove(winner).text("id"));
    }
    let operations: usize = programs.iter().map(private_key_operations).sum();
    assert!(operations > ROUNDS + ROUNDS / 10, "too few races: {operations} private-key operations");

    for round in 0..ROUNDS / 4 {
        let sealed = shops[round % 2].seal(VISA);
        let answers = at_once(&shops, [&sealed, &sealed]);
        let token = answers[0].text("id");
        assert_eq!((answers[0].status(), &answers[0].body), ("201", &answers[1].body), "round {round}");
        let replayed = answers.iter().filter(|said| said.head.contains("idempotent-replayed: true\r\n"));
        assert_eq!(replayed.count(), 1, "round {round}");
        tokens.push(token);
    }

    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), ROUNDS + ROUNDS / 4);
    for token in &tokens {
        for shop in &shops {
            assert_eq!(shop.call(&format!("GET /v1/tokens/{token}"), "").text("id"), *token);
        }
    }
    // One chain, though two processes wrote it at once; and no token without its record, nor a record without its token.
    for program in programs {
        program.end();
    }
    let output = audit_of(&config, &["verify", "--head", heads.to_str().unwrap()]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.contains("the audit is whole"), "{said}");
    assert_eq!(said.lines().filter(|line| line.starts_with("node ")).count(), 1, "{said}");
    let exported = String::from_utf8(audit_of(&config, &["export"]).stdout).unwrap();
    let counted = |what: &str| exported.lines().filter(|line| line.contains(what)).count();
    assert_eq!(counted(r#""action":"key.make""#), 5, "each key was made once");
    assert_eq!(counted(r#""action":"config."#), 2);
    let made =
        exported.lines().filter(|line| line.contains("token.create") && line.contains(r#""result":"ok""#));
    assert_eq!(made.count(), tokens.len());
}

/// One request to each process, let go together.
fn at_once(shops: &[Shop; 2], requests: [&Sealed; 2]) -> Vec<Said> {
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        let sent = [0, 1].map(|at| {
            let (barrier, shop, request) = (&barrier, &shops[at], requests[at]);
            scope.spawn(move || {
                barrier.wait();
                shop.tokenize(request)
            })
        });
        sent.map(|sent| sent.join().unwrap()).into()
    })
}

fn private_key_operations(program: &Program) -> usize {
    let metrics = ask(&program.admin, "GET /metrics", "", "").body;
    let value = metrics.lines().find_map(|line| line.strip_prefix("cardseal_private_key_operations_total "));
    value.unwrap().parse().unwrap()
}
