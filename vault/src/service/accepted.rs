//! Which cards a capture context accepts: what its request says, within what the merchant's record says.
//! It must never sign a rule that nobody can apply, nor one by which the page would know too much of an accepted card.

use cardseal::card::brand::{may_tell_of_accepted, may_tell_of_denied};
use cardseal::card::{Acceptance, Brand, Funding};
use cardseal::context::MAX_LISTED;
use cardseal::digits::is_digits;
use cardseal::wire::ContextRequest;

use super::context::{invalid, repeats};
use crate::bins::BinTable;
use crate::facts::parse_country;
use crate::failure::Failure;
use crate::merchant::Merchant;

const BINS: &str = "bins must name 1 to 250 different beginnings of numbers, of 1 to 6 digits. An accepted card's \
    beginning, brand and last four must leave six digits unknown: of brands with short numbers it must be shorter.";
const DENY_BINS: &str = "deny_bins must name 1 to 250 different beginnings of numbers, of 1 to 8 digits; of brands with \
    short numbers of as many as leave six digits unknown.";
const FUNDING: &str = "funding may name `credit`, `debit`, `prepaid` and `charge`, each once.";
const COUNTRIES: &str =
    "countries and deny_countries must name 1 to 250 different ISO 3166-1 alpha-2 codes like DE.";

/// The cards that a request accepts.
pub(super) fn accepted(
    merchant: &Merchant,
    request: &ContextRequest,
    bins: &BinTable,
) -> Result<Acceptance, Failure> {
    let ContextRequest { funding, countries, deny_countries, .. } = request;
    if bins.is_empty() && (funding.is_some() || countries.is_some() || deny_countries.is_some()) {
        return Err(invalid(
            "funding, countries and deny_countries need a table of BINs, and this vault has none.",
        ));
    }
    Ok(Acceptance {
        brands: brands(merchant, request.brands.as_deref())?,
        bins: listed(&request.bins, BINS, |text| is_digits(text) && may_tell_of_accepted(text))?,
        denied_bins: listed(&request.deny_bins, DENY_BINS, |text| {
            is_digits(text) && may_tell_of_denied(text)
        })?,
        funding: listed(funding, FUNDING, |name| Funding::named(name).is_some())?,
        countries: listed(countries, COUNTRIES, |code| parse_country(code).is_some())?,
        denied_countries: listed(deny_countries, COUNTRIES, |code| parse_country(code).is_some())?,
    })
}

/// Whether a request says nothing of the cards that it accepts.
pub(super) fn accepts_all(request: &ContextRequest) -> bool {
    let ContextRequest { brands, bins, deny_bins, funding, countries, deny_countries, .. } = request;
    [brands, bins, deny_bins, funding, countries, deny_countries].iter().all(|list| list.is_none())
}

fn brands(merchant: &Merchant, names: Option<&[String]>) -> Result<Vec<&'static Brand>, Failure> {
    let Some(names) = names else { return Ok(merchant.brands.clone()) };
    let accepted = |brand: &&'static Brand| {
        merchant.brands.is_empty() || merchant.brands.iter().any(|of| of.name == brand.name)
    };
    let brands =
        names.iter().map(|name| Brand::named(name).filter(accepted)).collect::<Option<_>>().ok_or_else(
            || invalid("brands names a brand that is unknown or that the merchant does not accept."),
        )?;
    if names.is_empty() || repeats(names) {
        return Err(invalid("brands must name at least one brand, each once; leave it out to accept all."));
    }
    Ok(brands)
}

/// A list, if each of its members fits and there is at least one.
fn listed(
    texts: &Option<Vec<String>>,
    wrong: &'static str,
    fits: impl Fn(&str) -> bool,
) -> Result<Vec<String>, Failure> {
    let Some(texts) = texts else { return Ok(Vec::new()) };
    let good =
        (1..=MAX_LISTED).contains(&texts.len()) && !repeats(texts) && texts.iter().all(|text| fits(text));
    if good { Ok(texts.clone()) } else { Err(invalid(wrong)) }
}
