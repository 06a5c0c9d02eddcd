//! The engine's tables as data, for JavaScript and the documentation to be compared with.
//! It must never contain anything that is not in the engine.

use cardseal::{card::brand::BRANDS, error::Code};
use serde_json::{Value, json};

/// Each kept file and what it has to hold.
pub(crate) fn tables() -> [(&'static str, String); 2] {
    let brands: Value = BRANDS.iter().map(|brand| brand.name).collect();
    [("tests/api/codes.json", codes()), ("tests/api/brands.json", format!("{brands:#}\n"))]
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
