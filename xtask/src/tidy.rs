//! The rules of the house that compilers and linters do not know, as a test.
//! It must never be quietened: a rule that is wrong is changed here, with its reason.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{codes, run::top};

/// The most lines of a source file, tests included.
const MOST_LINES: usize = 300;

/// Longer files, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[
    ("src/card/brand.rs", "a table: one row a brand"),
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
    ("js", "dist/wasm", &["js/frame/core.ts"]),
    ("js", "innerHTML", &[]),
    ("js", "document.referrer", &[]),
    ("js", "localStorage", &[]),
    ("js", "sessionStorage", &[]),
    ("js", "document.cookie", &[]),
    ("vault/src", "aws_lc_rs::rsa", &["vault/src/keyring/"]),
];

/// What the engine must not reach for.
const OUTSIDE_WORLD: &[&str] =
    &["std::fs", "std::net", "std::time", "std::env", "std::process", "std::thread", "tokio", "axum"];

/// Runs the task; `fix` rewrites what is derived from the code.
pub(crate) fn run(fix: bool) -> Result<()> {
    println!("==> checking the rules of the house");
    let mut faults = Vec::new();
    if fix {
        fs::create_dir_all(top().join("tests/api"))?;
        fs::write(top().join(codes::PATH), codes::table())?;
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
    check_codes(&files, &mut faults)?;
    check_vectors(&files, &mut faults)?;
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
    let crosses = |from: &str, to: &str| path.starts_with(from) && text.contains(to);
    if crosses("js/host/", "/frame/") || crosses("js/frame/", "/host/") {
        faults.push(format!("{path}: the page's part and the frames must not import each other"));
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

fn check_codes(files: &[(String, String)], faults: &mut Vec<String>) -> Result<()> {
    let kept = fs::read_to_string(top().join(codes::PATH)).unwrap_or_default();
    if kept != codes::table() {
        faults.push(format!(
            "{}: not the table of the code; run `cargo xtask tidy --fix` and review it",
            codes::PATH
        ));
    }
    let protocol = fs::read_to_string(top().join("docs/protocol.md")).context("docs/protocol.md")?;
    let errors = files.iter().find(|(path, _)| path == "js/errors.ts").map_or("", |(_, text)| text);
    for code in cardseal::error::Code::ALL.iter().map(|code| code.as_str()) {
        for (place, text) in [("docs/protocol.md", protocol.as_str()), ("js/errors.ts", errors)] {
            if !text.contains(code) {
                faults.push(format!("{place}: lacks the code {code}"));
            }
        }
    }
    Ok(())
}

/// Every folder of vectors is named by some test.
fn check_vectors(files: &[(String, String)], faults: &mut Vec<String>) -> Result<()> {
    let vectors = top().join("tests/vectors");
    for entry in fs::read_dir(&vectors).context("tests/vectors")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let read = files.iter().any(|(path, text)| {
            (path.contains("tests/")) && text.contains("vectors") && text.contains(&format!("\"{name}"))
                || path.contains("tests/") && text.contains(&format!("vectors/{name}"))
        });
        if !read {
            faults.push(format!("tests/vectors/{name}: no test reads it"));
        }
    }
    Ok(())
}

/// Rust, TypeScript and JavaScript files by their path from the top, with their texts.
fn sources() -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for folder in ["src", "js", "vault", "sandbox", "xtask", "demo", "tests"] {
        let folder = top().join(folder);
        if folder.is_dir() {
            collect(&folder, &mut files)?;
        }
    }
    let name = |path: &Path| path.strip_prefix(top()).unwrap_or(path).to_string_lossy().into_owned();
    files.into_iter().map(|path| Ok((name(&path), fs::read_to_string(&path)?))).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|kind| kind == "rs" || kind == "ts" || kind == "mjs" || kind == "js")
        {
            files.push(path);
        }
    }
    Ok(())
}
