//! The frames that browsers load: documents made here, scripts and Wasm as `cargo xtask build` left them.
//! It must never serve a file that the build's manifest does not list.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use cardseal::form::Field;
use rust_embed::RustEmbed;
use serde::Deserialize;

use crate::fonts::{Fonts, Served};
use crate::languages::{Language, Languages};

/// The release that this vault is of.
pub const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// The kinds of frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The hidden one that owns the form and the network.
    Coordinator,
    /// One field's.
    Field(Field),
    /// Several fields in one frame.
    Card,
}

impl Kind {
    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Coordinator, Self::Card].into_iter().chain(Field::ALL.map(Self::Field))
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|kind| kind.as_str() == name)
    }

    /// The name in the address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Coordinator => "coordinator",
            Self::Field(field) => field.as_str(),
            Self::Card => "card",
        }
    }

    fn script(self) -> &'static str {
        match self {
            Self::Coordinator => "coordinator.js",
            _ => "field.js",
        }
    }
}

/// A script, style, font, Wasm file or language's texts.
pub struct Asset {
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub plain: Cow<'static, [u8]>,
    /// The same, compressed with Brotli.
    pub brotli: Option<Cow<'static, [u8]>>,
}

/// Everything that frames of one release load.
pub struct Frames {
    release: String,
    /// What a document loads, by the name of its kind.
    heads: HashMap<&'static str, String>,
    languages: Languages,
    assets: HashMap<String, Asset>,
    /// What links the sheet of the operator's fonts; empty without any.
    fonts: String,
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
        let load = || {
            let manifest = Manifest::parse(&read("manifest.json").ok_or("the frames are not built")?)?;
            if manifest.release != RELEASE {
                let release = manifest.release;
                return Err(format!("the frames are of release {release}, this vault is {RELEASE}"));
            }
            Self::listed(manifest, &read)
        };
        load().map_err(|fault| format!("{fault}; run `cargo xtask build`"))
    }

    /// The frames of another release, from a folder of their own.
    ///
    /// # Errors
    /// A sentence that names the folder and says what to put there.
    pub fn earlier(folder: &Path) -> Result<Self, String> {
        let read = |name: &str| std::fs::read(folder.join(name)).ok().map(Cow::Owned);
        let load = || {
            let manifest = read("manifest.json").ok_or("there is no manifest.json")?;
            Self::listed(Manifest::parse(&manifest)?, read)
        };
        load().map_err(|fault: String| {
            let folder = folder.display();
            format!("earlier_frames: {folder}: {fault}; put the frames of an earlier release there, whole")
        })
    }

    fn listed(manifest: Manifest, read: impl Fn(&str) -> Option<Cow<'static, [u8]>>) -> Result<Self, String> {
        let mut assets = HashMap::new();
        let mut languages = Vec::new();
        for listed in &manifest.assets {
            let path = &listed.path;
            let plain = read(path).ok_or_else(|| format!("the frames lack {path}"))?;
            let media_type = media_type(path).ok_or_else(|| {
                format!("the frames hold {path}, which is no script, style, Wasm or JSON file")
            })?;
            if let Some(tag) = listed.name.strip_suffix(".json") {
                languages.push(
                    Language::parse(tag, path, &listed.integrity, &plain)
                        .ok_or_else(|| format!("the frames' {path} holds no texts"))?,
                );
            }
            assets.insert(path.clone(), Asset { media_type, plain, brotli: read(&format!("{path}.br")) });
        }
        let heads = Kind::all()
            .map(|kind| Ok((kind.as_str(), head(kind, &manifest)?)))
            .collect::<Result<_, String>>()?;
        let languages = Languages::new(languages).ok_or("the frames' manifest.json lists no en.json")?;
        Ok(Self { release: manifest.release, heads, languages, assets, fonts: String::new() })
    }

    /// The release that they are of.
    pub fn release(&self) -> &str {
        &self.release
    }

    /// Gives fonts to the frames that show text.
    pub fn add_fonts(&mut self, Fonts { files, sheet, integrity }: &Fonts) {
        self.fonts = format!(
            "<link rel=\"stylesheet\" href=\"/assets/{}\" integrity=\"{integrity}\" crossorigin=\"anonymous\">",
            sheet.path
        );
        let files = files.iter().map(|file| (file, "font/woff2"));
        for (Served { path, bytes }, media_type) in files.chain([(sheet, "text/css; charset=utf-8")]) {
            let plain = Cow::Owned(bytes.clone());
            self.assets.insert(path.clone(), Asset { media_type, plain, brotli: None });
        }
    }

    /// Whether a kind of frame may load fonts.
    pub fn has_fonts(&self, kind: Kind) -> bool {
        kind != Kind::Coordinator && !self.fonts.is_empty()
    }

    /// The HTML of a kind of frame, in the language of the first of these ranges (RFC 4647) that there is one for.
    pub fn document(&self, kind: Kind, ranges: &str) -> Option<String> {
        let head = self.heads.get(kind.as_str())?;
        let language = self.languages.look_up(ranges);
        let title = match kind {
            Kind::Coordinator => "Secure card form",
            _ => language.labels.get(kind.as_str())?,
        };
        let (tag, direction) = (&language.tag, language.direction.as_str());
        // The script asks for what is linked here, and finds it on its way.
        let texts = match kind {
            Kind::Coordinator => String::new(),
            _ if language.is_fallback() => String::new(),
            _ => preload(&language.path, "application/json", &language.integrity),
        };
        let fonts = if self.has_fonts(kind) { self.fonts.as_str() } else { "" };
        Some(format!(
            "<!doctype html><html lang=\"{tag}\" dir=\"{direction}\"><head><meta charset=\"utf-8\">\
             <title>{title}</title>{texts}{head}{fonts}</head><body></body></html>"
        ))
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
    fn parse(text: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(text)
            .map_err(|error| format!("the frames' manifest.json cannot be read ({error})"))
    }

    fn named(&self, name: &str) -> Result<&Listed, String> {
        self.assets
            .iter()
            .find(|listed| listed.name == name)
            .ok_or_else(|| format!("the frames' manifest.json lists no {name}"))
    }
}

/// What a document loads, without a byte of inline script or style. The names come from the build, never from a request.
fn head(kind: Kind, manifest: &Manifest) -> Result<String, String> {
    let script = manifest.named(kind.script())?;
    let mut head = String::new();
    if kind == Kind::Coordinator {
        // The engine is fetched while the script that starts it is still being parsed.
        let wasm = manifest.named("cardseal.wasm")?;
        head.push_str(&preload(&wasm.path, "application/wasm", &wasm.integrity));
    }
    if matches!(kind, Kind::Field(Field::Number | Field::Cvc) | Kind::Card) {
        // Nobody waits for icons.
        let networks = manifest.named("networks.js")?;
        head.push_str(&format!(
            "<link rel=\"modulepreload\" href=\"/assets/{}\" integrity=\"{}\" fetchpriority=\"low\">",
            networks.path, networks.integrity
        ));
    }
    head.push_str(&format!(
        "<script type=\"module\" src=\"/assets/{}\" integrity=\"{}\" crossorigin=\"anonymous\"></script>",
        script.path, script.integrity
    ));
    Ok(head)
}

fn preload(path: &str, media_type: &str, integrity: &str) -> String {
    format!(
        "<link rel=\"preload\" as=\"fetch\" href=\"/assets/{path}\" type=\"{media_type}\" integrity=\"{integrity}\" crossorigin=\"anonymous\">"
    )
}

fn media_type(path: &str) -> Option<&'static str> {
    match path.rsplit_once('.')?.1 {
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "wasm" => Some("application/wasm"),
        "json" => Some("application/json"),
        _ => None,
    }
}
