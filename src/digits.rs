//! Decimal digits of the scripts people type cards in, as ASCII.
//! It must never guess: what is not a digit answers `None`.

/// The ASCII digit that `character` stands for, if it is a decimal digit of a script in the list.
pub fn ascii_digit(character: char) -> Option<char> {
    const ZEROS: [char; 6] = ['0', '\u{ff10}', '\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}'];
    ZEROS.iter().find_map(|zero| {
        let value = (character as u32).checked_sub(*zero as u32).filter(|value| *value < 10)?;
        char::from_digit(value, 10)
    })
}

/// The value of one or more ASCII digits and nothing else.
pub fn value(text: &str) -> Option<u64> {
    if !is_digits(text) {
        return None;
    }
    text.bytes().try_fold(0_u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
}

/// Whether `text` is one or more ASCII digits and nothing else.
pub fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_and_arabic_indic_digits_become_ascii() {
        let typed = "４２４2٤٢۴۲";
        assert_eq!(typed.chars().filter_map(ascii_digit).collect::<String>(), "42424242");
    }

    #[test]
    fn superscripts_fractions_and_letters_are_no_digits() {
        assert_eq!("²½Ⅳa /".chars().filter_map(ascii_digit).count(), 0);
    }
}
