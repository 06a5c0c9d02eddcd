//! The rules of the house that compilers and linters do not know, as a test.
//! It must never be quietened: a rule that is wrong is changed here, with its reason.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use cardseal::{card::brand::BRANDS, error::Code};
use sha2::{Digest, Sha256};

use crate::{
    run::{command, step, top},
    surfaces, tables,
};

/// The most lines of a source file, tests included.
const MOST_LINES: usize = 300;

/// Longer files, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[
    ("src/card/brand.rs", "a table: one row a brand"),
    ("js/host/form.ts", "one state machine: what a form does next depends on all of it"),
    ("tests/properties.rs", "properties of one form, over one model of typing"),
    ("src/context.rs", "one closed object: its claims, its reader and its writer belong together"),
];

/// Words that mark a boundary, and the only places they may stand in.
const BOUNDARIES: &[(&str, &str, &[&str])] = &[
    ("src", "wasm_bindgen", &["src/wasm.rs", "src/wasm/"]),
    ("src", "unsafe ", &["src/wasm/memory.rs"]),
    ("js", "postMessage", &["js/bridge.ts"]),
    ("js", "\"message\"", &["js/bridge.ts"]),
    ("js", "MessageChannel", &["js/bridge.ts"]),
    ("js", "BroadcastChannel", &[]),
    ("js", "dist/wasm", &["js/frame/core.ts", "js/direct/core.ts"]),
    ("js", "innerHTML", &[]),
    ("js", "document.referrer", &[]),
    ("js", "localStorage", &[]),
    ("js", "sessionStorage", &[]),
    ("js", "document.cookie", &[]),
    ("js", "new glue.", &["js/frame/core.ts", "js/direct/core.ts"]),
    // The browser can seal and cannot open, and the vault opens by AWS-LC alone (RUSTSEC-2023-0071).
    ("src", "PrivateKey", &[]),
    ("vault/src", "RsaPrivateKey", &[]),
    ("vault/src", " rsa::", &[]),
    ("sandbox/src", "rsa::", &[]),
    // A route of the other listeners brings its part of the document with it.
    ("vault/src", ".route(", &["vault/src/api/admin.rs"]),
    ("vault/src", "aws_lc_rs::rsa", &["vault/src/keyring/"]),
];

/// Folders, and those from which none of their files imports. What frames and direct mode share is in `js/seal`.
const APART: &[(&str, &[&str])] = &[
    ("js/host/", &["/frame/", "/direct/", "/seal/"]),
    ("js/frame/", &["/host/", "/direct/"]),
    ("js/direct/", &["/host/", "/frame/"]),
    ("js/seal/", &["/host/", "/frame/", "/direct/"]),
];

/// What the engine must not reach for.
const OUTSIDE_WORLD: &[&str] = &[
    "std::fs",
    "std::net",
    "std::time",
    "std::env",
    "std::process",
    "std::thread",
    "std::{",
    "std::io",
    "tokio",
    "axum",
];

/// Runs the task; `fix` rewrites what is derived from the code.
pub(crate) fn run(fix: bool) -> Result<()> {
    println!("==> checking the rules of the house");
    let mut faults = Vec::new();
    if fix {
        let test = ["test", "--quiet", "--package", "cardseal-vault", "--test", "openapi", "kept_document"];
        step("writing the vault's document", command("cargo", &test).env("CARDSEAL_FIX", "1"))?;
        for (path, table) in tables::tables()? {
            fs::write(top().join(path), table)?;
        }
        surfaces::fix()?;
    }
    let files = sources()?;
    for (path, text) in &files {
        check_file(path, text, &mut faults);
    }
    for (folder, word, allowed) in BOUNDARIES {
        for (path, text) in files.iter().filter(|(path, _)| path.starts_with(&format!("{folder}/"))) {
            if text.contains(word) && !allowed.iter().any(|place| path.starts_with(place)) {
                faults.push(format!("{path}: `{word}` may stand only in {allowed:?}"));
            }
        }
    }
    check_tables(&files, &mut faults)?;
    check_vectors(&files, &mut faults)?;
    check_proofs(&files, &mut faults)?;
    if faults.is_empty() {
        return Ok(());
    }
    bail!("the house is not tidy:\n  {}", faults.join("\n  "))
}

fn check_file(path: &str, text: &str, faults: &mut Vec<String>) {
    let rust = path.ends_with(".rs");
    let lines = text.lines().count();
    if lines > MOST_LINES && !LONG_FILES.iter().any(|(long, _)| *long == path) {
        faults.push(format!("{path}: {lines} lines; split it, or give a reason in LONG_FILES"));
    }
    if rust && !text.starts_with("//!") {
        faults.push(format!("{path}: begins without saying what it does"));
    }
    if path.starts_with("src/") {
        for word in OUTSIDE_WORLD.iter().filter(|word| text.contains(**word)) {
            faults.push(format!("{path}: the engine must not use `{word}`"));
        }
    }
    for (from, others) in APART {
        for other in others.iter().filter(|other| path.starts_with(from) && text.contains(**other)) {
            faults.push(format!("{path}: nothing of {from} may import from {other}"));
        }
    }
    if rust && !path.contains("/tests") && !path.starts_with("tests/") && !path.starts_with("xtask/") {
        check_reasons(path, text, faults);
    }
}

/// Every `.expose()` and every `.expect(` outside tests has its reason in the comment above.
fn check_reasons(path: &str, text: &str, faults: &mut Vec<String>) {
    let production = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines: Vec<_> = production.lines().map(str::trim).collect();
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| !line.starts_with("//")) {
        for (call, reason) in [(".expose()", "// EXPOSE:"), (".expect(", "// Invariant:")] {
            let explained = lines[..number].iter().rev().take(6).any(|above| above.starts_with(reason));
            if line.contains(call) && !explained {
                faults.push(format!("{path}:{}: `{call}` without `{reason} …` above it", number + 1));
            }
        }
    }
}

fn check_tables(files: &[(String, String)], faults: &mut Vec<String>) -> Result<()> {
    for (path, table) in tables::tables()? {
        if fs::read_to_string(top().join(path)).unwrap_or_default() != table {
            faults.push(format!(
                "{path}: not the table of the code; run `cargo xtask tidy --fix` and review it"
            ));
        }
    }
    let words = |path: &str| {
        let text = files.iter().find(|(name, _)| name == path).map_or("", |(_, text)| text);
        text.split(|character: char| !character.is_ascii_alphanumeric() && !"_-".contains(character))
            .collect::<Vec<_>>()
    };
    let errors = words("js/errors.ts");
    for code in Code::ALL.iter().filter(|code| !errors.contains(&code.as_str())) {
        faults.push(format!("js/errors.ts: lacks the code {}", code.as_str()));
    }
    let text = files.iter().find(|(name, _)| name == "js/brands.ts").map_or("", |(_, text)| text);
    let brands: Vec<_> = text.split('"').skip(1).step_by(2).collect();
    if !BRANDS.iter().map(|brand| brand.name).eq(brands) {
        faults.push("js/brands.ts: its brands are not those of src/card/brand.rs, in their order".to_owned());
    }
    Ok(())
}

/// Every folder of vectors is walked by some test, or every file in it is named by one.
fn check_vectors(files: &[(String, String)], faults: &mut Vec<String>) -> Result<()> {
    let vectors = top().join("tests/vectors");
    let mut paths = Vec::new();
    collect(&vectors, &["json"], &mut paths)?;
    for path in paths {
        let name = path.strip_prefix(&vectors)?.with_extension("").to_string_lossy().into_owned();
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let walked = [format!("each(\"{folder}\""), format!("vectors(\"{folder}\"")];
        let walks = |text: &str| {
            walked.iter().any(|call| text.contains(call)) || text.contains(&format!("vectors/{name}.json"))
        };
        if !files.iter().any(|(path, text)| path.contains("tests/") && walks(text)) {
            faults.push(format!("tests/vectors/{name}.json: no test reads it"));
        }
    }
    Ok(())
}

/// Documents that claim no more than tests prove, each named by its file and, in quotes, its sentence.
const PROVEN: &[&str] = &["docs/accessibility.md", "docs/comparison.md"];

/// Every test that those documents name is there. In a sentence `…` stands for what a test fills in.
fn check_proofs(files: &[(String, String)], faults: &mut Vec<String>) -> Result<()> {
    for document in PROVEN {
        let text = fs::read_to_string(top().join(document))?;
        let spans: Vec<_> = text.split('`').collect();
        let named = spans.windows(2).skip(1).step_by(2).filter(|pair| pair[0].contains("tests/"));
        let mut proofs = 0;
        for (path, after) in named.map(|pair| (pair[0], pair[1])) {
            proofs += 1;
            let sentence = after.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
            let words = sentence.map(|sentence| sentence.split_whitespace().collect::<Vec<_>>().join(" "));
            let mut rest = files.iter().find(|(name, _)| name == path).map(|(_, text)| text.as_str());
            for part in words.iter().flat_map(|words| words.split('…')) {
                rest = rest.and_then(|text| text.split_once(part)).map(|(_, rest)| rest);
            }
            if rest.is_none() {
                faults.push(format!("{document}: {path} has no test {:?}", words.unwrap_or_default()));
            }
        }
        if proofs == 0 {
            faults.push(format!("{document}: names no test"));
        }
    }
    Ok(())
}

/// Changes whenever a vector does.
pub(crate) fn vectors_digest() -> Result<String> {
    let mut paths = Vec::new();
    collect(&top().join("tests/vectors"), &["json"], &mut paths)?;
    paths.sort();
    let mut digest = Sha256::new();
    for path in paths {
        digest.update(path.to_string_lossy().as_bytes());
        digest.update(fs::read(path)?);
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Rust, TypeScript and JavaScript files by their path from the top, with their texts.
fn sources() -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for folder in ["src", "js", "vault", "sandbox", "xtask", "demo", "deploy", "tests"] {
        let folder = top().join(folder);
        if folder.is_dir() {
            collect(&folder, &["rs", "ts", "mjs", "js"], &mut files)?;
        }
    }
    let name = |path: &Path| path.strip_prefix(top()).unwrap_or(path).to_string_lossy().into_owned();
    files.into_iter().map(|path| Ok((name(&path), fs::read_to_string(&path)?))).collect()
}

fn collect(folder: &Path, kinds: &[&str], files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, kinds, files)?;
        } else if path.extension().is_some_and(|kind| kinds.iter().any(|wanted| kind == *wanted)) {
            files.push(path);
        }
    }
    Ok(())
}
