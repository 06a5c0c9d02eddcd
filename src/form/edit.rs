//! What an input of grouped digits shall hold after an edit: a pure function of the text, the caret and the edit.
//! It must never lose, add or reorder a digit that was typed.

use zeroize::Zeroizing;

use crate::digits::ascii_digit;

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
    /// Whether something was deleted at the caret.
    pub fn deletes(self) -> bool {
        matches!(self, Self::Backward | Self::Forward)
    }

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

    /// Refuses one digit typed into a value that is as long as it can be; a pasted surplus stays and shows as an error.
    pub fn refuse_surplus(self, held: &str, longest: usize, edit: Edit) -> Self {
        let Some(typed) = self.before_caret.checked_sub(1) else { return self };
        if edit != Edit::Insert || self.text.len() <= longest || *without(&self.text, typed) != held {
            return self;
        }
        Self { text: Zeroizing::new(held.to_owned()), before_caret: typed }
    }

    fn take_out(&mut self, position: usize) {
        self.text = without(&self.text, position);
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

/// The digits but for the one at `position`.
pub(super) fn without(digits: &str, position: usize) -> Zeroizing<String> {
    let kept = digits.chars().enumerate().filter(|(place, _)| *place != position);
    Zeroizing::new(kept.map(|(_, digit)| digit).collect())
}
