//! An origin is proven by a record in the DNS or by a file of its own, asked of a real name server and a real TLS server.
//! It must never pass if a proof is taken from another host, or if a private address is so much as connected to.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use cardseal_vault::metrics::Metrics;
use cardseal_vault::proof::{Proof, ProofConfig, Prover, challenge};
use cardseal_vault::transport::{CaptureTls, Connections, Listener, Tls, listen};
use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::TXT;
use hickory_resolver::proto::rr::{RData, Record};
use support::Folder;
use support::authority::Authority;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::watch;

const TEXT: &str = "cardseal-merchant=https://vault.example/shop";

/// A name server that knows these records, by name, and nothing else.
async fn name_server(records: HashMap<String, Vec<RData>>) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut packet = [0; 4096];
        while let Ok((length, client)) = socket.recv_from(&mut packet).await {
            let asked = Message::from_vec(&packet[..length]).unwrap();
            let query = asked.queries[0].clone();
            let mut answer = Message::response(asked.metadata.id, asked.metadata.op_code);
            match records.get(&query.name().to_ascii()) {
                None => answer.metadata.response_code = ResponseCode::NXDomain,
                Some(known) => {
                    let of_type = known.iter().filter(|data| data.record_type() == query.query_type());
                    for data in of_type {
                        answer.add_answer(Record::from_rdata(query.name().clone(), 60, data.clone()));
                    }
                }
            }
            answer.add_query(query);
            socket.send_to(&answer.to_vec().unwrap(), client).await.unwrap();
        }
    });
    address
}

fn address(text: &str) -> RData {
    RData::from(text.parse::<IpAddr>().unwrap())
}

fn text(strings: &[&str]) -> RData {
    RData::TXT(TXT::new(strings.iter().map(|&text| text.to_owned()).collect()))
}

/// The shop's own server, on this machine, under the name of a certificate.
struct Shop {
    port: u16,
    ca: PathBuf,
    connections: Arc<AtomicUsize>,
    _folder: Folder,
    _stop: watch::Sender<bool>,
}

async fn shop<R: IntoResponse + Clone + Send + Sync + 'static>(certified: &str, answer: R) -> Shop {
    let (folder, authority) = (Folder::make(), Authority::make());
    let (certificate, key) = authority.issue_for("shop", certified).write(&folder.0);
    let tls = Tls::of_capture(&CaptureTls { certificate, key }).unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&connections);
    let good = || async { TEXT };
    let router = Router::new().route("/good", get(good)).route(
        "/.well-known/cardseal",
        get(move || async move {
            seen.fetch_add(1, Ordering::SeqCst);
            answer.clone()
        }),
    );
    let (stop, stopped) = watch::channel(false);
    let listener = Listener { socket, tls: Some(Arc::new(tls)), connections: Connections::default() };
    tokio::spawn(listen(listener, router, Metrics::new().unwrap().connections("shop"), stopped));
    Shop { port, ca: authority.write(&folder.0), connections, _folder: folder, _stop: stop }
}

impl Shop {
    /// How its origin is proven when the DNS says only where it is.
    async fn prove(&self) -> Result<Proof, String> {
        let here = HashMap::from([("shop.test.".to_owned(), vec![address("127.0.0.1")])]);
        let config = ProofConfig {
            ca: Some(self.ca.clone()),
            private_addresses: true,
            name_server: Some(name_server(here).await),
        };
        Prover::open(&config).unwrap().prove(&format!("https://shop.test:{}", self.port), TEXT).await
    }
}

async fn prove_by_records(records: Vec<RData>) -> Result<Proof, String> {
    let records = HashMap::from([("_cardseal.shop.test.".to_owned(), records)]);
    let config = ProofConfig { name_server: Some(name_server(records).await), ..ProofConfig::default() };
    Prover::open(&config).unwrap().prove("https://shop.test", TEXT).await
}

#[tokio::test]
async fn a_record_in_the_dns_proves_an_origin_if_it_is_the_text_exactly() {
    assert_eq!(challenge("https://vault.example", "shop"), TEXT);
    let (half, rest) = TEXT.split_at(20);
    for records in [
        vec![text(&[TEXT])],
        vec![text(&[half, rest])],
        vec![text(&["v=spf1 -all"]), text(&["cardseal-merchant=https://vault.example/other"]), text(&[TEXT])],
    ] {
        assert_eq!(prove_by_records(records).await, Ok(Proof::Dns));
    }
    let longer = format!("{TEXT}s");
    for records in [
        vec![],
        vec![text(&["cardseal-merchant=https://vault.example/other"])],
        vec![text(&["cardseal-merchant=https://other.example/shop"])],
        vec![text(&[&longer])],
        vec![text(&[&TEXT.to_uppercase()])],
        vec![text(&[half]), text(&[rest])],
    ] {
        let wrong = prove_by_records(records.clone()).await.unwrap_err();
        assert!(wrong.contains("_cardseal.shop.test") && wrong.contains(TEXT), "{wrong}");
        assert!(!wrong.contains("other.example") && !wrong.contains("/other"), "{wrong}");
    }
}

#[tokio::test]
async fn a_line_of_the_file_proves_an_origin_if_it_is_the_text_exactly() {
    for answer in
        [TEXT.to_owned(), format!("# us\r\n{TEXT}\r\nmore"), format!("{TEXT}\n{}", "x".repeat(4000))]
    {
        assert_eq!(shop("shop.test", answer).await.prove().await, Ok(Proof::WellKnown));
    }
    let too_long = format!("{TEXT}\n{}", "x".repeat(4096));
    for (answer, says) in [
        (String::new(), "no line is the text"),
        (format!(" {TEXT}"), "no line is the text"),
        (format!("{TEXT}s"), "no line is the text"),
        (format!("<p>{TEXT}</p>"), "no line is the text"),
        (too_long, "longer than 4096 bytes"),
    ] {
        let wrong = shop("shop.test", answer.clone()).await.prove().await.unwrap_err();
        assert!(wrong.contains(says), "{answer}: {wrong}");
    }
    let wrong = shop("shop.test", [TEXT.as_bytes(), b"\n\xff"].concat()).await.prove().await.unwrap_err();
    assert!(wrong.contains("not UTF-8"), "{wrong}");
}

#[tokio::test]
async fn only_the_answer_200_of_the_host_itself_counts() {
    for status in
        [StatusCode::FOUND, StatusCode::TEMPORARY_REDIRECT, StatusCode::NOT_FOUND, StatusCode::CREATED]
    {
        let shop = shop("shop.test", (status, [(header::LOCATION, "/good")], TEXT)).await;
        let wrong = shop.prove().await.unwrap_err();
        assert!(wrong.contains(&format!("it answered {}, not 200", status.as_u16())), "{wrong}");
        assert_eq!(shop.connections.load(Ordering::SeqCst), 1);
    }
    let other = shop("other.test", TEXT).await;
    let wrong = other.prove().await.unwrap_err();
    assert!(wrong.contains("TLS failed") && other.connections.load(Ordering::SeqCst) == 0, "{wrong}");
    let (mut one, two) = (shop("shop.test", TEXT).await, shop("shop.test", TEXT).await);
    one.ca.clone_from(&two.ca);
    assert!(one.prove().await.unwrap_err().contains("TLS failed"));
}

#[tokio::test]
async fn no_private_address_is_connected_to_by_name_or_by_number() {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    let hosts = [
        ("one.test", vec!["127.0.0.1"]),
        ("two.test", vec!["::1"]),
        ("three.test", vec!["::ffff:127.0.0.1"]),
        ("four.test", vec!["169.254.169.254"]),
        ("five.test", vec!["127.0.0.1", "1.1.1.1"]),
    ];
    let records = hosts
        .iter()
        .map(|(host, addresses)| (format!("{host}."), addresses.iter().map(|text| address(text)).collect()));
    let server = Some(name_server(records.collect()).await);
    let prover = Prover::open(&ProofConfig { name_server: server, ..ProofConfig::default() }).unwrap();
    let hosts = hosts.iter().map(|(host, _)| *host).chain(["127.0.0.1", "[::1]", "10.0.0.1", "localhost"]);
    for host in hosts {
        let wrong = prover.prove(&format!("https://{host}:{port}"), TEXT).await.unwrap_err();
        assert!(wrong.contains("not on the internet"), "{host}: {wrong}");
    }
    assert!(tokio::time::timeout(Duration::from_millis(50), socket.accept()).await.is_err());
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let config = ProofConfig {
        private_addresses: true,
        name_server: Some(silent.local_addr().unwrap()),
        ..ProofConfig::default()
    };
    let asked = tokio::time::Instant::now();
    let prover = Prover::open(&config).unwrap();
    let wrong = prover.prove(&format!("https://127.0.0.1:{port}"), TEXT).await.unwrap_err();
    assert!(wrong.contains("there was no answer within 5 seconds"), "{wrong}");
    assert!(asked.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn what_cannot_be_proven_is_refused_in_a_sentence() {
    let prover = Prover::open(&ProofConfig {
        name_server: Some(name_server(HashMap::new()).await),
        ..ProofConfig::default()
    })
    .unwrap();
    for origin in ["http://shop.test", "https://shop.test/", "https://a@shop.test", "shop.test", ""] {
        assert!(prover.prove(origin, TEXT).await.unwrap_err().contains("is not an https origin"), "{origin}");
    }
    let wrong = prover.prove("https://shop.test", TEXT).await.unwrap_err();
    assert!(wrong.contains("there is none") && wrong.contains("its host has no address"), "{wrong}");
    let folder = Folder::make();
    let empty = folder.0.join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    for ca in [empty, folder.0.join("missing.pem")] {
        let config = ProofConfig { ca: Some(ca.clone()), ..ProofConfig::default() };
        let wrong = Prover::open(&config).err().unwrap();
        assert!(wrong.contains("origin_proof: ca") && wrong.contains(ca.to_str().unwrap()), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_verifies_an_origin_by_the_dns_and_says_what_is_missing() {
    let folder = Folder::make();
    let records = HashMap::from([(
        "_cardseal.live.example.".to_owned(),
        vec![RData::TXT(TXT::new(vec!["cardseal-merchant=https://vault.example/live".to_owned()]))],
    )]);
    let server = name_server(records).await;
    let config = support::program::configured(&folder, "vault.toml", "");
    let run = |arguments: &str| {
        let ended = std::process::Command::new(env!("CARGO_BIN_EXE_cardseal-vault"))
            .args(arguments.split(' '))
            .arg("--config")
            .arg(&config)
            .env("CARDSEAL_MODE", "live")
            .env("CARDSEAL_ORIGIN_PROOF__NAME_SERVER", server.to_string())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (ended.status.success(), text(ended.stdout), text(ended.stderr))
    };
    for merchant in ["live", "other"] {
        assert!(run(&format!("merchant add {merchant} --mode live")).0);
    }
    let (added, said, _) = run("origin add live https://live.example");
    assert!(added && said.contains("cardseal-merchant=https://vault.example/live"), "{said}");
    assert!(said.contains("_cardseal.live.example"), "{said}");
    for address in ["https://[2001:db8::1]", "https://203.0.113.7:8443"] {
        let (added, said, _) = run(&format!("origin add live {address}"));
        assert!(added && said.contains(&format!("{address}/.well-known/cardseal")), "{said}");
        assert!(!said.contains("_cardseal"), "{said}");
    }
    let (taken, _, said) = run("origin add other https://live.example");
    assert!(!taken && said.contains("origin_taken: "), "{said}");
    assert!(run("origin add other https://else.example").0);
    let (proven, _, said) = run("origin verify other https://else.example");
    assert!(!proven && said.contains("https://else.example is not proven"), "{said}");
    let (proven, _, said) = run("origin verify live https://else.example");
    assert!(!proven && said.contains("is not an origin of the merchant live; add it first"), "{said}");
    let (proven, said, wrong) = run("origin verify live https://live.example");
    assert!(proven && said.contains("is proven to be the merchant live's"), "{said}{wrong}");
    let shown = |merchant: &str| run(&format!("merchant show {merchant}")).1;
    assert!(shown("live").contains("proven_at") && !shown("other").contains("proven_at"));
}
