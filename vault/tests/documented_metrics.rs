//! The metrics and alerts of a running vault against the tables in docs/operating.md.
//! It must never pass if one side has a name that the other lacks.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use cardseal_vault::limits::Alert;
use cardseal_vault::rule::Severity;
use support::basic;
use support::wire::{exchange, get, post, served};
use tokio::net::TcpStream;

const OPERATING: &str = include_str!("../../docs/operating.md");

/// The first two cells of the rows of the table whose head begins so.
fn table(head: &str) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let (_, rest) = OPERATING.split_once(&format!("\n| {head} |")).unwrap();
    let rows = rest.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.split('|').skip(1).map(str::trim);
        let name = cells.next().unwrap().trim_matches('`');
        (name, cells.next().unwrap().split(", ").filter(|label| !label.is_empty()).collect())
    })
    .collect()
}

#[tokio::test]
async fn the_readme_lists_the_metrics_that_exist_and_their_labels() {
    let of = served(|config, folder| {
        config.audit_heads = Some(folder.join("heads"));
        config.rules.country_mismatch = Severity::Review;
    })
    .await;
    let guess = post(
        "/oauth/token",
        "application/x-www-form-urlencoded",
        &basic("shop-backend", "a guess"),
        "grant_type=client_credentials",
    );
    // The sixth is shut out: a refusal by a limit.
    for _ in 0..6 {
        exchange(&mut TcpStream::connect(of.api).await.unwrap(), &guess).await;
    }
    // The sweeper runs at the start; the first tick may come after the first request.
    let text = loop {
        let text = exchange(&mut TcpStream::connect(of.admin).await.unwrap(), &get("/metrics")).await.body;
        if text.contains("cardseal_swept_total") {
            break text;
        }
    };
    let mut exist: BTreeMap<&str, BTreeSet<&str>> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .map(|name| (name, BTreeSet::new()))
        .collect();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, labels) = line.split_once('{').unwrap_or((line.split(' ').next().unwrap(), ""));
        let name =
            ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        let labels = labels
            .split(',')
            .filter_map(|label| Some(label.split_once('=')?.0))
            .filter(|label| *label != "le");
        exist.get_mut(name).unwrap().extend(labels);
    }
    assert_eq!(exist, table("metric"));
    assert!(text.contains("cardseal_alerts_total{alert=\"client_guessed\"} 1\n"), "{text}");
    for alert in Alert::ALL {
        assert!(text.contains(&format!("cardseal_alerts_total{{alert=\"{}\"}}", alert.as_str())), "{text}");
    }
}

#[test]
fn the_readme_lists_the_alerts_that_exist() {
    let documented: Vec<_> = table("alert").into_keys().collect();
    let mut exist = Alert::ALL.map(Alert::as_str);
    exist.sort_unstable();
    assert_eq!(documented, exist);
}
