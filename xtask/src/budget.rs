//! How many bytes a shopper may be made to load, asset by asset.
//! It must never grow unnoticed: a larger number stands here with the change that needs it.

use anyhow::{Result, bail};

/// The most bytes of each asset under Brotli: what was reached, to the next 250.
const BYTES: &[(&str, usize)] = &[
    ("index.js", 7_000),
    ("cardseal.js", 9_250),
    ("cardseal.wasm", 29_000),
    ("coordinator.js", 6_000),
    ("field.js", 7_500),
    ("networks.js", 2_000),
];

/// Fails if an asset is over its budget. One without a budget, a language, is loaded by those who read it.
pub(crate) fn check<'a>(assets: impl Iterator<Item = (&'a str, usize)>) -> Result<()> {
    let over = |(name, bytes): (&str, usize)| {
        let (_, most) = BYTES.iter().find(|(budgeted, most)| *budgeted == name && bytes > *most)?;
        Some(format!("{name}: {bytes} bytes, {} over its {most}", bytes - most))
    };
    let over: Vec<_> = assets.filter_map(over).collect();
    if over.is_empty() {
        return Ok(());
    }
    bail!("dist/ is complete, but over its budget (xtask/src/budget.rs):\n  {}", over.join("\n  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_too_many_is_named() {
        assert!(check([("index.js", 7_000), ("de.json", 9_000)].into_iter()).is_ok());
        let error = check([("field.js", 1), ("index.js", 7_001)].into_iter()).unwrap_err().to_string();
        assert!(error.contains("index.js: 7001 bytes, 1 over its 7000"), "{error}");
        assert!(!error.contains("field.js"), "{error}");
    }
}
