//! Vaults with settings of their own, more than one on one folder, and requests from addresses.
//! It must never be used where the plain vault would do.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use cardseal_vault::api;
use cardseal_vault::clock::FixedClock;
use cardseal_vault::limits::LimitsConfig;
use cardseal_vault::service::Vault;
use cardseal_vault::transport::Peer;

use super::{Answer, Folder, NOW, Setup, TestVault, config, frames, prepared, write_owner_only};

/// A vault on a folder of its own, with the limits of a vault that sets none.
pub async fn vault_of(change: impl FnOnce(&mut Setup)) -> TestVault {
    let folder = Folder::make();
    for (path, bytes) in prepared().await {
        write_owner_only(&folder.0.join(path.file_name().unwrap()), bytes);
    }
    let mut settings = config(&folder.0);
    settings.limits = LimitsConfig::default();
    change(&mut settings);
    let clock = Arc::new(FixedClock::new(NOW));
    let vault = settings.open(clock.clone(), Vec::new()).await;
    let (capture, api) = (api::capture(Arc::clone(&vault)), api::api(Arc::clone(&vault)));
    TestVault { vault, clock, capture, api, folder }
}

/// Another process on the same files, as far as one process can be two.
pub struct Node {
    pub vault: Arc<Vault>,
    pub clock: Arc<FixedClock>,
    pub capture: Router,
    pub api: Router,
}

impl Node {
    pub async fn beside(of: &TestVault) -> Self {
        let clock = Arc::new(FixedClock::new(NOW));
        let settings = config(&of.folder.0);
        let vault = Vault::open(&settings, frames(), clock.clone(), Vec::new()).await.unwrap();
        let (capture, api) = (api::capture(Arc::clone(&vault)), api::api(Arc::clone(&vault)));
        Self { vault, clock, capture, api }
    }
}

/// The request as it comes from this address.
pub fn from(address: &str, mut request: Request<Body>) -> Request<Body> {
    let address = std::net::SocketAddr::new(address.parse().unwrap(), 50_000);
    request.extensions_mut().insert(Peer { address, tls: false, certificate: None });
    request
}

/// What every answer of a limit is; gives the seconds it tells to wait.
pub fn limited(answer: &Answer) -> u64 {
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (429, "rate_limited"));
    assert_eq!(answer.header("content-type"), "application/problem+json");
    answer.header("retry-after").parse().unwrap()
}
