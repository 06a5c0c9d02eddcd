//! Builds dist/: the engine as WebAssembly, the frame assets under content hashes, and the npm package's content.
//! It must never leave a file of an earlier build behind.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    manifest,
    run::{answer, command, node_bin, step, target, top},
    tools,
};

/// Features that rustc's wasm32 target uses and every browser of the last years has.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Runs the task.
pub(crate) fn run() -> Result<()> {
    tools::wasm_target()?;
    tools::node_packages()?;
    let dist = top().join("dist");
    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    fs::create_dir_all(dist.join("frames"))?;
    wasm(&dist)?;
    scripts()?;
    manifest::write(&dist)
}

/// Builds what dist/ lacks, for tasks that only need it to be there.
pub(crate) fn run_if_missing() -> Result<()> {
    if top().join("dist/manifest.json").is_file() { Ok(()) } else { run() }
}

/// Compiles one of the workspace's programs, with the features it has in the whole workspace: each choice of packages
/// would compile its dependencies anew.
pub(crate) fn program(name: &str) -> Result<()> {
    step(&format!("compiling {name}"), &mut command("cargo", &["build", "--workspace", "--bin", name]))
}

fn wasm(dist: &Path) -> Result<()> {
    step(
        "compiling the engine to WebAssembly",
        command(
            "cargo",
            &[
                "rustc",
                "--package",
                "cardseal",
                "--lib",
                "--profile",
                "wasm",
                "--target",
                "wasm32-unknown-unknown",
                "--crate-type",
                "cdylib",
            ],
        )
        .args(["--config", &remap_paths()?]),
    )?;
    let compiled = target().join("wasm32-unknown-unknown/wasm/cardseal.wasm");
    let folder = dist.join("wasm");
    println!("==> binding the engine to JavaScript");
    Bindgen::new()
        .input_path(&compiled)
        .web(true)?
        .typescript(true)
        .generate(&folder)
        .context("wasm-bindgen refused the module")?;
    let module = folder.join("cardseal_bg.wasm");
    let path = module.to_string_lossy();
    let mut optimize = command(&node_bin("wasm-opt"), &["-Oz", "--strip-debug", "--strip-producers"]);
    step("optimizing the module", optimize.args(FEATURES).args([&*path, "-o", &*path]))?;
    // A lost linker flag would make the stack 1 MiB and each wipe of it slow.
    let text = answer(&node_bin("wasm-dis"), &[&path]).unwrap_or_default();
    if !text.contains("(mut i32) (i32.const 32768)") {
        bail!("the module's stack is not 32 KiB; is RUSTFLAGS or another cargo configuration in the way?");
    }
    Ok(())
}

/// Takes the machine's folders out of the panic locations: smaller, and the same bytes on every machine.
fn remap_paths() -> Result<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).context("no home folder")?;
    let sysroot = answer("rustc", &["--print", "sysroot"]).context("rustc is missing; install rustup")?;
    let mut folders = vec![home.clone(), top(), PathBuf::from(sysroot)];
    // The last one that fits counts, so the longer paths come last.
    for registry in fs::read_dir(home.join("registry/src")).into_iter().flatten() {
        folders.push(registry?.path());
    }
    let flags: Vec<_> =
        folders.iter().map(|folder| format!("\"--remap-path-prefix={}/=\"", folder.display())).collect();
    Ok(format!("target.wasm32-unknown-unknown.rustflags=[{}]", flags.join(",")))
}

fn scripts() -> Result<()> {
    let esbuild = node_bin("esbuild");
    let release = format!("--define:CARDSEAL_RELEASE=\"{}\"", env!("CARGO_PKG_VERSION"));
    let common = ["--bundle", "--format=esm", "--target=es2022", "--log-level=warning", "--charset=utf8"];
    let mut host = command(&esbuild, &["js/index.ts", "--outfile=dist/index.js", "--minify", "--sourcemap"]);
    step("bundling the page's part", host.args(common).arg(&release))?;
    let mut frames = command(
        &esbuild,
        &[
            "js/frame/coordinator.ts",
            "js/frame/field.ts",
            "--minify",
            "--entry-names=[name]-[hash]",
            "--asset-names=[name]-[hash]",
            "--loader:.wasm=file",
            "--public-path=/assets",
            "--outdir=dist/frames",
        ],
    );
    let engine = manifest::integrity(&fs::read(top().join("dist/wasm/cardseal_bg.wasm"))?);
    let integrity = format!("--define:CARDSEAL_ENGINE_INTEGRITY=\"{engine}\"");
    step("bundling the frames", frames.args(common).args([&release, &integrity]))?;
    step("writing type declarations", &mut command("npm", &["run", "--silent", "types"]))
}
