//! Translates the engine's WebAssembly to JavaScript, for browsers in which WebAssembly is missing or refused.
//! It must never be another engine: both are one module, with one memory of one size.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{
    build::FEATURES,
    manifest,
    run::{answer, command, node_bin, step, target},
};

/// Reads `module`, writes a script that exports `translated(imports)` into `folder`, and answers its name and integrity.
pub(crate) fn run(module: &Path, folder: &Path) -> Result<(String, String)> {
    let lowered = target().join("translated.wasm").to_string_lossy().into_owned();
    let script = target().join("translated.js").to_string_lossy().into_owned();
    // wasm2js knows no conversion from a number that ends at the largest integer.
    let mut lower = command(&node_bin("wasm-opt"), &["-Oz", "--llvm-nontrapping-fptoint-lowering"]);
    step("lowering the engine", lower.args(FEATURES).args([&*module.to_string_lossy(), "-o", &lowered]))?;
    let mut translate = command(&node_bin("wasm2js"), &["-Oz", &lowered, "-o", &script]);
    step("translating the engine to JavaScript", translate.args(FEATURES))?;
    fs::write(&script, exported(&fs::read_to_string(&script)?).context("wasm2js wrote no asmFunc")?)?;
    let minify = ["--minify", "--format=esm", "--target=es2022", "--charset=utf8", &script];
    let text = answer(&node_bin("esbuild"), &minify).context("esbuild refused the translated engine")?;
    let name = format!("translated-{}.js", manifest::short_hash(text.as_bytes()));
    fs::write(folder.join(&name), &text)?;
    Ok((name, manifest::integrity(text.as_bytes())))
}

/// The function alone, as it takes its imports: those at the top are the bundler's way, and the call at the end starts it.
fn exported(script: &str) -> Option<String> {
    let body = script.get(script.find("  var bufferView")?..script.find("var retasmFunc")?)?;
    Some(format!("{body}export {{ asmFunc as translated }};\n"))
}
