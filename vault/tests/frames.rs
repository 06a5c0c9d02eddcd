//! The frames come with the policy of their merchant, and nothing else is served beside them.
//! It must never pass if a stranger's page could embed a merchant's frames.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::body::Body;
use axum::http::Request;
use cardseal_vault::frames::{Frames, RELEASE};
use support::{NOW, vault};

#[tokio::test]
async fn each_kind_has_a_document_without_inline_script_or_style() {
    let of = vault().await;
    for (kind, title, script) in [
        ("coordinator", "Secure card form", "coordinator-AAAA.js"),
        ("number", "Card number", "field-BBBB.js"),
        ("expiry", "Expiry date", "field-BBBB.js"),
        ("month", "Expiry month", "field-BBBB.js"),
        ("year", "Expiry year", "field-BBBB.js"),
        ("cvc", "Security code", "field-BBBB.js"),
        ("name", "Name on card", "field-BBBB.js"),
        ("postal_code", "Postal code", "field-BBBB.js"),
        ("card", "Card details", "field-BBBB.js"),
    ] {
        let answer = of.get(&format!("/f/shop/{RELEASE}/{kind}")).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert!(answer.body.starts_with("<!doctype html><html lang=\"en\" dir=\"ltr\">"));
        assert!(answer.body.contains(&format!("<title>{title}</title>")));
        let integrity = if kind == "coordinator" { "sha384-coordinator" } else { "sha384-field" };
        assert!(answer.body.contains(&format!(
            "<script type=\"module\" src=\"/assets/{script}\" integrity=\"{integrity}\" crossorigin=\"anonymous\"></script>"
        )));
        let networks = "<link rel=\"modulepreload\" href=\"/assets/networks-FFFF.js\" \
             integrity=\"sha384-networks\" fetchpriority=\"low\">";
        assert_eq!(answer.body.contains(networks), ["number", "cvc", "card"].contains(&kind), "{kind}");
        assert!(!answer.body.contains("style"));
        assert!(!answer.body.contains(".json"));
        assert_eq!(answer.body.matches("<script").count(), 1);
    }
}

#[tokio::test]
async fn a_field_comes_in_the_language_that_was_asked_for_and_names_its_texts() {
    let of = vault().await;
    for query in ["?locale=ar-EG", "?locale=tlh%2Car", "?theme=x&locale=AR"] {
        let answer = of.get(&format!("/f/shop/{RELEASE}/number{query}")).await;
        assert!(answer.body.starts_with("<!doctype html><html lang=\"ar\" dir=\"rtl\">"), "{query}");
        assert!(answer.body.contains("<title>رقم البطاقة</title>"));
        assert!(answer.body.contains(
            "<link rel=\"preload\" as=\"fetch\" href=\"/assets/ar-EEEE.json\" type=\"application/json\" \
             integrity=\"sha384-ar\" crossorigin=\"anonymous\">"
        ));
    }
    for query in ["", "?locale=", "?locale=tlh", "?locale=%FF%22%3E%3Cscript%3E", "?locale", "?%"] {
        let answer = of.get(&format!("/f/shop/{RELEASE}/number{query}")).await;
        assert!(answer.body.starts_with("<!doctype html><html lang=\"en\" dir=\"ltr\">"), "{query}");
        assert!(!answer.body.contains(".json"));
    }
    let texts = of.get("/assets/ar-EEEE.json").await;
    assert_eq!(texts.header("content-type"), "application/json");
    assert_eq!(texts.header("cache-control"), "public, max-age=31536000, immutable");
    let coordinator = of.get(&format!("/f/shop/{RELEASE}/coordinator?locale=ar")).await;
    assert!(!coordinator.body.contains(".json"), "it shows no text");
}

#[tokio::test]
async fn a_document_carries_the_whole_policy() {
    let of = vault().await;
    let answer = of.get(&format!("/f/shop/{RELEASE}/number")).await;
    assert_eq!(
        answer.header("content-security-policy"),
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; form-action 'none'; \
         base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'; \
         frame-ancestors https://shop.example https://www.shop.example"
    );
    for (name, value) in [
        ("cache-control", "no-cache"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
        ("origin-agent-cluster", "?1"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("strict-transport-security", "max-age=63072000"),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    assert!(answer.header("permissions-policy").contains("camera=()"));
    assert_eq!(answer.header("x-frame-options"), "");
    let bank = of.get(&format!("/f/bank/{RELEASE}/number")).await;
    assert!(bank.header("content-security-policy").ends_with("frame-ancestors https://bank.example"));
}

#[tokio::test]
async fn unknown_merchants_releases_and_kinds_are_not_found_and_not_framed() {
    let of = vault().await;
    for (path, code) in [
        (format!("/f/nobody/{RELEASE}/number"), "merchant_unknown"),
        (format!("/f/%3Bscript-src/{RELEASE}/number"), "merchant_unknown"),
        ("/f/shop/9.9.9/number".to_owned(), "release_unknown"),
        (format!("/f/shop/{RELEASE}/pin"), "not_found"),
        (format!("/f/shop/{RELEASE}"), "not_found"),
        (format!("/f/%ff/{RELEASE}/number"), "not_found"),
        ("/assets/manifest.json".to_owned(), "not_found"),
        ("/assets/..%2f..%2fCargo.toml".to_owned(), "not_found"),
        ("/assets/coordinator-AAAA.js.br".to_owned(), "not_found"),
        ("/".to_owned(), "not_found"),
    ] {
        let answer = of.get(&path).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, code), "{path}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn assets_never_change_and_come_compressed_where_that_is_understood() {
    let of = vault().await;
    let ask = async |path: &str, encodings: &str| {
        let request = Request::get(path).header("accept-encoding", encodings).body(Body::empty()).unwrap();
        of.send(&of.capture, request).await
    };
    let script = "/assets/coordinator-AAAA.js";
    for (encodings, encoding, body) in [
        ("gzip, br;q=0.9", "br", "brotli"),
        ("BR", "br", "brotli"),
        ("gzip", "", "export {};"),
        ("br;q=0", "", "export {};"),
        ("", "", "export {};"),
    ] {
        let answer = ask(script, encodings).await;
        assert_eq!(
            (answer.header("content-encoding"), answer.body.as_str()),
            (encoding, body),
            "{encodings}"
        );
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(answer.header("vary"), "accept-encoding");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let plain_only = ask("/assets/field-BBBB.js", "br").await;
    assert_eq!((plain_only.header("content-encoding"), plain_only.body.as_str()), ("", "export {};"));
    assert_eq!(ask("/assets/cardseal-CCCC.wasm", "").await.header("content-type"), "application/wasm");
}

#[test]
fn frames_that_are_missing_or_of_another_release_say_what_to_build() {
    let load = |manifest: Option<&'static str>| {
        Frames::load(|name| manifest.filter(|_| name == "manifest.json").map(|text| text.as_bytes().into()))
            .err()
            .unwrap()
    };
    for (manifest, says) in [
        (None, "are not built"),
        (Some("{"), "cannot be read"),
        (Some(r#"{"release":"9.9.9","assets":[]}"#), "of release 9.9.9"),
        (
            Some(concat!(r#"{"release":""#, env!("CARGO_PKG_VERSION"), r#"","assets":[]}"#)),
            "lists no coordinator.js",
        ),
        (
            Some(concat!(
                r#"{"release":""#,
                env!("CARGO_PKG_VERSION"),
                r#"","assets":[{"name":"field.js","path":"field-A.js","integrity":"sha384-x"}]}"#
            )),
            "lack field-A.js",
        ),
    ] {
        let sentence = load(manifest);
        assert!(sentence.contains(says) && sentence.contains("cargo xtask build"), "{sentence}");
    }
}

#[tokio::test]
async fn the_public_keys_are_those_of_contexts_and_cards_only() {
    let of = vault().await;
    let answer = of.get("/.well-known/jwks.json").await;
    assert_eq!(answer.header("content-type"), "application/jwk-set+json");
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    let keys = answer.json()["keys"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 2);
    let (ec, rsa) = (&keys[0], &keys[1]);
    assert_eq!(
        (&ec["kty"], &ec["use"], &ec["alg"], &ec["crv"]),
        (&"EC".into(), &"sig".into(), &"ES256".into(), &"P-256".into())
    );
    assert_eq!(ec["kid"], of.vault.known().keyring.current_context_key(NOW).kid());
    assert_eq!(
        (&rsa["kty"], &rsa["use"], &rsa["alg"]),
        (&"RSA".into(), &"enc".into(), &"RSA-OAEP-256".into())
    );
    assert_eq!(rsa["kid"], of.vault.known().keyring.current_capture_key(NOW).jwk().kid);
    assert!(!answer.body.contains(of.vault.known().keyring.current_access_key(NOW).kid()));
    assert!(!answer.body.contains("\"d\""));
}
