//! What the vault counts, in the text format of Prometheus.
//! It must never take a label from a request: routes are patterns, codes and listeners are the vault's own words.

use cardseal::error::Code;
use prometheus::core::Collector;
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
    open: IntGaugeVec,
    closed: IntCounterVec,
    operations: IntCounter,
    key_ages: IntGaugeVec,
    opener: IntGaugeVec,
    sweeps: IntCounterVec,
    swept: IntCounterVec,
    unsigned: IntGaugeVec,
    unsigned_seconds: IntGaugeVec,
}

/// What is read when somebody asks, because others keep it.
pub struct Readings {
    /// Private-key operations begun so far.
    pub operations: u64,
    /// Sealed cards being opened.
    pub working: usize,
    /// Sealed cards that wait to be opened.
    pub waiting: usize,
    /// What no head of the audit covers; none if no heads are written or the database does not answer.
    pub unsigned: Option<Unsigned>,
}

/// The end of the audit that no signed head covers.
#[derive(Default)]
pub struct Unsigned {
    /// How many records.
    pub records: u64,
    /// How long the oldest of them has waited, in seconds.
    pub seconds: u64,
}

/// What one run of the sweeper deleted.
pub struct Swept {
    /// Tokens whose time was over.
    pub tokens: u64,
    /// Answers kept for repetitions.
    pub answers: u64,
    /// Spent contexts that have long expired.
    pub contexts: u64,
    /// Security codes.
    pub cvcs: u64,
}

/// A limit that made the vault close a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// There were too many, each of them being answered.
    Full,
    /// It was silent for longest when another one came.
    Room,
    /// Its TLS handshake took too long.
    Handshake,
    /// No request came in time.
    Silent,
    /// The client stopped reading an answer.
    Unread,
}

impl Closed {
    const ALL: [Self; 5] = [Self::Full, Self::Room, Self::Handshake, Self::Silent, Self::Unread];

    fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Room => "room",
            Self::Handshake => "handshake",
            Self::Silent => "silent",
            Self::Unread => "unread",
        }
    }
}

impl Metrics {
    /// All counters at zero.
    ///
    /// # Errors
    /// When two of them have one name.
    pub fn new() -> Result<Self, Failure> {
        Self::made().doing("making the metrics")
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

    /// The counts of a listener's connections.
    pub fn connections(&self, listener: &'static str) -> ConnectionCounts {
        for closed in Closed::ALL {
            self.closed.with_label_values(&[listener, closed.as_str()]);
        }
        let open = self.open.with_label_values(&[listener]);
        ConnectionCounts { listener, open, closed: self.closed.clone() }
    }

    /// The key in use for this purpose was made so many seconds ago.
    pub fn key_age(&self, purpose: &'static str, seconds: u64) {
        let age = i64::try_from(seconds).unwrap_or(i64::MAX);
        self.key_ages.with_label_values(&[purpose]).set(age);
    }

    /// The sweeper ran, and this is what it deleted.
    pub fn swept(&self, swept: &Swept) {
        self.sweeps.with_label_values(&["done"]).inc();
        let Swept { tokens, answers, contexts, cvcs } = swept;
        for (what, count) in [("token", tokens), ("answer", answers), ("context", contexts), ("cvc", cvcs)] {
            self.swept.with_label_values(&[what]).inc_by(*count);
        }
    }

    /// The sweeper ran and failed.
    pub fn sweep_failed(&self) {
        self.sweeps.with_label_values(&["failed"]).inc();
    }

    /// Everything as text, with what others keep.
    ///
    /// # Errors
    /// When it could not be written.
    pub fn format(&self, read: &Readings) -> Result<String, Failure> {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.operations.inc_by(read.operations.saturating_sub(self.operations.get()));
        for (state, count) in [("working", read.working), ("waiting", read.waiting)] {
            self.opener.with_label_values(&[state]).set(number(count as u64));
        }
        // What is not known is not there: an old value would look like a true one.
        self.unsigned.reset();
        self.unsigned_seconds.reset();
        if let Some(Unsigned { records, seconds }) = read.unsigned {
            self.unsigned.with_label_values::<&str>(&[]).set(number(records));
            self.unsigned_seconds.with_label_values::<&str>(&[]).set(number(seconds));
        }
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text).doing("writing the metrics")?;
        String::from_utf8(text).doing("writing the metrics")
    }

    fn made() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let of = &registry;
        let build = gauge(of, "cardseal_build_info", "The version that runs.", &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let requests = HistogramOpts::new("cardseal_request_seconds", "How long an answer took.");
        let labels = ["listener", "route", "status"];
        let requests = kept(of, HistogramVec::new(requests.buckets(SECONDS.to_vec()), &labels)?)?;
        let refusals = "Requests refused, by code.";
        let open = "Connections that are open.";
        let closed = "Connections closed by a limit, by limit.";
        let operations =
            IntCounter::new("cardseal_private_key_operations_total", "Private-key operations begun.")?;
        let key_ages = "Seconds since the key in use was made.";
        let unsigned = "Records at the end of the audit that no signed head covers.";
        let unsigned_seconds = "How long the oldest record that no signed head covers has waited.";
        let metrics = Self {
            requests,
            refusals: counter(of, "cardseal_refusals_total", refusals, &["listener", "code"])?,
            open: gauge(of, "cardseal_connections_open", open, &["listener"])?,
            closed: counter(of, "cardseal_connections_closed_total", closed, &["listener", "reason"])?,
            operations: kept(of, operations)?,
            opener: gauge(of, "cardseal_opener_cards", "Sealed cards at the opener, by state.", &["state"])?,
            key_ages: gauge(of, "cardseal_key_age_seconds", key_ages, &["purpose"])?,
            sweeps: counter(of, "cardseal_sweeps_total", "Runs of the sweeper, by outcome.", &["outcome"])?,
            swept: counter(of, "cardseal_swept_total", "What the sweeper deleted.", &["what"])?,
            unsigned: gauge(of, "cardseal_audit_unsigned_records", unsigned, &[])?,
            unsigned_seconds: gauge(of, "cardseal_audit_unsigned_seconds", unsigned_seconds, &[])?,
            registry,
        };
        Ok(metrics)
    }
}

/// The counts of one listener's connections.
#[derive(Clone)]
pub struct ConnectionCounts {
    listener: &'static str,
    open: IntGauge,
    closed: IntCounterVec,
}

impl ConnectionCounts {
    /// A connection that counts as open until this is dropped.
    pub fn open(&self) -> Open {
        self.open.inc();
        Open(self.open.clone())
    }

    /// A limit ended a connection.
    pub fn closed(&self, closed: Closed) {
        self.closed.with_label_values(&[self.listener, closed.as_str()]).inc();
    }
}

/// An open connection.
pub struct Open(IntGauge);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn gauge(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntGaugeVec> {
    kept(registry, IntGaugeVec::new(Opts::new(name, help), labels)?)
}

fn counter(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
) -> prometheus::Result<IntCounterVec> {
    kept(registry, IntCounterVec::new(Opts::new(name, help), labels)?)
}

fn kept<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> prometheus::Result<C> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}
