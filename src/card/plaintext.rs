//! The plaintext of a sealed card as it was read: a card, or a security code alone.
//! It must never judge what a member says, nor take a member that the kind does not have.

use zeroize::Zeroizing;

use super::Parts;
use crate::json::{self, Reader};

/// The members of a plaintext as they were read.
#[derive(Default)]
pub(super) struct Draft {
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
    /// Reads one JSON object, then spaces; unknown and repeated members are refused.
    pub(super) fn read(plaintext: &[u8]) -> Option<Self> {
        let mut draft = Self::default();
        let mut reader = Reader::new(core::str::from_utf8(plaintext).ok()?);
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

    /// The parts of a card, if it is one.
    pub(super) fn card(&self) -> Option<Parts<'_>> {
        if !self.is("card") {
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

    /// The digits of a security code alone, if it is one and nothing beside it.
    pub(super) fn cvc(&self) -> Option<&str> {
        match self {
            Self {
                version: _,
                kind: _,
                cvc: Some(cvc),
                number: None,
                exp_month: None,
                exp_year: None,
                name: None,
                postal_code: None,
                network: None,
            } if self.is("cvc") => Some(cvc),
            _ => None,
        }
    }

    fn is(&self, kind: &str) -> bool {
        self.version == Some(1) && self.kind.as_deref().is_some_and(|of| of == kind)
    }
}
