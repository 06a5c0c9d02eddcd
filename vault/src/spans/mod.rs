//! One span for each answer, sent to an OpenTelemetry collector if there is one.
//! It must never hold up an answer, nor tell more of a request than `Answered` and its place in a trace.

mod collector;

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SpanData, SpanEvents, SpanLinks, SpanProcessor,
};
use prometheus::Registry;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use crate::failure::{Doing, Failure};
use crate::origin;
use crate::trace::Trace;
use collector::{Collector, Counts};

/// Spans that wait at most, some 500 bytes each; one more is lost.
const WAITING: usize = 2048;
const AT_ONCE: usize = 512;
const EVERY: Duration = Duration::from_secs(5);
/// For the last ones, when the vault stops.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where spans are sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// The origin of a collector that takes OTLP over HTTP, in protobuf, at `/v1/traces`; without it no span is made.
    pub otlp_endpoint: Option<String>,
}

impl TelemetryConfig {
    /// Checks what the types do not.
    ///
    /// # Errors
    /// A sentence that names the setting and says what to do.
    pub fn check(&self) -> Result<(), String> {
        match &self.otlp_endpoint {
            Some(endpoint) if !origin::is_serialized(endpoint) => {
                // Not quoted: it may hold the password of a collector.
                Err("telemetry.otlp_endpoint is not the origin of a collector; write it like http://127.0.0.1:4318, \
                     without a path or a user"
                    .to_owned())
            }
            _ => Ok(()),
        }
    }
}

/// All that a collector is told of a request, besides its place in a trace and its times.
pub struct Answered<'a> {
    /// The name of the listener.
    pub listener: &'static str,
    /// A method of HTTP, or `other`.
    pub method: &'static str,
    /// The router's pattern; none if nothing is there.
    pub route: Option<&'a str>,
    /// The status of the answer.
    pub status: u16,
    /// The stable code of a refusal.
    pub code: Option<&'static str>,
}

/// Where spans go.
pub struct Spans {
    processor: Option<Arc<BatchSpanProcessor>>,
    counts: Arc<Counts>,
    scope: InstrumentationScope,
}

impl Spans {
    /// Spans to the collector of a configuration, counted in `registry`. The runtime that this is called on sends them.
    ///
    /// # Errors
    /// What cannot be set up.
    pub fn open(config: &TelemetryConfig, registry: &Registry) -> Result<Self, Failure> {
        let counts = Arc::new(Counts::new(registry).doing("counting spans")?);
        let collector = config.otlp_endpoint.as_deref().map(|at| Collector::open(at, Arc::clone(&counts)));
        let processor = collector.transpose().doing("setting up telemetry.otlp_endpoint")?.map(|collector| {
            let batches = BatchConfigBuilder::default()
                .with_max_queue_size(WAITING)
                .with_max_export_batch_size(AT_ONCE)
                .with_scheduled_delay(EVERY)
                .build();
            Arc::new(BatchSpanProcessor::new(collector, batches))
        });
        let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
            .with_version(env!("CARGO_PKG_VERSION"))
            .build();
        Ok(Self { processor, counts, scope })
    }

    /// A request was answered just now, after so long. Returns at once; what finds no place is lost and counted.
    pub fn ended(&self, trace: &Trace, answered: &Answered<'_>, elapsed: Duration) {
        let Some(processor) = self.processor.as_ref().filter(|_| trace.sampled) else { return };
        // Counted here because the processor keeps its own count to itself; it never has more than these.
        let place = self.counts.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |waiting| {
            (waiting < WAITING).then_some(waiting + 1)
        });
        if place.is_ok() {
            processor.on_end(self.span(trace, answered, elapsed));
        } else {
            self.counts.lost.inc();
        }
    }

    /// Sends what still waits, for two seconds at most; what is ended later is lost.
    pub async fn end(&self) {
        let Some(processor) = self.processor.clone() else { return };
        // A thread of its own: it waits for tasks of this runtime.
        let ending = spawn_blocking(move || processor.shutdown_with_timeout(PATIENCE)).await;
        if !matches!(ending, Ok(Ok(()))) {
            tracing::warn!("the last spans did not reach the collector in time");
        }
    }

    fn span(&self, trace: &Trace, answered: &Answered<'_>, elapsed: Duration) -> SpanData {
        let Answered { listener, method, route, status, code } = *answered;
        let of_route = route.map(|route| KeyValue::new("http.route", route.to_owned()));
        let of_code = code.map(|code| KeyValue::new("cardseal.code", code));
        let always = [
            KeyValue::new("cardseal.listener", listener),
            KeyValue::new("http.request.method", method),
            KeyValue::new("http.response.status_code", i64::from(status)),
        ];
        let id = |digits: &str| SpanId::from_hex(digits).unwrap_or(SpanId::INVALID);
        let end_time = SystemTime::now();
        SpanData {
            span_context: SpanContext::new(
                TraceId::from_hex(&trace.trace_id).unwrap_or(TraceId::INVALID),
                id(&trace.span_id),
                TraceFlags::SAMPLED,
                false,
                TraceState::NONE,
            ),
            parent_span_id: trace.parent_id.as_deref().map_or(SpanId::INVALID, id),
            parent_span_is_remote: trace.parent_id.is_some(),
            span_kind: SpanKind::Server,
            name: route.map_or(Cow::Borrowed(method), |route| format!("{method} {route}").into()),
            start_time: end_time.checked_sub(elapsed).unwrap_or(end_time),
            end_time,
            attributes: always.into_iter().chain(of_route).chain(of_code).collect(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            // The semantic conventions of HTTP: what a client did wrong is no error of a server.
            status: if status >= 500 { Status::error("") } else { Status::Unset },
            instrumentation_scope: self.scope.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;

    #[test]
    fn only_what_is_the_vaults_fault_is_an_error_and_a_span_is_as_long_as_its_answer_took() {
        let spans = Spans::open(&TelemetryConfig::default(), &Registry::new()).unwrap();
        let (trace, elapsed) = (Trace::of(&HeaderMap::new()), Duration::from_millis(70));
        for (status, is_error) in [(200, false), (404, false), (499, false), (500, true), (503, true)] {
            let answered = Answered { listener: "api", method: "GET", route: None, status, code: None };
            let span = spans.span(&trace, &answered, elapsed);
            assert_eq!(matches!(span.status, Status::Error { .. }), is_error, "{status}");
            assert_eq!(span.end_time.duration_since(span.start_time).unwrap(), elapsed);
            assert!(!span.parent_span_is_remote && span.span_context.is_valid());
        }
    }
}
