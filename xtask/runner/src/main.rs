//! Runs a wasm32 test binary in a headless browser: the runner of wasm-bindgen, at the version of the lock file.
//! It must never do anything of its own.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
