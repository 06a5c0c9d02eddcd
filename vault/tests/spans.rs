//! Spans of a program at work, as a collector gets them; and a collector that is away, which nobody notices.
//! It must never pass if a span has an attribute that is not listed here, or any byte of a card or a secret.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use socket2::{Domain, Socket, Type};
use support::authority::Authority;
use support::collector::Collector;
use support::program::{Program, configured};
use support::shop::ask;
use support::{Folder, SECRET, VISA};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

fn sent_to(folder: &Folder, endpoint: &str) -> std::path::PathBuf {
    configured(folder, "vault.toml", &format!("telemetry.otlp_endpoint = \"{endpoint}\""))
}

fn spans(of: &Collector) -> Vec<Span> {
    let resources = of.requests().into_iter().flat_map(|request| request.resource_spans);
    resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect()
}

fn attributes(of: &[KeyValue]) -> Vec<(&str, String)> {
    let mut listed: Vec<_> = of
        .iter()
        .map(|attribute| match attribute.value.as_ref().unwrap().value.as_ref().unwrap() {
            Value::StringValue(text) => (attribute.key.as_str(), text.clone()),
            Value::IntValue(number) => (attribute.key.as_str(), number.to_string()),
            other => panic!("{}: {other:?}", attribute.key),
        })
        .collect();
    listed.sort_unstable();
    listed
}

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_collector_gets_each_answer_in_its_trace_with_the_listed_attributes_and_nothing_else() {
    let (folder, collector) = (Folder::make(), Collector::start(None));
    let program = Program::start(&sent_to(&folder, &format!("http://{}", collector.address))).ready();
    let shop = program.shop();
    let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let sealed = shop.seal(VISA);
    let answer = shop.tokenize(&sealed);
    assert_eq!(answer.status(), "201");
    let traced = |line: &str, trace: &str, parent: &str, flags: &str| {
        let head = format!(
            "traceparent: 00-{trace}-{parent}-{flags}\r\ntracestate: card={VISA}\r\nx-card: {VISA}\r\n"
        );
        ask(&program.capture, line, &head, "")
    };
    traced("GET /healthz", TRACE, PARENT, "01");
    traced("GET /healthz", "1af7651916cd43dd8448eb211c80319c", PARENT, "00");
    traced(&format!("GET /nowhere/{VISA}?pan={VISA}"), "2af7651916cd43dd8448eb211c80319c", VISA, "01");
    traced(&format!("{VISA} /v1/tokens"), &format!("0000000000000000{VISA}"), PARENT, "01");
    program.end();

    let spans = spans(&collector);
    let of_trace = |id: &str| spans.iter().filter(|span| hex(&span.trace_id) == id).collect::<Vec<_>>();
    let [traced] = of_trace(TRACE)[..] else { panic!("{spans:?}") };
    assert_eq!((hex(&traced.parent_span_id).as_str(), traced.name.as_str()), (PARENT, "GET /healthz"));
    assert_eq!(
        attributes(&traced.attributes),
        [
            ("cardseal.listener", "capture".to_owned()),
            ("http.request.method", "GET".to_owned()),
            ("http.response.status_code", "200".to_owned()),
            ("http.route", "/healthz".to_owned()),
        ]
    );
    assert!(of_trace("1af7651916cd43dd8448eb211c80319c").is_empty(), "its sender records nothing");
    let [lost] = of_trace("2af7651916cd43dd8448eb211c80319c")[..] else { panic!("{spans:?}") };
    assert_eq!((lost.parent_span_id.len(), lost.name.as_str()), (0, "GET"));
    assert_eq!(
        attributes(&lost.attributes),
        [
            ("cardseal.code", "not_found".to_owned()),
            ("cardseal.listener", "capture".to_owned()),
            ("http.request.method", "GET".to_owned()),
            ("http.response.status_code", "404".to_owned()),
        ]
    );
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    for name in ["POST /oauth/token", "POST /v1/capture-contexts", "POST /v1/tokens", "other /v1/tokens"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    assert_eq!(spans.len(), 6, "{names:?}");
    for span in &spans {
        let known =
            ["cardseal.code", "cardseal.listener", "http.request.method", "http.response.status_code"];
        let known = |name: &str| known.contains(&name) || name == "http.route";
        assert!(attributes(&span.attributes).iter().all(|(name, _)| known(name)), "{span:?}");
        assert!(span.events.is_empty() && span.links.is_empty() && span.trace_state.is_empty(), "{span:?}");
        assert_eq!((span.trace_id.len(), span.span_id.len()), (16, 8));
        assert_eq!(span.kind, SpanKind::Server as i32);
        // None of them failed by the vault's fault.
        assert!(
            span.status.as_ref().is_none_or(|status| status.code == StatusCode::Unset as i32),
            "{span:?}"
        );
        assert!(began <= span.start_time_unix_nano && span.start_time_unix_nano <= span.end_time_unix_nano);
    }
    for request in collector.requests() {
        for resource in request.resource_spans {
            let version = env!("CARGO_PKG_VERSION").to_owned();
            let told = [("service.name", "cardseal-vault".to_owned()), ("service.version", version)];
            assert_eq!(attributes(&resource.resource.unwrap().attributes), told);
        }
    }
    let bytes = collector.bytes();
    let holds = |secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
    // An id is bytes: the digits of a card that was sent as one would be half as long.
    for secret in [VISA.as_bytes(), &[0x42; 8], SECRET.as_bytes(), sealed.context.as_bytes(), b"eyJ", b"4242"]
    {
        assert!(!holds(secret), "{}", String::from_utf8_lossy(secret));
    }
    assert!(!holds(answer.text("id").as_bytes()) && holds(b"/v1/tokens"));
}

#[test]
fn a_collector_behind_tls_gets_spans_only_with_a_certificate_that_the_system_trusts() {
    let (folder, authority) = (Folder::make(), Authority::make());
    let collector = Collector::start(Some((&authority, &folder.0.join("collector"))));
    let config = sent_to(&folder, &format!("https://localhost:{}", collector.address.port()));
    let ca = authority.write(&folder.0);
    let run = |variables: &[(&str, &str)]| {
        let program = Program::start_in(&config, variables).ready();
        assert_eq!(program.shop().get("/healthz").status(), "200");
        program.end()
    };
    let log = run(&[]);
    assert!(log.contains("TLS failed") && spans(&collector).is_empty(), "{log}");
    run(&[("SSL_CERT_FILE", ca.to_str().unwrap())]);
    assert_eq!(spans(&collector).len(), 1);
}

/// More than wait and more than go at once, so that spans are lost before the program ends.
const MANY: usize = 2048 + 512 + 40;

/// Sends many requests, sees that none waits, and gives the log and how long the program took to end.
fn with_a_dead_collector(endpoint: &str) -> (String, Duration) {
    let folder = Folder::make();
    let program = Program::start(&sent_to(&folder, endpoint)).ready();
    let mut slowest = Duration::ZERO;
    for _ in 0..MANY {
        let began = Instant::now();
        assert_eq!(program.shop().get("/healthz").status(), "200");
        slowest = slowest.max(began.elapsed());
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    let metrics = ask(&program.admin, "GET /metrics", "", "").body;
    let lost = metrics.lines().find_map(|line| line.strip_prefix("cardseal_spans_total{outcome=\"lost\"} "));
    assert!(lost.unwrap().parse::<u32>().unwrap() >= 1, "{metrics}");
    assert!(metrics.contains("cardseal_spans_total{outcome=\"sent\"} 0\n"), "{metrics}");
    let ending = Instant::now();
    (program.end(), ending.elapsed())
}

#[test]
fn a_collector_that_refuses_slows_nothing_and_is_named_once() {
    // Bound and not listening: nobody else gets the port, and the system refuses for it.
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let refusing = socket.local_addr().unwrap().as_socket().unwrap();
    let (log, ending) = with_a_dead_collector(&format!("http://{refusing}"));
    assert_eq!(log.matches("spans are lost").count(), 1);
    assert!(log.contains(&format!("cannot connect to {refusing}")));
    assert!(!log.contains("panic"));
    assert!(ending < Duration::from_secs(5), "{ending:?}");
}

#[test]
fn a_collector_that_hangs_slows_nothing_and_the_program_ends() {
    // Connections to it are made by the system, and nobody takes them.
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let (log, ending) = with_a_dead_collector(&format!("http://{}", hanging.local_addr().unwrap()));
    assert!(log.contains("the last spans did not reach the collector in time"));
    assert!(log.matches("spans are lost").count() <= 1);
    assert!(!log.contains("panic"));
    assert!(ending < Duration::from_secs(5), "{ending:?}");
}
