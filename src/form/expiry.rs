//! What an expiry input shall hold after an edit: `MM / YY` or `MM / YYYY`, as far as it is written, or either part alone.
//! It must never let a digit of the month slip into the year or back while either is corrected in place.

use zeroize::Zeroizing;

use super::edit::{Digits, Edit, Edited, without};
use crate::{card::expiry::Written, digits::ascii_digit};

const SEPARATOR: &str = " / ";
/// More digits than any expiry has, so that a surplus shows as an error.
const MOST_DIGITS: usize = 8;
const MOST_YEAR_DIGITS: usize = 5;

/// Takes the text of the input after an edit and what it held before.
pub(super) fn edit(text: &str, caret: usize, held: &str, edit: Edit) -> Edited {
    let digits = Digits::of(text, caret, MOST_DIGITS);
    if edit != Edit::Replace
        && let Some(slash) = slash_of(held)
        && let Some((month, year)) = held.split_at_checked(slash)
    {
        let held = Draft::of(month, year);
        if edit.deletes() && *digits.text == held.digits() {
            return held.reach_over_separator(digits.before_caret, edit).show(edit);
        }
        if let Some(slash) = slash_of(text) {
            return held.corrected(text, slash, caret, edit).show(edit);
        }
    }
    Draft::read(text, &digits, edit).show(edit)
}

/// The same for an input of the month alone.
pub(super) fn edit_month(text: &str, caret: usize, held: &str, edit: Edit) -> Edited {
    let mut digits = Digits::of(text, caret, 3).refuse_surplus(held, 2, edit);
    // A digit that begins no month is one, and so is any that a separator follows; deleting must not put the zero back.
    let typed = text.trim_start_matches(|character| ascii_digit(character).is_none());
    if !edit.deletes() && digits.text.len() == 1 && Written::read(typed).month.len() == 2 {
        digits.text.insert(0, '0');
        digits.before_caret += usize::from(digits.before_caret > 0);
    }
    digits.grouped(&[], edit)
}

/// The same for an input of the year alone.
pub(super) fn edit_year(text: &str, caret: usize, held: &str, edit: Edit) -> Edited {
    let digits = Digits::of(text, caret, MOST_YEAR_DIGITS);
    let longest = if digits.text.starts_with("20") { 4 } else { 2 };
    digits.refuse_surplus(held, longest, edit).grouped(&[], edit)
}

fn slash_of(text: &str) -> Option<usize> {
    text.bytes().position(|byte| byte == b'/')
}

/// Month and year apart, and the caret as a number of digits before it in one of them.
struct Draft {
    month: String,
    year: String,
    in_month: bool,
    before_caret: usize,
}

impl Draft {
    fn of(month: &str, year: &str) -> Self {
        let digits = |text| Digits::of(text, 0, MOST_DIGITS).text.to_string();
        Self { month: digits(month), year: digits(year), in_month: true, before_caret: 0 }
    }

    fn digits(&self) -> String {
        let mut digits = self.month.clone();
        digits.push_str(&self.year);
        digits
    }

    /// Only a separator was deleted: takes out the digit beyond it.
    fn reach_over_separator(mut self, before_caret: usize, edit: Edit) -> Self {
        let Some(position) = before_caret.checked_sub(usize::from(edit == Edit::Backward)) else {
            return self;
        };
        self.in_month = position < self.month.len();
        if self.in_month {
            self.month = without(&self.month, position).to_string();
            self.before_caret = position;
        } else {
            self.before_caret = position - self.month.len();
            self.year = without(&self.year, self.before_caret).to_string();
        }
        self
    }

    /// The separator is still there, so each digit belongs to the part that it stands in.
    fn corrected(self, text: &str, slash: usize, caret: usize, edit: Edit) -> Self {
        let (before, after) = text.split_at_checked(slash).unwrap_or((text, ""));
        let units = before.encode_utf16().count();
        let month = Digits::of(before, caret, MOST_DIGITS);
        let year = Digits::of(after, caret.saturating_sub(units), MOST_DIGITS);
        let in_month = caret <= units;
        let mut draft = Self {
            month: month.text.to_string(),
            year: year.text.to_string(),
            in_month,
            before_caret: if in_month { month.before_caret } else { year.before_caret },
        };
        if edit != Edit::Insert {
            return draft;
        }
        let surplus = draft.month.len() > 2 && !draft.year.is_empty()
            || draft.year.len() > 2 && !"20".starts_with(draft.year.get(..2).unwrap_or_default())
            || draft.year.len() > 4;
        if surplus && draft.digits().len() == self.digits().len() + 1 {
            draft.before_caret = draft.before_caret.saturating_sub(1);
            return Self { month: self.month, year: self.year, ..draft };
        }
        draft.spill();
        // A digit that begins no month is a month; a lone 1 is January once the caret has left it.
        let lone = draft.month.len() == 1 && draft.month != "0";
        if lone && (!draft.in_month || draft.month != "1") {
            draft.month.insert(0, '0');
            draft.before_caret += usize::from(draft.in_month && draft.before_caret > 0);
        }
        draft
    }

    /// Digits typed behind a finished month begin the year.
    fn spill(&mut self) {
        if self.month.len() > 2 && self.year.is_empty() {
            self.year = self.month.split_off(2);
            if self.in_month && self.before_caret > 2 {
                self.in_month = false;
                self.before_caret -= 2;
            }
        }
    }

    /// Nothing to correct: the whole text is read anew.
    fn read(text: &str, digits: &Digits, edit: Edit) -> Self {
        let Written { month, mut year } = Written::read(text);
        year.truncate(MOST_YEAR_DIGITS);
        let mut draft = Self { month, year, in_month: true, before_caret: digits.before_caret };
        // A lone digit that became a whole month got a zero in front of it; deleting must not put it back.
        if edit.deletes() && draft.year.is_empty() && digits.text.len() == 1 {
            draft.month = digits.text.to_string();
        }
        let zeros = draft.digits().len().saturating_sub(digits.text.len());
        if draft.before_caret > 0 {
            draft.before_caret += zeros;
        }
        // Year and month may have changed places; at the end the caret stays at the end.
        if digits.before_caret == digits.text.len() || draft.before_caret > draft.month.len() {
            draft.in_month = draft.year.is_empty();
            let before = if draft.in_month { 0 } else { draft.month.len() };
            draft.before_caret = draft.before_caret.min(draft.digits().len()).saturating_sub(before);
        }
        draft
    }

    fn show(self, edit: Edit) -> Edited {
        let whole = self.month.len() >= 2;
        let separated = !self.year.is_empty() || (whole && !edit.deletes());
        let mut edited = Edited { caret: self.before_caret, text: Zeroizing::new(self.month) };
        let over = if self.in_month {
            edit != Edit::Backward && edit != Edit::Forward && whole && self.before_caret == edited.text.len()
        } else {
            edited.caret += edited.text.len();
            true
        };
        if separated {
            edited.text.push_str(SEPARATOR);
            edited.text.push_str(&self.year);
            if over {
                edited.caret += SEPARATOR.len();
            }
        }
        edited.caret = edited.caret.min(edited.text.len());
        edited
    }
}
