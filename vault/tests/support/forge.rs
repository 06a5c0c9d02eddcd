//! Sealed cards as an attacker or a faulty library would make them: any header, any plaintext, correct cryptography.
//! It must never be used where the engine's own sealing would do.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::RsaPublicKeyComponents;
use cardseal::context::Context;
use cardseal::envelope::{PLAINTEXT_BYTES, compact};
use cardseal_vault::random;

/// A sealed card to be.
pub struct Forge {
    pub header: String,
    pub plaintext: String,
    pub content_key: Vec<u8>,
}

impl Forge {
    /// One that the vault accepts, if nothing is changed.
    pub fn of(context: &Context) -> Self {
        Self {
            header: format!(
                r#"{{"alg":"RSA-OAEP-256","enc":"A256GCM","typ":"cardseal+jwe","kid":"{}","ctx":"{}","org":"{}","iat":{}}}"#,
                context.key.kid, context.jti, context.origins[0], context.iat
            ),
            plaintext: r#"{"v":1,"kind":"card","number":"4242424242424242","exp_month":12,"exp_year":2030,"cvc":"737"}"#
                .to_owned(),
            content_key: random::make_bytes::<32>().to_vec(),
        }
    }

    pub fn replace(mut self, from: &str, to: &str) -> Self {
        let (header, plaintext) = (self.header.replace(from, to), self.plaintext.replace(from, to));
        assert!(header != self.header || plaintext != self.plaintext, "{from} stands nowhere");
        (self.header, self.plaintext) = (header, plaintext);
        self
    }

    /// The five parts, sealed to the context's key.
    pub fn seal(&self, context: &Context) -> [String; 5] {
        let part = |text: &str| compact::decode(text).unwrap();
        let components = RsaPublicKeyComponents { n: part(&context.key.n), e: part(&context.key.e) };
        let public: PublicEncryptingKey = components.try_into().unwrap();
        let public = OaepPublicEncryptingKey::new(public).unwrap();
        let mut encrypted_key = vec![0; public.ciphertext_size()];
        let encrypted_key = public
            .encrypt(&OAEP_SHA256_MGF1SHA256, &self.content_key, &mut encrypted_key, None)
            .unwrap()
            .to_vec();

        let protected = compact::encode(self.header.as_bytes());
        let mut padded = [b' '; PLAINTEXT_BYTES];
        padded[..self.plaintext.len()].copy_from_slice(self.plaintext.as_bytes());
        let iv = random::make_bytes::<12>();
        let mut key = self.content_key.clone();
        key.resize(32, 0);
        let tag = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).unwrap())
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(iv),
                Aad::from(protected.as_bytes()),
                &mut padded,
            )
            .unwrap();
        let tag = compact::encode(tag.as_ref());
        [protected, compact::encode(&encrypted_key), compact::encode(&iv), compact::encode(&padded), tag]
    }

    /// The whole sealed card.
    pub fn format(&self, context: &Context) -> String {
        self.seal(context).join(".")
    }
}
