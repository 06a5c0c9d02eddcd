//! Structured logs: one JSON object per line, with the fields that are listed here and no others.
//! It must never write a body, a query, a header or a field that nobody has listed.

use std::fmt::Debug;
use std::io::Write;
use std::sync::Arc;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Scope};
use tracing_subscriber::util::SubscriberInitExt;

use crate::clock::Clock;

/// The fields that may be written. Another crate's events are not written at all.
pub const FIELDS: &[&str] = &[
    "message",
    "listener",
    "request_id",
    "trace_id",
    "span_id",
    "method",
    "route",
    "status",
    "code",
    "micros",
    "doing",
    "cause",
    "address",
    "alert",
    "client",
    "count",
    "merchant",
    "network",
    "place",
    "rule",
    "reason",
];

/// Writes the vault's events to standard error from now on, and panics with their place only.
pub fn init(clock: Arc<dyn Clock>) {
    // A second start in one process keeps the first subscriber.
    let _ = tracing_subscriber::registry().with(Lines { clock, out: std::io::stderr }).try_init();
    std::panic::set_hook(Box::new(|panic| {
        // The message of a panic may quote a value; where it happened is enough to find it.
        let place = panic.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
}

/// A layer that writes allowed fields as JSON lines.
pub struct Lines<W> {
    /// Tells when.
    pub clock: Arc<dyn Clock>,
    /// Gives a place to write to.
    pub out: W,
}

/// The allowed fields of a span; every line that is written within the span has them.
struct OfSpan(Map<String, Value>);

impl<S, O, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    O: Write,
    W: Fn() -> O + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && is_written(attributes.metadata())
        {
            let mut fields = Map::new();
            attributes.record(&mut Allowed(&mut fields));
            span.extensions_mut().insert(OfSpan(fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        if !is_written(metadata) {
            return;
        }
        let mut line = Map::new();
        line.insert("at".to_owned(), self.clock.now().into());
        line.insert("level".to_owned(), metadata.level().as_str().into());
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            if let Some(OfSpan(fields)) = span.extensions().get() {
                line.extend(fields.clone());
            }
        }
        event.record(&mut Allowed(&mut line));
        // One write per line, so that lines of several threads do not mix. A log that cannot be written stops nothing.
        let _ = (self.out)().write_all(format!("{}\n", Value::Object(line)).as_bytes());
    }
}

fn is_written(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO && metadata.target().starts_with("cardseal")
}

struct Allowed<'a>(&'a mut Map<String, Value>);

impl Allowed<'_> {
    fn put(&mut self, field: &Field, value: impl FnOnce() -> Value) {
        if FIELDS.contains(&field.name()) {
            self.0.insert(field.name().to_owned(), value());
        }
    }
}

impl Visit for Allowed<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, || value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, || value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, || format!("{value:?}").into());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::clock::FixedClock;

    static WRITTEN: Mutex<Vec<u8>> = Mutex::new(Vec::new());

    struct Out;

    impl Write for Out {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            WRITTEN.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn writes_listed_fields_of_the_vault_only() {
        let lines = Lines { clock: Arc::new(FixedClock::new(7)), out: || Out };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            tracing::info!(status = 201_u16, number = "4242424242424242", "answered\n");
            tracing::info!(target: "sqlx::query", message = "4242424242424242");
            tracing::debug!("quiet");
            let of_others = tracing::info_span!(target: "hyper", "read", request_id = "4242424242424242");
            let request = tracing::info_span!("request", request_id = "r", number = "4242424242424242");
            let _within = (of_others.entered(), request.entered());
            tracing::info!(network = false, count = -1, holder = "4242424242424242", "within");
        });
        let written = String::from_utf8(WRITTEN.lock().unwrap().clone()).unwrap();
        let lines: Vec<_> = written.lines().collect();
        assert_eq!(
            lines,
            [
                r#"{"at":7,"level":"INFO","message":"answered\n","status":201}"#,
                r#"{"at":7,"count":"-1","level":"INFO","message":"within","network":"false","request_id":"r"}"#,
            ]
        );
    }
}
