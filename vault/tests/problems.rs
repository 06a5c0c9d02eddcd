//! Every code has a status and a document, every framework's rejection too, and none says what happened inside.
//! It must never pass if an inner error's text reaches a client.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::response::IntoResponse;
use cardseal::error::{Blame, Code};
use cardseal::wire;
use cardseal_vault::failure::{Doing, Failure};
use cardseal_vault::problem::{Problem, status};
use cardseal_vault::rule::{Attempt, Rule, Verdict};
use support::{sealed, vault, vault_with, visa};

async fn document(problem: Problem) -> (u16, wire::Problem) {
    let response = problem.into_response();
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn every_code_has_a_status_and_a_document() {
    for &code in Code::ALL {
        let (sent, problem) = document(code.into()).await;
        assert!((400..600).contains(&sent), "{code:?}");
        assert_eq!((sent, problem.status), (status(code).as_u16(), sent));
        assert_eq!(problem.kind, "about:blank");
        assert_eq!(problem.title, status(code).canonical_reason().unwrap());
        assert_eq!((problem.code.as_str(), problem.detail.as_str()), (code.as_str(), code.explain()));
        assert_eq!(problem.field.as_deref(), code.field());
        assert_eq!(problem.error, None);
        if code.blame() == Blame::Input {
            assert_eq!(sent, 422, "{code:?}");
        }
    }
}

#[tokio::test]
async fn what_broke_inside_stays_inside() {
    let inner: Result<(), _> = Err("SELECT pan FROM cards WHERE pan = 4242424242424242");
    let (sent, problem) = document(inner.doing("reading a token").unwrap_err().into()).await;
    assert_eq!(sent, 500);
    assert_eq!((problem.code.as_str(), problem.detail.as_str()), ("internal", Code::Internal.explain()));
    let (_, problem) = document(Failure::RefusedBecause(Code::OptionsInvalid, "This sentence.").into()).await;
    assert_eq!((problem.code.as_str(), problem.detail.as_str()), ("options_invalid", "This sentence."));
}

#[tokio::test]
async fn busy_says_when_to_come_again() {
    let response = Problem::from(Code::Busy).into_response();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"]),
        (503, &"1".parse().unwrap())
    );
}

#[tokio::test]
async fn methods_and_addresses_that_do_not_exist_are_problems_too() {
    let of = vault().await;
    for (router, method, path, status, code) in [
        (&of.capture, "GET", "/v1/tokens", 405, "method_not_allowed"),
        (&of.capture, "DELETE", "/assets/x", 405, "method_not_allowed"),
        (&of.capture, "POST", "/v1/capture-contexts", 404, "not_found"),
        (&of.capture, "POST", "/oauth/token", 404, "not_found"),
        (&of.api, "POST", "/v1/tokens", 405, "method_not_allowed"),
        (&of.api, "GET", "/f/shop/0.1.0/number", 404, "not_found"),
        (&of.api, "GET", "/oauth/token", 405, "method_not_allowed"),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let answer = of.send(router, request).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{method} {path}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.header("x-request-id").len(), 22);
        if status == 405 {
            assert!(!answer.header("allow").is_empty());
        }
    }
    for router in [&of.capture, &of.api] {
        let answer = of.send(router, Request::get("/healthz").body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, r#"{"status":"ok"}"#));
    }
}

#[tokio::test]
async fn a_panic_is_an_internal_error_without_its_message() {
    struct Panics;
    impl Rule for Panics {
        fn name(&self) -> &'static str {
            "panics"
        }

        fn judge(&self, attempt: &Attempt<'_>) -> Verdict {
            // EXPOSE: the test shows that even this reaches nobody.
            panic!("{}", attempt.card.number().digits().expose());
        }
    }
    let of = vault_with(vec![Arc::new(Panics)]).await;
    let context = of.context().await;
    let answer = of.tokenize(&context, &sealed(&visa(), &context), "key").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (500, "internal"));
    assert!(!answer.body.contains("4242"));
}
