//! A card that is complete and correct, and the plaintext it travels as.
//! It must never be built in any other way than through these parsers: a `Card` that exists has passed every rule.

pub mod acceptance;
pub mod brand;
mod brands;
pub mod cvc;
pub mod expiry;
pub mod holder;
pub mod number;
mod plaintext;

pub use acceptance::{Acceptance, BinFacts, Country, Funding};
pub use brand::Brand;
pub use brands::Brands;
pub use cvc::Cvc;
pub use expiry::{Expiry, Month};
pub use number::CardNumber;

use crate::{error::Code, json, secret::Secret};
use plaintext::Draft;

/// What can be said of a field while it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not right yet, but further digits may make it so; the code is the error if it stays.
    Incomplete(Code),
    /// Right as it stands.
    Complete,
    /// No further digit can make it right.
    Invalid(Code),
}

impl Verdict {
    fn complete(self) -> Result<(), Code> {
        match self {
            Self::Complete => Ok(()),
            Self::Incomplete(code) | Self::Invalid(code) => Err(code),
        }
    }
}

/// The parts of a card as text, before any rule was applied.
#[derive(Default)]
pub struct Parts<'a> {
    /// ASCII digits.
    pub number: &'a str,
    /// Four digits.
    pub exp_year: u16,
    /// 1 to 12.
    pub exp_month: u8,
    /// ASCII digits.
    pub cvc: Option<&'a str>,
    /// Any script.
    pub name: Option<&'a str>,
    /// ASCII.
    pub postal_code: Option<&'a str>,
    /// The network the cardholder chose on a card that carries two.
    pub network: Option<&'a str>,
}

/// A complete and correct card.
#[derive(Debug)]
pub struct Card {
    number: CardNumber,
    expiry: Expiry,
    cvc: Option<Cvc>,
    name: Option<Secret<String>>,
    postal_code: Option<Secret<String>>,
    network: Option<&'static Brand>,
}

impl Card {
    /// Applies every rule to the parts. Without `today` the expiry may lie in the past.
    ///
    /// # Errors
    /// The input code of the first part that breaks a rule.
    pub fn of(parts: &Parts<'_>, today: Option<Month>) -> Result<Self, Code> {
        // Every rule is applied before anything is copied.
        let brand = number::brand_of(parts.number)?;
        let expiry = Expiry::new(parts.exp_year, parts.exp_month)?;
        if let Some(today) = today {
            expiry.check(today)?;
        }
        if let Some(digits) = parts.cvc {
            cvc::check(digits, brand)?;
        }
        let name = parts.name.map(holder::parse_name).transpose()?;
        let postal_code = parts.postal_code.map(holder::parse_postal_code).transpose()?;
        let network = parts.network.map(|name| Brand::named(name).ok_or(Code::NetworkInvalid)).transpose()?;
        let owned = |text: &str| Secret::new(text.to_owned());
        Ok(Self {
            number: CardNumber::new(parts.number, brand),
            expiry,
            cvc: parts.cvc.map(|digits| Cvc(owned(digits))),
            name: name.map(owned),
            postal_code: postal_code.map(owned),
            network,
        })
    }

    /// Parses the plaintext of a sealed card: one JSON object, then spaces.
    ///
    /// # Errors
    /// [`Code::CardMalformed`] if it is not such an object, else the input code of the first rule it breaks.
    pub fn parse(plaintext: &[u8], today: Month) -> Result<Self, Code> {
        Self::read(plaintext, Some(today))
    }

    /// Parses a card that was stored before: that it has expired since is a fact, not an error.
    ///
    /// # Errors
    /// As [`Card::parse`].
    pub fn reopen(stored: &[u8]) -> Result<Self, Code> {
        Self::read(stored, None)
    }

    /// The plaintext: one compact JSON object in one buffer that is wiped, with the security code if there is one.
    pub fn format(&self) -> Secret<Vec<u8>> {
        // Larger than any card's plaintext, so that the buffer never grows and leaves no copy behind.
        let mut out = String::with_capacity(640);
        out.push_str(r#"{"v":1,"kind":"card","number":"#);
        // EXPOSE: the plaintext exists to carry the card; it is wiped with its buffer.
        json::quote(&mut out, self.number.digits().expose());
        out.push_str(r#","exp_month":"#);
        json::number(&mut out, self.expiry.month().month().into());
        out.push_str(r#","exp_year":"#);
        json::number(&mut out, self.expiry.month().year().into());
        let texts = [
            (r#","cvc":"#, self.cvc.as_ref().map(Cvc::digits)),
            (r#","name":"#, self.name.as_ref()),
            (r#","postal_code":"#, self.postal_code.as_ref()),
        ];
        for (member, text) in &texts {
            if let Some(text) = text {
                out.push_str(member);
                // EXPOSE: as above.
                json::quote(&mut out, text.expose());
            }
        }
        if let Some(network) = self.network {
            out.push_str(r#","network":"#);
            json::quote(&mut out, network.name);
        }
        out.push('}');
        Secret::new(out.into_bytes())
    }

    /// The number.
    pub fn number(&self) -> &CardNumber {
        &self.number
    }

    /// The expiry.
    pub fn expiry(&self) -> Expiry {
        self.expiry
    }

    /// The security code, where there is one.
    pub fn cvc(&self) -> Option<&Cvc> {
        self.cvc.as_ref()
    }

    /// The holder's name, where there is one.
    pub fn name(&self) -> Option<&Secret<String>> {
        self.name.as_ref()
    }

    /// The postal code, where there is one.
    pub fn postal_code(&self) -> Option<&Secret<String>> {
        self.postal_code.as_ref()
    }

    /// The network that a card is to be paid over, where it carries two.
    pub fn network(&self) -> Option<&'static Brand> {
        self.network
    }

    /// The card, to be paid over this network.
    pub fn over(self, network: Option<&'static Brand>) -> Self {
        Self { network, ..self }
    }

    /// Takes the security code out, so that the rest can be stored without it.
    pub fn split_cvc(mut self) -> (Self, Option<Cvc>) {
        let cvc = self.cvc.take();
        (self, cvc)
    }

    fn read(plaintext: &[u8], today: Option<Month>) -> Result<Self, Code> {
        let draft = Draft::read(plaintext).ok_or(Code::CardMalformed)?;
        Self::of(&draft.card().ok_or(Code::CardMalformed)?, today)
    }
}
