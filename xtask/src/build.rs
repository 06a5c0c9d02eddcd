//! Builds dist/: the engine as WebAssembly, the frame assets under content hashes, and the npm package's content.
//! It must never leave a file of an earlier build behind.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    manifest,
    run::{answer, command, node_bin, step, target, top},
    tools, translate,
};

/// Features that the module uses and every browser of the last years has.
pub(crate) const FEATURES: [&str; 4] = [
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
];

/// JavaScript has no counterpart of these, so that the module could not be translated; it is smaller without them, too.
const WITHOUT_FEATURES: &str = "-Ctarget-feature=-reference-types,-multivalue";

/// All the memory that the engine ever has, in bytes: the translated one cannot tell its glue that it grew, and would leave
/// what it outgrew unwiped.
const MEMORY: &str = "-Clink-arg=--initial-memory=524288";

/// As little as any function is worth to be written where it is called: found by trying, and worth a quarter of a kilobyte.
const INLINE: &str = "-Cllvm-args=-inline-threshold=9";

/// The standard library is compiled with the engine, without a panic's message and its formatting: a tenth of the module,
/// which no shopper could read. A panic is a trap either way. No stable flag does it yet, so this one compilation, and
/// nothing that the vault runs, asks the stable compiler for unstable ones.
const WITHOUT_MESSAGES: [&str; 2] = ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];
const WITHOUT_MESSAGES_FLAGS: [&str; 2] = ["-Cpanic=immediate-abort", "-Zunstable-options"];

/// What the glue exports, beside what it gives the module: the module's exports are handed to it.
const GLUE: &str =
    "export * from \"./cardseal.js\";\nexport function __wbg_set_wasm(exports: object): void;\n";

/// The npm package's entry points beside the page's part: what each is, its source, and how it is bundled.
const ENTRIES: &[(&str, &str, &[&str])] = &[
    ("the custom elements", "js/adapters/elements.ts", &["--external:cardseal", "--minify"]),
    ("the React components", "js/adapters/react.ts", &["--external:cardseal", "--external:react"]),
    (
        "the script without a bundler",
        "js/cardseal.ts",
        // Of the built parts: package.json marks them, not their sources.
        &["--alias:cardseal=./dist/index.js", "--format=iife", "--minify", "--ignore-annotations"],
    ),
    (
        "direct mode",
        "js/direct/index.ts",
        &["--define:CARDSEAL_NODE=false", "--loader:.wasm=empty", "--external:./translated.js", "--minify"],
    ),
    (
        "direct mode for Node",
        "js/direct/node.ts",
        &["--define:CARDSEAL_NODE=true", "--loader:.wasm=base64", "--platform=node", "--minify-syntax"],
    ),
    ("the backend's part", "js/server/index.ts", &["--platform=node"]),
    (
        "the hands for Playwright",
        "js/testing/playwright.ts",
        &["--platform=node", "--external:@playwright/test"],
    ),
    ("the test vault", "js/testing/vault.ts", &["--platform=node", "--external:jose"]),
    ("the hands for WebdriverIO", "js/testing/webdriverio.ts", &["--platform=node"]),
];

/// Runs the task.
pub(crate) fn run() -> Result<()> {
    tools::wasm_target()?;
    tools::rust_source()?;
    tools::node_packages()?;
    let compiled = engine()?;
    // What was built before stays until this can be built.
    let dist = top().join("dist");
    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    fs::create_dir_all(dist.join("frames"))?;
    wasm(&compiled, &dist)?;
    let translated = translate::run(&dist.join("wasm/cardseal_bg.wasm"), &dist.join("frames"))?;
    scripts(&translated)?;
    languages(&dist)?;
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

/// Compiles the engine; gives the module as the compiler left it.
fn engine() -> Result<PathBuf> {
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
        .env("RUSTC_BOOTSTRAP", "1")
        .args(WITHOUT_MESSAGES)
        .args(["--config", &rustflags()?]),
    )?;
    Ok(target().join("wasm32-unknown-unknown/wasm/cardseal.wasm"))
}

fn wasm(compiled: &Path, dist: &Path) -> Result<()> {
    let folder = dist.join("wasm");
    println!("==> binding the engine to JavaScript");
    let mut bound = Bindgen::new()
        .input_path(compiled)
        .bundler(true)?
        .typescript(true)
        .generate_output()
        .context("wasm-bindgen refused the module")?;
    let wasm = bound.wasm_mut();
    for memory in wasm.memories.iter_mut() {
        memory.maximum = Some(memory.initial);
    }
    // wasm-bindgen 0.2.130 leaves this to be imported where there are no reference types: the first of the glue's handles
    // that is not fixed.
    if let Ok(end) = wasm.imports.get_func("__wbindgen_externref_xform__", "__wbindgen_externref_statics_end")
    {
        wasm.replace_imported_func(end, |(body, _)| {
            body.i32_const(1028);
        })?;
    }
    bound.emit(&folder)?;
    fs::write(folder.join("cardseal_bg.d.ts"), GLUE)?;
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

/// The flags above, and those that take the machine's folders out of the module: the same bytes on every machine.
fn rustflags() -> Result<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).context("no home folder")?;
    let sysroot = answer("rustc", &["--print", "sysroot"]).context("rustc is missing; install rustup")?;
    let mut folders = vec![home.clone(), top(), PathBuf::from(sysroot)];
    // The last one that fits counts, so the longer paths come last.
    for registry in fs::read_dir(home.join("registry/src")).into_iter().flatten() {
        folders.push(registry?.path());
    }
    let remaps = folders.iter().map(|folder| format!("--remap-path-prefix={}/=", folder.display()));
    let flags = WITHOUT_MESSAGES_FLAGS.into_iter().chain([WITHOUT_FEATURES, MEMORY, INLINE]);
    let flags = remaps.chain(flags.map(str::to_owned));
    let flags: Vec<_> = flags.map(|flag| format!("\"{flag}\"")).collect();
    Ok(format!("target.wasm32-unknown-unknown.rustflags=[{}]", flags.join(",")))
}

fn scripts((translated, its_integrity): &(String, String)) -> Result<()> {
    let esbuild = node_bin("esbuild");
    let release = format!("--define:CARDSEAL_RELEASE=\"{}\"", env!("CARGO_PKG_VERSION"));
    let common = ["--bundle", "--format=esm", "--target=es2022", "--log-level=warning", "--charset=utf8"];
    let page = |development: bool, options: [&str; 3]| {
        let development = format!("--define:CARDSEAL_DEVELOPMENT={development}");
        let mut host = command(&esbuild, &["js/index.ts", &development, &release]);
        step("bundling the page's part", host.args(common).args(options))
    };
    page(true, ["--outfile=dist/index.dev.js", "--minify-syntax", "--legal-comments=none"])?;
    page(false, ["--outfile=dist/index.js", "--minify-syntax", "--sourcemap=inline"])?;
    let map = ["--module", "--source-map", "content=inline,url=index.js.map"];
    minify(&top().join("dist/index.js"), &map)?;
    let folder = top().join("dist/frames");
    let mut frames = command(
        &esbuild,
        &[
            "js/frame/coordinator.ts",
            "field=js/frame/frame.ts",
            "js/frame/networks.ts",
            "--minify",
            "--asset-names=[name]-[hash]",
            "--loader:.wasm=file",
            "--public-path=/assets",
            "--outdir=dist/frames",
        ],
    );
    let engine = manifest::integrity(&fs::read(top().join("dist/wasm/cardseal_bg.wasm"))?);
    let integrity = format!("--define:CARDSEAL_ENGINE_INTEGRITY=\"{engine}\"");
    let address = format!("--define:CARDSEAL_TRANSLATED=\"/assets/{translated}\"");
    let its_integrity = format!("--define:CARDSEAL_TRANSLATED_INTEGRITY=\"{its_integrity}\"");
    let style = sheet("CARDSEAL_STYLE", "js/frame/style.css")?;
    let badge = sheet("CARDSEAL_BADGE_STYLE", "js/frame/networks.css")?;
    step(
        "bundling the frames",
        frames.args(common).args([&release, &integrity, &address, &its_integrity, &style, &badge]).args([
            "--define:CARDSEAL_DEVELOPMENT=false",
            // Only who needs it loads it.
            "--external:/assets/*",
        ]),
    )?;
    for name in ["coordinator", "field", "networks"] {
        let script = folder.join(name).with_extension("js");
        minify(&script, &["--module"])?;
        let hash = manifest::short_hash(&fs::read(&script)?);
        fs::rename(&script, folder.join(format!("{name}-{hash}.js")))?;
    }
    for (what, entry, options) in ENTRIES {
        let to = entry.replace("js/", "dist/").replace(".ts", ".js");
        let mut bundle = command(&esbuild, &[entry, &format!("--outfile={to}")]);
        let bundle = bundle.args([&integrity, "--define:CARDSEAL_TRANSLATED=\"./translated.js\""]);
        step(&format!("bundling {what}"), bundle.args(common).args(*options))?;
    }
    minify(&top().join("dist/cardseal.js"), &[])?;
    // Direct mode loads them from beside itself, so that a bundler finds them.
    for (from, to) in
        [("wasm/cardseal_bg.wasm", "engine.wasm"), (&*format!("frames/{translated}"), "translated.js")]
    {
        fs::copy(top().join("dist").join(from), top().join("dist/direct").join(to))?;
    }
    step("writing type declarations", &mut command("npm", &["run", "--silent", "types"]))
}

/// A style sheet as a string of the scripts, as which alone it can be adopted; without its white space.
fn sheet(name: &str, path: &str) -> Result<String> {
    let text = answer(&node_bin("esbuild"), &[path, "--minify", "--charset=utf8"])
        .with_context(|| format!("esbuild refused {path}"))?;
    Ok(format!("--define:{name}={}", serde_json::to_string(&text)?))
}

/// Makes a bundled script smaller in its place, beyond what the bundler can. No name changes that others could know:
/// properties stay as they are. The two that it calls unsafe are not so here, where no function but a class is ever called
/// with `new`.
fn minify(script: &Path, options: &[&str]) -> Result<()> {
    let path = script.to_string_lossy();
    let safe = [
        "--ecma",
        "2022",
        "--compress",
        "passes=3,unsafe_arrows,unsafe_methods",
        "--mangle",
        "--output",
        &*path,
    ];
    let mut terser = command(&node_bin("terser"), &[&*path]);
    step(
        &format!("minifying {}", path.rsplit('/').next().unwrap_or_default()),
        terser.args(safe).args(options),
    )
}

/// Each language's texts as a file of its own, without the white space; English is in the scripts as well.
fn languages(dist: &Path) -> Result<()> {
    println!("==> writing the languages");
    for entry in fs::read_dir(top().join("js/frame/messages"))? {
        let file = entry?.path();
        let tag = file.file_stem().context("a file without a name")?.to_string_lossy();
        let texts: BTreeMap<String, String> = serde_json::from_slice(&fs::read(&file)?)
            .with_context(|| format!("{} holds no texts", file.display()))?;
        let text = serde_json::to_string(&texts)?;
        let hash = manifest::short_hash(text.as_bytes());
        fs::write(dist.join(format!("frames/{tag}-{hash}.json")), text)?;
    }
    Ok(())
}
