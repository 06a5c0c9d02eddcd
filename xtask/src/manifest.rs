//! Writes what was built: every file's hash and sizes, and the precompressed frame assets.
//! It must never change a file it describes.

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use sha2::{Digest, Sha384};

use crate::{budget, inventory};

/// Writes `frames/manifest.json` for the vault, `manifest.json` and the inventory for everything; prints the sizes.
pub(crate) fn write(dist: &Path) -> Result<()> {
    let frames = describe(&dist.join("frames"))?;
    for asset in &frames {
        fs::write(asset.file.with_added_extension("br"), &asset.brotli)?;
    }
    let mut host = describe(dist)?;
    // What no shopper loads is no matter of size.
    host.retain(|asset| asset.name != "index.dev.js");
    let release = env!("CARGO_PKG_VERSION");
    save(&dist.join("frames/manifest.json"), &json!({ "release": release, "assets": rows(&frames) }))?;
    let whole = json!({ "release": release, "page": rows(&host), "frames": rows(&frames) });
    save(&dist.join("manifest.json"), &whole)?;
    inventory::write(dist, release, &whole["frames"])?;
    println!("{:<28} {:>9} {:>9} {:>9}", "bytes", "raw", "gzip", "brotli");
    for (title, assets) in [("page", &host), ("frames", &frames)] {
        for asset in assets.iter().filter(|asset| !asset.path.ends_with(".json")) {
            print_row(&asset.path, asset.raw, asset.gzip, asset.brotli.len());
        }
        // Only who has no WebAssembly loads the engine without it, and only who has no bundler all in one script.
        let loaded = assets.iter().filter(|asset| !["translated.js", "cardseal.js"].contains(&&*asset.name));
        let (languages, others): (Vec<&Asset>, Vec<&Asset>) =
            loaded.partition(|asset| asset.path.ends_with(".json"));
        let sum = |size: fn(&Asset) -> usize| others.iter().copied().map(size).sum();
        print_row(&format!("{title}, in all"), sum(|a| a.raw), sum(|a| a.gzip), sum(|a| a.brotli.len()));
        // A shopper loads one of them at most, and none in English.
        if let Some(largest) = languages.iter().max_by_key(|asset| asset.brotli.len()) {
            print_row("a language, at most", largest.raw, largest.gzip, largest.brotli.len());
        }
    }
    budget::check(host.iter().chain(&frames).map(|asset| (asset.name.as_str(), asset.brotli.len())))
}

/// What a name carries so that it changes with these bytes.
pub(crate) fn short_hash(bytes: &[u8]) -> String {
    Sha384::digest(bytes).iter().take(4).map(|byte| format!("{byte:02X}")).collect()
}

/// Subresource integrity metadata of these bytes.
pub(crate) fn integrity(bytes: &[u8]) -> String {
    format!("sha384-{}", Base64::encode_string(&Sha384::digest(bytes)))
}

struct Asset {
    file: PathBuf,
    name: String,
    path: String,
    integrity: String,
    raw: usize,
    gzip: usize,
    brotli: Vec<u8>,
}

fn describe(folder: &Path) -> Result<Vec<Asset>> {
    let mut assets = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file = entry?.path();
        let kind = file.extension().and_then(OsStr::to_str);
        if matches!(kind, Some("js" | "wasm" | "json")) && !file.ends_with("manifest.json") {
            assets.push(asset(file)?);
        }
    }
    assets.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(assets)
}

fn asset(file: PathBuf) -> Result<Asset> {
    let bytes = fs::read(&file)?;
    let path = file.file_name().context("a file without a name")?.to_string_lossy().into_owned();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&bytes)?;
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut bytes.as_slice(), &mut compressed, &parameters)?;
    Ok(Asset {
        name: plain_name(&path),
        integrity: integrity(&bytes),
        raw: bytes.len(),
        gzip: gzip.finish()?.len(),
        brotli: compressed,
        path,
        file,
    })
}

/// `coordinator-AB12CD34.js` is the asset `coordinator.js`; wasm-bindgen's module is `cardseal.wasm`.
fn plain_name(path: &str) -> String {
    let (stem, extension) = path.rsplit_once('.').unwrap_or((path, ""));
    let stem = stem.rsplit_once('-').map_or(stem, |(name, _hash)| name);
    format!("{}.{extension}", stem.trim_end_matches("_bg"))
}

fn rows(assets: &[Asset]) -> Value {
    let row = |asset: &Asset| {
        json!({
            "name": asset.name,
            "path": asset.path,
            "integrity": asset.integrity,
            "raw": asset.raw,
            "gzip": asset.gzip,
            "brotli": asset.brotli.len(),
        })
    };
    assets.iter().map(row).collect()
}

pub(crate) fn save(path: &Path, value: &Value) -> Result<()> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn print_row(name: &str, raw: usize, gzip: usize, brotli: usize) {
    println!("{name:<28} {raw:>9} {gzip:>9} {brotli:>9}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets_are_named_without_their_hash() {
        for (path, name) in [
            ("coordinator-AB12CD34.js", "coordinator.js"),
            ("cardseal_bg-AB12CD34.wasm", "cardseal.wasm"),
            ("pt-BR-AB12CD34.json", "pt-BR.json"),
            ("index.js", "index.js"),
        ] {
            assert_eq!(plain_name(path), name);
        }
    }
}
