//! Which cards a merchant takes: by brand, first digits, funding and country; and what a vault's table says of a card.
//! It must never refuse a card for what nobody knows of it.

use core::fmt;

use super::{Brand, Brands};
use crate::error::Code;

/// How a card is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Funding {
    /// Later.
    Credit,
    /// At once.
    Debit,
    /// Before.
    Prepaid,
    /// Later, all at once.
    Charge,
}

impl Funding {
    /// Every way.
    pub const ALL: [Self; 4] = [Self::Credit, Self::Debit, Self::Prepaid, Self::Charge];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credit => "credit",
            Self::Debit => "debit",
            Self::Prepaid => "prepaid",
            Self::Charge => "charge",
        }
    }

    /// The way with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|funding| funding.as_str() == name)
    }
}

/// A country by its ISO 3166-1 alpha-2 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Two capital letters, assigned to a country or not.
    pub fn parse(text: &str) -> Option<Self> {
        let code = <[u8; 2]>::try_from(text.as_bytes()).ok()?;
        code.iter().all(u8::is_ascii_uppercase).then_some(Self(code))
    }

    /// The two letters.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What a vault's table says of cards that begin alike. What is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BinFacts {
    /// The networks that such a card can be paid over, the issuer's preference first.
    pub networks: Vec<&'static Brand>,
    /// How it is paid.
    pub funding: Option<Funding>,
    /// Where it was issued.
    pub country: Option<Country>,
}

/// The cards that are taken. An empty list of what is taken means all; what is denied is not taken in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acceptance {
    /// Brands and networks.
    pub brands: Vec<&'static Brand>,
    /// First digits of numbers.
    pub bins: Vec<String>,
    /// First digits of numbers.
    pub denied_bins: Vec<String>,
    /// Names of ways that a card is paid.
    pub funding: Vec<String>,
    /// Codes of countries where a card was issued.
    pub countries: Vec<String>,
    /// Codes of countries where a card was issued.
    pub denied_countries: Vec<String>,
}

impl Acceptance {
    /// The brands that a number's digits are judged by, where the networks of its card are not known.
    pub(crate) fn of_digits(&self, facts: Option<&BinFacts>) -> Brands {
        let unsettled = || self.brands.iter().any(|brand| !brand.has_numbers());
        if self.brands.is_empty() || facts.map_or_else(unsettled, |facts| !facts.networks.is_empty()) {
            Brands::ALL
        } else {
            self.brands.iter().copied().collect()
        }
    }

    /// Whether nothing is against a card whose number begins with, or is, `digits`. Without facts nobody has asked for them.
    pub(crate) fn check(&self, digits: &str, facts: Option<&BinFacts>) -> Result<(), Code> {
        let begins = |bin: &String| digits.starts_with(bin.as_str());
        let may_begin = |bin: &String| begins(bin) || bin.starts_with(digits);
        let mut taken =
            (self.bins.is_empty() || self.bins.iter().any(may_begin)) && !self.denied_bins.iter().any(begins);
        if let Some(facts) = facts {
            if !facts.networks.is_empty() && self.networks(facts).next().is_none() {
                return Err(Code::BrandNotAccepted);
            }
            let has = |list: &[String], text: &[u8]| list.iter().any(|of| of.as_bytes() == text);
            if let Some(funding) = facts.funding {
                taken &= self.funding.is_empty() || has(&self.funding, funding.as_str().as_bytes());
            }
            if let Some(Country(code)) = &facts.country {
                taken &= self.countries.is_empty() || has(&self.countries, code);
                taken &= !has(&self.denied_countries, code);
            }
        }
        if taken { Ok(()) } else { Err(Code::CardNotAccepted) }
    }

    /// The networks of a card that are taken, the issuer's preference first.
    pub(crate) fn networks<'a>(&'a self, facts: &'a BinFacts) -> impl Iterator<Item = &'static Brand> + 'a {
        facts.networks.iter().copied().filter(|network| self.takes(network))
    }

    /// The network that a card is to be paid over: the only one of its networks that is taken, else the one that was
    /// chosen. Of a card with one network, that of its brand, nothing is to be said.
    pub(crate) fn network(
        &self,
        brand: Option<&'static Brand>,
        facts: &BinFacts,
        chosen: Option<&'static Brand>,
    ) -> Option<&'static Brand> {
        let mut networks = self.networks(facts);
        match (networks.next(), networks.next()) {
            (Some(only), None) => Some(only).filter(|only| facts.networks.len() > 1 || Some(*only) != brand),
            _ => chosen.filter(|chosen| self.networks(facts).any(|network| network == *chosen)),
        }
    }

    /// Whether a brand or network is taken.
    pub(crate) fn takes(&self, network: &'static Brand) -> bool {
        self.brands.is_empty() || self.brands.contains(&network)
    }
}
