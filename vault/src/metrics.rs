//! What the vault counts, in the text format of Prometheus.
//! It must never take a label from a request: routes are patterns, codes and listeners are the vault's own words.

use cardseal::error::Code;
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

use crate::failure::{Doing, Failure};

/// From a tenth of a millisecond, a look-up, to ten seconds, a request that never ended.
const SECONDS: [f64; 12] = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 10.0];

/// The counters of one vault.
pub struct Metrics {
    registry: Registry,
    requests: HistogramVec,
    refusals: IntCounterVec,
    sweeps: IntCounterVec,
    operations: IntCounter,
    queue: IntGauge,
    key_ages: IntGaugeVec,
}

impl Metrics {
    /// All counters at zero.
    ///
    /// # Errors
    /// When two of them have one name.
    pub fn new() -> Result<Self, Failure> {
        let made = || {
            let metrics = Self {
                registry: Registry::new(),
                requests: HistogramVec::new(
                    HistogramOpts::new("cardseal_request_seconds", "How long an answer took.")
                        .buckets(SECONDS.to_vec()),
                    &["listener", "route", "status"],
                )?,
                refusals: IntCounterVec::new(
                    Opts::new("cardseal_refusals_total", "Requests refused, by code."),
                    &["listener", "code"],
                )?,
                sweeps: IntCounterVec::new(
                    Opts::new("cardseal_sweeps_total", "Runs of the sweeper, by outcome."),
                    &["outcome"],
                )?,
                operations: IntCounter::new(
                    "cardseal_private_key_operations_total",
                    "Private-key operations begun.",
                )?,
                queue: IntGauge::new(
                    "cardseal_opener_places",
                    "Sealed cards being opened or waiting for it.",
                )?,
                key_ages: IntGaugeVec::new(
                    Opts::new("cardseal_key_age_seconds", "Seconds since the key in use was made."),
                    &["purpose"],
                )?,
            };
            let registry = &metrics.registry;
            registry.register(Box::new(metrics.requests.clone()))?;
            registry.register(Box::new(metrics.refusals.clone()))?;
            registry.register(Box::new(metrics.sweeps.clone()))?;
            registry.register(Box::new(metrics.operations.clone()))?;
            registry.register(Box::new(metrics.queue.clone()))?;
            registry.register(Box::new(metrics.key_ages.clone()))?;
            Ok::<_, prometheus::Error>(metrics)
        };
        made().doing("making the metrics")
    }

    /// Where other parts of the vault add counters of their own.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// A request was answered; `route` is the router's pattern, or none if nothing is there.
    pub fn answered(
        &self,
        listener: &'static str,
        route: Option<&str>,
        status: u16,
        code: Option<Code>,
        seconds: f64,
    ) {
        let labels = [listener, route.unwrap_or("none"), &status.to_string()];
        self.requests.with_label_values(&labels).observe(seconds);
        if let Some(code) = code {
            self.refusals.with_label_values(&[listener, code.as_str()]).inc();
        }
    }

    /// The sweeper ran.
    pub fn swept(&self, whole: bool) {
        self.sweeps.with_label_values(&[if whole { "done" } else { "failed" }]).inc();
    }

    /// The key in use for this purpose was made so many seconds ago.
    pub fn key_age(&self, purpose: &'static str, seconds: u64) {
        let age = i64::try_from(seconds).unwrap_or(i64::MAX);
        self.key_ages.with_label_values(&[purpose]).set(age);
    }

    /// Everything as text; the opener keeps its own counts, which are given.
    ///
    /// # Errors
    /// When it could not be written.
    pub fn format(&self, operations: u64, places: usize) -> Result<String, Failure> {
        self.operations.inc_by(operations.saturating_sub(self.operations.get()));
        self.queue.set(i64::try_from(places).unwrap_or(i64::MAX));
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text).doing("writing the metrics")?;
        String::from_utf8(text).doing("writing the metrics")
    }
}
