//! Whether an answer is one that the document of the interface lists for its call.
//! It must never pass over an answer of the two documented listeners.

use std::sync::LazyLock;

use axum::http::Method;
use cardseal_vault::api::DOCUMENT;
use serde_json::Value;

use super::Answer;

static PARSED: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(&DOCUMENT).unwrap());

/// The listener for an operator's tools has no document.
const UNDOCUMENTED: [&str; 2] = ["/readyz", "/metrics"];

/// Every answer of every test goes by here: a status, code or media type that the document lacks fails the test.
pub fn check(method: &Method, path: &str, answer: &Answer) {
    if UNDOCUMENTED.contains(&path) {
        return;
    }
    let method = if method == Method::HEAD { "get" } else { &method.as_str().to_lowercase() };
    let listed = PARSED["paths"].as_object().unwrap().iter().find_map(|(template, item)| {
        let response = &item[method]["responses"][answer.status.as_str()];
        (fits(template, path) && response.is_object()).then_some(response)
    });
    let elsewhere = match answer.status.as_u16() {
        404 => &PARSED["components"]["responses"]["NotFound"],
        405 => &PARSED["components"]["responses"]["MethodNotAllowed"],
        _ => &Value::Null,
    };
    let essence = answer.header("content-type").split(';').next().unwrap();
    let fits = |response: &Value| match &response["content"][essence]["schema"]["allOf"][1]["properties"]["code"]
    {
        Value::Null => response["content"][essence].is_object() || answer.body.is_empty(),
        code => code["enum"].as_array().unwrap().contains(&answer.code().into()),
    };
    let documented = listed.is_some_and(fits) || elsewhere.is_object() && fits(elsewhere);
    assert!(documented, "undocumented: {method} {path}: {} {}", answer.status, answer.body);
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(path).all(|(part, word)| part.starts_with('{') || *part == word)
}
