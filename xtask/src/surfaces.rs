//! What others may build upon, as text in tests/api: a change to it shows in the diff, and has to be meant.
//! It must never leave out an entry point of the npm package.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    build,
    run::{command, node_bin, step, target, top},
};

/// The crates that others may depend on.
pub(crate) const CRATES: [&str; 2] = ["cardseal", "cardseal-vault"];

/// Compares the kept surfaces with the code's.
pub(crate) fn check() -> Result<()> {
    let changed =
        |path: &String, text: &String| fs::read_to_string(top().join(path)).ok().as_ref() != Some(text);
    let surfaces = surfaces()?;
    let changed: Vec<_> = surfaces.iter().filter(|(path, text)| changed(path, text)).collect();
    for (path, text) in &changed {
        let now = target().join("surface.txt");
        fs::write(&now, text)?;
        // It answers 1 where there is a difference, which is what is wanted here.
        let _ = command("diff", &["-u", path]).arg(&now).status();
    }
    if changed.is_empty() {
        return Ok(());
    }
    let paths: Vec<_> = changed.into_iter().map(|(path, _)| path).collect();
    bail!("the public surface is another than in {paths:?}; run `cargo xtask tidy --fix` and review it")
}

/// Writes the code's surfaces over the kept ones.
pub(crate) fn fix() -> Result<()> {
    build::run_if_missing()?;
    surfaces()?.iter().try_for_each(|(path, text)| Ok(fs::write(top().join(path), text)?))
}

/// Each kept file and what it has to hold.
fn surfaces() -> Result<BTreeMap<String, String>> {
    let wasm = top().join("dist/wasm/cardseal.d.ts");
    let mut surfaces = BTreeMap::from([
        ("tests/api/npm.txt".to_owned(), npm()?),
        ("tests/api/wasm.txt".to_owned(), fs::read_to_string(wasm).context("dist/ is not built")?),
    ]);
    // All at once: each choice of packages would compile their dependencies with other features.
    let mut describe = command("cargo", &["doc", "--workspace", "--no-deps", "--lib", "--quiet"]);
    describe.env("RUSTDOC", top().join("xtask/rustdoc.sh"));
    describe.env("RUSTDOCFLAGS", "-Zunstable-options --output-format=json");
    step("describing the crates", &mut describe)?;
    for name in CRATES {
        let described = target().join(format!("doc/{}.json", name.replace('-', "_")));
        let api = public_api::Builder::from_rustdoc_json(described)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .omit_auto_derived_impls(true)
            .build()
            .context(
                "public-api does not know this rustdoc's JSON; is there a newer version of one of them?",
            )?;
        surfaces.insert(format!("tests/api/rust-{name}.txt"), api.to_string());
    }
    Ok(surfaces)
}

/// The entry points, and every declaration that can be reached from one, without comments.
fn npm() -> Result<String> {
    let folder = target().join("types");
    let out = folder.to_string_lossy().into_owned();
    let mut declare = command(&node_bin("tsc"), &["--project", "js/tsconfig.types.json", "--removeComments"]);
    step("declaring the npm package's types", declare.args(["--outDir", &out]))?;
    let package: Value = serde_json::from_slice(&fs::read(top().join("package.json"))?)?;
    let mut text = String::new();
    let mut wanted = Vec::new();
    for (entry, conditions) in package["exports"].as_object().context("package.json exports nothing")? {
        let types = conditions["types"].as_str().and_then(|path| path.strip_prefix("./dist/"));
        let Some(types) = types else { bail!("package.json: {entry} has no types in dist/") };
        text.push_str(&format!("cardseal{} = {types}\n", entry.trim_start_matches('.')));
        wanted.push(types.to_owned());
    }
    let mut reached = BTreeMap::new();
    while let Some(path) = wanted.pop() {
        let declared = fs::read_to_string(folder.join(&path)).with_context(|| format!("no {path}"))?;
        wanted.extend(imports(&path, &declared).into_iter().filter(|path| !reached.contains_key(path)));
        reached.insert(path, declared);
    }
    for (path, declared) in reached {
        text.push_str(&format!("\n=== {path}\n\n{}\n", declared.trim()));
    }
    Ok(text)
}

/// The declarations of the package that one imports.
fn imports(path: &str, declared: &str) -> BTreeSet<String> {
    let strings = declared.split('"').skip(1).step_by(2);
    let relative = strings.filter(|text| text.starts_with('.') && text.ends_with(".js"));
    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
    let resolved = |text: &str| {
        let mut at: Vec<_> = folder.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        for part in text.trim_end_matches(".js").split('/') {
            match part {
                "." => {}
                ".." => drop(at.pop()),
                part => at.push(part.to_owned()),
            }
        }
        format!("{}.d.ts", at.join("/"))
    };
    relative.map(resolved).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_followed_wherever_they_are() {
        let declared =
            r#"import type { A } from "../errors.js"; export * from "./a.js"; type B = "./c" | "d.js";"#;
        let found = imports("host/fields.d.ts", declared);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["errors.d.ts", "host/a.d.ts"]);
    }
}
