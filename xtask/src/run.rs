//! Runs other programs from the top of the repository, and says what is going on.
//! It must never hide what a failing program printed.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail};

/// Names another top than the one that this was compiled in.
pub(crate) const TOP: &str = "CARDSEAL_TOP";

/// The top of the repository.
pub(crate) fn top() -> PathBuf {
    let compiled_in = || Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned);
    std::env::var_os(TOP).map(PathBuf::from).or_else(compiled_in).unwrap_or_default()
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| top().join("target"), Into::into)
}

/// A command that runs at the top of the repository.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    // A set RUSTFLAGS would silently replace the flags that .cargo/config.toml gives the wasm32 target, and what
    // `cargo run` sets for xtask must not make the packages it builds look changed.
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
        command.env_remove(variable);
    }
    for (name, _) in std::env::vars() {
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).current_dir(top());
    command
}

/// The program of an npm package of the project.
pub(crate) fn node_bin(name: &str) -> String {
    top().join("node_modules/.bin").join(name).to_string_lossy().into_owned()
}

/// Says what is done, runs it with its output shown, and fails if it does.
pub(crate) fn step(what: &str, command: &mut Command) -> Result<()> {
    let start = Instant::now();
    println!("==> {what}");
    let status = command.status().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    if !status.success() {
        bail!("{what}: {:?} failed ({status})", command.get_program());
    }
    println!("    {what}: {:.1} s", start.elapsed().as_secs_f32());
    Ok(())
}

/// The standard output of a command that is only asked something.
pub(crate) fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let output = command(program, arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
