//! TLS with real certificates over real sockets: which version, which files, which client.
//! It must never pass if a token that is bound to a certificate is taken without it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use cardseal::envelope::compact;
use cardseal_vault::merchant::{ClientRecord, Proof};
use cardseal_vault::transport::{ApiTls, CaptureTls, Tls};
use rustls::HandshakeKind;
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};
use support::authority::{Authority, Identity};
use support::wire::{Received, Served, connect_tls, exchange, get, post, rest, served};
use support::{Folder, ORIGIN, SECRET, basic};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const FORM: &str = "application/x-www-form-urlencoded";

/// A vault with TLS on both listeners, and a client `machine` that has a certificate and no secret.
async fn secured(authority: &Authority, machine: &Identity) -> Served {
    served(|config, folder| {
        let (certificate, key) = authority.issue("capture").write(&folder.join("capture"));
        config.capture_tls = Some(CaptureTls { certificate, key });
        let (certificate, key) = authority.issue("api").write(&folder.join("api"));
        config.api_tls = Some(ApiTls { certificate, key, client_ca: Some(authority.write(folder)) });
        config.merchants[0].clients.push(ClientRecord {
            id: "machine".to_owned(),
            certificates: vec![Proof::of(&machine.sha256())],
            scopes: vec!["capture:create".to_owned()],
            ..ClientRecord::default()
        });
    })
    .await
}

/// Sends one request to the API, by a client that shows `identity`.
async fn ask(of: &Served, authority: &Authority, identity: Option<&Identity>, request: &str) -> Received {
    let mut stream = connect_tls(of.api, authority.client(identity, &[&TLS13])).await.unwrap();
    exchange(&mut stream, request).await
}

fn grant(client: &str) -> String {
    post("/oauth/token", FORM, "", &format!("grant_type=client_credentials&client_id={client}"))
}

fn context(answer: &Received) -> String {
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let body = json!({ "origins": [ORIGIN] }).to_string();
    post("/v1/capture-contexts", "application/json", &format!("Bearer {token}"), &body)
}

fn confirmation(answer: &Received) -> Value {
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let [_, claims, _] = compact::parts::<3>(&token).unwrap();
    let claims: Value = serde_json::from_slice(&compact::decode(claims).unwrap()).unwrap();
    claims["cnf"].clone()
}

#[tokio::test]
async fn serves_tls_1_3_and_nothing_older() {
    let (authority, other) = (Authority::make(), Authority::make());
    let of = secured(&authority, &authority.issue("machine")).await;
    for address in [of.capture, of.api] {
        let mut stream = connect_tls(address, authority.client(None, &[&TLS13])).await.unwrap();
        assert_eq!(exchange(&mut stream, &get("/healthz")).await.status(), "200");
        let refused = connect_tls(address, authority.client(None, &[&TLS12])).await.unwrap_err();
        assert!(refused.to_string().contains("ProtocolVersion"), "{refused}");
        assert!(connect_tls(address, other.client(None, &[&TLS13])).await.is_err());
        let mut clear = TcpStream::connect(address).await.unwrap();
        clear.write_all(get("/healthz").as_bytes()).await.unwrap();
        assert!(!String::from_utf8_lossy(&read_all(&mut clear).await).contains("HTTP/1.1"));
    }
}

async fn read_all(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = tokio::io::AsyncReadExt::read_to_end(stream, &mut bytes).await;
    bytes
}

#[tokio::test]
async fn a_handshake_that_does_not_go_on_is_closed_and_holds_up_nobody() {
    let authority = Authority::make();
    let of = served(|config, folder| {
        let (certificate, key) = authority.issue("capture").write(folder);
        config.capture_tls = Some(CaptureTls { certificate, key });
        config.connections.handshake_millis = 1_000;
        config.connections.most = 8;
    })
    .await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(TcpStream::connect(of.capture).await.unwrap());
    }
    let client = authority.client(None, &[&TLS13]);
    let mut stream = loop {
        if let Ok(stream) = connect_tls(of.capture, Arc::clone(&client)).await {
            break stream;
        }
    };
    assert_eq!(exchange(&mut stream, &get("/healthz")).await.status(), "200");
    for mut stream in silent {
        assert!(read_all(&mut stream).await.is_empty());
    }
}

#[tokio::test]
async fn a_certificate_gets_a_token_that_is_good_with_it_alone() {
    let authority = Authority::make();
    let (machine, stranger) = (authority.issue("machine"), authority.issue("stranger"));
    let of = secured(&authority, &machine).await;
    let granted = ask(&of, &authority, Some(&machine), &grant("machine")).await;
    assert_eq!(granted.status(), "200", "{}", granted.body);
    assert_eq!(confirmation(&granted), json!({ "x5t#S256": compact::encode(&machine.sha256()) }));

    // A resumed session carries the certificate of the first.
    let client = authority.client(Some(&machine), &[&TLS13]);
    for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
        let mut stream = connect_tls(of.api, Arc::clone(&client)).await.unwrap();
        assert_eq!(exchange(&mut stream, &grant("machine")).await.status(), "200");
        assert_eq!(stream.get_ref().1.handshake_kind(), Some(kind));
    }

    let with = ask(&of, &authority, Some(&machine), &context(&granted)).await;
    assert_eq!(with.status(), "201", "{}", with.body);
    for identity in [None, Some(&stranger)] {
        let without = ask(&of, &authority, identity, &context(&granted)).await;
        assert_eq!((without.status(), &without.json()["code"]), ("401", &"access_token_invalid".into()));
    }
}

#[tokio::test]
async fn a_client_is_its_own_certificate_and_no_other() {
    let authority = Authority::make();
    let (machine, stranger) = (authority.issue("machine"), authority.issue("stranger"));
    let of = secured(&authority, &machine).await;
    let mut faces = Vec::new();
    for (identity, client) in [
        (None, "machine"),
        (Some(&stranger), "machine"),
        (Some(&machine), "shop-backend"),
        (Some(&machine), "nobody"),
        (Some(&machine), ""),
    ] {
        let refused = ask(&of, &authority, identity, &grant(client)).await;
        assert_eq!((refused.status(), &refused.json()["code"]), ("401", &"client_invalid".into()));
        faces.push(refused.body);
    }
    faces.dedup();
    assert_eq!(faces.len(), 1);
    // A client without a secret has no secret that fits, and a header is never passed over for a certificate.
    let body = "grant_type=client_credentials&client_id=machine";
    for authorization in [basic("machine", ""), basic("machine", SECRET), "Bearer x".to_owned()] {
        let request = post("/oauth/token", FORM, &authorization, body);
        assert_eq!(ask(&of, &authority, Some(&machine), &request).await.status(), "401");
    }
    // Whoever signed it for itself does not get as far as a request.
    let forged = Authority::make().issue("machine");
    let mut stream = connect_tls(of.api, authority.client(Some(&forged), &[&TLS13])).await.unwrap();
    let _ = stream.write_all(grant("machine").as_bytes()).await;
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn a_secret_over_a_certificate_is_bound_and_over_none_is_not() {
    let authority = Authority::make();
    let machine = authority.issue("machine");
    let of = secured(&authority, &machine).await;
    let request = post("/oauth/token", FORM, &basic("shop-backend", SECRET), "grant_type=client_credentials");
    let bound = ask(&of, &authority, Some(&machine), &request).await;
    assert_eq!(confirmation(&bound), json!({ "x5t#S256": compact::encode(&machine.sha256()) }));
    assert_eq!(ask(&of, &authority, None, &context(&bound)).await.status(), "401");
    let free = ask(&of, &authority, None, &request).await;
    assert_eq!(confirmation(&free), Value::Null);
    assert_eq!(ask(&of, &authority, None, &context(&free)).await.status(), "201");
}

#[tokio::test]
async fn new_files_are_used_from_the_next_handshake_on_and_faulty_ones_never() {
    let authority = Authority::make();
    let of = secured(&authority, &authority.issue("machine")).await;
    let client = authority.client(None, &[&TLS13]);
    let shown = async |address| {
        let stream = connect_tls(address, Arc::clone(&client)).await.unwrap();
        stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
    };
    let mut old = connect_tls(of.capture, Arc::clone(&client)).await.unwrap();
    assert_eq!(exchange(&mut old, &get("/healthz")).await.status(), "200");
    let first = shown(of.capture).await;

    let fresh = authority.issue("capture again");
    fresh.write(&of.folder.0.join("capture"));
    assert_eq!(shown(of.capture).await, first);
    hang_up();
    while shown(of.capture).await == first {}
    assert_eq!(shown(of.capture).await, fresh.certificate());
    assert_eq!(exchange(&mut old, &get("/healthz")).await.status(), "200");

    // The API's files are read after the capture listener's: its new certificate shows that the faulty key was met.
    std::fs::write(of.folder.0.join("capture/tls.key"), "no key").unwrap();
    let api = authority.issue("api again");
    api.write(&of.folder.0.join("api"));
    hang_up();
    while shown(of.api).await != api.certificate() {}
    assert_eq!(shown(of.capture).await, fresh.certificate());
    assert_eq!(exchange(&mut old, &get("/healthz")).await.status(), "200");
}

#[test]
fn a_file_that_cannot_be_used_is_named_and_never_quoted() {
    let (authority, folder) = (Authority::make(), Folder::make());
    let (certificate, key) = authority.issue("vault").write(&folder.0);
    let open = |certificate: &Path, key: &Path| {
        let settings = CaptureTls { certificate: certificate.to_owned(), key: key.to_owned() };
        Tls::of_capture(&settings).err().unwrap_or_default()
    };
    assert_eq!(open(&certificate, &key), "");
    assert!(open(&certificate, &certificate).contains("private key from"));
    assert!(open(&key, &key).starts_with("there is no certificate in"));
    assert!(open(&folder.0.join("missing.pem"), &key).contains("missing.pem"));
    let (_, other) = authority.issue("vault").write(&folder.0.join("other"));
    assert!(open(&certificate, &other).contains("tls.pem"));
    std::fs::write(&key, "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n").unwrap();
    let said = open(&certificate, &key);
    assert!(!said.is_empty() && !said.contains("c2VjcmV0") && !said.contains("secret"), "{said}");
}

fn hang_up() {
    let asked = Command::new("kill").arg("-HUP").arg(std::process::id().to_string()).status().unwrap();
    assert!(asked.success());
}
