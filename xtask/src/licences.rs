//! What may be built in: licences, sources and versions of crates by deny.toml, licences of npm packages by the list here.
//! It must never let a package of npm with a less free licence be loaded by a shopper: none is, they are tools.

use std::{fs, path::Path};

use anyhow::{Result, bail};
use serde_json::Value;

use crate::run::{command, step, top};

/// Licences of tools. Of these, MPL-2.0 asks something of who passes a tool on, which nobody does.
const OF_TOOLS: &[&str] =
    &["MIT", "Apache-2.0", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "MPL-2.0", "Unlicense"];

/// All but the advisories: their database is in no registry, so that only a release asks for it.
pub(crate) fn crates(cargo_deny: &Path) -> Result<()> {
    let check = ["--workspace", "--locked", "check", "licenses", "bans", "sources"];
    step("checking what the crates may be", &mut command(&cargo_deny.to_string_lossy(), &check))
}

/// Checks the lock file of npm.
pub(crate) fn npm() -> Result<()> {
    let faults = faults(&serde_json::from_slice(&fs::read(top().join("package-lock.json"))?)?);
    if faults.is_empty() {
        return Ok(());
    }
    bail!("package-lock.json: {}", faults.join("; "))
}

fn faults(lock: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let packages = lock["packages"].as_object().into_iter().flatten();
    for (path, package) in packages.filter(|(path, _)| !path.is_empty()) {
        let licence = package["license"].as_str().unwrap_or("no licence");
        let allowed = |one: &str| OF_TOOLS.contains(&one.trim_matches(['(', ')', ' ']));
        if !licence.split(" OR ").any(|choice| choice.split(" AND ").all(allowed)) {
            faults.push(format!("{path} is under {licence}"));
        }
        // What others install with the package would be theirs to answer for.
        if !["dev", "devOptional", "peer"].iter().any(|kind| package[kind] == true) {
            faults.push(format!("{path} would be installed with the package"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_licence_nobody_allowed_and_a_package_that_would_be_installed_are_named() {
        let lock = |package| json!({ "packages": { "": {}, "node_modules/a": package } });
        for (licence, allowed) in [
            ("MIT", true),
            ("GPL-3.0", false),
            ("GPL-3.0 OR MIT", true),
            ("(MIT AND GPL-3.0)", false),
            ("(MIT AND ISC) OR GPL-3.0", true),
        ] {
            let found = faults(&lock(json!({ "license": licence, "dev": true })));
            assert_eq!(found.is_empty(), allowed, "{licence}: {found:?}");
        }
        assert_eq!(faults(&lock(json!({ "dev": true }))), ["node_modules/a is under no licence"]);
        assert_eq!(
            faults(&lock(json!({ "license": "MIT" }))),
            ["node_modules/a would be installed with the package"]
        );
    }
}
