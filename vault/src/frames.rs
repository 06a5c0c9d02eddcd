//! The frames that browsers load: documents made here, scripts and Wasm as `cargo xtask build` left them.
//! It must never serve a file that the build's manifest does not list.

use std::borrow::Cow;
use std::collections::HashMap;

use rust_embed::RustEmbed;
use serde::Deserialize;

/// The release whose frames this vault serves.
pub const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// The kinds of frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The hidden one that owns the form and the network.
    Coordinator,
    /// The card number's.
    Number,
    /// The expiry's.
    Expiry,
    /// The security code's.
    Cvc,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Coordinator, Self::Number, Self::Expiry, Self::Cvc];

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The name in the address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Coordinator => "coordinator",
            Self::Number => "number",
            Self::Expiry => "expiry",
            Self::Cvc => "cvc",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Coordinator => "Secure card form",
            Self::Number => "Card number",
            Self::Expiry => "Expiry date",
            Self::Cvc => "Security code",
        }
    }

    fn script(self) -> &'static str {
        match self {
            Self::Coordinator => "coordinator.js",
            Self::Number | Self::Expiry | Self::Cvc => "field.js",
        }
    }
}

/// A script, style or Wasm file.
pub struct Asset {
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub plain: Cow<'static, [u8]>,
    /// The same, compressed with Brotli.
    pub brotli: Option<Cow<'static, [u8]>>,
}

/// Everything that frames load.
pub struct Frames {
    documents: HashMap<&'static str, String>,
    assets: HashMap<String, Asset>,
}

impl Frames {
    /// The frames built with this vault: embedded in an optimized build, read from `dist/frames` in a debug build.
    ///
    /// # Errors
    /// A sentence that says what to build.
    pub fn built() -> Result<Self, String> {
        Self::load(|name| Built::get(name).map(|file| file.data))
    }

    /// Frames from the files that `read` finds by name, `manifest.json` first.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub fn load(read: impl Fn(&str) -> Option<Cow<'static, [u8]>>) -> Result<Self, String> {
        let manifest = read("manifest.json").ok_or("the frames are not built; run `cargo xtask build`")?;
        let manifest: Manifest = serde_json::from_slice(&manifest).map_err(|error| {
            format!("the frames' manifest.json cannot be read ({error}); run `cargo xtask build`")
        })?;
        if manifest.release != RELEASE {
            return Err(format!(
                "the frames are of release {}, this vault is {RELEASE}; run `cargo xtask build`",
                manifest.release
            ));
        }
        let mut assets = HashMap::new();
        for listed in &manifest.assets {
            let path = &listed.path;
            let plain =
                read(path).ok_or_else(|| format!("the frames lack {path}; run `cargo xtask build`"))?;
            let media_type = media_type(path)
                .ok_or_else(|| format!("the frames hold {path}, which is no script, style or Wasm file"))?;
            assets.insert(path.clone(), Asset { media_type, plain, brotli: read(&format!("{path}.br")) });
        }
        let documents = Kind::ALL
            .into_iter()
            .map(|kind| Ok((kind.as_str(), document(kind, &manifest)?)))
            .collect::<Result<_, String>>()?;
        Ok(Self { documents, assets })
    }

    /// The HTML of a kind of frame.
    pub fn document(&self, kind: Kind) -> Option<&str> {
        self.documents.get(kind.as_str()).map(String::as_str)
    }

    /// The asset of this hashed name.
    pub fn asset(&self, path: &str) -> Option<&Asset> {
        self.assets.get(path)
    }
}

#[derive(RustEmbed)]
#[folder = "../dist/frames"]
#[allow_missing = true]
struct Built;

#[derive(Deserialize)]
struct Manifest {
    release: String,
    assets: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    name: String,
    path: String,
    integrity: String,
}

impl Manifest {
    fn named(&self, name: &str) -> Result<&Listed, String> {
        self.assets
            .iter()
            .find(|listed| listed.name == name)
            .ok_or_else(|| format!("the frames' manifest.json lists no {name}; run `cargo xtask build`"))
    }
}

/// A document without a byte of inline script or style. The names come from the build, never from a request.
fn document(kind: Kind, manifest: &Manifest) -> Result<String, String> {
    let script = manifest.named(kind.script())?;
    let mut head = String::from("<meta charset=\"utf-8\">");
    head.push_str(&format!("<title>{}</title>", kind.title()));
    if kind == Kind::Coordinator {
        // The engine is fetched while the script that starts it is still being parsed.
        let wasm = manifest.named("cardseal.wasm")?;
        head.push_str(&format!(
            "<link rel=\"preload\" as=\"fetch\" href=\"/assets/{}\" type=\"application/wasm\" integrity=\"{}\" crossorigin=\"anonymous\">",
            wasm.path, wasm.integrity
        ));
    }
    head.push_str(&format!(
        "<script type=\"module\" src=\"/assets/{}\" integrity=\"{}\" crossorigin=\"anonymous\"></script>",
        script.path, script.integrity
    ));
    Ok(format!("<!doctype html><html lang=\"en\"><head>{head}</head><body></body></html>"))
}

fn media_type(path: &str) -> Option<&'static str> {
    match path.rsplit_once('.')?.1 {
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "wasm" => Some("application/wasm"),
        _ => None,
    }
}
