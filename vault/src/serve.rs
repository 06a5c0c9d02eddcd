//! Serving a vault on its two listeners until it is told to stop.
//! It must never cut off a request that was accepted, save one that does not end.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::api;
use crate::service::Vault;

const SWEEP_SECONDS: u64 = 30;
const PATIENCE: Duration = Duration::from_secs(10);

/// The two bound listeners.
pub struct Listeners {
    /// For browsers.
    pub capture: TcpListener,
    /// For merchants' backends.
    pub api: TcpListener,
}

/// Serves until `stop` is ready, then lets the requests under way end.
///
/// # Errors
/// When a listener fails.
pub async fn serve(
    vault: Arc<Vault>,
    listeners: Listeners,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let (stopping, stopped) = watch::channel(false);
    let mut serving = JoinSet::new();
    serving.spawn(listen(listeners.capture, api::capture(Arc::clone(&vault)), stopped.clone()));
    serving.spawn(listen(listeners.api, api::api(Arc::clone(&vault)), stopped));
    let sweeping = tokio::spawn(sweep(Arc::clone(&vault)));

    let failed = tokio::select! {
        () = stop => None,
        ended = serving.join_next() => ended,
    };
    // Everybody listens, or nobody is left to be told.
    let _ = stopping.send(true);
    let ending = async { while serving.join_next().await.is_some() {} };
    if tokio::time::timeout(PATIENCE, ending).await.is_err() {
        tracing::warn!("a request did not end in time and was cut off");
    }
    sweeping.abort();
    vault.close().await;
    match failed {
        Some(Ok(result)) => result,
        Some(Err(error)) => Err(io::Error::other(error)),
        None => Ok(()),
    }
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

async fn listen(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) -> io::Result<()> {
    let stop = async move {
        // A closed channel means stop, too.
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

async fn sweep(vault: Arc<Vault>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(SWEEP_SECONDS));
    loop {
        ticks.tick().await;
        if let Err(failure) = vault.sweep().await {
            tracing::error!(doing = "sweeping", cause = ?failure);
        }
    }
}
