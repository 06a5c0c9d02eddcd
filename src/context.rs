//! The capture context: what the vault allows one card to be captured for, and what is checked before sealing.
//! It must never verify a signature: whoever calls `parse` has done that.

use crate::{
    card::{Acceptance, BinFacts, Brand, Card, Country, Funding},
    digits::is_digits,
    error::Code,
    form::Field,
    json::{self, Reader},
    recipient::Jwk,
};

/// The audience of every capture context.
pub const AUD: &str = "cardseal-capture";
/// The `typ` of its JWS header (RFC 8725 section 3.11).
pub const TYP: &str = "cardseal-context+jwt";
/// The longest life of a context, in seconds.
pub const MAX_SECONDS: u64 = 15 * 60;
/// The most bytes of the payload.
const MAX_BYTES: usize = 8 * 1024;
/// The most first digits, or countries, that are taken or denied: more than there are countries.
pub const MAX_LISTED: usize = 250;
/// The most digits of a BIN.
const MAX_BIN: usize = 8;

/// Whether real cards are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Test cards.
    Test,
    /// Real cards.
    Live,
}

impl Mode {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }

    /// The mode with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Test, Self::Live].iter().copied().find(|mode| mode.as_str() == name)
    }
}

/// How the card is captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// In the vault's own frames.
    Fields,
    /// By the merchant's own page or program.
    Direct,
}

impl Via {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fields => "fields",
            Self::Direct => "direct",
        }
    }

    /// The way with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Fields, Self::Direct].iter().copied().find(|via| via.as_str() == name)
    }
}

/// What is captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole card.
    Card,
    /// The security code of a card that is a token already.
    Cvc {
        /// The token.
        token: String,
        /// The card's brand, which says how long the code is: all that is accepted.
        brand: &'static Brand,
    },
}

/// What the page may learn while the card is typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expose {
    /// The brand.
    pub brand: bool,
    /// The leading digits, as far as they never add up to a number.
    pub bin: bool,
}

/// The claims of a capture context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// Origin of the vault.
    pub iss: String,
    /// Merchant.
    pub sub: String,
    /// 128 random bits, base64url.
    pub jti: String,
    /// Issued at, Unix seconds.
    pub iat: u64,
    /// Expires at, Unix seconds.
    pub exp: u64,
    /// Origins of the pages that may capture with it; none where a program does.
    pub origins: Vec<String>,
    /// Test or live.
    pub mode: Mode,
    /// Fields or direct.
    pub via: Via,
    /// Card or security code of a token (`kind`, `token`).
    pub kind: Kind,
    /// The public key to seal to.
    pub key: Jwk,
    /// Cards accepted (`brands`, `bins`, `deny_bins`, `funding`, `countries`, `deny_countries`).
    pub accepted: Acceptance,
    /// What the page may see while the card is typed.
    pub expose: Expose,
    /// Fields that must be filled in.
    pub fields: Vec<Field>,
    /// The merchant's own order id (`ref`).
    pub reference: Option<String>,
}

impl Context {
    /// Parses the payload of a capture context; unknown and repeated members are refused.
    ///
    /// # Errors
    /// [`Code::ContextMalformed`].
    pub fn parse(payload: &[u8]) -> Result<Self, Code> {
        core::str::from_utf8(payload).map_err(|_| Code::ContextMalformed).and_then(Self::parse_text)
    }

    /// Parses a payload that is known to be UTF-8: it is not checked again.
    ///
    /// # Errors
    /// [`Code::ContextMalformed`].
    pub fn parse_text(payload: &str) -> Result<Self, Code> {
        Some(payload)
            .filter(|text| text.len() <= MAX_BYTES)
            .and_then(|text| Draft::read(text)?.finish())
            .ok_or(Code::ContextMalformed)
    }

    /// The payload as compact JSON.
    pub fn format(&self) -> String {
        let mut out = String::from(r#"{"aud":"cardseal-capture""#);
        let (kind, token) = match &self.kind {
            Kind::Card => ("card", None),
            Kind::Cvc { token, .. } => ("cvc", Some(token.as_str())),
        };
        for (member, text) in [
            ("iss", Some(self.iss.as_str())),
            ("sub", Some(&self.sub)),
            ("jti", Some(&self.jti)),
            ("mode", Some(self.mode.as_str())),
            ("via", Some(self.via.as_str())),
            ("kind", Some(kind)),
            ("token", token),
            ("ref", self.reference.as_deref()),
        ] {
            if let Some(text) = text {
                name(&mut out, member);
                json::quote(&mut out, text);
            }
        }
        for (member, value) in [("iat", self.iat), ("exp", self.exp)] {
            name(&mut out, member);
            json::number(&mut out, value);
        }
        name(&mut out, "key");
        for (prefix, text) in [
            (r#"{"kty":"RSA","use":"enc","alg":"RSA-OAEP-256","kid":"#, &self.key.kid),
            (r#","n":"#, &self.key.n),
            (r#","e":"#, &self.key.e),
        ] {
            out.push_str(prefix);
            json::quote(&mut out, text);
        }
        out.push('}');
        let exposed = [("brand", self.expose.brand), ("bin", self.expose.bin)];
        list(&mut out, "origins", self.origins.iter().map(String::as_str));
        list(&mut out, "brands", self.accepted.brands.iter().map(|brand| brand.name));
        list(&mut out, "expose", exposed.iter().filter(|(_, on)| *on).map(|(name, _)| *name));
        list(&mut out, "fields", self.fields.iter().map(|field| field.as_str()));
        let Acceptance { brands: _, bins, denied_bins, funding, countries, denied_countries } =
            &self.accepted;
        let texts = [bins, denied_bins, funding, countries, denied_countries];
        for (member, texts) in RULES.iter().zip(texts).filter(|(_, texts)| !texts.is_empty()) {
            list(&mut out, member, texts.iter().map(String::as_str));
        }
        out.push('}');
        out
    }

    /// What is checked before a card is sealed: that the vault is the one meant, that the context is for this way, that a
    /// frame's `merchant` is its own, and that the card may come from `origin`. Without a merchant it is captured directly.
    ///
    /// # Errors
    /// [`Code::ContextIssuerMismatch`], [`Code::ContextViaMismatch`], [`Code::OptionsInvalid`] for another merchant's, or
    /// [`Code::OriginNotAllowed`].
    pub fn admit(&self, vault: &str, merchant: Option<&str>, origin: &str) -> Result<(), Code> {
        let via = if merchant.is_some() { Via::Fields } else { Via::Direct };
        if self.iss != vault {
            Err(Code::ContextIssuerMismatch)
        } else if self.via != via {
            Err(Code::ContextViaMismatch)
        } else if merchant.is_some_and(|merchant| self.sub != merchant) {
            Err(Code::OptionsInvalid)
        } else if self.is_for(origin) {
            Ok(())
        } else {
            Err(Code::OriginNotAllowed)
        }
    }

    /// Whether a card may be sealed from this origin: one that is listed or, where none is, the vault's own, which stands
    /// for a program.
    pub fn is_for(&self, origin: &str) -> bool {
        let own = self.origins.is_empty().then_some(&self.iss);
        self.origins.iter().chain(own).any(|listed| listed == origin)
    }

    /// Whether it is still valid at `now`, in Unix seconds.
    ///
    /// # Errors
    /// [`Code::ContextExpired`].
    pub fn check_time(&self, now: u64) -> Result<(), Code> {
        (now < self.exp).then_some(()).ok_or(Code::ContextExpired)
    }

    /// Whether the card is accepted for what is known of it, can be paid over its chosen network, and has every required
    /// field. Answers the network that it is to be paid over, where it has more than one.
    ///
    /// # Errors
    /// [`Code::BrandNotAccepted`], [`Code::CardNotAccepted`], [`Code::NetworkInvalid`], or the code of the first required
    /// field that is missing.
    pub fn check_card(&self, card: &Card, facts: &BinFacts) -> Result<Option<&'static Brand>, Code> {
        let brand = card.number().brand();
        // EXPOSE: first digits are compared.
        self.accepted.check(card.number().digits().expose(), Some(facts))?;
        if facts.networks.is_empty() && !self.accepted.takes(brand) {
            return Err(Code::BrandNotAccepted);
        }
        let network = self.accepted.network(Some(brand), facts, card.network());
        // Of a card of which nothing is known, the brand may be chosen that it has anyhow.
        if card.network().is_some_and(|chosen| network.unwrap_or(brand) != chosen) {
            return Err(Code::NetworkInvalid);
        }
        let missing = self.fields.iter().find_map(|field| match field {
            Field::Cvc if card.cvc().is_none() => Some(Code::CvcIncomplete),
            Field::Name if card.name().is_none() => Some(Code::NameInvalid),
            Field::PostalCode if card.postal_code().is_none() => Some(Code::PostalCodeInvalid),
            _ => None,
        });
        missing.map_or(Ok(network), Err)
    }
}

fn name(out: &mut String, member: &str) {
    out.push(',');
    json::quote(out, member);
    out.push(':');
}

fn list<'a>(out: &mut String, member: &str, elements: impl Iterator<Item = &'a str>) {
    name(out, member);
    out.push('[');
    for (position, element) in elements.enumerate() {
        if position > 0 {
            out.push(',');
        }
        json::quote(out, element);
    }
    out.push(']');
}

const TEXTS: [&str; 9] = ["iss", "aud", "sub", "jti", "mode", "via", "kind", "token", "ref"];
const TIMES: [&str; 2] = ["iat", "exp"];
const LISTS: [&str; 4] = ["origins", "brands", "expose", "fields"];
/// Lists that may be missing, but not empty.
const RULES: [&str; 5] = ["bins", "deny_bins", "funding", "countries", "deny_countries"];

/// The claims as they were read.
#[derive(Default)]
struct Draft {
    texts: [Option<String>; TEXTS.len()],
    times: [Option<u64>; TIMES.len()],
    lists: [Option<Vec<String>>; LISTS.len()],
    rules: [Option<Vec<String>>; RULES.len()],
    key: Option<Jwk>,
}

impl Draft {
    fn read(text: &str) -> Option<Self> {
        let mut draft = Self::default();
        let mut reader = Reader::new(text);
        reader.object(|member, reader| {
            if let Some(slot) = slot(&TEXTS, &mut draft.texts, member) {
                return json::once(slot, string(reader)?);
            }
            if let Some(slot) = slot(&LISTS, &mut draft.lists, member) {
                return json::once(slot, strings(reader)?);
            }
            if let Some(slot) = slot(&RULES, &mut draft.rules, member) {
                return json::once(slot, strings(reader)?);
            }
            if let Some(slot) = slot(&TIMES, &mut draft.times, member) {
                return json::once(slot, reader.integer()?);
            }
            (member == "key").then(|| json::once(&mut draft.key, read_key(reader)?))?
        })?;
        reader.end()?;
        Some(draft)
    }

    /// Every claim is judged before any is copied: what a claim that is wrong would have to give back is code, too.
    fn finish(&self) -> Option<Context> {
        let [iss, aud, sub, jti, mode, via, kind, token, reference] = &self.texts;
        let [origins, brands, exposed, fields] = &self.lists;
        let [bins, denied_bins, funding, countries, denied_countries] = &self.rules;
        let (&[Some(iat), Some(exp)], Some(key)) = (&self.times, &self.key) else { return None };
        let (iss, aud, sub, jti) = (iss.as_ref()?, aud.as_ref()?, sub.as_ref()?, jti.as_ref()?);
        let (mode, via) = (Mode::named(mode.as_ref()?)?, Via::named(via.as_ref()?)?);
        let (origins, brands) = (origins.as_ref()?, brands.as_ref()?);
        let (exposed, fields) = (exposed.as_ref()?, fields.as_ref()?);
        let mut expose = Expose::default();
        for name in exposed {
            match name.as_str() {
                "brand" => expose.brand = true,
                "bin" => expose.bin = true,
                _ => return None,
            }
        }
        let known = aud == AUD
            && brands.iter().all(|name| Brand::named(name).is_some())
            && fields.iter().all(|name| Field::asked(name).is_some())
            && listed(bins, is_bin)
            && listed(denied_bins, is_bin)
            && listed(funding, |name| Funding::named(name).is_some())
            && listed(countries, |code| Country::parse(code).is_some())
            && listed(denied_countries, |code| Country::parse(code).is_some());
        let lives = exp > iat && exp - iat <= MAX_SECONDS;
        // Fields stand in a page, and every page has an origin.
        let somewhere = via == Via::Direct || !origins.is_empty();
        if !(known && lives && somewhere) {
            return None;
        }
        let stored = match (kind.as_ref()?.as_str(), token, &brands[..], &fields[..]) {
            ("card", None, ..) => None,
            ("cvc", Some(token), [brand], [field])
                if field == Field::Cvc.as_str() && self.rules.iter().all(Option::is_none) =>
            {
                Some((token, Brand::named(brand).filter(|brand| brand.has_numbers())?))
            }
            _ => return None,
        };
        let rule = |texts: &Option<Vec<String>>| texts.clone().unwrap_or_default();
        Some(Context {
            iss: iss.clone(),
            sub: sub.clone(),
            jti: jti.clone(),
            iat,
            exp,
            origins: origins.clone(),
            mode,
            via,
            kind: stored.map_or(Kind::Card, |(token, brand)| Kind::Cvc { token: token.clone(), brand }),
            key: key.clone(),
            accepted: Acceptance {
                brands: brands.iter().filter_map(|name| Brand::named(name)).collect(),
                bins: rule(bins),
                denied_bins: rule(denied_bins),
                funding: rule(funding),
                countries: rule(countries),
                denied_countries: rule(denied_countries),
            },
            expose,
            fields: fields.iter().filter_map(|name| Field::asked(name)).collect(),
            reference: reference.clone(),
        })
    }
}

fn slot<'a, T>(names: &[&str], slots: &'a mut [T], member: &str) -> Option<&'a mut T> {
    let position = names.iter().position(|name| *name == member)?;
    slots.get_mut(position)
}

fn string(reader: &mut Reader<'_>) -> Option<String> {
    Some(core::mem::take(&mut *reader.string()?))
}

fn strings(reader: &mut Reader<'_>) -> Option<Vec<String>> {
    let mut strings = Vec::new();
    reader.array(|reader| {
        strings.push(string(reader)?);
        Some(())
    })?;
    Some(strings)
}

/// Whether a list of rules is missing, or is one.
fn listed(texts: &Option<Vec<String>>, fits: fn(&str) -> bool) -> bool {
    texts
        .as_ref()
        .is_none_or(|texts| (1..=MAX_LISTED).contains(&texts.len()) && texts.iter().all(|text| fits(text)))
}

fn is_bin(text: &str) -> bool {
    text.len() <= MAX_BIN && is_digits(text)
}

fn read_key(reader: &mut Reader<'_>) -> Option<Jwk> {
    let mut texts: [Option<String>; 6] = Default::default();
    reader.object(|member, reader| {
        json::once(slot(&["kty", "use", "alg", "kid", "n", "e"], &mut texts, member)?, string(reader)?)
    })?;
    let [kty, usage, alg, kid, n, e] = texts;
    let fixed = kty? == "RSA" && usage? == "enc" && alg? == "RSA-OAEP-256";
    Some(Jwk { kid: kid?, n: n?, e: e? }).filter(|_| fixed)
}
