//! The table of what is known of cards by their first digits: what is found in it, and which tables are none.
//! It must never pass if a faulty table takes the place of a good one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fmt::Write;
use std::fs;
use std::process::Command;
use std::time::Duration;

use cardseal::card::CardNumber;
use cardseal_vault::bins::{BinFacts, BinTable, Bins, Funding};
use support::wire::{exchange, get, served};
use support::{Folder, config, frames};
use tokio::net::TcpStream;

const HEADER: &str = "from,to,networks,funding,country\n";

fn table(lines: &str) -> Result<BinTable, String> {
    BinTable::parse(format!("{HEADER}{lines}").as_bytes())
}

/// A number with these first digits, long enough and with a correct check digit.
fn number(first: &str) -> CardNumber {
    (0..10).find_map(|check| CardNumber::parse(&format!("{first:0<15}{check}")).ok()).unwrap()
}

fn country(table: &BinTable, first: &str) -> Option<String> {
    Some(table.find(&number(first))?.country?.to_string())
}

#[test]
fn a_card_is_found_by_its_first_digits() {
    let table = table(
        "497010,497010,visa,debit,FR\n\
         55551234,55551239,mastercard|maestro,prepaid,DE\n\
         40000000000,40000000009,visa,credit,\n\
         520000,529999999,mastercard,,US\n\
         \"424242\",\"42424249999\",visa,charge,GB\n",
    )
    .unwrap();
    for (first, found) in [
        ("497010", Some("FR")),
        ("49701099999", Some("FR")),
        ("497011", None),
        ("497009", None),
        ("55551234", Some("DE")),
        ("555512399", Some("DE")),
        ("55551240", None),
        ("55551233999", None),
        ("40000000009", None),
        ("52000000000", Some("US")),
        ("529999999", Some("US")),
        ("424242", Some("GB")),
        ("510000", None),
    ] {
        assert_eq!(country(&table, first).as_deref(), found, "{first}");
    }
    let co_badged = table.find(&number("55551235")).unwrap();
    let networks: Vec<_> = co_badged.networks.iter().map(|network| network.name).collect();
    assert_eq!((networks, co_badged.funding), (vec!["mastercard", "maestro"], Some(Funding::Prepaid)));
    assert_eq!(table.find(&number("40000000009")).unwrap().funding, Some(Funding::Credit));
    assert!(table.find(&number("40000000010")).is_none());
    assert_eq!(table.find(&number("520000")).unwrap().funding, None);
}

#[test]
fn the_narrower_of_two_ranges_counts_whatever_their_order() {
    let mut lines = [
        "400000,499999,visa,credit,US",
        "424200,424299,visa,credit,FR",
        "42424200,42424299,visa,credit,DE",
        "424299,424299,visa,credit,IT",
        "400000,400000,visa,credit,ES",
        "499999,499999,visa,credit,PT",
    ];
    for _ in 0..lines.len() {
        lines.rotate_left(1);
        let table = table(&lines.join("\n")).unwrap();
        for (first, found) in [
            ("400000", "ES"),
            ("400001", "US"),
            ("424199", "US"),
            ("424200", "FR"),
            ("424241", "FR"),
            ("42424200", "DE"),
            ("424242999", "DE"),
            ("424243", "FR"),
            ("424299", "IT"),
            ("424300", "US"),
            ("499998", "US"),
            ("499999", "PT"),
        ] {
            assert_eq!(country(&table, first).as_deref(), Some(found), "{first}");
        }
    }
}

#[test]
fn of_eight_digits_only_what_holds_for_all_of_them_is_known() {
    let table = table(
        "400000,400000,cartes-bancaires|visa,debit,FR\n\
         40000100000,40000100499,visa,credit,DE\n\
         40000100500,40000100999,cartes-bancaires|visa,credit,FR\n\
         40000200000,40000200499,visa,debit,DE\n\
         400003,400004,visa,,\n\
         40000400500,40000400500,visa,prepaid,US\n\
         99999999,99999999,visa,credit,US",
    )
    .unwrap();
    let known = |bin8: &str| {
        let facts = table.look_up(bin8)?;
        let networks = facts.networks.iter().map(|network| network.name).collect::<Vec<_>>().join("|");
        Some((networks, facts.funding, facts.country.map(|country| country.to_string())))
    };
    let fr = || Some("FR".to_owned());
    for (bin8, found) in [
        ("40000000", ("cartes-bancaires|visa", Some(Funding::Debit), fr())),
        ("40000099", ("cartes-bancaires|visa", Some(Funding::Debit), fr())),
        // Two ranges that are both credit.
        ("40000100", ("", Some(Funding::Credit), None)),
        // Of the other half nothing is known.
        ("40000200", ("", None, None)),
        ("40000201", ("", None, None)),
        ("40000300", ("visa", None, None)),
        ("40000400", ("visa", None, None)),
        ("40000500", ("", None, None)),
        ("99999999", ("visa", Some(Funding::Credit), Some("US".to_owned()))),
        ("00000000", ("", None, None)),
    ] {
        assert_eq!(known(bin8), Some((found.0.to_owned(), found.1, found.2)), "{bin8}");
    }
    for wrong in ["", "4000000", "400000000", "4000000x", "４０００００００", "-4000000", " 4000000"]
    {
        assert_eq!(known(wrong), None, "{wrong}");
    }
    assert_eq!(BinTable::default().look_up("40000000"), Some(BinFacts::default()));
}

#[test]
fn what_is_wrong_is_told_by_its_line_and_not_quoted() {
    for (lines, says) in [
        ("", "no ranges"),
        (
            "424242,424242,visa,credit,US\n4242424242424242,4242424242424242,visa,credit,US",
            "line 3: from and to",
        ),
        ("42424,424242,visa,credit,US", "line 2: from and to must be 6 to 11 digits"),
        ("424242,42424x,visa,credit,US", "line 2: from and to"),
        ("424242,,visa,credit,US", "line 2: from and to"),
        ("+24242,424242,visa,credit,US", "line 2: from and to"),
        ("424243,424242,visa,credit,US", "line 2: from is beyond to"),
        ("424242,424242,visa,credit", "line 2: there must be 5 columns"),
        ("424242,424242,visa,credit,US,", "line 2: there must be 5 columns"),
        ("424242,424242,acme,credit,US", "line 2: networks must be brands"),
        ("424242,424242,,credit,US", "line 2: networks must be brands"),
        ("424242,424242,visa|visa,credit,US", "line 2: networks names one twice"),
        ("424242,424242,visa,gift,US", "line 2: funding"),
        ("424242,424242,visa,Credit,US", "line 2: funding"),
        ("424242,424242,visa,credit,UK", "line 2: country"),
        ("\n\n424242,424242,visa,credit,us", "line 4: country"),
        ("\r\n424242,424242,visa,credit,US\r\n\r\n555555,555555,visa,credit,us\r\n", "line 5: country"),
        (
            "424242,424243,visa,credit,US\n424243,424244,visa,credit,US",
            "line 3: the range overlaps that of line 2",
        ),
        (
            "424243,424244,visa,credit,US\n424242,424243,visa,credit,US",
            "line 3: the range overlaps that of line 2",
        ),
        ("424242,424242,visa,credit,US\n42424200,42424299,visa,debit,US", "line 3: the range overlaps"),
        ("424242,424242,visa,credit,US\u{ad}", "line 2: country"),
    ] {
        let sentence = table(lines).unwrap_err();
        assert!(sentence.contains(says), "{lines}: {sentence}");
        assert!(!sentence.contains("4242"), "{sentence}");
    }
    for head in [
        "",
        "424242,424242,visa,credit,US\n",
        "from,to,country,funding,networks\n",
        "From,to,networks,funding,country\n",
    ] {
        let sentence = BinTable::parse(head.as_bytes()).unwrap_err();
        assert!(sentence.contains("the first line must be") || sentence.contains("no ranges"), "{sentence}");
    }
    let binary = [HEADER.as_bytes(), b"424242,424242,visa,credit,\xff\xfe\n"].concat();
    assert!(BinTable::parse(&binary[..]).unwrap_err().contains("line 2"));
}

#[test]
fn half_a_million_lines_are_a_table() {
    let mut lines = String::new();
    for at in 0..500_000_u32 {
        let country = ["US", "DE", "FR", "GB", "JP"][at as usize % 5];
        writeln!(lines, "{0},{0},visa,credit,{country}", 40_000_000 + at * 2).unwrap();
    }
    let table = table(&lines).unwrap();
    assert_eq!(table.len(), 500_000);
    for (first, found) in
        [("40000000", Some("US")), ("40000001", None), ("40000002", Some("DE")), ("40999998", Some("JP"))]
    {
        assert_eq!(country(&table, first).as_deref(), found, "{first}");
    }
}

#[test]
fn a_faulty_file_leaves_the_old_table_in_use() {
    let folder = Folder::make();
    let path = folder.0.join("bins.csv");
    assert!(Bins::open(Some(&path)).err().unwrap().contains("bins.csv"));
    fs::write(&path, format!("{HEADER}424242,424242,visa,credit,US\n")).unwrap();
    let bins = Bins::open(Some(&path)).unwrap();
    fs::write(&path, format!("{HEADER}424242,424242,visa,credit,USA\n")).unwrap();
    let sentence = bins.reload().unwrap_err();
    assert!(sentence.contains("bins.csv") && sentence.contains("line 2"), "{sentence}");
    assert_eq!(country(&bins.current(), "424242").as_deref(), Some("US"));
    fs::remove_file(&path).unwrap();
    assert!(bins.reload().is_err());
    assert_eq!(country(&bins.current(), "424242").as_deref(), Some("US"));
    fs::write(&path, format!("{HEADER}424242,424242,visa,credit,DE\n")).unwrap();
    bins.reload().unwrap();
    assert_eq!(country(&bins.current(), "424242").as_deref(), Some("DE"));
    assert!(Bins::open(None).unwrap().current().is_empty());
}

#[tokio::test]
async fn a_hangup_has_the_table_read_again_while_the_vault_serves() {
    let of = served(|config, folder| {
        let path = folder.join("bins.csv");
        fs::write(&path, format!("{HEADER}424242,424242,visa,credit,US\n")).unwrap();
        config.bin_table = Some(path);
    })
    .await;
    let mut stream = TcpStream::connect(of.capture).await.unwrap();
    assert_eq!(exchange(&mut stream, &get("/healthz")).await.status(), "200");
    fs::write(of.folder.0.join("bins.csv"), format!("{HEADER}424242,424242,visa,credit,DE\n")).unwrap();
    let asked = Command::new("kill").arg("-HUP").arg(std::process::id().to_string()).status().unwrap();
    assert!(asked.success());
    while country(&of.vault.bins().current(), "424242").as_deref() != Some("DE") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(exchange(&mut stream, &get("/healthz")).await.status(), "200");
}

#[tokio::test]
async fn a_vault_does_not_start_with_a_faulty_table() {
    let folder = Folder::make();
    let mut settings = config(&folder.0);
    let path = folder.0.join("bins.csv");
    fs::write(&path, "from,to\n").unwrap();
    settings.bin_table = Some(path);
    let clock = std::sync::Arc::new(cardseal_vault::clock::FixedClock::new(support::NOW));
    let opened = cardseal_vault::service::Vault::open(&settings, frames(), clock, Vec::new()).await;
    let sentence = opened.err().unwrap().to_string();
    assert!(sentence.contains("bins.csv: line 1: the first line must be"), "{sentence}");
}
