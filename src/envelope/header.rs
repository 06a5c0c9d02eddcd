//! The protected header of a sealed card: a closed set of members that binds it to context, key, origin and time.
//! It must never take an algorithm from outside the table, nor a member it does not know.

use crate::{
    error::Code,
    json::{self, Reader},
};

/// The key management algorithms (RFC 7518 section 4.1) that a sealed card may use.
pub const ALG: &str = "RSA-OAEP-256";
/// The content encryption (RFC 7518 section 5.1).
pub const ENC: &str = "A256GCM";
/// The media type of a sealed card (RFC 7516 section 4.1.11).
pub const TYP: &str = "cardseal+jwe";
/// The most bytes the header has before base64url.
const MAX_BYTES: usize = 1024;

/// What the protected header says beyond the algorithms, which are fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// RFC 7638 thumbprint of the key sealed to.
    pub kid: String,
    /// When it was sealed, in Unix seconds.
    pub iat: u64,
    /// `jti` of the capture context.
    pub ctx: String,
    /// Origin of the page that embedded the fields.
    pub org: String,
}

impl Header {
    /// Parses a header's JSON. `zip`, `crit`, `jwk`, `jku`, `x5u` and every other unlisted member is refused.
    ///
    /// # Errors
    /// [`Code::SealedCardHeaderInvalid`].
    pub fn parse(json: &[u8]) -> Result<Self, Code> {
        core::str::from_utf8(json)
            .ok()
            .filter(|text| text.len() <= MAX_BYTES)
            .and_then(Self::read)
            .ok_or(Code::SealedCardHeaderInvalid)
    }

    /// The header as compact JSON.
    pub fn format(&self) -> String {
        let mut out = String::new();
        for (prefix, text) in &[
            (r#"{"alg":"#, ALG),
            (r#","enc":"#, ENC),
            (r#","typ":"#, TYP),
            (r#","kid":"#, &self.kid),
            (r#","ctx":"#, &self.ctx),
            (r#","org":"#, &self.org),
        ] {
            out.push_str(prefix);
            json::quote(&mut out, text);
        }
        out.push_str(r#","iat":"#);
        json::number(&mut out, self.iat);
        out.push('}');
        out
    }

    fn read(text: &str) -> Option<Self> {
        let (mut alg, mut enc, mut typ, mut kid, mut ctx, mut org, mut iat) = Default::default();
        let mut reader = Reader::new(text);
        reader.object(|member, reader| {
            let slot = match member {
                "alg" => &mut alg,
                "enc" => &mut enc,
                "typ" => &mut typ,
                "kid" => &mut kid,
                "ctx" => &mut ctx,
                "org" => &mut org,
                "iat" => return json::once(&mut iat, reader.integer()?),
                _ => return None,
            };
            json::once(slot, core::mem::take(&mut *reader.string()?))
        })?;
        reader.end()?;
        let fixed = [(alg?, ALG), (enc?, ENC), (typ?, TYP)].iter().all(|(found, wanted)| found == wanted);
        if !fixed {
            return None;
        }
        Some(Self { kid: kid?, iat: iat?, ctx: ctx?, org: org? })
    }
}
