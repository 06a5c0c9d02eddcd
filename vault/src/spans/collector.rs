//! Sends spans to a collector as OTLP over HTTP, in protobuf (OpenTelemetry Protocol 1, "OTLP/HTTP").
//! It must never wait for long, try again, or fill the log while the collector is away.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HOST};
use opentelemetry::KeyValue;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use prometheus::{IntCounter, IntCounterVec, Opts, Registry};
use prost::Message;
use rustls::ClientConfig;
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::origin;
use crate::outgoing::{self, literal};

const PATH: &str = "/v1/traces";
/// From the look at the name to the last byte of the answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What became of spans.
pub(super) struct Counts {
    pub(super) waiting: AtomicUsize,
    pub(super) lost: IntCounter,
    sent: IntCounter,
}

impl Counts {
    pub(super) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let help = "Spans for the collector, by outcome.";
        let counts = IntCounterVec::new(Opts::new("cardseal_spans_total", help), &["outcome"])?;
        registry.register(Box::new(counts.clone()))?;
        let of = |outcome| counts.with_label_values(&[outcome]);
        Ok(Self { waiting: AtomicUsize::new(0), lost: of("lost"), sent: of("sent") })
    }
}

/// A collector, and the runtime on which it is talked to.
pub(super) struct Collector {
    place: Arc<Place>,
    resource: ResourceAttributesWithSchema,
    runtime: Handle,
    counts: Arc<Counts>,
    away: AtomicBool,
}

struct Place {
    host: Host,
    port: u16,
    /// What the certificate must be for, and who may have signed it; none in clear.
    tls: Option<(String, Arc<ClientConfig>)>,
    /// Host and port as the endpoint has them.
    authority: String,
}

enum Host {
    Address(IpAddr),
    Name(String, Box<TokioResolver>),
}

impl Collector {
    pub(super) fn open(endpoint: &str, counts: Arc<Counts>) -> Result<Self, String> {
        let (host, port) = origin::host(endpoint).ok_or("it is not an origin")?;
        let found = match literal(host) {
            Some(address) => Host::Address(address),
            None => {
                let resolver =
                    TokioResolver::builder_tokio().and_then(hickory_resolver::ResolverBuilder::build);
                let resolver = resolver.map_err(|error| format!("names cannot be looked up: {error}"))?;
                Host::Name(host.to_owned(), Box::new(resolver))
            }
        };
        let tls = origin::is_https(endpoint)
            .then(|| outgoing::trust(None).map(|trusted| (host.to_owned(), trusted)))
            .transpose()?;
        let authority = endpoint.split_once("://").map(|(_, authority)| authority.to_owned());
        // Nothing of the environment: what is told of this process is what stands here.
        let resource = Resource::builder_empty()
            .with_attribute(KeyValue::new("service.name", env!("CARGO_PKG_NAME")))
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self {
            place: Arc::new(Place { host: found, port, tls, authority: authority.unwrap_or_default() }),
            resource: (&resource).into(),
            runtime: Handle::current(),
            counts,
            away: AtomicBool::new(false),
        })
    }
}

impl SpanExporter for Collector {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len();
        self.counts.waiting.fetch_sub(count, Ordering::Relaxed);
        let resource_spans = group_spans_by_resource_and_scope(batch, &self.resource);
        let body = ExportTraceServiceRequest { resource_spans }.encode_to_vec();
        let place = Arc::clone(&self.place);
        // The thread that asks is none of the runtime's, and sockets and timers are the runtime's.
        let sending = self.runtime.spawn(async move { timeout(PATIENCE, place.send(body)).await });
        let sent = match sending.await {
            Ok(Ok(sent)) => sent,
            Ok(Err(_)) => Err(format!("there was no answer within {} seconds", PATIENCE.as_secs())),
            Err(_) => Err("the vault ended".to_owned()),
        };
        let rejected = sent.as_ref().map_or(count, |rejected| (*rejected).min(count));
        self.counts.lost.inc_by(rejected as u64);
        self.counts.sent.inc_by((count - rejected) as u64);
        match sent {
            Ok(_) => {
                if self.away.swap(false, Ordering::Relaxed) {
                    tracing::info!("the collector takes spans again");
                }
                Ok(())
            }
            Err(cause) => {
                if !self.away.swap(true, Ordering::Relaxed) {
                    tracing::warn!(doing = "sending spans to the collector", cause, "spans are lost");
                }
                Err(OTelSdkError::InternalFailure(cause))
            }
        }
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Collector({})", self.place.authority)
    }
}

impl Place {
    /// How many of the spans the collector did not want.
    async fn send(&self, body: Vec<u8>) -> Result<usize, String> {
        let addresses: Vec<_> = match &self.host {
            Host::Address(address) => vec![*address],
            Host::Name(name, resolver) => match resolver.lookup_ip(name.as_str()).await {
                Ok(found) => found.iter().collect(),
                Err(error) => return Err(format!("the name could not be looked up: {error}")),
            },
        };
        let addresses: Vec<_> =
            addresses.into_iter().map(|address| SocketAddr::new(address, self.port)).collect();
        let request = Request::post(PATH)
            .header(HOST, &self.authority)
            .header(CONTENT_TYPE, "application/x-protobuf")
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| format!("HTTP failed: {error}"))?;
        let tls = self.tls.as_ref().map(|(host, trusted)| (host.as_str(), Arc::clone(trusted)));
        let answer = outgoing::send(&addresses, tls, request).await?;
        // 200 is what counts; the body only takes something back, and some collectors send none of this form.
        let partial =
            ExportTraceServiceResponse::decode(answer).ok().and_then(|answer| answer.partial_success);
        Ok(partial.map_or(0, |partial| usize::try_from(partial.rejected_spans).unwrap_or(0)))
    }
}
