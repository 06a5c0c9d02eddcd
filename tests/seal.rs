//! What the engine seals, others open: the RustCrypto private key natively, WebCrypto in the browser.
//! It must never open anything with code of the engine: there is none.

#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use cardseal::{
    card::{Brand, Card, Cvc, Month},
    envelope::Envelope,
    recipient::{Jwk, Recipient},
    seal::{Binding, Plaintext, seal},
};
use rsa::rand_core::{CryptoRng, Error, RngCore, impls};
use serde::Deserialize;

const CARD: &str =
    r#"{"v":1,"kind":"card","number":"4242424242424242","exp_month":12,"exp_year":2029,"cvc":"123"}"#;
const CVC: &str = r#"{"v":1,"kind":"cvc","cvc":"123"}"#;

#[derive(Deserialize)]
struct TestKey {
    jwk: PrivateJwk,
}

#[derive(Deserialize)]
struct PrivateJwk {
    kid: String,
    n: String,
    e: String,
    #[cfg(not(target_arch = "wasm32"))]
    d: String,
    #[cfg(not(target_arch = "wasm32"))]
    p: String,
    #[cfg(not(target_arch = "wasm32"))]
    q: String,
}

const KEY: &str = include_str!("vectors/keys/rsa_2048.json");

fn key() -> PrivateJwk {
    support::parse::<TestKey>("keys", KEY).jwk
}

/// A generator that counts, so that a seal can be repeated.
struct Counting(u8);

impl RngCore for Counting {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }
    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(5).wrapping_add(7);
            *byte = self.0;
        }
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Counting {}

fn card(plaintext: &str) -> Plaintext {
    (&Card::parse(plaintext.as_bytes(), Month::new(2026, 11).unwrap()).unwrap()).into()
}

fn cvc() -> Plaintext {
    (&Cvc::parse_alone(CVC.as_bytes(), Brand::named("visa").unwrap()).unwrap()).into()
}

fn sealed(plaintext: &Plaintext) -> String {
    let key = key();
    let jwk = Jwk { kid: key.kid, n: key.n, e: key.e };
    let binding = Binding { ctx: "AAECAwQFBgcICQoLDA0ODw", org: "https://shop.example", iat: 1_795_046_400 };
    seal(plaintext, &Recipient::from_jwk(&jwk).unwrap(), &binding, &mut Counting(1)).unwrap()
}

fn check_plaintext(plaintext: &[u8], expected: &str) {
    assert_eq!(plaintext.len(), 512);
    assert_eq!(core::str::from_utf8(plaintext).unwrap().trim_end_matches(' '), expected);
}

#[cfg(not(target_arch = "wasm32"))]
mod natively {
    use aes_gcm::{
        Aes256Gcm, KeyInit, Nonce,
        aead::{Aead, Payload},
    };
    use cardseal::{envelope::compact, error::Code};
    use rsa::{BigUint, Oaep, RsaPrivateKey};

    use super::*;

    fn opened(sealed_card: &str) -> Vec<u8> {
        let key = key();
        let part = |text: &str| BigUint::from_bytes_be(&compact::decode(text).unwrap());
        let primes = vec![part(&key.p), part(&key.q)];
        let private =
            RsaPrivateKey::from_components(part(&key.n), part(&key.e), part(&key.d), primes).unwrap();
        let envelope = Envelope::parse(sealed_card).unwrap();
        let content_key = private.decrypt(Oaep::new::<sha2::Sha256>(), &envelope.encrypted_key).unwrap();
        let sealed = [&envelope.ciphertext[..], &envelope.tag].concat();
        let payload = Payload { msg: &sealed, aad: envelope.protected.as_bytes() };
        let cipher = Aes256Gcm::new_from_slice(&content_key).unwrap();
        cipher.decrypt(Nonce::from_slice(&envelope.iv), payload).unwrap()
    }

    #[test]
    fn the_private_key_opens_what_was_sealed() {
        check_plaintext(&opened(&sealed(&card(CARD))), CARD);
        check_plaintext(&opened(&sealed(&cvc())), CVC);
    }

    #[derive(Deserialize)]
    struct SealedCase {
        sealed_card: String,
        plaintext: String,
    }

    #[test]
    fn the_private_key_opens_the_vectors_to_what_they_say() {
        support::each("sealed", |_, case: SealedCase| {
            check_plaintext(&opened(&case.sealed_card), &case.plaintext);
        });
    }

    #[test]
    fn the_header_names_context_origin_time_and_key() {
        let header = Envelope::parse(&sealed(&card(CARD))).unwrap().header;
        assert_eq!(header.ctx, "AAECAwQFBgcICQoLDA0ODw");
        assert_eq!(header.org, "https://shop.example");
        assert_eq!(header.iat, 1_795_046_400);
        assert_eq!(header.kid, key().kid);
    }

    #[test]
    fn the_size_says_nothing_about_the_card_nor_whether_it_is_one() {
        let longer = CARD.replace('}', r#","name":"José Ñandú","postal_code":"SW1A 1AA"}"#);
        for other in [card(&longer), cvc()] {
            assert_eq!(sealed(&other).len(), sealed(&card(CARD)).len());
        }
    }

    #[test]
    fn a_key_under_another_kid_is_refused() {
        let key = key();
        let jwk = Jwk { kid: "another".to_owned(), n: key.n, e: key.e };
        assert_eq!(Recipient::from_jwk(&jwk).unwrap_err(), Code::RecipientInvalid);
    }
}

#[cfg(target_arch = "wasm32")]
mod in_the_browser {
    use js_sys::{JSON, Object, Reflect, Uint8Array};
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
    use web_sys::{CryptoKey, SubtleCrypto};

    use super::*;

    wasm_bindgen_test_configure!(run_in_browser);

    fn object(members: &[(&str, JsValue)]) -> Object {
        let object = Object::new();
        for (name, value) in members {
            Reflect::set(&object, &JsValue::from_str(name), value).unwrap();
        }
        object
    }

    fn subtle() -> SubtleCrypto {
        web_sys::window().unwrap().crypto().unwrap().subtle()
    }

    async fn import(format: &str, key: &Object, algorithm: &Object) -> CryptoKey {
        let usages = JSON::parse(r#"["decrypt"]"#).unwrap();
        let imported =
            subtle().import_key_with_object(format, key, algorithm, false, &usages.unchecked_into());
        JsFuture::from(imported.unwrap()).await.unwrap().dyn_into().unwrap()
    }

    async fn decrypt(algorithm: &Object, key: &CryptoKey, bytes: &[u8]) -> Vec<u8> {
        let opened = subtle().decrypt_with_object_and_u8_array(algorithm, key, bytes).unwrap();
        Uint8Array::new(&JsFuture::from(opened).await.unwrap()).to_vec()
    }

    #[wasm_bindgen_test]
    async fn webcrypto_opens_what_was_sealed() {
        let vector = JSON::parse(KEY).unwrap();
        let jwk: Object = Reflect::get(&vector, &"jwk".into()).unwrap().unchecked_into();
        let oaep = object(&[("name", "RSA-OAEP".into()), ("hash", "SHA-256".into())]);
        let private = import("jwk", &jwk, &oaep).await;
        for (plaintext, expected) in [(card(CARD), CARD), (cvc(), CVC)] {
            let envelope = Envelope::parse(&sealed(&plaintext)).unwrap();
            let content_key = decrypt(&oaep, &private, &envelope.encrypted_key).await;

            let gcm = object(&[
                ("name", "AES-GCM".into()),
                ("iv", Uint8Array::from(&envelope.iv[..]).into()),
                ("additionalData", Uint8Array::from(envelope.protected.as_bytes()).into()),
            ]);
            let bytes: Object = Uint8Array::from(&content_key[..]).into();
            let content = import("raw", &bytes, &object(&[("name", "AES-GCM".into())])).await;
            let sealed = [&envelope.ciphertext[..], &envelope.tag].concat();
            check_plaintext(&decrypt(&gcm, &content, &sealed).await, expected);
        }
    }
}
