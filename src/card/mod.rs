//! A card that is complete and correct, and the plaintext it travels as.
//! It must never be built in any other way than through these parsers: a `Card` that exists has passed every rule.

pub mod brand;
pub mod cvc;
pub mod digits;
pub mod expiry;
pub mod holder;
pub mod number;

pub use brand::Brand;
pub use cvc::Cvc;
pub use expiry::{Expiry, Month};
pub use number::CardNumber;

use zeroize::Zeroizing;

use crate::{
    error::Code,
    json::{self, Reader},
    secret::Secret,
};

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
    /// The brand the cardholder chose on a card that carries two.
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
        let number = CardNumber::parse(parts.number)?;
        let expiry = Expiry::new(parts.exp_year, parts.exp_month)?;
        if let Some(today) = today {
            expiry.check(today)?;
        }
        let cvc = parts.cvc.map(|digits| Cvc::parse(digits, number.brand())).transpose()?;
        let owned = |text: &str| Secret::new(text.to_owned());
        let name = parts.name.map(holder::parse_name).transpose()?.map(owned);
        let postal_code = parts.postal_code.map(holder::parse_postal_code).transpose()?.map(owned);
        let network = parts.network.map(|name| Brand::named(name).ok_or(Code::NetworkInvalid)).transpose()?;
        Ok(Self { number, expiry, cvc, name, postal_code, network })
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
        for (member, text) in texts {
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

    /// The brand the cardholder chose, where a card carries two.
    pub fn network(&self) -> Option<&'static Brand> {
        self.network
    }

    /// Takes the security code out, so that the rest can be stored without it.
    pub fn split_cvc(mut self) -> (Self, Option<Cvc>) {
        let cvc = self.cvc.take();
        (self, cvc)
    }

    fn read(plaintext: &[u8], today: Option<Month>) -> Result<Self, Code> {
        let draft = core::str::from_utf8(plaintext).ok().and_then(Draft::read).ok_or(Code::CardMalformed)?;
        Self::of(&draft.parts().ok_or(Code::CardMalformed)?, today)
    }
}

/// The members of a plaintext as they were read.
#[derive(Default)]
struct Draft {
    version: Option<u64>,
    kind: Option<Zeroizing<String>>,
    number: Option<Zeroizing<String>>,
    exp_month: Option<u64>,
    exp_year: Option<u64>,
    cvc: Option<Zeroizing<String>>,
    name: Option<Zeroizing<String>>,
    postal_code: Option<Zeroizing<String>>,
    network: Option<Zeroizing<String>>,
}

impl Draft {
    fn read(text: &str) -> Option<Self> {
        let mut draft = Self::default();
        let mut reader = Reader::new(text);
        reader.object(|member, reader| match member {
            "v" => json::once(&mut draft.version, reader.integer()?),
            "kind" => json::once(&mut draft.kind, reader.string()?),
            "number" => json::once(&mut draft.number, reader.string()?),
            "exp_month" => json::once(&mut draft.exp_month, reader.integer()?),
            "exp_year" => json::once(&mut draft.exp_year, reader.integer()?),
            "cvc" => json::once(&mut draft.cvc, reader.string()?),
            "name" => json::once(&mut draft.name, reader.string()?),
            "postal_code" => json::once(&mut draft.postal_code, reader.string()?),
            "network" => json::once(&mut draft.network, reader.string()?),
            _ => None,
        })?;
        reader.end()?;
        Some(draft)
    }

    fn parts(&self) -> Option<Parts<'_>> {
        if self.version != Some(1) || self.kind.as_deref().map(String::as_str) != Some("card") {
            return None;
        }
        Some(Parts {
            number: self.number.as_ref()?,
            // A number that no month or year has room for is as wrong as a 13th month.
            exp_month: u8::try_from(self.exp_month?).unwrap_or(u8::MAX),
            exp_year: u16::try_from(self.exp_year?).unwrap_or(u16::MAX),
            cvc: self.cvc.as_ref().map(|text| text.as_str()),
            name: self.name.as_ref().map(|text| text.as_str()),
            postal_code: self.postal_code.as_ref().map(|text| text.as_str()),
            network: self.network.as_ref().map(|text| text.as_str()),
        })
    }
}
