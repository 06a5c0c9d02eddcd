//! The languages that frames speak, and which of them a shopper gets (RFC 4647 section 3.4, "Lookup").
//! It must never let a text of a request into an answer: what comes out is one of the built tags.

use std::collections::BTreeMap;

/// The language of the frames where none of those asked for is built.
const FALLBACK: &str = "en";

/// Characters of a request that are looked at.
const LONGEST: usize = 200;

/// Tags that shoppers have and truncation would lead astray, by the built one that they read.
const ALIASES: [(&str, &[&str]); 8] = [
    // Written in the traditional script, which tags mostly leave out.
    ("zh-hant", &["zh-tw", "zh-hk", "zh-mo"]),
    // CLDR's parents of the Spanish of the Americas.
    (
        "es-419",
        &[
            "es-ar", "es-bo", "es-br", "es-bz", "es-cl", "es-co", "es-cr", "es-cu", "es-do", "es-ec",
            "es-gt", "es-hn", "es-mx", "es-ni", "es-pa", "es-pe", "es-pr", "es-py", "es-sv", "es-us",
            "es-uy", "es-ve",
        ],
    ),
    ("sr-latn", &["sr-me", "sh"]),
    // Norwegian without saying which; who writes Nynorsk reads Bokmål.
    ("nb", &["no", "nn"]),
    // Withdrawn from ISO 639, or merged, and still sent (RFC 5646 section 2.2.1).
    ("he", &["iw"]),
    ("id", &["in"]),
    ("fil", &["tl"]),
    ("ro", &["mo"]),
];

/// Which way a language is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From left to right.
    Ltr,
    /// From right to left.
    Rtl,
}

impl Direction {
    /// As in HTML's `dir`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        }
    }
}

/// One language's texts, as a file of the build.
#[derive(Debug)]
pub struct Language {
    /// Its BCP 47 tag.
    pub tag: String,
    /// Which way it is written.
    pub direction: Direction,
    /// The labels of the fields, by field.
    pub labels: BTreeMap<String, String>,
    /// The file's hashed name.
    pub path: String,
    /// The file's integrity metadata.
    pub integrity: String,
}

impl Language {
    /// The language of a file, or `None` if the file is not one of texts.
    pub fn parse(tag: &str, path: &str, integrity: &str, bytes: &[u8]) -> Option<Self> {
        let texts: BTreeMap<String, String> = serde_json::from_slice(bytes).ok()?;
        let direction = match texts.get("direction")?.as_str() {
            "ltr" => Direction::Ltr,
            "rtl" => Direction::Rtl,
            _ => return None,
        };
        let label = |(name, text): (String, String)| Some((name.strip_suffix("_label")?.to_owned(), text));
        Some(Self {
            tag: tag.to_owned(),
            direction,
            path: path.to_owned(),
            integrity: integrity.to_owned(),
            labels: texts.into_iter().filter_map(label).collect(),
        })
    }

    /// Whether it is the one that needs no file, as the scripts hold it.
    pub fn is_fallback(&self) -> bool {
        self.tag == FALLBACK
    }
}

/// Every language of a build.
#[derive(Debug)]
pub struct Languages {
    fallback: Language,
    others: BTreeMap<String, Language>,
}

impl Languages {
    /// The languages, or `None` if the one for everybody else is not among them.
    pub fn new(all: impl IntoIterator<Item = Language>) -> Option<Self> {
        let mut others: BTreeMap<_, _> =
            all.into_iter().map(|language| (language.tag.to_ascii_lowercase(), language)).collect();
        Some(Self { fallback: others.remove(FALLBACK)?, others })
    }

    /// The first of these ranges, apart by commas, for which there is a language, each range cut from its end until it fits.
    pub fn look_up(&self, ranges: &str) -> &Language {
        let start: String = ranges.chars().take(LONGEST).collect();
        // Pages write `en_US` too.
        let start = start.to_ascii_lowercase().replace('_', "-");
        start.split(',').find_map(|range| self.longest(range.trim())).unwrap_or(&self.fallback)
    }

    fn longest(&self, range: &str) -> Option<&Language> {
        let mut range = range;
        loop {
            let alias = ALIASES.iter().find(|(_, from)| from.contains(&range)).map(|(to, _)| *to);
            if let Some(found) = self.named(alias.unwrap_or(range)) {
                return Some(found);
            }
            range = range.rsplit_once('-')?.0;
            // A single letter introduces what was cut off, and says nothing alone.
            while let Some((rest, _)) = range.rsplit_once('-').filter(|(_, last)| last.len() == 1) {
                range = rest;
            }
        }
    }

    fn named(&self, tag: &str) -> Option<&Language> {
        if tag == FALLBACK { Some(&self.fallback) } else { self.others.get(tag) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn languages() -> Languages {
        let tags = [
            "en", "ar", "de", "es", "es-419", "fil", "he", "nb", "pt", "pt-BR", "sr", "sr-Latn", "zh",
            "zh-Hant",
        ];
        let texts = br#"{"direction":"ltr","number_label":"Number"}"#;
        Languages::new(tags.iter().filter_map(|tag| Language::parse(tag, "x.json", "sha384-x", texts)))
            .unwrap()
    }

    #[test]
    fn a_shopper_gets_the_nearest_language_of_the_first_range_that_has_one() {
        let languages = languages();
        for (ranges, tag) in [
            ("de", "de"),
            ("de-AT", "de"),
            ("DE_at", "de"),
            ("pt-BR", "pt-BR"),
            ("pt-PT", "pt"),
            ("pt-AO", "pt"),
            ("es-ES", "es"),
            ("es-mx-u-co-trad", "es-419"),
            ("es-419", "es-419"),
            ("zh", "zh"),
            ("zh-CN", "zh"),
            ("zh-Hant-TW", "zh-Hant"),
            ("zh-TW", "zh-Hant"),
            ("zh-HK-x-private", "zh-Hant"),
            ("sr-Latn-RS", "sr-Latn"),
            ("sr-RS", "sr"),
            ("nn-NO", "nb"),
            ("no", "nb"),
            ("iw-IL", "he"),
            ("tl", "fil"),
            ("ar-u-nu-latn", "ar"),
            ("en-GB,de", "en"),
            ("tlh,de-CH", "de"),
            ("tlh, ar", "ar"),
            ("", "en"),
            ("tlh", "en"),
            ("*", "en"),
            ("-,--,x-de,a-b-c", "en"),
            ("\"><script>", "en"),
        ] {
            assert_eq!(languages.look_up(ranges).tag, tag, "{ranges}");
        }
        assert_eq!(languages.look_up(&format!("{}de", "x,".repeat(200))).tag, "en");
    }

    #[test]
    fn a_file_that_holds_no_texts_is_no_language() {
        for bytes in [&b"{}"[..], b"[]", b"export {};", br#"{"direction":"up"}"#, br#"{"direction":7}"#] {
            assert!(Language::parse("de", "x.json", "sha384-x", bytes).is_none());
        }
        assert!(Languages::new([]).is_none());
    }
}
