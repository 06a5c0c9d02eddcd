//! The table of codes as data, for JavaScript and the documentation to be compared with.
//! It must never contain anything that is not in `Code::ALL`.

use cardseal::error::Code;
use serde_json::{Value, json};

/// Where the table is kept.
pub(crate) const PATH: &str = "tests/api/codes.json";

/// The table, as pretty JSON.
pub(crate) fn table() -> String {
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
