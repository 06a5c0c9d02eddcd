//! The table of BINs that a sandbox works with: what the publishers say of some of their test cards.
//! It must never tell of a card that the sandbox does not take.

use std::path::{Path, PathBuf};

const TABLE: &str = include_str!("bins.csv");

/// Writes the table into a sandbox's folder.
pub(crate) fn write(folder: &Path) -> Result<PathBuf, String> {
    let path = folder.join("bins.csv");
    std::fs::write(&path, TABLE).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use cardseal::card::CardNumber;
    use cardseal_vault::bins::BinTable;

    use super::*;
    use crate::cards::listed;

    #[test]
    fn every_line_is_of_a_listed_card_which_is_of_one_of_its_networks() {
        let table = BinTable::parse(TABLE.as_bytes()).unwrap();
        let numbers = || listed().map(|(number, _)| CardNumber::parse(number).unwrap());
        for line in TABLE.lines().skip(1) {
            let from = line.split(',').next().unwrap();
            assert!(listed().any(|(number, _)| number.starts_with(from)), "{line}");
        }
        let known: Vec<_> =
            numbers().filter_map(|number| Some((number.brand(), table.find(&number)?.clone()))).collect();
        assert!(known.iter().all(|(brand, facts)| facts.networks.contains(brand)));
        let countries: HashSet<_> = known.iter().filter_map(|(_, facts)| facts.country).collect();
        assert!(countries.len() > 8, "{countries:?}");
    }

    #[test]
    fn the_published_co_badged_cards_carry_both_of_their_networks_by_their_first_eight_digits() {
        let table = BinTable::parse(TABLE.as_bytes()).unwrap();
        for (number, networks) in [
            ("4000002500001001", ["cartes-bancaires", "visa"]),
            ("5555552500001001", ["cartes-bancaires", "mastercard"]),
            ("4871049999999910", ["bancontact", "visa"]),
            ("4571000000000001", ["dankort", "visa"]),
        ] {
            let facts = table.look_up(&number[..8]).unwrap();
            assert_eq!(facts.networks.iter().map(|of| of.name).collect::<Vec<_>>(), networks, "{number}");
        }
    }
}
