//! Random values for keys, nonces and names, from the operating system by way of AWS-LC.
//! It must never be seeded or replaced: a vault has one random source.

use aws_lc_rs::rand;
use cardseal::envelope::compact;
use cardseal::secret::Secret;

/// Fresh random bytes.
pub fn make_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

/// Fresh random bytes that are to be kept secret.
pub fn make_secret<const N: usize>() -> Secret<[u8; N]> {
    Secret::new(make_bytes())
}

/// A random decimal digit, each as likely as the others.
pub fn make_digit() -> char {
    loop {
        let [byte] = make_bytes();
        // 250 is the largest multiple of ten that a byte reaches.
        if byte < 250 {
            return char::from(b'0' + byte % 10);
        }
    }
}

/// A random name of 128 bits in base64url.
pub fn make_name() -> String {
    compact::encode(&make_bytes::<16>())
}

fn fill(bytes: &mut [u8]) {
    // Invariant: AWS-LC aborts rather than to give weak randomness; it reports no failure of the random source.
    rand::fill(bytes).expect("the random source works");
}
