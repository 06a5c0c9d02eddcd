//! The vectors of the protocol, read from where they stand.
//! It must never skip one that cannot be read.

use std::path::Path;

use serde::de::DeserializeOwned;

/// Every case of a folder with the path of its file.
pub fn each<T: DeserializeOwned>(folder: &str) -> Vec<(String, T)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors").join(folder);
    let cases: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.display().to_string();
            let case = serde_json::from_slice(&std::fs::read(path).unwrap());
            (name.clone(), case.unwrap_or_else(|error| panic!("{name}: {error}")))
        })
        .collect();
    assert!(!cases.is_empty());
    cases
}
