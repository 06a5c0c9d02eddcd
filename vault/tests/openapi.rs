//! The document of the interface: kept, served, and complete.
//! It must never be compared with anything but the routers' own document.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use axum::body::Body;
use axum::http::Request;
use cardseal_vault::api::DOCUMENT;
use serde_json::{Value, json};
use support::vault;

fn document() -> Value {
    serde_json::from_str(&DOCUMENT).unwrap()
}

fn operations(document: &Value) -> impl Iterator<Item = &Value> {
    document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
}

/// `cargo xtask tidy --fix` runs it with `CARDSEAL_FIX` set, to write the file.
#[test]
fn the_kept_document_is_that_of_the_routes() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/api/openapi.json");
    if std::env::var_os("CARDSEAL_FIX").is_some() {
        std::fs::write(&kept, DOCUMENT.as_str()).unwrap();
    }
    let kept = std::fs::read_to_string(kept).unwrap_or_default();
    assert!(kept == *DOCUMENT, "run `cargo xtask tidy --fix` and review tests/api/openapi.json");
}

#[tokio::test]
async fn it_is_served_to_anyone() {
    let of = vault().await;
    let answer = of.send(&of.api, Request::get("/openapi.json").body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.body, *DOCUMENT);
}

#[tokio::test]
async fn each_address_takes_exactly_the_methods_of_the_document() {
    let of = vault().await;
    for (path, item) in document()["paths"].as_object().unwrap() {
        for (tag, router) in [("capture", &of.capture), ("api", &of.api)] {
            let tagged = |operation: &Value| operation["tags"].as_array().unwrap().contains(&tag.into());
            let operations = item.as_object().unwrap().iter().filter(|(_, operation)| tagged(operation));
            let documented: BTreeSet<_> = operations.map(|(method, _)| method.to_uppercase()).collect();
            let request = Request::builder().method("PURGE").uri(path).body(Body::empty()).unwrap();
            let answer = of.send(router, request).await;
            let allowed = answer.header("allow").split(',').filter(|method| !["", "HEAD"].contains(method));
            assert_eq!(allowed.map(str::to_owned).collect::<BTreeSet<_>>(), documented, "{tag} {path}");
        }
    }
}

#[test]
fn operations_have_different_names_and_say_what_they_do() {
    let document = document();
    let mut names = BTreeSet::new();
    for operation in operations(&document) {
        assert!(names.insert(operation["operationId"].as_str().unwrap()), "{}", operation["operationId"]);
        assert!(operation["summary"].as_str().unwrap().ends_with('.'), "{}", operation["operationId"]);
    }
}

#[test]
fn no_call_answers_what_only_a_page_can_meet() {
    // `status` gives those 500, for want of a status of their own.
    for operation in operations(&document()) {
        let codes = &operation["responses"]["500"]["content"]["application/problem+json"]["schema"]["allOf"]
            [1]["properties"]["code"]["enum"];
        assert_eq!(*codes, json!(["internal"]), "{}", operation["operationId"]);
    }
}
