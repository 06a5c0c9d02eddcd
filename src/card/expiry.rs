//! The expiry date: read from the many ways people write it, judged against a given month.
//! It must never read a clock: the month of today is an argument.

use super::Verdict;
use crate::{
    digits::{ascii_digit, value},
    error::Code,
};

/// How many years ahead a card may expire.
const YEARS_AHEAD: u16 = 20;

/// A calendar month, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: u16,
    month: u8,
}

impl Month {
    /// A month from 1 to 12 of a year from 2000 to 2199.
    pub fn new(year: u16, month: u8) -> Option<Self> {
        ((2000..2200).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// The month of a moment in Unix seconds. A card counts as valid to the end of its month in the last time zone
    /// (UTC-12), so the month changes twelve hours later than in UTC. A moment before 2000 or after 2199 is of the first or
    /// the last month of those years.
    pub fn at(unix_seconds: u64) -> Self {
        const LAST_ZONE: u64 = 12 * 3600;
        // Days to civil date in the proleptic Gregorian calendar, counted in eras of 400 years from 1 March of year 0.
        let days = unix_seconds.saturating_sub(LAST_ZONE) / 86_400 + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = era * 400 + year_of_era + u64::from(month <= 2);
        let edge = if year < 2000 { Self { year: 2000, month: 1 } } else { Self { year: 2199, month: 12 } };
        Self::new(year.min(9999) as u16, month as u8).unwrap_or(edge)
    }

    /// The year, four digits.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }
}

/// A card's expiry: the last month in which it is valid.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Expiry(Month);

impl core::fmt::Debug for Expiry {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("[expiry]")
    }
}

impl Expiry {
    /// An expiry of any month that exists.
    ///
    /// # Errors
    /// [`Code::ExpiryInvalid`].
    pub fn new(year: u16, month: u8) -> Result<Self, Code> {
        Month::new(year, month).map(Self).ok_or(Code::ExpiryInvalid)
    }

    /// Whether the card is valid in the month `today`.
    ///
    /// # Errors
    /// [`Code::ExpiryPast`] or [`Code::ExpiryTooFar`] (more than 20 years ahead).
    pub fn check(self, today: Month) -> Result<Self, Code> {
        if self.0 < today {
            Err(Code::ExpiryPast)
        } else if (self.0.year, self.0.month) > (today.year + YEARS_AHEAD, today.month) {
            Err(Code::ExpiryTooFar)
        } else {
            Ok(self)
        }
    }

    /// The last valid month.
    pub fn month(self) -> Month {
        self.0
    }
}

/// What has been written of an expiry so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Up to two digits; two once the month is finished.
    pub month: String,
    /// Up to four digits, empty until the month is finished.
    pub year: String,
}

impl Written {
    /// Reads what was typed or pasted: `1`, `4`, `12/29`, `1229`, `12/2029`, `2029-12`, with or without spaces.
    pub fn read(text: &str) -> Self {
        if text.bytes().find(|byte| *byte != b' ') == Some(b'/') {
            return Self { month: String::new(), year: text.chars().filter_map(ascii_digit).collect() };
        }
        let (mut first, mut rest, mut finished) = (String::new(), String::new(), false);
        for character in text.chars() {
            match ascii_digit(character) {
                Some(digit) if finished => rest.push(digit),
                Some(digit) => first.push(digit),
                None => finished |= !first.is_empty(),
            }
        }
        if first.len() == 4 && (1..=2).contains(&rest.len()) {
            return Self::of(&rest, true, &first);
        }
        let (two, behind) = split(&first, 2);
        let (year, last_two) = split(&first, 4);
        if first.len() == 6 && month_of(two).is_none() && month_of(last_two).is_some() {
            return Self::of(last_two, true, year);
        }
        // `429` is April 2029, but `42/9` has a month that does not exist.
        let separated = finished && behind.is_empty();
        let single = two.len() == 2 && !separated && month_of(two).is_none() && !begins_a_month(two);
        let (month, behind) = if single { split(&first, 1) } else { (two, behind) };
        let mut year = behind.to_owned();
        year.push_str(&rest);
        Self::of(month, finished, &year)
    }

    /// Judges it against the month of today.
    pub fn judge(&self, today: Month) -> Verdict {
        if self.month.len() < 2 {
            return Verdict::Incomplete(Code::ExpiryIncomplete);
        }
        month_of(&self.month)
            .map_or(Verdict::Invalid(Code::ExpiryInvalid), |month| self.judge_in(month, today))
    }

    /// Judges the year alone: against the month if there is one, else against any.
    pub fn judge_year(&self, today: Month) -> Verdict {
        // A year that is over, or too far, in the month of today is so in every month.
        self.judge_in(month_of(&self.month).unwrap_or(today.month), today)
    }

    fn judge_in(&self, month: u8, today: Month) -> Verdict {
        let written = self.expiry(month, today).map(|expiry| expiry.check(today));
        match (written, self.may_become(month, today)) {
            (Some(Ok(_)), _) => Verdict::Complete,
            (Some(Err(code)), true) => Verdict::Incomplete(code),
            (Some(Err(code)), false) => Verdict::Invalid(code),
            (None, true) => Verdict::Incomplete(Code::ExpiryIncomplete),
            (None, false) => Verdict::Invalid(Code::ExpiryInvalid),
        }
    }

    /// The expiry, where it is whole; two-digit years are of the century of today, or the next where that is nearer.
    pub fn parse(&self, today: Month) -> Result<Expiry, Code> {
        self.judge(today).complete()?;
        let month = month_of(&self.month).ok_or(Code::ExpiryInvalid)?;
        self.expiry(month, today).ok_or(Code::ExpiryIncomplete)?.check(today)
    }

    /// What two inputs hold, one for the month and one for the year; a month of one digit is finished.
    pub fn apart(month: &str, year: &str) -> Self {
        Self::of(month, true, year)
    }

    fn of(month: &str, finished: bool, year: &str) -> Self {
        let alone = month.len() == 1 && (finished || !begins_a_month(month));
        let mut written = Self { month: String::new(), year: year.to_owned() };
        if alone {
            written.month.push('0');
        }
        written.month.push_str(month);
        written
    }

    fn expiry(&self, month: u8, today: Month) -> Option<Expiry> {
        let year = self.year_value()?;
        let year = match self.year.len() {
            2 => window(today)
                .find(|candidate| candidate % 100 == year)
                .unwrap_or(today.year / 100 * 100 + year),
            4 => year,
            _ => return None,
        };
        Expiry::new(year, month).ok()
    }

    fn year_value(&self) -> Option<u16> {
        value(&self.year)?.try_into().ok()
    }

    /// Whether further digits can still make it a valid expiry.
    fn may_become(&self, month: u8, today: Month) -> bool {
        let typed = self.year.len();
        let value = self.year_value().unwrap_or_default();
        let begins =
            |year: u16, length: usize| typed < length && year / 10_u16.pow((length - typed) as u32) == value;
        window(today)
            .filter(|year| Expiry::new(*year, month).is_ok_and(|expiry| expiry.check(today).is_ok()))
            .any(|year| typed == 0 || begins(year, 4) || begins(year % 100, 2))
    }
}

/// Judges the month of an expiry alone.
pub fn judge_month(month: &str) -> Verdict {
    match month {
        "" | "0" => Verdict::Incomplete(Code::ExpiryIncomplete),
        _ if month.len() <= 2 && month_of(month).is_some() => Verdict::Complete,
        _ => Verdict::Invalid(Code::ExpiryInvalid),
    }
}

fn window(today: Month) -> impl Iterator<Item = u16> {
    today.year..today.year + YEARS_AHEAD + 1
}

/// The text before and from a position, or all of it where it is shorter.
fn split(text: &str, position: usize) -> (&str, &str) {
    text.split_at_checked(position).unwrap_or((text, ""))
}

/// Whether a second digit can follow the first of a month.
fn begins_a_month(digits: &str) -> bool {
    matches!(digits.as_bytes().first(), Some(b'0' | b'1'))
}

fn month_of(digits: &str) -> Option<u8> {
    value(digits).filter(|month| (1..=12).contains(month)).map(|month| month as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Month {
        Month::new(2026, 11).unwrap()
    }

    #[test]
    fn a_month_lasts_until_it_has_ended_everywhere() {
        for (moment, year, month) in [
            (1_795_046_400, 2026, 11),
            (1_798_761_600 + 12 * 3600 - 1, 2026, 12),
            (1_798_761_600 + 12 * 3600, 2027, 1),
            (951_782_400 + 12 * 3600, 2000, 2),
            (951_868_800 + 12 * 3600, 2000, 3),
            (944_006_400 + 12 * 3600, 2000, 1),
            (7_258_118_400 + 12 * 3600, 2199, 12),
            (u64::MAX, 2199, 12),
        ] {
            assert_eq!(Month::at(moment), Month::new(year, month).unwrap(), "{moment}");
        }
    }

    #[test]
    fn reading_what_was_shown_changes_nothing() {
        for text in ["", "0", "1", "4", "12", "123", "1229", "12/2029", "2029-12", "202912", "1/2", "13/29"] {
            let written = Written::read(text);
            let shown = format!("{} / {}", written.month, written.year);
            let shown = if written.month.len() < 2 { written.month.as_str() } else { shown.as_str() };
            assert_eq!(Written::read(shown), written, "{text}");
        }
    }

    #[test]
    fn two_digit_years_reach_into_the_next_century() {
        let late = Month::new(2095, 6).unwrap();
        let expiry = Written::read("05/01").parse(late).unwrap();
        assert_eq!(expiry.month(), Month::new(2101, 5).unwrap());
    }

    #[test]
    fn twenty_years_ahead_is_the_last_month_taken() {
        assert!(Written::read("11/46").parse(today()).is_ok());
        assert_eq!(Written::read("12/2046").parse(today()), Err(Code::ExpiryTooFar));
    }
}
