//! The use cases of the vault and what they work with.
//! It must never know HTTP or SQL: it takes parsed values and gives values or failures.

mod accepted;
mod access;
mod audit;
mod code;
mod context;
mod create;
mod cvc;
mod entry;
mod find;
mod judge;
mod known;
mod limit;
mod operate;
mod read;
mod record;
mod start;
mod stored;
mod tokenize;

pub use access::Grant;
pub use create::{Created, Repeatable};
pub use cvc::{CvcClaim, Reservation};
pub use entry::Permission;
pub use find::Sought;
pub use known::Known;
pub use tokenize::{IdempotencyKey, Tokenized, Tokenizing};

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, RwLock};

use cardseal::context::Mode;
use tokio::sync::Mutex;

use crate::audit::Cursors;
use crate::bins::Bins;
use crate::clock::Clock;
use crate::config::Config;
use crate::failure::{Doing, Failure};
use crate::files::{self, Files};
use crate::fonts::Fonts;
use crate::frames::Frames;
use crate::keyring::{self, RsaBits};
use crate::limits::Limits;
use crate::metrics::{Metrics, Swept};
use crate::open::Opener;
use crate::releases::Releases;
use crate::rule::{Rule, Rules};
use crate::spans::Spans;
use crate::store::{CvcStore, Store};
use crate::transport::Connections;

const WAITING_PER_THREAD: usize = 64;

/// A vault: everything that its listeners share.
pub struct Vault {
    origin: String,
    api_origin: String,
    known: RwLock<Arc<Known>>,
    kek_file: PathBuf,
    key_bits: RsaBits,
    key_days: u64,
    mode: Mode,
    store: Arc<Store>,
    cvcs: CvcStore,
    cursors: Cursors,
    opener: Opener,
    clock: Arc<dyn Clock>,
    rules: Rules,
    bins: Bins,
    releases: Releases,
    metrics: Metrics,
    limits: Limits,
    spans: Spans,
    behind_proxy: bool,
    connections: Connections,
    stopping: AtomicBool,
    audit_heads: Option<PathBuf>,
    head_seconds: u64,
    head_writing: Mutex<()>,
    head_written: AtomicU64,
    log_to_empty: AtomicBool,
}

impl Vault {
    /// Opens the vault of a configuration: its key file, its database and its keys, making what a new vault lacks.
    /// `own_rules` are asked before the built-in ones.
    ///
    /// # Errors
    /// What could not be opened, in a sentence for the operator.
    pub async fn open(
        config: &Config,
        frames: Frames,
        clock: Arc<dyn Clock>,
        own_rules: Vec<Arc<dyn Rule>>,
    ) -> Result<Arc<Self>, Failure> {
        config.check().doing("checking the configuration")?;
        let Files { store, kek, lock: _starting } = files::open(config).await?;
        let now = clock.now();
        let key_bits = config.bits().unwrap_or(RsaBits::Three072);
        keyring::make_missing(&store, &kek, key_bits, now).await?;
        let known = Known::read(&store, &kek, now).await?;
        start::record(&store, &kek, &config.settings, now).await?;
        let metrics = Metrics::new()?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Arc::new(Self {
            origin: config.origin.clone(),
            api_origin: config.api_origin(),
            known: RwLock::new(Arc::new(known)),
            kek_file: config.kek_file.clone(),
            key_bits,
            key_days: config.key_days.into(),
            mode: config.mode,
            store: Arc::new(store),
            cvcs: CvcStore::open().await.doing("opening the store of security codes")?,
            cursors: Cursors::derive(&kek),
            opener: Opener::new(threads, threads * WAITING_PER_THREAD),
            clock,
            rules: Rules::new(&config.rules, own_rules, metrics.registry())?,
            bins: Bins::open(config.bin_table.as_deref()).doing("reading the table of BINs")?,
            releases: Releases::open(
                frames,
                &config.earlier_frames,
                Fonts::read(&config.fonts).doing("reading the fonts")?.as_ref(),
                metrics.registry(),
            )
            .doing("reading the frames")?,
            limits: Limits::new(&config.limits, metrics.registry())?,
            spans: Spans::open(&config.telemetry, metrics.registry())?,
            behind_proxy: config.behind_tls_proxy,
            metrics,
            connections: config.connections,
            stopping: AtomicBool::new(false),
            audit_heads: config.audit_heads.clone(),
            head_seconds: config.audit_head_seconds.into(),
            head_writing: Mutex::new(()),
            head_written: AtomicU64::new(0),
            // One that was killed between a deletion and this has left it to its next start.
            log_to_empty: AtomicBool::new(true),
        }))
    }

    /// The origin under which browsers reach this vault.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The origin under which merchants' backends reach this vault.
    pub fn api_origin(&self) -> &str {
        &self.api_origin
    }

    /// The frames, release by release.
    pub fn releases(&self) -> &Releases {
        &self.releases
    }

    /// Where a span of each answer goes.
    pub fn spans(&self) -> &Spans {
        &self.spans
    }

    /// The time, in seconds since 1970-01-01 UTC.
    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// How many private-key operations were begun so far.
    pub fn private_key_operations(&self) -> u64 {
        self.opener.operations()
    }

    /// Forgets what has been kept long enough: security codes, answers, spent contexts, keys; renews old keys.
    ///
    /// # Errors
    /// When a store fails.
    pub async fn sweep(&self) -> Result<Swept, Failure> {
        let forgotten = self.forget().await;
        // Last, as the only one that needs the key file: what has to be deleted must not wait for it, nor it for that.
        let renewed = self.renew_keys().await;
        forgotten.and_then(|swept| renewed.map(|()| swept))
    }

    async fn forget(&self) -> Result<Swept, Failure> {
        let now = self.clock.now();
        self.sweep_limits(now).await?;
        let creations = self.store.sweep_creations(now).await.doing("deleting old answers")?;
        self.store.sweep_facts(now).await.doing("deleting old facts")?;
        let cvcs = self.cvcs.sweep(now).await.doing("deleting old security codes")?;
        let (answers, contexts) = self.store.sweep(now).await.doing("deleting old answers")?;
        let tokens = self.expire_tokens().await?;
        Ok(Swept { tokens, answers: creations + answers, contexts, cvcs })
    }

    /// Closes the database in good order.
    pub async fn close(&self) {
        self.store.close().await;
    }
}
