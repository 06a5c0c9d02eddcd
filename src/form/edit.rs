//! What an input shall hold after an edit: a pure function of the text, the caret and the edit.
//! It must never lose, add or reorder a digit that was typed, but for the zero of a one-digit month.

use zeroize::Zeroizing;

use crate::card::{digits::ascii_digit, expiry::Written};

/// How the browser changed the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Text was typed, pasted or dropped at the caret.
    Insert,
    /// Backspace.
    Backward,
    /// Delete.
    Forward,
    /// The whole text was set: autofill, or values handed over.
    Replace,
}

impl Edit {
    /// The edit with this name: `insert`, `backward`, `forward` or `replace`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "insert" => Self::Insert,
            "backward" => Self::Backward,
            "forward" => Self::Forward,
            "replace" => Self::Replace,
            _ => return None,
        })
    }
}

/// Text and caret of an input; the caret counts UTF-16 code units, as the DOM does.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Edited {
    /// What the input shall hold.
    pub text: Zeroizing<String>,
    /// Where its caret shall stand.
    pub caret: usize,
}

/// Digits, and how many of them stand before the caret.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Digits {
    /// ASCII digits.
    pub text: Zeroizing<String>,
    /// Digits before the caret.
    pub before_caret: usize,
}

impl Digits {
    /// The digits of any text, as ASCII; at most `limit` of them are kept.
    pub fn of(text: &str, caret: usize, limit: usize) -> Self {
        let mut digits = Self { text: Zeroizing::new(String::with_capacity(limit)), before_caret: 0 };
        let mut units = 0;
        for character in text.chars() {
            units += character.len_utf16();
            if let Some(digit) = ascii_digit(character).filter(|_| digits.text.len() < limit) {
                digits.text.push(digit);
                digits.before_caret += usize::from(units <= caret);
            }
        }
        digits
    }

    /// Takes out the digit beside the caret where the edit removed nothing but a separator of `held`.
    pub fn reach_over_separator(mut self, held: &str, edit: Edit) -> Self {
        if *self.text != held {
            return self;
        }
        match edit {
            Edit::Backward if self.before_caret > 0 => {
                self.before_caret -= 1;
                self.take_out(self.before_caret);
            }
            Edit::Forward if self.before_caret < self.text.len() => {
                self.take_out(self.before_caret);
            }
            _ => {}
        }
        self
    }

    fn take_out(&mut self, position: usize) {
        let kept = self.text.chars().enumerate().filter(|(place, _)| *place != position);
        self.text = Zeroizing::new(kept.map(|(_, digit)| digit).collect());
    }

    /// Puts a space after each of the `gaps` that digits follow, and the caret beside the digit it stood beside.
    pub fn grouped(&self, gaps: &[usize], edit: Edit) -> Edited {
        let mut edited = Edited {
            text: Zeroizing::new(String::with_capacity(self.text.len() + gaps.len())),
            caret: self.before_caret,
        };
        for (position, digit) in self.text.chars().enumerate() {
            if gaps.contains(&position) {
                edited.text.push(' ');
                // At a gap the caret goes on to the next digit after typing, and stays behind after Backspace.
                let over = if edit == Edit::Backward {
                    position < self.before_caret
                } else {
                    position <= self.before_caret
                };
                edited.caret += usize::from(over);
            }
            edited.text.push(digit);
        }
        edited
    }
}

/// What an expiry input shall hold: `MM / YY` or `MM / YYYY`, as far as it is written.
pub fn expiry(text: &str, caret: usize, held: &str, edit: Edit) -> Edited {
    const LIMIT: usize = 7;
    let typed = Digits::of(text, caret, LIMIT);
    let held_digits = Digits::of(held, 0, LIMIT);
    let reached = (edit == Edit::Backward || edit == Edit::Forward) && *typed.text == *held_digits.text;
    let (digits, written) = if reached {
        let digits = typed.reach_over_separator(&held_digits.text, edit);
        let written = Written::read(&digits.text);
        (digits, written)
    } else {
        (typed, Written::read(text))
    };
    let mut year = Zeroizing::new(written.year);
    year.truncate(LIMIT - 2);
    let mut edited = Edited { text: Zeroizing::new(written.month), caret: 0 };
    // A lone digit that became a whole month got a zero in front of it; deleting must not put it back.
    let deleting = edit == Edit::Backward || edit == Edit::Forward;
    if deleting && year.is_empty() && digits.text.len() == 1 {
        edited.text = digits.text.clone();
    }
    let zeros = (edited.text.len() + year.len()).saturating_sub(digits.text.len());
    let position = digits.before_caret + if digits.before_caret > 0 { zeros } else { 0 };
    let whole = edited.text.len() == 2 && !(deleting && year.is_empty());
    edited.caret = position;
    if whole {
        edited.text.push_str(" / ");
        edited.text.push_str(&year);
        if position > 2 || (position == 2 && edit != Edit::Backward) {
            edited.caret += " / ".len();
        }
    }
    edited.caret = edited.caret.min(edited.text.len());
    edited
}
