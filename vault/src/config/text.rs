//! What is wrong with the text of a configuration that cannot be read.
//! It must never quote the text: a secret may stand there under a wrong name.

/// Where and what, but never the text that stands there: it may be a secret under a wrong name.
pub(super) fn fault(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    format!("line {line}: {}", wrong(error))
}

/// What alone.
pub(super) fn wrong(error: &toml::de::Error) -> String {
    let message = error.message();
    // Of a value that does not fit serde says what it is, then what it should have been.
    match message.rsplit_once(", expected ") {
        Some((_, expected)) if message.starts_with("invalid ") => {
            format!("expected {}", if expected.starts_with("struct ") { "a section" } else { expected })
        }
        _ => message.to_owned(),
    }
}
