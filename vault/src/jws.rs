//! Signed statements of this vault: JWS compact serialization with ES256 and an explicit type (RFC 7515, RFC 8725).
//! It must never take a key, an algorithm or a type from the statement itself.

use cardseal::envelope::compact;
use cardseal::error::Code;
use cardseal::json::{self, Reader};

use crate::failure::Failure;
use crate::keyring::SigningKey;

const MOST_BYTES: usize = 16 * 1024;

/// Why a statement was not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disbelief {
    /// It is no statement in compact serialization with the three header members.
    Malformed,
    /// It is one, but not of this kind, by these keys.
    Forged,
}

impl Disbelief {
    /// The code for a capture context.
    pub fn of_context(self) -> Code {
        match self {
            Self::Malformed => Code::ContextMalformed,
            Self::Forged => Code::ContextForged,
        }
    }
}

/// Signs `payload` as a statement of type `typ`.
///
/// # Errors
/// When the key could not sign.
pub fn sign(key: &SigningKey, typ: &str, payload: &[u8]) -> Result<String, Failure> {
    let mut header = String::from(r#"{"alg":"ES256","kid":"#);
    json::quote(&mut header, key.kid());
    header.push_str(r#","typ":"#);
    json::quote(&mut header, typ);
    header.push('}');
    let mut statement = format!("{}.{}", compact::encode(header.as_bytes()), compact::encode(payload));
    let signature = key.sign(statement.as_bytes())?;
    statement.push('.');
    statement.push_str(&compact::encode(&signature));
    Ok(statement)
}

/// The payload of a statement of type `typ` that one of `keys` signed.
///
/// # Errors
/// [`Disbelief`].
pub fn verify<'a>(
    statement: &str,
    typ: &str,
    keys: impl IntoIterator<Item = &'a SigningKey>,
) -> Result<Vec<u8>, Disbelief> {
    if statement.len() > MOST_BYTES {
        return Err(Disbelief::Malformed);
    }
    let [header, payload, signature] = compact::parts::<3>(statement).ok_or(Disbelief::Malformed)?;
    let decode = |part| compact::decode(part).ok_or(Disbelief::Malformed);
    let header_bytes = decode(header)?;
    let claims = decode(payload)?;
    let signature = decode(signature)?;
    let header = Header::parse(&header_bytes).ok_or(Disbelief::Malformed)?;
    // RFC 8725 sections 3.1 and 3.11: the algorithm and the type are this vault's choice, not the statement's.
    if header.alg != "ES256" || header.typ != typ {
        return Err(Disbelief::Forged);
    }
    let key = keys.into_iter().find(|key| key.kid() == header.kid).ok_or(Disbelief::Forged)?;
    let signed_bytes = statement.rsplit_once('.').map_or("", |(signed, _)| signed).as_bytes();
    if key.verifies(signed_bytes, &signature) { Ok(claims) } else { Err(Disbelief::Forged) }
}

/// The closed set of header members: unknown and repeated ones are refused, `crit`, `jwk` and `jku` among them.
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

impl Header {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (mut alg, mut kid, mut typ) = (None, None, None);
        let mut reader = Reader::new(std::str::from_utf8(bytes).ok()?);
        reader.object(|member, reader| {
            let slot = match member {
                "alg" => &mut alg,
                "kid" => &mut kid,
                "typ" => &mut typ,
                _ => return None,
            };
            json::once(slot, reader.string()?.to_string())
        })?;
        reader.end()?;
        Some(Self { alg: alg?, kid: kid?, typ: typ? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_pkcs8(&SigningKey::make().unwrap()).unwrap()
    }

    fn statement_with_header(key: &SigningKey, header: &str) -> String {
        let signed = format!("{}.{}", compact::encode(header.as_bytes()), compact::encode(b"{}"));
        let signature = key.sign(signed.as_bytes()).unwrap();
        format!("{signed}.{}", compact::encode(&signature))
    }

    #[test]
    fn a_signed_statement_verifies_under_its_type_and_key_only() {
        let (key, other) = (key(), key());
        let statement = sign(&key, "a+jwt", b"{}").unwrap();
        assert_eq!(verify(&statement, "a+jwt", &[other, key]), Ok(b"{}".to_vec()));
        assert_eq!(verify(&statement, "a+jwt", &[self::key()]), Err(Disbelief::Forged));
        assert_eq!(verify(&statement, "b+jwt", &[self::key()]), Err(Disbelief::Forged));
    }

    #[test]
    fn every_changed_character_is_refused() {
        let key = key();
        let keys = [key];
        let statement = sign(&keys[0], "a+jwt", br#"{"a":1}"#).unwrap();
        for at in 0..statement.len() {
            let mut changed = statement.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(verify(&changed, "a+jwt", &keys).is_err(), "at {at}");
        }
    }

    #[test]
    fn refuses_headers_that_are_not_exactly_the_three_members() {
        let keys = [key()];
        let kid = keys[0].kid().to_owned();
        let with = |header: &str| statement_with_header(&keys[0], &header.replace("KID", &kid));
        let accepted = with(r#"{"alg":"ES256","kid":"KID","typ":"a+jwt"}"#);
        assert!(verify(&accepted, "a+jwt", &keys).is_ok());
        for (header, why) in [
            (r#"{"alg":"none","kid":"KID","typ":"a+jwt"}"#, Disbelief::Forged),
            (r#"{"alg":"HS256","kid":"KID","typ":"a+jwt"}"#, Disbelief::Forged),
            (r#"{"alg":"ES256","kid":"other","typ":"a+jwt"}"#, Disbelief::Forged),
            (r#"{"alg":"ES256","kid":"KID","typ":"b+jwt"}"#, Disbelief::Forged),
            (r#"{"alg":"ES256","kid":"KID"}"#, Disbelief::Malformed),
            (r#"{"alg":"ES256","typ":"a+jwt"}"#, Disbelief::Malformed),
            (r#"{"alg":"ES256","kid":"KID","kid":"KID","typ":"a+jwt"}"#, Disbelief::Malformed),
            (r#"{"alg":"ES256","kid":"KID","typ":"a+jwt","crit":["x"]}"#, Disbelief::Malformed),
            (r#"{"alg":"ES256","kid":"KID","typ":"a+jwt","jku":"https://x"}"#, Disbelief::Malformed),
            (r#"{"alg":"ES256","kid":"KID","typ":"a+jwt"}x"#, Disbelief::Malformed),
            (r#"[]"#, Disbelief::Malformed),
        ] {
            assert_eq!(verify(&with(header), "a+jwt", &keys), Err(why), "{header}");
        }
    }

    #[test]
    fn refuses_what_is_not_three_canonical_parts() {
        let keys = [key()];
        let statement = sign(&keys[0], "a+jwt", b"{}").unwrap();
        let (signed, _) = statement.rsplit_once('.').unwrap();
        for wrong in
            ["", "..", signed, &format!("{statement}."), &format!("{statement}="), &format!(" {statement}")]
        {
            assert_eq!(verify(wrong, "a+jwt", &keys), Err(Disbelief::Malformed), "{wrong}");
        }
        assert_eq!(verify(&format!("{signed}."), "a+jwt", &keys), Err(Disbelief::Forged));
    }
}
