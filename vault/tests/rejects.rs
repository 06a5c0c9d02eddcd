//! Every sealed card that is not exactly right is refused, and what cannot be opened always looks the same.
//! It must never pass if a refusal stores a token, spends a context or repeats a digit.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::collections::HashSet;

use cardseal::card::{Card, Month};
use cardseal::envelope::{Envelope, PLAINTEXT_BYTES, compact};
use cardseal::error::Code;
use cardseal_vault::{open, random};
use support::forge::Forge;
use support::{NOW, ORIGIN, claims, refused, vault};

#[tokio::test]
async fn what_the_forge_makes_unchanged_is_accepted() {
    let of = vault().await;
    let context = of.context().await;
    let sealed_card = Forge::of(&claims(&context)).format(&claims(&context));
    assert_eq!(of.tokenize(&context, &sealed_card, "key").await.status, 201);
}

#[tokio::test]
async fn everything_that_does_not_open_has_one_face() {
    let of = vault().await;
    let context = of.context().await;
    let of_context = claims(&context);
    let good = Forge::of(&of_context).seal(&of_context);
    let flipped = |part: usize, at: usize| flip(&good, part, at * 8).join(".");
    let with = |change: &dyn Fn(&mut Forge)| {
        let mut forge = Forge::of(&of_context);
        change(&mut forge);
        forge.format(&of_context)
    };
    let zeros = |bytes: usize| {
        let mut parts = good.clone();
        parts[1] = compact::encode(&vec![0; bytes]);
        parts.join(".")
    };
    let other_header = {
        let mut parts = good.clone();
        // The same members in another order: what was authenticated is the text, not its meaning.
        let header = String::from_utf8(compact::decode(&parts[0]).unwrap()).unwrap();
        parts[0] = compact::encode(
            header
                .replacen(
                    r#""alg":"RSA-OAEP-256","enc":"A256GCM""#,
                    r#""enc":"A256GCM","alg":"RSA-OAEP-256""#,
                    1,
                )
                .as_bytes(),
        );
        parts.join(".")
    };
    let mut faces = Vec::new();
    for (fault, sealed_card) in [
        ("a flipped bit in the encrypted key", flipped(1, 100)),
        ("a flipped bit in the iv", flipped(2, 3)),
        ("a flipped bit in the ciphertext", flipped(3, 40)),
        ("a flipped bit in the tag", flipped(4, 15)),
        ("an encrypted key of zeros", zeros(256)),
        ("an encrypted key for a larger modulus", zeros(384)),
        ("an encrypted key above the modulus", {
            let mut parts = good.clone();
            parts[1] = compact::encode(&[0xff; 256]);
            parts.join(".")
        }),
        ("a content key of 16 bytes", with(&|forge| forge.content_key = random::make_bytes::<16>().to_vec())),
        (
            "a content key of 33 bytes",
            with(&|forge| {
                forge.content_key = random::make_bytes::<33>()[..32].iter().copied().chain([0]).collect()
            }),
        ),
        ("an empty content key", with(&|forge| forge.content_key = Vec::new())),
        ("a changed order of header members", other_header),
        ("a plaintext that is not JSON", with(&|forge| forge.plaintext = "4242424242424242".to_owned())),
        ("a plaintext with an unknown member", with(&|forge| forge.plaintext.insert_str(1, r#""pin":"1","#))),
        (
            "a plaintext with two numbers",
            with(&|forge| forge.plaintext.insert_str(1, r#""number":"4242424242424242","#)),
        ),
        (
            "a plaintext of another version",
            with(&|forge| forge.plaintext = forge.plaintext.replace(r#""v":1"#, r#""v":2"#)),
        ),
        (
            "a plaintext of another kind",
            with(&|forge| forge.plaintext = forge.plaintext.replace(r#""card""#, r#""cvc""#)),
        ),
        (
            "a plaintext without a number",
            with(&|forge| forge.plaintext = forge.plaintext.replace(r#""number":"4242424242424242","#, "")),
        ),
        ("an empty plaintext", with(&|forge| forge.plaintext = String::new())),
    ] {
        let answer = refused(&of, &context, &sealed_card).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (422, "sealed_card_rejected"),
            "{fault}"
        );
        let mut headers: Vec<_> = answer.headers.keys().map(|name| name.as_str().to_owned()).collect();
        headers.sort();
        faces.push((answer.status, answer.body, headers));
    }
    faces.dedup();
    assert_eq!(faces.len(), 1);
    // All of them went through the private key.
    assert_eq!(of.vault.private_key_operations(), 18);
}

#[tokio::test]
async fn every_flipped_bit_of_what_was_sealed_is_refused_as_the_same() {
    let of = vault().await;
    let of_context = claims(&of.context().await);
    let key = of.vault.known().keyring.capture_key(&of_context.key.kid, NOW).unwrap();
    let good = Forge::of(&of_context).seal(&of_context);
    let opened = |parts: &[String; 5]| {
        open::open(&Envelope::parse(&parts.join(".")).unwrap(), &key, |plaintext| {
            Card::parse(plaintext, Month::at(NOW)).map(drop)
        })
    };
    assert_eq!(opened(&good), Ok(()));
    // A stride that is odd meets every bit of a byte; the key and the ciphertext are too long for all of them.
    for (part, bits, stride) in
        [(1, 256 * 8, 61), (2, 12 * 8, 1), (3, PLAINTEXT_BYTES * 8, 61), (4, 16 * 8, 1)]
    {
        for bit in (0..bits).step_by(stride) {
            let wrong = flip(&good, part, bit);
            assert_eq!(opened(&wrong), Err(Code::SealedCardRejected), "bit {bit} of part {part}");
        }
    }
}

#[tokio::test]
async fn every_flipped_bit_of_the_header_is_refused_with_a_code_of_its_fault() {
    let of = vault().await;
    let context = of.context().await;
    let good = Forge::of(&claims(&context)).seal(&claims(&context));
    let header = compact::decode(&good[0]).unwrap();
    // The last bit of the time of sealing: a second later is still in time, so that only the tag can tell.
    let last_second = (header.len() - 2) * 8;
    let mut codes = HashSet::new();
    for bit in (0..header.len() * 8).step_by(11).chain([last_second]) {
        let answer = refused(&of, &context, &flip(&good, 0, bit).join(".")).await;
        let documented = [
            (400, "sealed_card_header_invalid"),
            (422, "sealed_card_mismatch"),
            (422, "sealed_card_rejected"),
        ];
        let code = answer.code();
        assert!(documented.contains(&(answer.status.as_u16(), &code)), "bit {bit}: {}", answer.body);
        if bit == last_second {
            assert_eq!(code, "sealed_card_rejected");
        }
        codes.insert(code);
    }
    assert_eq!(codes.len(), 3, "{codes:?}");
}

/// The parts with one bit of one part the other way round.
fn flip(good: &[String; 5], part: usize, bit: usize) -> [String; 5] {
    let mut parts = good.clone();
    let mut bytes = compact::decode(&parts[part]).unwrap();
    bytes[bit / 8] ^= 1 << (bit % 8);
    parts[part] = compact::encode(&bytes);
    parts
}

#[tokio::test]
async fn a_sealed_card_that_is_not_five_canonical_parts_is_malformed() {
    let of = vault().await;
    let context = of.context().await;
    let good = Forge::of(&claims(&context)).seal(&claims(&context));
    let mut wrong = vec![
        "".to_owned(),
        "....".to_owned(),
        format!("{}.", good.join(".")),
        format!("{}=", good.join(".")),
    ];
    for part in 0..5 {
        let mut without = good.to_vec();
        without.remove(part);
        wrong.push(without.join("."));
        let mut empty = good.to_vec();
        empty[part] = String::new();
        if part != 0 {
            wrong.push(empty.join("."));
        }
        let mut stained = good.to_vec();
        stained[part].insert(1, '+');
        wrong.push(stained.join("."));
    }
    wrong.push(format!(r#"{{"protected":"{}"}}"#, good[0]));
    for sealed_card in wrong {
        let answer = refused(&of, &context, &sealed_card).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (400, "sealed_card_malformed"),
            "{sealed_card}"
        );
    }
    assert_eq!(of.vault.private_key_operations(), 0);
}

#[tokio::test]
async fn a_header_that_is_not_exactly_the_protocols_is_invalid() {
    let of = vault().await;
    let context = of.context().await;
    let of_context = claims(&context);
    let kid = format!(r#""kid":"{}""#, of_context.key.kid);
    for (from, to) in [
        (r#""alg":"RSA-OAEP-256""#, r#""alg":"RSA1_5""#),
        (r#""alg":"RSA-OAEP-256""#, r#""alg":"RSA-OAEP""#),
        (r#""alg":"RSA-OAEP-256""#, r#""alg":"none""#),
        (r#""alg":"RSA-OAEP-256""#, r#""alg":"dir""#),
        (r#""enc":"A256GCM""#, r#""enc":"A128GCM""#),
        (r#""enc":"A256GCM""#, r#""enc":"A256GCM","zip":"DEF""#),
        (r#""enc":"A256GCM""#, r#""enc":"A256GCM","crit":["exp"]"#),
        (r#""enc":"A256GCM""#, r#""enc":"A256GCM","jku":"https://evil.example""#),
        (r#""enc":"A256GCM""#, r#""enc":"A256GCM","jwk":{}"#),
        (r#""enc":"A256GCM""#, r#""enc":"A256GCM","x5u":"https://evil.example""#),
        (r#""enc":"A256GCM""#, r#""enc":"A256GCM","enc":"A256GCM""#),
        (r#""typ":"cardseal+jwe""#, r#""typ":"JWE""#),
        (r#""typ":"cardseal+jwe","#, ""),
        (kid.as_str(), &format!("{kid},{kid}")),
        (&format!("{kid},"), ""),
    ] {
        let sealed_card = Forge::of(&of_context).replace(from, to).format(&of_context);
        let answer = refused(&of, &context, &sealed_card).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (400, "sealed_card_header_invalid"),
            "{to}"
        );
    }
    assert_eq!(of.vault.private_key_operations(), 0);
}

#[tokio::test]
async fn a_header_that_names_another_context_key_origin_or_time_does_not_match() {
    let of = vault().await;
    let context = of.context().await;
    let of_context = claims(&context);
    let iat = |seconds: u64| format!(r#""iat":{seconds}"#);
    let now = iat(NOW);
    for (from, to) in [
        (of_context.key.kid.as_str(), "another-key".to_owned()),
        (&of_context.jti, claims(&of.context().await).jti),
        (ORIGIN, "https://evil.example".to_owned()),
        // Registered for the merchant, yet not listed in this context.
        (ORIGIN, "https://www.shop.example".to_owned()),
        (ORIGIN, "null".to_owned()),
        (&now, iat(NOW - 61)),
        (&now, iat(NOW + 61)),
    ] {
        let sealed_card = Forge::of(&of_context).replace(from, &to).format(&of_context);
        let answer = refused(&of, &context, &sealed_card).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "sealed_card_mismatch"), "{to}");
    }
    assert_eq!(of.vault.private_key_operations(), 0);
    for seconds in [NOW - 60, NOW + 60] {
        let context = of.context().await;
        let sealed_card = Forge::of(&claims(&context)).replace(&now, &iat(seconds)).format(&claims(&context));
        assert_eq!(of.tokenize(&context, &sealed_card, &random::make_name()).await.status, 201);
    }
}
