//! Vectors for the engine's tests: walked on disk natively, embedded in the WebAssembly build.
//! It must never list files by hand.

use serde::de::DeserializeOwned;

/// Calls `check` with the name and content of every vector in a folder below `tests/vectors`.
pub(crate) fn each<T: DeserializeOwned>(folder: &str, check: impl Fn(&str, T)) {
    let files = files(folder);
    assert!(!files.is_empty(), "no vectors in {folder}");
    for (name, text) in files {
        check(&name, parse(&name, &text));
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn files(folder: &str) -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(folder);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        files.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
    }
    files
}

#[cfg(target_arch = "wasm32")]
fn files(folder: &str) -> Vec<(String, String)> {
    // Set by xtask to a digest of the vectors, so that a changed vector rebuilds this test.
    const _: Option<&str> = option_env!("CARDSEAL_VECTORS");
    static VECTORS: include_dir::Dir<'_> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/tests/vectors");
    let folder = VECTORS.get_dir(folder).unwrap();
    let text = |file: &include_dir::File<'_>| file.contents_utf8().unwrap().to_owned();
    folder.files().map(|file| (file.path().display().to_string(), text(file))).collect()
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn parse<T: DeserializeOwned>(name: &str, text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// In the browser, the browser's own JSON parser reads the vectors.
#[cfg(target_arch = "wasm32")]
pub(crate) fn parse<T: DeserializeOwned>(name: &str, text: &str) -> T {
    let value = js_sys::JSON::parse(text).unwrap_or_else(|_| panic!("{name}: not JSON"));
    serde_wasm_bindgen::from_value(value).unwrap_or_else(|error| panic!("{name}: {error}"))
}
