//! Every magic card of the table does what its row says, to each order as often as it says.
//! It must never look at a clock: what is late is known by what comes before it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;

use serde_json::{Value, json};
use support::shop::{Sealed, Shop};
use support::{ORIGIN, Sandbox, temporary};

/// A row of the table.
struct Row {
    number: &'static str,
    name: &'static str,
    does: &'static str,
    code: &'static str,
    times: Option<usize>,
    seconds: &'static str,
}

fn rows(does: &str) -> Vec<Row> {
    let cells = |line: &'static str| <[&str; 6]>::try_from(line.split(',').collect::<Vec<_>>()).unwrap();
    let rows = include_str!("../src/magic.csv").lines().skip(1).map(cells);
    let rows: Vec<_> = rows
        .filter(|row| row[2] == does)
        .map(|[number, name, does, code, times, seconds]| Row {
            number,
            name,
            does,
            code,
            times: times.parse().ok(),
            seconds,
        })
        .collect();
    assert!(!rows.is_empty(), "{does}");
    rows
}

fn sandbox(name: &str) -> Sandbox {
    Sandbox::start(&["--origin", ORIGIN], &temporary(name))
}

/// A card sealed for an order, each time with a context of its own.
fn sealed(shop: &Shop, number: &str, order: &str) -> Sealed {
    let body = json!({ "origins": [ORIGIN], "ref": order }).to_string();
    let context = shop.call("POST /v1/capture-contexts", &body).text("context");
    shop.seal_for(number, &context)
}

#[test]
fn who_is_refused_is_told_so_as_often_as_the_row_says_and_then_gets_a_token() {
    let sandbox = sandbox("magic-refuses");
    let shop = sandbox.shop();
    for Row { number, name, code, times, seconds, .. } in rows("refuse") {
        let sealed = sealed(&shop, number, name);
        for _ in 0..times.unwrap_or(6) {
            let said = shop.tokenize(&sealed);
            assert_eq!(said.text("code"), code, "{name}");
            assert_eq!(said.status(), said.json()["status"].to_string(), "{name}");
            assert!(said.head.contains("content-type: application/problem+json\r\n"), "{}", said.head);
            assert!(said.head.contains("cache-control: no-store\r\n"), "{}", said.head);
            let wait = format!("retry-after: {seconds}\r\n");
            assert!(seconds.is_empty() || said.head.contains(&wait), "{name}: {}", said.head);
        }
        if times.is_some() {
            assert_eq!(shop.tokenize(&sealed).status(), "201", "{name}");
        }
    }
}

#[test]
fn a_page_that_captures_directly_may_read_a_magic_answer_as_any_other_and_no_other_page_may() {
    let sandbox = sandbox("magic-is-readable");
    let shop = sandbox.shop();
    let readable = |number: &str, page: &str| {
        let body = json!({ "origins": [ORIGIN], "via": "direct" }).to_string();
        let sealed = shop.seal_for(number, &shop.call("POST /v1/capture-contexts", &body).text("context"));
        let said = shop.tokenize_from(page, &sealed);
        let lines =
            said.head.lines().filter(|line| line.starts_with("access-control-") || line.starts_with("vary"));
        let mut lines: Vec<_> = lines.map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let magic = rows("refuse")[0].number;
    let read = readable(magic, ORIGIN);
    assert_eq!(read, readable("4242424242424242", ORIGIN));
    assert!(read.contains(&format!("access-control-allow-origin: {ORIGIN}")), "{read:?}");
    assert_eq!(readable(magic, "http://bank.localhost:4000"), Vec::<String>::new());
}

#[test]
fn an_order_that_gets_another_context_goes_on_where_it_was() {
    let sandbox = sandbox("magic-orders");
    let shop = sandbox.shop();
    let number = rows("refuse").iter().find(|row| row.name == "context_expired").unwrap().number;
    for order in ["order-1", "order-2"] {
        assert_eq!(shop.tokenize(&sealed(&shop, number, order)).text("code"), "context_expired");
        assert_eq!(shop.tokenize(&sealed(&shop, number, order)).status(), "201");
    }
    // Without a reference each context is an order.
    for _ in 0..2 {
        let sealed = shop.seal(number);
        assert_eq!(shop.tokenize(&sealed).text("code"), "context_expired");
        assert_eq!(shop.tokenize(&sealed).status(), "201");
    }
}

/// All that comes over the connection until it ends.
fn received(shop: &Shop, sealed: &Sealed) -> String {
    let body = json!({ "context": sealed.context, "sealed_card": sealed.sealed_card }).to_string();
    let mut stream = TcpStream::connect(&shop.capture).unwrap();
    write!(
        stream,
        "POST /v1/tokens HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nidempotency-key: {}\r\n\
         content-length: {}\r\n\r\n{body}",
        sealed.key,
        body.len()
    )
    .unwrap();
    let mut received = String::new();
    stream.read_to_string(&mut received).unwrap();
    received
}

#[test]
fn a_connection_that_is_cut_ends_behind_the_head_of_an_answer_that_never_comes() {
    let sandbox = sandbox("magic-cuts");
    let shop = sandbox.shop();
    for Row { number, name, does, times, .. } in rows("cut").into_iter().chain(rows("lose")) {
        let sealed = sealed(&shop, number, name);
        for _ in 0..times.unwrap_or(6) {
            let received = received(&shop, &sealed);
            // A whole answer has a length, or ends with an empty chunk (RFC 9112 section 8).
            assert!(
                received.starts_with("HTTP/1.1 200 OK\r\n") && received.ends_with("\r\n\r\n"),
                "{received}"
            );
            assert!(!received.contains("content-length") && !received.ends_with("0\r\n\r\n"), "{received}");
        }
        let stored = || shop.call(&format!("GET /v1/tokens?ref={name}"), "").json()["tokens"].clone();
        let before = stored().as_array().unwrap().len();
        assert_eq!(before, usize::from(does == "lose"), "{name}");
        if times.is_some() {
            let said = shop.tokenize(&sealed);
            assert_eq!(said.status(), "201", "{name}");
            assert_eq!(said.head.contains("idempotent-replayed: true\r\n"), does == "lose", "{}", said.head);
            assert_eq!(stored().as_array().unwrap().len(), 1);
        }
    }
}

#[test]
fn a_slow_answer_comes_behind_those_to_later_requests() {
    let sandbox = sandbox("magic-is-slow");
    let shop = sandbox.shop();
    let slow = rows("delay").into_iter().find(|row| row.times.is_none()).unwrap();
    let sealed = shop.seal(slow.number);
    let (sender, answered) = mpsc::channel();
    let waiting = std::thread::spawn({
        let shop = shop.clone();
        move || {
            let said = shop.tokenize(&sealed);
            sender.send(()).unwrap();
            said
        }
    });
    assert_eq!(shop.tokenize(&shop.seal("4242424242424242")).status(), "201");
    assert!(answered.try_recv().is_err());
    assert_eq!(waiting.join().unwrap().status(), "201");
}

#[test]
fn a_card_to_be_looked_at_becomes_a_token_that_says_so() {
    let sandbox = sandbox("magic-asks-for-a-review");
    let shop = sandbox.shop();
    for Row { number, .. } in rows("review") {
        let token = shop.tokenize(&shop.seal(number)).text("id");
        let review = &shop.call(&format!("GET /v1/tokens/{token}"), "").json()["review"];
        assert_eq!(*review, Value::from(["magic_card"].as_slice()));
    }
}

#[test]
fn the_log_names_what_a_card_did_and_has_no_number() {
    let sandbox = sandbox("magic-in-the-log");
    let shop = sandbox.shop();
    let busy = rows("refuse").into_iter().find(|row| row.name == "busy").unwrap();
    shop.tokenize(&shop.seal(busy.number));
    let log = sandbox.stop("-TERM");
    assert!(log.contains("\"reason\":\"busy\",\"rule\":\"magic_card\""), "{log}");
    assert!(!log.contains(busy.number));
}
