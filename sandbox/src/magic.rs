//! The magic cards: numbers with which a sandbox does what goes wrong in the world, read from a table.
//! It must never have a number that is not a published one, nor be known to the vault.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use cardseal::error::Code;

const TABLE: &str = include_str!("magic.csv");

/// What a number brings about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// The vault's answer is this code; who is told to wait waits as long as the row says.
    Refuse(Code),
    /// The vault answers late.
    Delay,
    /// The connection breaks before the vault has heard anything.
    Cut,
    /// The connection breaks when the vault has done all that it does, its answer with it.
    Lose,
    /// The token asks its merchant to look at the order.
    Review,
    /// The test processor declines, with this code.
    Decline(&'static str),
}

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Magic {
    pub(crate) number: &'static str,
    pub(crate) name: &'static str,
    pub(crate) does: Does,
    /// For how many requests of an order; for all of them if there is none.
    pub(crate) times: Option<u32>,
    /// How long a delay takes, or who is refused is told to wait.
    pub(crate) wait: Duration,
}

impl Magic {
    /// The magic card with this number.
    pub(crate) fn of(number: &str) -> Option<&'static Self> {
        all().iter().find(|magic| magic.number == number)
    }

    fn parse(line: &'static str) -> Option<Self> {
        let cells: Vec<&'static str> = line.split(',').collect();
        let [number, name, does, code, times, seconds] = cells[..] else { return None };
        let count =
            |cell: &str| if cell.is_empty() { Some(None) } else { cell.parse::<u32>().ok().map(Some) };
        let does = match (does, code) {
            ("refuse", _) => Does::Refuse(*Code::ALL.iter().find(|of| of.as_str() == code)?),
            ("decline", _) if !code.is_empty() => Does::Decline(code),
            ("delay", "") => Does::Delay,
            ("cut", "") => Does::Cut,
            ("lose", "") => Does::Lose,
            ("review", "") => Does::Review,
            _ => return None,
        };
        let wait = Duration::from_secs(count(seconds)?.unwrap_or_default().into());
        Some(Self { number, name, does, times: count(times)?, wait })
    }
}

/// Every row.
pub(crate) fn all() -> &'static [Magic] {
    static ALL: LazyLock<Vec<Magic>> = LazyLock::new(|| rows().filter_map(Magic::parse).collect());
    &ALL
}

fn rows() -> impl Iterator<Item = &'static str> {
    TABLE.lines().skip(1)
}

/// How often each order has met each magic card: one entry an order that did.
#[derive(Default)]
pub(crate) struct Tries(Mutex<HashMap<(String, &'static str), u32>>);

impl Tries {
    /// Counts one more request. Whether the magic still works on this order.
    pub(crate) fn count(&self, magic: &Magic, order: String) -> bool {
        let Some(times) = magic.times else { return true };
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tried = tries.entry((order, magic.name)).or_default();
        *tried = tried.saturating_add(1);
        *tried <= times
    }

    /// Forgets every order.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::cards::listed;

    #[test]
    fn every_row_is_one_magic_card_with_a_published_number() {
        assert_eq!(rows().filter(|row| Magic::parse(row).is_none()).collect::<Vec<_>>(), Vec::<&str>::new());
        let names: HashSet<_> = all().iter().map(|magic| magic.name).collect();
        let numbers: HashSet<_> = all().iter().map(|magic| magic.number).collect();
        assert_eq!((names.len(), numbers.len()), (all().len(), all().len()));
        for magic in all() {
            assert!(listed().any(|(number, _)| number == magic.number), "{}", magic.name);
        }
    }

    #[test]
    fn a_row_that_says_nothing_whole_is_none() {
        for row in [
            "4000000000000002,declined,decline,,,",
            "4000000000000010,rate_limited,refuse,too_fast,,60",
            "4000000000000077,slow,delay,busy,,3",
            "4000000000000077,slow,explode,,,3",
            "4000000000000077,slow,delay,,,soon",
            "4000000000000077,slow,delay",
        ] {
            assert!(Magic::parse(row).is_none(), "{row}");
        }
    }

    #[test]
    fn what_happens_so_many_times_happens_so_often_to_each_order() {
        let (twice, always) = (magic("busy_twice"), magic("busy"));
        let tries = Tries::default();
        for order in ["one", "two"] {
            let happened = [(); 4].map(|()| tries.count(twice, order.to_owned()));
            assert_eq!(happened, [true, true, false, false]);
        }
        assert!((0..9).all(|_| tries.count(always, "one".to_owned())));
        tries.clear();
        assert!(tries.count(twice, "one".to_owned()));
    }

    fn magic(name: &str) -> &'static Magic {
        all().iter().find(|magic| magic.name == name).unwrap()
    }
}
