//! Serving a vault on its listeners until it is told to stop.
//! It must never cut off a request that was accepted, save one that does not end.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::{JoinSet, spawn_blocking};

use crate::api;
use crate::config::Config;
use crate::failure::Failure;
use crate::service::Vault;
use crate::transport::{Connections, Listener, Tls, listen};

const SWEEP_SECONDS: u64 = 30;
const REFRESH: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(10);

/// The bound listeners.
pub struct Listeners {
    /// For browsers.
    pub capture: Listener,
    /// For merchants' backends.
    pub api: Listener,
    /// For an operator's tools.
    pub admin: Option<Listener>,
}

impl Listeners {
    /// Bound sockets, served as a configuration says.
    ///
    /// # Errors
    /// A sentence that names the file of a certificate that cannot be used.
    pub fn open(
        config: &Config,
        capture: TcpListener,
        api: TcpListener,
        admin: Option<TcpListener>,
    ) -> Result<Self, String> {
        let (capture_tls, api_tls) = Self::certificates_of(config)?;
        let connections: Connections = config.connections;
        let listener = |socket, tls: Option<Tls>| Listener { socket, tls: tls.map(Arc::new), connections };
        Ok(Self {
            capture: listener(capture, capture_tls),
            api: listener(api, api_tls),
            admin: admin.map(|socket| listener(socket, None)),
        })
    }

    /// The TLS of the capture listener and of the API listener, from the files that a configuration names.
    ///
    /// # Errors
    /// A sentence that names the file of a certificate that cannot be used.
    pub fn certificates_of(config: &Config) -> Result<(Option<Tls>, Option<Tls>), String> {
        let capture = config.capture_tls.as_ref().map(Tls::of_capture).transpose();
        let capture = capture.map_err(|error| format!("capture_tls: {error}"))?;
        let api = config.api_tls.as_ref().map(Tls::of_api).transpose();
        let api = api.map_err(|error| format!("api_tls: {error}"))?;
        Ok((capture, api))
    }

    fn certificates(&self) -> Vec<(&'static str, Arc<Tls>)> {
        [("capture", &self.capture), ("api", &self.api)]
            .into_iter()
            .filter_map(|(name, listener)| Some((name, Arc::clone(listener.tls.as_ref()?))))
            .collect()
    }
}

/// What the listeners for browsers and for merchants' backends answer with: for a service that has more to say than the
/// vault alone.
pub struct Routers {
    /// For browsers.
    pub capture: Router,
    /// For merchants' backends.
    pub api: Router,
}

impl Routers {
    /// The vault's own.
    pub fn of(vault: &Arc<Vault>) -> Self {
        Self { capture: api::capture(Arc::clone(vault)), api: api::api(Arc::clone(vault)) }
    }
}

/// Serves until `stop` is ready, then lets the requests under way end; the admin listener tells so until they have.
///
/// # Errors
/// When a listener fails.
pub async fn serve(
    vault: Arc<Vault>,
    listeners: Listeners,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let routers = Routers::of(&vault);
    serve_routers(vault, listeners, routers, stop).await
}

/// Serves as [`serve`] does, with these routers.
///
/// # Errors
/// When a listener fails.
pub async fn serve_routers(
    vault: Arc<Vault>,
    listeners: Listeners,
    routers: Routers,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut tending = JoinSet::new();
    let certificates = listeners.certificates();
    // Who has nothing to read again ends with its terminal, as programs do.
    if !certificates.is_empty() || vault.bins().has_file() {
        tending.spawn(reload(signal(SignalKind::hangup())?, certificates, Arc::clone(&vault)));
    }
    tending.spawn(sweep(Arc::clone(&vault)));
    tending.spawn(refresh(Arc::clone(&vault)));
    let heading = tokio::spawn(write_heads(Arc::clone(&vault)));
    let (stopping, stopped) = watch::channel(false);
    let (ending, ended) = watch::channel(false);
    let mut serving = JoinSet::new();
    let counts = |listener| vault.metrics().connections(listener);
    serving.spawn(listen(listeners.capture, routers.capture, counts("capture"), stopped.clone()));
    serving.spawn(listen(listeners.api, routers.api, counts("api"), stopped));
    let mut answering = JoinSet::new();
    if let Some(admin) = listeners.admin {
        answering.spawn(listen(admin, api::admin(Arc::clone(&vault)), counts("admin"), ended));
    }

    let failed = tokio::select! {
        () = stop => None,
        // A listener ends before it is told to only if it panicked.
        ended = serving.join_next() => ended.and_then(Result::err),
    };
    vault.begin_to_stop();
    // Everybody listens, or nobody is left to be told.
    let _ = stopping.send(true);
    let patience = tokio::time::sleep(PATIENCE);
    let drained = async {
        while serving.join_next().await.is_some() {}
        let _ = ending.send(true);
        while answering.join_next().await.is_some() {}
    };
    tokio::select! {
        () = drained => {}
        () = patience => tracing::warn!("a request did not end in time and was cut off"),
    }
    tending.shutdown().await;
    heading.abort();
    head(&vault).await;
    vault.close().await;
    // Last: whether spans arrive is of no importance to anything else.
    vault.spans().end().await;
    failed.map_or(Ok(()), |error| Err(io::Error::other(error)))
}

/// Ready when the process is asked to end (SIGINT or SIGTERM).
///
/// # Errors
/// When the signals cannot be watched.
pub fn signalled() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Reads the certificates and the table of BINs again at every SIGHUP; connections that are open go on.
async fn reload(mut hangup: Signal, certificates: Vec<(&'static str, Arc<Tls>)>, vault: Arc<Vault>) {
    while hangup.recv().await.is_some() {
        for (listener, tls) in &certificates {
            match tls.reload() {
                Ok(()) => tracing::info!(listener, "certificates were read again"),
                Err(cause) => tracing::error!(listener, doing = "reading certificates again", cause),
            }
        }
        if vault.bins().has_file() {
            let reading = Arc::clone(&vault);
            // A thread of its own: a large table takes a while.
            match spawn_blocking(move || reading.bins().reload()).await {
                Ok(Ok(())) => {
                    tracing::info!(count = vault.bins().current().len(), "the table of BINs was read again");
                }
                Ok(Err(cause)) => tracing::error!(doing = "reading the table of BINs again", cause),
                Err(error) => {
                    let failure = Failure::of_task("reading the table of BINs again", &error);
                    tracing::error!(doing = "reading the table of BINs again", cause = %failure);
                }
            }
        }
    }
}

async fn write_heads(vault: Arc<Vault>) {
    let mut ticks = tokio::time::interval(vault.head_interval());
    loop {
        ticks.tick().await;
        head(&vault).await;
    }
}

async fn head(vault: &Vault) {
    if let Err(failure) = vault.write_head().await {
        tracing::error!(doing = "signing the head of the audit", cause = ?failure);
    }
}

/// Takes up what commands and other vaults changed in the database.
async fn refresh(vault: Arc<Vault>) {
    let mut ticks = tokio::time::interval(REFRESH);
    loop {
        ticks.tick().await;
        if let Err(failure) = vault.refresh().await {
            tracing::error!(doing = "looking for changes in the database", cause = ?failure);
        }
    }
}

async fn sweep(vault: Arc<Vault>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(SWEEP_SECONDS));
    loop {
        ticks.tick().await;
        match vault.sweep().await {
            Ok(swept) => vault.metrics().swept(&swept),
            Err(failure) => {
                vault.metrics().sweep_failed();
                tracing::error!(doing = "sweeping", cause = ?failure);
            }
        }
    }
}
