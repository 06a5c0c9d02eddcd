//! A strict, small JSON reader and string quoter for the few closed objects of the protocol.
//! It must never accept what a closed object does not list, nor the same member twice; it takes no floats and no nulls.
//!
//! A general JSON library would more than double the size of the engine in the browser.

use zeroize::Zeroizing;

use crate::digits::value;

/// Reads JSON from the front of a text. Every method answers `None` on anything but what it was asked for.
pub struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// Starts at the beginning of `text`.
    pub fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// Reads an object; `member` is called with each name and must read its value, or answer `None` to refuse it.
    pub fn object(&mut self, mut member: impl FnMut(&str, &mut Self) -> Option<()>) -> Option<()> {
        self.take('{')?;
        if self.take('}').is_some() {
            return Some(());
        }
        loop {
            let name = self.string()?;
            self.take(':')?;
            member(&name, self)?;
            if self.take(',').is_none() {
                return self.take('}');
            }
        }
    }

    /// Reads an array; `element` is called once for each element and must read it.
    pub fn array(&mut self, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.take('[')?;
        if self.take(']').is_some() {
            return Some(());
        }
        loop {
            element(self)?;
            if self.take(',').is_none() {
                return self.take(']');
            }
        }
    }

    /// Reads a string (RFC 8259 section 7). Lone surrogates and raw control characters are refused.
    pub fn string(&mut self) -> Option<Zeroizing<String>> {
        self.take('"')?;
        // Reserved once, so that a growing string leaves no copies of a secret behind.
        let mut text = Zeroizing::new(String::with_capacity(self.string_bytes()));
        loop {
            match self.next()? {
                '"' => return Some(text),
                '\\' => text.push(self.escape()?),
                control if control < ' ' => return None,
                other => text.push(other),
            }
        }
    }

    /// Reads an unsigned integer without sign, fraction, exponent or leading zeros.
    pub fn integer(&mut self) -> Option<u64> {
        self.skip_space();
        let length = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at_checked(length)?;
        if (digits.len() > 1 && digits.starts_with('0'))
            || matches!(rest.bytes().next(), Some(b'.' | b'e' | b'E'))
        {
            return None;
        }
        self.rest = rest;
        value(digits)
    }

    /// Succeeds when nothing but white space is left.
    pub fn end(mut self) -> Option<()> {
        self.skip_space();
        self.rest.is_empty().then_some(())
    }

    fn string_bytes(&self) -> usize {
        let mut escaped = false;
        self.rest
            .bytes()
            .take_while(|byte| {
                let closes = *byte == b'"' && !escaped;
                escaped = *byte == b'\\' && !escaped;
                !closes
            })
            .count()
    }

    fn escape(&mut self) -> Option<char> {
        Some(match self.next()? {
            escaped @ ('"' | '\\' | '/') => escaped,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let unit = self.hex()?;
                if (0xd800..0xdc00).contains(&unit) {
                    if self.next()? != '\\' || self.next()? != 'u' {
                        return None;
                    }
                    let low = self.hex()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                    char::from_u32(0x10000 + ((unit - 0xd800) << 10) + low)?
                } else {
                    char::from_u32(unit)?
                }
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = unit * 16 + self.next()?.to_digit(16)?;
        }
        Some(unit)
    }

    fn take(&mut self, wanted: char) -> Option<()> {
        self.skip_space();
        self.rest = self.rest.strip_prefix(wanted)?;
        Some(())
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next()?;
        self.rest = chars.as_str();
        Some(next)
    }

    fn skip_space(&mut self) {
        let spaces = self.rest.bytes().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        self.rest = self.rest.get(spaces.count()..).unwrap_or_default();
    }
}

/// Fills an empty slot with a value; a second value for the same member is refused.
pub fn once<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.is_none().then(|| *slot = Some(value))
}

/// Appends `text` as a JSON string.
pub fn quote(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            control if control < ' ' => {
                const HEX: [char; 16] =
                    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
                out.push_str("\\u00");
                out.extend([HEX[control as usize >> 4], HEX[control as usize & 15]]);
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Appends an unsigned integer.
pub fn number(out: &mut String, value: u64) {
    let mut scale = 1;
    while value / scale >= 10 {
        scale *= 10;
    }
    // Each digit goes straight to its place, so that no second buffer holds one of a secret.
    while scale > 0 {
        out.push(char::from(b'0' + (value / scale % 10) as u8));
        scale /= 10;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn string(text: &str) -> Option<String> {
        let mut reader = Reader::new(text);
        let value = reader.string()?.to_string();
        reader.end().map(|()| value)
    }

    fn integer(text: &str) -> Option<u64> {
        let mut reader = Reader::new(text);
        let value = reader.integer()?;
        reader.end().map(|()| value)
    }

    #[test]
    fn reads_escapes_and_surrogate_pairs() {
        assert_eq!(string(r#" "a\u00e9\ud83d\ude00\n\"" "#).as_deref(), Some("aé😀\n\""));
    }

    #[test]
    fn refuses_what_is_not_strict_json() {
        for text in [r#""\ud83d""#, r#""\udc00""#, "\"\n\"", r#""\x41""#, r#""open"#, "'a'", "\"a\"b"] {
            assert_eq!(string(text), None, "{text}");
        }
        for text in ["01", "-1", "1.0", "1e3", "", "18446744073709551616", "1 2"] {
            assert_eq!(integer(text), None, "{text}");
        }
    }

    #[test]
    fn refuses_a_member_twice() {
        let mut value = None;
        let mut reader = Reader::new(r#"{"a":1,"a":2}"#);
        assert_eq!(reader.object(|_, reader| once(&mut value, reader.integer()?)), None);
    }

    proptest! {
        #[test]
        fn what_quote_writes_the_reader_and_serde_read_back(text in any::<String>()) {
            let mut quoted = String::new();
            quote(&mut quoted, &text);
            prop_assert_eq!(string(&quoted), Some(text.clone()));
            prop_assert_eq!(serde_json::from_str::<String>(&quoted).unwrap(), text);
        }

        #[test]
        fn numbers_round_trip(value in any::<u64>()) {
            let mut text = String::new();
            number(&mut text, value);
            prop_assert_eq!(integer(&text), Some(value));
        }

        #[test]
        fn never_panics_and_agrees_with_serde_on_strings(text in any::<String>()) {
            prop_assert_eq!(string(&text), serde_json::from_str::<String>(&text).ok());
        }
    }
}
