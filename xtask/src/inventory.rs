//! Every script and WebAssembly module of ours that a shopper's browser loads, why, and who answers for it (PCI DSS 6.4.3).
//! It must never let a script into dist/ that nobody has justified.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::manifest;

/// Where a script runs, which says who answers for it.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// The merchant's page.
    Page,
    /// The vault's frames.
    Frames,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Self::Page => "the merchant's page",
            Self::Frames => "the vault's frames",
        }
    }

    fn authorised_by(self) -> &'static str {
        match self {
            Self::Page => "the merchant, by the version in its lock file",
            Self::Frames => "the vault's operator, by the release that is installed",
        }
    }

    fn integrity_by(self) -> &'static str {
        match self {
            Self::Page => "the lock file's hash of the package; a script tag's integrity, from sri.json",
            Self::Frames => {
                "the integrity that the frame's document or its script asks for; a policy of 'self' alone"
            }
        }
    }
}

struct Script {
    /// Its path in dist/, without the hash.
    name: &'static str,
    place: Place,
    purpose: &'static str,
    justification: &'static str,
}

const fn script(
    place: Place,
    name: &'static str,
    purpose: &'static str,
    justification: &'static str,
) -> Script {
    Script { name, place, purpose, justification }
}

/// What is loaded. Which of the page's scripts, is the merchant's choice.
const SCRIPTS: &[Script] = &[
    script(
        Place::Page,
        "index.js",
        "puts the frames into the page and tells it what they say: `cardseal`",
        "without it there are no card fields; it never sees a card",
    ),
    script(
        Place::Page,
        "cardseal.js",
        "the page's part and the elements in one file, for a page without a bundler",
        "in place of index.js and elements.js",
    ),
    script(
        Place::Page,
        "adapters/elements.js",
        "the fields as HTML elements: `cardseal/elements`",
        "only where the page is written with them",
    ),
    script(
        Place::Page,
        "adapters/react.js",
        "the fields as React components: `cardseal/react`",
        "only where the page is written with them",
    ),
    script(
        Place::Page,
        "direct/index.js",
        "verifies a capture context, seals the card that the page holds and sends it: `cardseal/direct`",
        "only where a merchant captures cards in inputs of its own, in place of all frames; it sees the whole card",
    ),
    script(
        Place::Page,
        "direct/engine.wasm",
        "the engine: card rules and sealing",
        "loaded by direct/index.js, which asks for its integrity",
    ),
    script(
        Place::Page,
        "direct/translated.js",
        "the engine, translated to JavaScript",
        "loaded by direct/index.js only where the engine does not start",
    ),
    script(
        Place::Frames,
        "frames/coordinator.js",
        "owns the form, verifies the capture context, seals the card and sends it to the vault",
        "the only code in the frames that seals; without it there is no token",
    ),
    script(
        Place::Frames,
        "frames/field.js",
        "the inputs that the shopper types into, their looks and sentences",
        "without it nothing can be typed",
    ),
    script(
        Place::Frames,
        "frames/networks.js",
        "the icons of brands, and the choice of a co-badged card's network",
        "shoppers see that their card was recognised; the choice is theirs by law in the EU",
    ),
    script(
        Place::Frames,
        "frames/cardseal.wasm",
        "the engine: card rules, the half-typed form, sealing",
        "the same tested rules and sealing as in the vault, in memory that is wiped",
    ),
    script(
        Place::Frames,
        "frames/translated.js",
        "the engine, translated to JavaScript",
        "only where a browser has no WebAssembly, as in Lockdown Mode",
    ),
];

/// What no shopper's browser loads: a developer's, a backend's and a test's, and what the frames were made of.
const NEVER_LOADED: &[&str] = &["index.dev.js", "direct/node.js", "server/", "testing/", "wasm/"];

/// The inventory and every integrity of what is in dist/, `frames` being the vault's assets as the manifest lists them.
pub(crate) fn write(dist: &Path, release: &str, frames: &Value) -> Result<()> {
    let mut sri = BTreeMap::new();
    let mut built = BTreeMap::new();
    for asset in frames.as_array().into_iter().flatten() {
        let text = |member: &str| asset[member].as_str().unwrap_or_default().to_owned();
        let address = format!("/assets/{}", text("path"));
        sri.insert(address.clone(), text("integrity"));
        if !address.ends_with(".json") {
            built.insert(format!("frames/{}", text("name")), (address, text("integrity")));
        }
    }
    for name in scripts(dist)? {
        let integrity = manifest::integrity(&fs::read(dist.join(&name))?);
        sri.insert(format!("dist/{name}"), integrity.clone());
        built.insert(name.clone(), (format!("dist/{name}"), integrity));
    }
    let rows = described(&built)?;
    manifest::save(&dist.join("scripts.json"), &json!({ "release": release, "scripts": rows }))?;
    manifest::save(&dist.join("sri.json"), &json!(sri))
}

/// A row for each script that was built, by its name: its address and integrity.
fn described(built: &BTreeMap<String, (String, String)>) -> Result<Vec<Value>> {
    let unjustified: Vec<_> =
        built.keys().filter(|name| !SCRIPTS.iter().any(|script| script.name == **name)).collect();
    if !unjustified.is_empty() {
        bail!("nobody has justified {unjustified:?}; add a row to SCRIPTS in xtask/src/inventory.rs");
    }
    let row = |script: &Script| {
        let Some((address, integrity)) = built.get(script.name) else {
            bail!("SCRIPTS in xtask/src/inventory.rs has {:?}, which is not built", script.name);
        };
        Ok(json!({
            "name": script.name,
            "address": address,
            "integrity": integrity,
            "loaded_in": script.place.name(),
            "purpose": script.purpose,
            "justification": script.justification,
            "authorised_by": script.place.authorised_by(),
            "integrity_by": script.place.integrity_by(),
        }))
    };
    SCRIPTS.iter().map(row).collect()
}

/// The scripts and modules beside the frames' that a browser could load, by their path in dist/.
fn scripts(dist: &Path) -> Result<Vec<String>> {
    let mut folders = vec![PathBuf::new()];
    let mut names = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(dist.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            let name = path.to_string_lossy().into_owned();
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if [".js", ".wasm"].iter().any(|kind| name.ends_with(kind))
                && !name.starts_with("frames/")
                && !NEVER_LOADED.iter().any(|never| name.starts_with(never))
            {
                names.push(name);
            }
        }
    }
    Ok(names)
}

/// The inventory as a document; a build's addresses and integrities are in its `scripts.json`.
pub(crate) fn document() -> String {
    let mut text = DOCUMENT.to_owned();
    for place in [Place::Page, Place::Frames] {
        text.push_str(&format!(
            "\n## In {}\n\nAuthorised by {}. Integrity: {}.\n\n| script | purpose | justification |\n| --- | --- | --- |\n",
            place.name(),
            place.authorised_by(),
            place.integrity_by()
        ));
        for script in SCRIPTS.iter().filter(|script| script.place == place) {
            let Script { name, purpose, justification, .. } = script;
            text.push_str(&format!("| `{name}` | {purpose} | {justification} |\n"));
        }
    }
    text
}

const DOCUMENT: &str = "\
# Scripts

Every script and WebAssembly module of Cardseal that a shopper's browser may load, for the inventory that PCI DSS 6.4.3 asks
for. Written by `cargo xtask tidy --fix` from `xtask/src/inventory.rs`; the build fails if it makes a script without a row.

Each release has the same as `dist/scripts.json`, with the address and the sha384 integrity of each script as built, and all
integrities by address as `dist/sri.json`, of the languages' texts too, which are data. Both are in the npm package. How to use them: [payment-page-scripts.md](payment-page-scripts.md).
";

#[cfg(test)]
mod tests {
    use super::*;

    fn built(names: impl IntoIterator<Item = &'static str>) -> BTreeMap<String, (String, String)> {
        let each = |name: &str| (name.to_owned(), (format!("/{name}"), "sha384-x".to_owned()));
        names.into_iter().map(each).collect()
    }

    #[test]
    fn a_script_without_a_justification_fails_the_build() {
        let known = || SCRIPTS.iter().map(|script| script.name);
        // A script with two rows would have two justifications.
        assert_eq!(built(known()).len(), SCRIPTS.len());
        assert!(described(&built(known())).is_ok());
        let error = described(&built(known().chain(["frames/tracker.js"]))).unwrap_err().to_string();
        assert!(error.contains("frames/tracker.js"), "{error}");
        let error = described(&built(known().skip(1))).unwrap_err().to_string();
        assert!(error.contains("index.js"), "{error}");
    }
}
