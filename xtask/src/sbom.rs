//! Bills of materials (CycloneDX 1.5) of what is shipped: the npm package with its tools, the engine's module, the vault.
//! It must never tell two runs on the same sources apart, nor name a folder or a host of the machine.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    manifest,
    run::{answer, top},
};

/// What is compiled from crates: the bill's name, the package, what it is, and what it runs on.
const COMPILED: [(&str, &str, &str, &str); 2] = [
    ("cardseal-wasm", "cardseal", "library", "wasm32-unknown-unknown"),
    ("cardseal-vault", "cardseal-vault", "application", "x86_64-unknown-linux-gnu"),
];

/// Writes the bills into `folder`.
pub(crate) fn write(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let bill = |name: &str| folder.join(format!("{name}.cdx.json"));
    manifest::save(&bill("cardseal-npm"), &npm()?)?;
    for (name, package, kind, target) in COMPILED {
        manifest::save(&bill(name), &crates(package, kind, target)?)?;
    }
    Ok(())
}

/// npm's own bill, of the lock file. None of the packages is shipped: each is marked as one for development.
fn npm() -> Result<Value> {
    let text = answer("npm", &["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"]);
    let mut bill: Value = serde_json::from_str(&text.context("npm made no bill of materials")?)?;
    let about = bill["metadata"].as_object_mut().context("npm's bill of materials has no metadata")?;
    about.remove("timestamp");
    // npm names the package after the folder.
    about["component"]["name"] = json!("cardseal");
    Ok(numbered(bill))
}

fn crates(package: &str, kind: &str, target: &str) -> Result<Value> {
    let listed =
        answer("cargo", &["metadata", "--format-version", "1", "--locked", "--filter-platform", target]);
    let listed: Value = serde_json::from_str(&listed.context("cargo described no packages")?)?;
    let shipped = tree(package, target, "normal,no-proc-macro")?;
    let used = tree(package, target, "normal,build")?;
    let checksums = checksums()?;
    let mut references = BTreeMap::new();
    let mut components = Vec::new();
    let mut root = Value::Null;
    for found in listed["packages"].as_array().context("cargo listed no packages")? {
        let text = |member: &str| found[member].as_str().unwrap_or_default();
        let (name, version) = (text("name"), text("version"));
        let key = format!("{name} v{version}");
        if !used.contains(&key) {
            continue;
        }
        let address = format!("pkg:cargo/{name}@{version}");
        references.insert(text("id"), address.clone());
        let mut component = json!({
            "type": if name == package { kind } else { "library" },
            "bom-ref": address,
            "name": name,
            "version": version,
            "scope": if shipped.contains(&key) { "required" } else { "excluded" },
            // An older way to write `OR`.
            "licenses": [{ "expression": text("license").replace('/', " OR ") }],
            "purl": address,
        });
        if let Some(checksum) = checksums.get(&key) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        }
        if name == package { root = component } else { components.push(component) }
    }
    components.sort_by(|left, right| left["purl"].as_str().cmp(&right["purl"].as_str()));
    let compiler = answer("rustc", &["--version"]).context("rustc is missing")?;
    Ok(numbered(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "lifecycles": [{ "phase": "build" }],
            "component": root,
            "properties": [
                { "name": "cardseal:target", "value": target },
                { "name": "cardseal:compiler", "value": compiler },
            ],
        },
        "components": components,
        "dependencies": dependencies(&listed, &references),
    })))
}

/// Who depends on whom, among those that have a reference.
fn dependencies(listed: &Value, references: &BTreeMap<&str, String>) -> Vec<Value> {
    let named = |id: &Value| references.get(id.as_str().unwrap_or_default());
    let nodes = listed["resolve"]["nodes"].as_array().into_iter().flatten();
    let mut rows: Vec<_> = nodes
        .filter_map(|node| {
            let on = node["deps"].as_array().into_iter().flatten().filter(|dependency| {
                let kinds = dependency["dep_kinds"].as_array().into_iter().flatten();
                kinds.into_iter().any(|kind| kind["kind"] != "dev")
            });
            let on: BTreeSet<_> = on.filter_map(|dependency| named(&dependency["pkg"])).collect();
            Some((named(&node["id"])?, on))
        })
        .collect();
    rows.sort();
    rows.into_iter().map(|(of, on)| json!({ "ref": of, "dependsOn": on })).collect()
}

/// `name vVERSION` of a package and of what it is made of, along these edges.
fn tree(package: &str, target: &str, edges: &str) -> Result<BTreeSet<String>> {
    let options = ["--prefix", "none", "--no-dedupe", "--locked", "--format", "{p}"];
    let mut all = vec!["tree", "--package", package, "--target", target, "--edges", edges];
    all.extend(options);
    let text = answer("cargo", &all).with_context(|| format!("cargo knows no tree of {package}"))?;
    let words = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    Ok(text.lines().map(words).collect())
}

/// The checksums of Cargo.lock, by `name vVERSION`.
fn checksums() -> Result<BTreeMap<String, String>> {
    let lock = fs::read_to_string(top().join("Cargo.lock"))?;
    let entry = |block: &str| {
        let text = |member: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(&format!("{member} = \"")))?;
            Some(line.trim_end_matches('"').to_owned())
        };
        Some((format!("{} v{}", text("name")?, text("version")?), text("checksum")?))
    };
    Ok(lock.split("[[package]]").filter_map(entry).collect())
}

/// With a serial number that is made of the content (RFC 9562 section 5.8).
fn numbered(mut bill: Value) -> Value {
    if let Some(members) = bill.as_object_mut() {
        members.remove("serialNumber");
    }
    let digest = Sha256::digest(bill.to_string());
    let mut bytes: [u8; 16] = std::array::from_fn(|index| digest[index]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
    bill["serialNumber"] = json!(format!("urn:uuid:{parts}"));
    bill
}

#[cfg(test)]
mod tests {
    use super::*;
    use cyclonedx_bom::prelude::{Bom, Validate};

    #[test]
    fn each_bill_is_valid_and_names_what_is_shipped_and_nothing_of_the_machine() {
        let folder = std::env::temp_dir().join(format!("cardseal-sbom-{}", std::process::id()));
        write(&folder).unwrap();
        let home = std::env::home_dir().unwrap().to_string_lossy().into_owned();
        for (name, holds, lacks) in [
            ("cardseal-npm", vec!["esbuild", "typescript"], vec![]),
            ("cardseal-wasm", vec!["rsa", "wasm-bindgen"], vec!["tokio", "utoipa", "serde_json"]),
            ("cardseal-vault", vec!["aws-lc-rs", "cardseal", "sqlx"], vec!["rcgen", "clippy", "xtask"]),
        ] {
            let text = fs::read_to_string(folder.join(format!("{name}.cdx.json"))).unwrap();
            let bom = Bom::parse_from_json(text.as_bytes()).unwrap();
            let result = bom.validate();
            assert!(result.passed(), "{name}: {:?}", result.errors().collect::<Vec<_>>());
            for word in [&*top().to_string_lossy(), &home, "registry.", "file:", "timestamp"] {
                assert!(!text.contains(word), "{name} has {word}");
            }
            let components = bom.components.unwrap().0;
            let has = |of: &str| components.iter().any(|component| &*component.name == of);
            assert!(holds.iter().all(|of| has(of)), "{name}");
            assert!(!lacks.iter().any(|of| has(of)), "{name}");
        }
        let read = || fs::read_to_string(folder.join("cardseal-npm.cdx.json")).unwrap();
        let first = read();
        write(&folder).unwrap();
        assert_eq!(read(), first, "npm gives each bill a time and a number of its own");
        fs::remove_dir_all(&folder).unwrap();
    }
}
