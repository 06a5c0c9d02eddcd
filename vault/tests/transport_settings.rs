//! Settings of listeners, TLS and client certificates that contradict each other stop the vault, by name.
//! It must never pass if a card or a secret could travel in clear beyond this machine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use cardseal_vault::config::Config;

const GOOD: &str = r#"
origin = "https://vault.example"
api_origin = "https://api.vault.example"
capture_listen = "0.0.0.0:8443"
api_listen = "0.0.0.0:8444"
admin_listen = "127.0.0.1:8445"
data = "/var/lib/cardseal"
kek_file = "/etc/cardseal/kek"
mode = "live"

[capture_tls]
certificate = "/etc/cardseal/capture.pem"
key = "/etc/cardseal/capture.key"

[api_tls]
certificate = "/etc/cardseal/api.pem"
key = "/etc/cardseal/api.key"
client_ca = "/etc/cardseal/clients.pem"

[connections]
most = 2000
header_bytes = 8192
"#;

#[test]
fn tls_on_both_listeners_needs_no_proxy() {
    let config = Config::parse(GOOD, &[]).unwrap();
    assert_eq!((config.connections.most, config.connections.in_flight), (2000, 256));
    let plain = GOOD.replace("api_origin = \"https://api.vault.example\"\n", "");
    assert_eq!(Config::parse(&plain, &[]).unwrap().api_origin(), "https://0.0.0.0:8444");
}

#[test]
fn what_contradicts_itself_is_named() {
    let tls = |name: &str| {
        let (_, rest) = GOOD.split_once(&format!("[{name}]")).unwrap();
        format!("[{name}]{}\n\n", rest.split_once("\n\n").unwrap().0)
    };
    for (from, to, named) in [
        (tls("capture_tls").as_str(), "", "capture_listen 0.0.0.0:8443"),
        (tls("api_tls").as_str(), "", "api_listen 0.0.0.0:8444"),
        ("127.0.0.1:8445", "0.0.0.0:8445", "admin_listen 0.0.0.0:8445"),
        ("127.0.0.1:8445", "localhost", "admin_listen"),
        ("mode = \"live\"\n\n[cap", "mode = \"live\"\nbehind_tls_proxy = true\n\n[cap", "behind_tls_proxy"),
        ("https://api.vault.example", "http://api.vault.example", "api_origin"),
        ("capture.key\"", "capture.key\"\nclient_ca = \"/x.pem\"", "client_ca"),
        ("key = \"/etc/cardseal/api.key\"\n", "", "key"),
        ("most = 2000", "most = 0", "most"),
        ("header_bytes = 8192", "header_bytes = 8191", "header_bytes"),
        ("most = 2000", "write_millis = 0", "write_millis"),
        ("most = 2000", "header_seconds = 1", "header_seconds"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let said = Config::parse(&GOOD.replacen(from, to, 1), &[]).err().unwrap_or_default();
        assert!(said.contains(named), "{named}: {said}");
    }
}
