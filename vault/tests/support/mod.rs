//! A whole vault for a test: fixed clock, small keys, a database of its own, requests without sockets.
//! It must never be shared between tests: each has its own files, gone when it ends.

#![allow(dead_code, unreachable_pub, missing_docs)]

mod answer;
pub mod authority;
mod cards;
pub mod collector;
mod documented;
mod folder;
pub mod forge;
pub mod judged;
pub mod node;
pub mod operator;
pub mod program;
mod refused;
mod requests;
pub mod shop;
pub mod sought;
pub mod stored;
pub mod talk;
pub mod vectors;
pub mod wire;

pub use answer::Answer;
// Not every test seals.
#[allow(unused_imports)]
pub use cards::{card, claims, sealed, sealed_from, sealed_to, visa};
pub use folder::Folder;
use folder::{files, write_owner_only};
// Not every test refuses.
#[allow(unused_imports)]
pub use refused::refused;
#[allow(unused_imports)]
pub use requests::{basic, context_request, token_request};

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use cardseal::card::Card;
use cardseal::context::Mode;
use cardseal_vault::clock::FixedClock;
use cardseal_vault::config::Config;
use cardseal_vault::frames::{Frames, RELEASE};
use cardseal_vault::limits::LimitsConfig;
use cardseal_vault::merchant::{ClientRecord, MerchantRecord, OriginRecord, Proof};
use cardseal_vault::rule::{Rule, RulesConfig};
use cardseal_vault::service::Vault;
use cardseal_vault::{api, random};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tower::ServiceExt;

pub const NOW: u64 = 1_790_000_000;
pub const ORIGIN: &str = "https://shop.example";
pub const VAULT: &str = "https://vault.example";
pub const SECRET: &str = "the secret of the shop's backend";
pub const VISA: &str = "4242424242424242";
const WASM: &[u8] = b"\0asm\x01\0\0\0";

pub struct TestVault {
    pub vault: Arc<Vault>,
    pub clock: Arc<FixedClock>,
    pub capture: Router,
    pub api: Router,
    pub folder: Folder,
}

pub async fn vault() -> TestVault {
    vault_with(Vec::new()).await
}

pub async fn vault_with(rules: Vec<Arc<dyn Rule>>) -> TestVault {
    let folder = Folder::make();
    for (path, bytes) in prepared().await {
        write_owner_only(&folder.0.join(path.file_name().unwrap()), bytes);
    }
    let clock = Arc::new(FixedClock::new(NOW));
    let vault = config(&folder.0).open(clock.clone(), rules).await;
    let (capture, api) = (api::capture(Arc::clone(&vault)), api::api(Arc::clone(&vault)));
    TestVault { vault, clock, capture, api, folder }
}

/// A configuration, and the merchants and the frames' Wasm that its vault shall have.
pub struct Setup {
    pub config: Config,
    pub merchants: Vec<MerchantRecord>,
    pub wasm: Vec<u8>,
}

impl Deref for Setup {
    type Target = Config;

    fn deref(&self) -> &Config {
        &self.config
    }
}

impl DerefMut for Setup {
    fn deref_mut(&mut self) -> &mut Config {
        &mut self.config
    }
}

impl Setup {
    /// Opens the vault and gives it its merchants.
    pub async fn open(&self, clock: Arc<FixedClock>, rules: Vec<Arc<dyn Rule>>) -> Arc<Vault> {
        let vault = Vault::open(&self.config, frames_with(&self.wasm), clock, rules).await.unwrap();
        for merchant in &self.merchants {
            vault.admin().put_merchant(merchant).await.unwrap();
        }
        vault.refresh().await.unwrap();
        vault
    }
}

/// A client with [`SECRET`].
pub fn client(id: &str, scopes: &[&str]) -> ClientRecord {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, SECRET.as_bytes());
    ClientRecord {
        id: id.to_owned(),
        secrets: vec![Proof::of(digest.as_ref().try_into().unwrap())],
        scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        ..ClientRecord::default()
    }
}

pub fn merchant(id: &str, origins: &[&str], brands: &[&str], clients: Vec<ClientRecord>) -> MerchantRecord {
    let mut record = MerchantRecord::new(id, Mode::Test);
    record.settings.brands = brands.iter().map(|&brand| brand.to_owned()).collect();
    record.origins =
        origins.iter().map(|&origin| OriginRecord { origin: origin.to_owned(), proven_at: None }).collect();
    record.clients = clients;
    record
}

pub fn config(folder: &Path) -> Setup {
    let config = Config {
        origin: VAULT.to_owned(),
        api_origin: Some("https://api.vault.example".to_owned()),
        capture_listen: "127.0.0.1:0".parse().unwrap(),
        api_listen: "127.0.0.1:0".parse().unwrap(),
        admin_listen: None,
        capture_tls: None,
        api_tls: None,
        connections: Default::default(),
        behind_tls_proxy: false,
        // No test of something else meets a limit.
        limits: LimitsConfig { attempts_per_context: 10_000, ..LimitsConfig::wide() },
        origin_proof: Default::default(),
        telemetry: Default::default(),
        rules: RulesConfig::default(),
        bin_table: None,
        fonts: Vec::new(),
        earlier_frames: Vec::new(),
        data: folder.to_owned(),
        audit_heads: None,
        audit_head_seconds: 60,
        settings: Vec::new(),
        kek_file: folder.join("kek"),
        mode: Mode::Test,
        capture_key_bits: 2048,
        key_days: 90,
    };
    let merchants = vec![
        merchant(
            "shop",
            &[ORIGIN, "https://www.shop.example"],
            &[],
            vec![
                client("shop-backend", &["capture:create"]),
                client("shop-tokens", &["tokens:read", "tokens:reveal", "tokens:delete"]),
                client("shop-fingerprints", &["tokens:read", "tokens:fingerprint"]),
                client("shop-auditor", &["audit:read"]),
                client("powerless", &[]),
            ],
        ),
        merchant(
            "bank",
            &["https://bank.example"],
            &["visa", "mastercard"],
            vec![
                client("bank-backend", &["capture:create"]),
                client("bank-tokens", &["tokens:read", "tokens:reveal", "tokens:delete"]),
                client("bank-fingerprints", &["tokens:read", "tokens:fingerprint"]),
                client("bank-auditor", &["audit:read"]),
            ],
        ),
    ];
    Setup { config, merchants, wasm: WASM.to_vec() }
}

/// Frames of a build whose files are as small as can be.
pub fn frames() -> Frames {
    frames_with(WASM)
}

fn frames_with(wasm: &[u8]) -> Frames {
    let manifest = json!({ "release": RELEASE, "assets": [
        { "name": "coordinator.js", "path": "coordinator-AAAA.js", "integrity": "sha384-coordinator", "raw": 9 },
        { "name": "field.js", "path": "field-BBBB.js", "integrity": "sha384-field", "raw": 9 },
        { "name": "networks.js", "path": "networks-FFFF.js", "integrity": "sha384-networks", "raw": 9 },
        { "name": "cardseal.wasm", "path": "cardseal-CCCC.wasm", "integrity": "sha384-wasm", "raw": 8 },
        { "name": "en.json", "path": "en-DDDD.json", "integrity": "sha384-en", "raw": 9 },
        { "name": "ar.json", "path": "ar-EEEE.json", "integrity": "sha384-ar", "raw": 9 },
    ]});
    Frames::load(|name| {
        Some(Cow::Owned(match name {
            "manifest.json" => manifest.to_string().into_bytes(),
            "coordinator-AAAA.js" | "field-BBBB.js" | "networks-FFFF.js" => b"export {};".to_vec(),
            "coordinator-AAAA.js.br" => b"brotli".to_vec(),
            "cardseal-CCCC.wasm" => wasm.to_vec(),
            "en-DDDD.json" => include_bytes!("../../../js/frame/messages/en.json").to_vec(),
            "ar-EEEE.json" => include_bytes!("../../../js/frame/messages/ar.json").to_vec(),
            _ => return None,
        }))
    })
    .unwrap()
}

impl TestVault {
    pub async fn send(&self, router: &Router, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        };
        documented::check(&method, &path, &answer);
        answer
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(&self.capture, Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn access_token(&self, client: &str) -> String {
        let request = Request::post("/oauth/token")
            .header("authorization", basic(client, SECRET))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials".into())
            .unwrap();
        let answer = self.send(&self.api, request).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub async fn ask_context(&self, client: &str, body: Value) -> Answer {
        let token = self.access_token(client).await;
        self.send(&self.api, context_request(&token, &body.to_string())).await
    }

    /// A fresh context of the shop, signed.
    pub async fn context(&self) -> String {
        self.context_with(json!({ "origins": [ORIGIN] })).await
    }

    pub async fn context_with(&self, body: Value) -> String {
        let answer = self.ask_context("shop-backend", body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.json()["context"].as_str().unwrap().to_owned()
    }

    pub async fn tokenize(&self, context: &str, sealed_card: &str, key: &str) -> Answer {
        self.send(&self.capture, token_request(context, sealed_card, key)).await
    }

    /// Seals to a fresh context and tokenizes.
    pub async fn tokenize_card(&self, card: &Card, body: Value) -> Answer {
        let context = self.context_with(body).await;
        self.tokenize(&context, &sealed(card, &context), &random::make_name()).await
    }

    /// Every byte of every file of the vault.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        files(&self.folder.0)
    }
}

/// Keys take tenths of a second to make: they are made once, and every test starts from a copy of the files.
async fn prepared() -> &'static [(PathBuf, Vec<u8>)] {
    static PREPARED: OnceCell<Vec<(PathBuf, Vec<u8>)>> = OnceCell::const_new();
    PREPARED
        .get_or_init(|| async {
            let folder = Folder::make();
            let vault = config(&folder.0).open(Arc::new(FixedClock::new(NOW)), Vec::new()).await;
            vault.close().await;
            files(&folder.0)
        })
        .await
}
