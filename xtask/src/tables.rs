//! The engine's tables as data and as a document, for JavaScript, the vault and people to be compared with.
//! It must never contain anything that is not in the engine or in the document of the vault's interface.

use std::{collections::BTreeMap, fs};

use anyhow::{Context, Result};
use cardseal::{card::brand::BRANDS, error::Code};
use serde_json::{Value, json};

use crate::{inventory, run::top};

/// Written and checked by the vault's own test: only the vault knows its routes.
const INTERFACE: &str = "tests/api/openapi.json";

/// Each kept file and what it has to hold.
pub(crate) fn tables() -> Result<[(&'static str, String); 4]> {
    let brands: Value = BRANDS.iter().map(|brand| brand.name).collect();
    let interface = fs::read_to_string(top().join(INTERFACE)).context(INTERFACE)?;
    let interface = serde_json::from_str(&interface).context(INTERFACE)?;
    Ok([
        ("tests/api/codes.json", codes()),
        ("tests/api/brands.json", format!("{brands:#}\n")),
        ("docs/errors.md", errors(&interface)),
        ("docs/script-inventory.md", inventory::document()),
    ])
}

fn codes() -> String {
    let row = |code: &Code| {
        json!({
            "code": code.as_str(),
            "blame": code.blame().as_str(),
            "retryable": code.retryable(),
            "field": code.field(),
            "explain": code.explain(),
        })
    };
    let rows: Value = Code::ALL.iter().map(row).collect();
    format!("{rows:#}\n")
}

fn errors(interface: &Value) -> String {
    let mut text = ERRORS.to_owned();
    let answered = answered(interface);
    for code in Code::ALL {
        let (status, calls) = answered.get(code.as_str()).cloned().unwrap_or(("-", Vec::new()));
        let calls = match (*code, calls.len()) {
            (Code::MethodNotAllowed, _) => "any other method".to_owned(),
            (Code::NotFound, _) => format!("{}, any other address", calls.join(", ")),
            (_, 0) => "the page".to_owned(),
            (_, count) if count == calls_of(interface).count() => "any call".to_owned(),
            _ => calls.join(", "),
        };
        let (name, blame, explain) = (code.as_str(), code.blame().as_str(), code.explain());
        let retry = if code.retryable() { "yes" } else { "" };
        text.push_str(&format!("| `{name}` | {blame} | {status} | {retry} | {explain} | {calls} |\n"));
    }
    text
}

/// The status of each code that the vault answers with, and the calls that it answers.
fn answered(interface: &Value) -> BTreeMap<&str, (&str, Vec<String>)> {
    let mut answered: BTreeMap<_, (_, Vec<String>)> = BTreeMap::new();
    for (call, operation) in calls_of(interface) {
        for (status, code) in members(&operation["responses"]).flat_map(|(status, of)| refusals(status, of)) {
            answered.entry(code).or_insert((status, Vec::new())).1.push(format!("`{call}`"));
        }
    }
    for (status, name) in [("404", "NotFound"), ("405", "MethodNotAllowed")] {
        for (status, code) in refusals(status, &interface["components"]["responses"][name]) {
            answered.entry(code).or_insert((status, Vec::new()));
        }
    }
    answered
}

fn calls_of(interface: &Value) -> impl Iterator<Item = (String, &Value)> {
    members(&interface["paths"]).flat_map(|(path, item)| {
        members(item).map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
    })
}

fn refusals<'a>(status: &'a str, response: &'a Value) -> impl Iterator<Item = (&'a str, &'a str)> {
    let schema = &response["content"]["application/problem+json"]["schema"]["allOf"][1];
    let codes = schema["properties"]["code"]["enum"].as_array().into_iter().flatten();
    codes.filter_map(Value::as_str).map(move |code| (status, code))
}

fn members(of: &Value) -> impl Iterator<Item = (&String, &Value)> {
    of.as_object().into_iter().flatten()
}

const ERRORS: &str = "\
# Codes

Every code of Cardseal, written by `cargo xtask tidy --fix` from `src/error.rs` and the document of the vault's interface.

A code's name never changes. `blame` says who has to act: `input` the cardholder, `misuse` the integrator, `network` nobody
in particular, `rejected` the vault refused. `retry`: the same request may succeed when it is sent again unchanged. A dash
instead of the status: it arises in the page or its frames, not in an answer of the vault. What a call may answer arises in
the page too, where the page makes that call or checks the same rule first.

| code | blame | status | retry | what is wrong and what to do | answered by |
| --- | --- | --- | --- | --- | --- |
";
