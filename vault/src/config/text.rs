//! The text of a configuration: what its hexadecimal digits say, and what is wrong with it where it cannot be read.
//! It must never quote the text: a secret may stand there under a wrong name.

/// 32 bytes from 64 hexadecimal digits.
pub fn decode_hex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    let mut bytes = [0; 32];
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

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
