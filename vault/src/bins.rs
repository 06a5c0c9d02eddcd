//! What an operator's table says of a card's first digits: its networks, how it is paid, where it was issued.
//! It must never quote the table in an error: somebody may name a file of card numbers by mistake.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

pub use cardseal::card::{BinFacts, Funding};
use cardseal::card::{Brand, CardNumber};
use cardseal::digits::is_digits;
use csv::{ReaderBuilder, StringRecord, Terminator, Trim};

use crate::facts::parse_country;

const COLUMNS: [&str; 5] = ["from", "to", "networks", "funding", "country"];
/// Digits that the two ends of a range may have; the longest are what a range is compared by.
const LEAST_DIGITS: usize = 6;
const MOST_DIGITS: usize = 11;
/// Digits that a coordinator asks for.
const ASKED_DIGITS: usize = 8;

/// A table of ranges.
#[derive(Debug, Default)]
pub struct BinTable {
    /// In ascending order, none overlapping another.
    ranges: Vec<Range>,
    /// Each once, however many ranges have it.
    facts: Vec<BinFacts>,
}

/// The table that a vault works with, from a file that may be replaced while it serves.
pub struct Bins {
    path: Option<PathBuf>,
    current: RwLock<Arc<BinTable>>,
}

#[derive(Debug)]
struct Range {
    from: u64,
    to: u64,
    facts: u32,
}

/// A range as it stands in the file.
struct Line {
    number: u64,
    range: Range,
}

impl BinTable {
    /// Reads a table: CSV with the header `from,to,networks,funding,country`.
    ///
    /// # Errors
    /// A sentence that names the line and says what is wrong with it.
    pub fn parse(text: impl Read) -> Result<Self, String> {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            // A record then ends with its line, and the number of that line is known; `\r` goes with the spaces.
            .terminator(Terminator::Any(b'\n'))
            .trim(Trim::All)
            .from_reader(text.chain(&b"\n"[..]));
        let (mut record, mut lines) = (StringRecord::new(), Vec::new());
        let (mut facts, mut known) = (Vec::new(), HashMap::new());
        let mut headed = false;
        loop {
            let read = reader.read_record(&mut record);
            let number = reader.position().line().saturating_sub(1);
            match read {
                Ok(true) => {}
                Ok(false) => break,
                // What the reader says may quote the text.
                Err(_) => return Err(format!("line {number} cannot be read as UTF-8 text")),
            }
            // A blank line.
            if record.len() == 1 && record[0].is_empty() {
                continue;
            }
            let said = |wrong: &str| format!("line {number}: {wrong}");
            if !headed {
                if record != COLUMNS[..] {
                    return Err(said(&format!("the first line must be {}", COLUMNS.join(","))));
                }
                headed = true;
                continue;
            }
            if record.len() != COLUMNS.len() {
                return Err(said(&format!("there must be {} columns", COLUMNS.len())));
            }
            let (from, to) = ends(&record[0], &record[1]).map_err(said)?;
            let of = [&record[2], &record[3], &record[4]].join(",");
            let index = match known.get(&of) {
                Some(&index) => index,
                None => {
                    let index = u32::try_from(facts.len()).map_err(|_| said("there are too many lines"))?;
                    facts.push(parse_facts(&record[2], &record[3], &record[4]).map_err(said)?);
                    known.insert(of, index);
                    index
                }
            };
            lines.push(Line { number, range: Range { from, to, facts: index } });
        }
        if lines.is_empty() {
            return Err("it has no ranges".to_owned());
        }
        Ok(Self { ranges: flatten(lines)?, facts })
    }

    /// What is known of a card. Of two ranges that one lies within the other the narrower one counts.
    pub fn find(&self, number: &CardNumber) -> Option<&BinFacts> {
        // EXPOSE: a range is found by a number's first digits.
        let bin = number.digits().expose().get(..MOST_DIGITS)?.parse().ok()?;
        let after = self.ranges.partition_point(|range| range.from <= bin);
        let range = self.ranges.get(after.checked_sub(1)?).filter(|range| bin <= range.to)?;
        self.facts.get(range.facts as usize)
    }

    /// What is known of every card whose number begins with these eight digits; none for what are not eight digits.
    pub fn look_up(&self, bin8: &str) -> Option<BinFacts> {
        if bin8.len() != ASKED_DIGITS || !is_digits(bin8) {
            return None;
        }
        let (mut at, to) = ends(bin8, bin8).ok()?;
        let from = self.ranges.partition_point(|range| range.to < at);
        let mut common: Option<BinFacts> = None;
        for range in self.ranges.iter().skip(from) {
            if range.from > at {
                break;
            }
            let facts = self.facts.get(range.facts as usize)?;
            common = Some(common.map_or_else(|| facts.clone(), |common| in_common(common, facts)));
            at = range.to + 1;
            if at > to {
                return common;
            }
        }
        // Of some of these cards nothing is known.
        Some(BinFacts::default())
    }

    /// How many ranges there are when none overlaps another.
    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    /// Whether nothing is known of any card.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }
}

impl Bins {
    /// The table in this file; without one, an empty table.
    ///
    /// # Errors
    /// A sentence that names the file and the line.
    pub fn open(path: Option<&Path>) -> Result<Self, String> {
        let table = path.map(read).transpose()?.unwrap_or_default();
        Ok(Self { path: path.map(Path::to_owned), current: RwLock::new(Arc::new(table)) })
    }

    /// The table as it was read last.
    pub fn current(&self) -> Arc<BinTable> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether there is a file that can be read again.
    pub fn has_file(&self) -> bool {
        self.path.is_some()
    }

    /// Reads the file again. What is wrong with it leaves the old table in use.
    ///
    /// # Errors
    /// A sentence that names the file and the line.
    pub fn reload(&self) -> Result<(), String> {
        let Some(path) = &self.path else { return Ok(()) };
        let fresh = Arc::new(read(path)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
}

/// What two ranges have in common.
fn in_common(one: BinFacts, other: &BinFacts) -> BinFacts {
    BinFacts {
        networks: if one.networks == other.networks { one.networks } else { Vec::new() },
        funding: one.funding.filter(|funding| other.funding == Some(*funding)),
        country: one.country.filter(|country| other.country == Some(*country)),
    }
}

fn read(path: &Path) -> Result<BinTable, String> {
    let said = |wrong: String| format!("bin_table {}: {wrong}", path.display());
    BinTable::parse(File::open(path).map_err(|error| said(error.to_string()))?).map_err(said)
}

/// The first and the last eleven digits of a range.
fn ends(from: &str, to: &str) -> Result<(u64, u64), &'static str> {
    let padded = |text: &str, digit: char| {
        let good = (LEAST_DIGITS..=MOST_DIGITS).contains(&text.len());
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let missing = MOST_DIGITS.saturating_sub(text.len());
        let padded = text.chars().chain(std::iter::repeat_n(digit, missing)).collect::<String>();
        padded.parse::<u64>().ok().filter(|_| good && digits)
    };
    let both = padded(from, '0').zip(padded(to, '9')).ok_or("from and to must be 6 to 11 digits each")?;
    if both.0 <= both.1 { Ok(both) } else { Err("from is beyond to") }
}

fn parse_facts(networks: &str, funding: &str, country: &str) -> Result<BinFacts, &'static str> {
    let networks: Vec<_> = networks
        .split('|')
        .map(Brand::named)
        .collect::<Option<_>>()
        .ok_or("networks must be brands of this release, separated by |")?;
    if networks.iter().enumerate().any(|(at, network)| networks[..at].contains(network)) {
        return Err("networks names one twice");
    }
    let funding = match funding {
        "" => None,
        name => Some(Funding::named(name).ok_or("funding must be credit, debit, prepaid, charge or empty")?),
    };
    let country = match country {
        "" => None,
        code => Some(parse_country(code).ok_or("country must be an ISO 3166-1 alpha-2 code or empty")?),
    };
    Ok(BinFacts { networks, funding, country })
}

/// Cuts ranges that have others within them, so that none overlaps another.
fn flatten(mut lines: Vec<Line>) -> Result<Vec<Range>, String> {
    lines.sort_unstable_by_key(|line| (line.range.from, Reverse(line.range.to), line.number));
    let mut flat = Vec::with_capacity(lines.len());
    // Ranges that go on, each within the one before it; all before `at` is done.
    let (mut open, mut at): (Vec<Line>, u64) = (Vec::new(), 0);
    let mut cut = |at: &mut u64, before: u64, facts: u32| {
        if *at < before {
            flat.push(Range { from: *at, to: before - 1, facts });
        }
        *at = before;
    };
    for line in lines {
        while let Some(inner) = open.pop_if(|inner| inner.range.to < line.range.from) {
            cut(&mut at, inner.range.to + 1, inner.range.facts);
        }
        if let Some(outer) = open.last() {
            let same = (outer.range.from, outer.range.to) == (line.range.from, line.range.to);
            if same || line.range.to > outer.range.to {
                let (one, two) = (outer.number.min(line.number), outer.number.max(line.number));
                return Err(format!(
                    "line {two}: the range overlaps that of line {one}; one may lie within the other, no more"
                ));
            }
            cut(&mut at, line.range.from, outer.range.facts);
        }
        at = line.range.from;
        open.push(line);
    }
    while let Some(inner) = open.pop() {
        cut(&mut at, inner.range.to + 1, inner.range.facts);
    }
    flat.shrink_to_fit();
    Ok(flat)
}
