//! The web fonts that the operator registered: files that frames may load, and the style sheet that names them.
//! It must never serve a file that is not WOFF2, nor let a text of the configuration out of its CSS string.

use std::path::PathBuf;

use aws_lc_rs::digest::{SHA256, SHA384, digest};
use base64ct::{Base64, Encoding};
use cardseal::envelope::compact;
use serde::Deserialize;

/// Bytes of a WOFF2 header (W3C WOFF2, section 4.1).
const HEADER: usize = 48;
/// Bytes of a hash that are enough for a name.
const NAME: usize = 12;

/// A web font as the configuration names it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FontConfig {
    /// The family that a style names.
    pub family: String,
    /// The WOFF2 file.
    pub file: PathBuf,
    /// A weight from 1 to 1000, or the first and the last of a variable font.
    #[serde(default = "regular")]
    pub weight: String,
    /// Which of the family's two shapes it is.
    #[serde(default)]
    pub style: FontStyle,
}

/// The shape of a font.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum FontStyle {
    /// Upright.
    #[default]
    Normal,
    /// Italic.
    Italic,
}

/// A file under the hashed name that it is served by.
pub struct Served {
    /// The name.
    pub path: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// The fonts, read and checked.
pub struct Fonts {
    /// The font files.
    pub files: Vec<Served>,
    /// The style sheet that names them.
    pub sheet: Served,
    /// The sheet's integrity metadata.
    pub integrity: String,
}

impl FontConfig {
    /// The regular one of a family.
    pub fn regular(family: String, file: PathBuf) -> Self {
        Self { family, file, weight: regular(), style: FontStyle::Normal }
    }

    /// Checks what the types do not.
    ///
    /// # Errors
    /// A sentence that names the setting and says what to do.
    pub fn check(&self) -> Result<(), String> {
        let first = self.family.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
        let others = self.family.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" ._-".contains(&byte));
        // What a style can name.
        if !first || !others || self.family.len() > 64 {
            return Err(
                "fonts: a family is a letter and at most 63 letters, digits, spaces, `.`, `_` or `-`"
                    .to_owned(),
            );
        }
        let weights: Option<Vec<u16>> = self.weight.split(' ').map(|part| part.parse().ok()).collect();
        let weights = weights.unwrap_or_default();
        let fits = weights.iter().all(|weight| (1..=1000).contains(weight)) && weights.is_sorted();
        if !(1..=2).contains(&weights.len()) || !fits {
            return Err(format!(
                "fonts: weight of {} is a number from 1 to 1000, like \"400\", or two for a variable font, like \
                 \"100 900\"",
                self.family
            ));
        }
        Ok(())
    }

    /// What it is, for people.
    pub fn describe(&self) -> String {
        format!("{} {} {} ({})", self.family, self.weight, self.style.as_str(), self.file.display())
    }

    fn read(&self) -> Result<Served, String> {
        let path = self.file.display();
        let bytes =
            std::fs::read(&self.file).map_err(|error| format!("fonts: cannot read {path}: {error}"))?;
        if !is_woff2(&bytes) {
            return Err(format!("fonts: {path} is not a whole WOFF2 file; convert the font to WOFF2"));
        }
        Ok(Served { path: format!("{}.woff2", name(&bytes)), bytes })
    }

    /// Without `unicode-range`: which text is shown must not decide what is loaded.
    fn rule(&self, path: &str) -> String {
        format!(
            "@font-face{{font-family:\"{}\";src:url({path})format(\"woff2\");font-weight:{};font-style:{};font-display:swap}}",
            self.family,
            self.weight,
            self.style.as_str()
        )
    }
}

impl FontStyle {
    /// As in CSS.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Italic => "italic",
        }
    }
}

impl Fonts {
    /// Reads the fonts of a configuration that was checked; `None` if it has none.
    ///
    /// # Errors
    /// A sentence that names the font or its file and says what to do.
    pub fn read(configured: &[FontConfig]) -> Result<Option<Self>, String> {
        let (mut files, mut sheet) = (Vec::new(), String::new());
        for font in configured {
            let file = font.read()?;
            sheet.push_str(&font.rule(&file.path));
            files.push(file);
        }
        if files.is_empty() {
            return Ok(None);
        }
        let bytes = sheet.into_bytes();
        let integrity = format!("sha384-{}", Base64::encode_string(digest(&SHA384, &bytes).as_ref()));
        Ok(Some(Self { files, sheet: Served { path: format!("{}.css", name(&bytes)), bytes }, integrity }))
    }
}

fn regular() -> String {
    "400".to_owned()
}

/// The name says the content, so that it can be kept for ever.
fn name(bytes: &[u8]) -> String {
    format!("font-{}", compact::encode(&digest(&SHA256, bytes).as_ref()[..NAME]))
}

/// Whether it has the signature, and the length that its header gives. The browser checks the rest, each time.
fn is_woff2(bytes: &[u8]) -> bool {
    let length = bytes.get(8..12).and_then(|length| length.try_into().ok()).map(u32::from_be_bytes);
    bytes.len() >= HEADER
        && bytes.starts_with(b"wOF2")
        && length.and_then(|length| usize::try_from(length).ok()) == Some(bytes.len())
}
