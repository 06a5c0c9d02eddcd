//! Opening a sealed card: the only place where a private key meets a card, on a bounded number of threads.
//! It must never tell a key that did not unwrap from a tag that did not match (RFC 7516 section 11.5).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use cardseal::envelope::Envelope;
use cardseal::error::{Blame, Code};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use crate::failure::{Doing, Failure};
use crate::keyring::CaptureKey;

/// Opens sealed cards, so many at once and so many waiting.
pub struct Opener {
    places: Arc<Semaphore>,
    threads: Arc<Semaphore>,
    most: usize,
    most_at_once: usize,
    operations: AtomicU64,
}

impl Opener {
    /// At most `threads` private-key operations at once and `waiting` more in the queue.
    pub fn new(threads: usize, waiting: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(threads + waiting)),
            threads: Arc::new(Semaphore::new(threads)),
            most: threads + waiting,
            most_at_once: threads,
            operations: AtomicU64::new(0),
        }
    }

    /// Opens a sealed card and gives its plaintext to `parse`, on the thread that opened it.
    ///
    /// # Errors
    /// [`Code::Busy`] when the queue is full, [`Code::SealedCardRejected`] for everything that does not open to what
    /// `parse` reads, else the input code of the rule that it breaks.
    pub async fn open<T: Send + 'static>(
        &self,
        envelope: Envelope,
        key: Arc<CaptureKey>,
        parse: impl FnOnce(&[u8]) -> Result<T, Code> + Send + 'static,
    ) -> Result<T, Failure> {
        // Refused at once when the queue is full: work that waits too long is work done for nobody.
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Code::Busy)?;
        let thread = Arc::clone(&self.threads).acquire_owned().await.doing("waiting for a thread")?;
        self.operations.fetch_add(1, Ordering::Relaxed);
        // What is logged on that thread, such as a panic, belongs to the same request.
        let span = tracing::Span::current();
        let opened = spawn_blocking(move || {
            let opened = span.in_scope(|| open(&envelope, &key, parse));
            drop((thread, place));
            opened
        });
        Ok(opened.await.map_err(|error| Failure::of_task("opening a sealed card", &error))??)
    }

    /// How many sealed cards are being opened, and how many wait for it.
    pub fn load(&self) -> (usize, usize) {
        let places = self.most - self.places.available_permits();
        // One who waits for a thread has a place already; read one after the other the two may disagree for a moment.
        let working = (self.most_at_once - self.threads.available_permits()).min(places);
        (working, places - working)
    }

    /// How many private-key operations were begun so far.
    pub fn operations(&self) -> u64 {
        self.operations.load(Ordering::Relaxed)
    }
}

/// Opens a sealed card with this key and gives its plaintext to `parse`.
///
/// # Errors
/// [`Code::SealedCardRejected`] or the input code that `parse` gave.
pub fn open<T>(
    envelope: &Envelope,
    key: &CaptureKey,
    parse: impl FnOnce(&[u8]) -> Result<T, Code>,
) -> Result<T, Code> {
    let content_key = key.unwrap_content_key(&envelope.encrypted_key);
    let mut plaintext = Zeroizing::new(vec![0; envelope.ciphertext.len()]);
    // EXPOSE: AES-GCM reads the content key.
    let cipher = UnboundKey::new(&AES_256_GCM, content_key.expose()).map_err(|_| Code::SealedCardRejected)?;
    LessSafeKey::new(cipher)
        .open_separate_gather(
            Nonce::assume_unique_for_key(envelope.iv),
            // RFC 7516 section 5.2 step 15: the encoded protected header is authenticated as it came.
            Aad::from(envelope.protected.as_bytes()),
            &envelope.ciphertext,
            &envelope.tag,
            &mut plaintext,
        )
        .map_err(|_| Code::SealedCardRejected)?;
    parse(&plaintext)
        .map_err(|code| if code.blame() == Blame::Input { code } else { Code::SealedCardRejected })
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::Pin;
    use std::task::Poll;

    use cardseal::card::{Card, Month};
    use cardseal::envelope::{Header, PLAINTEXT_BYTES};

    use super::*;
    use crate::keyring::RsaBits;

    fn as_card(plaintext: &[u8]) -> Result<Card, Code> {
        Card::parse(plaintext, Month::at(0))
    }

    fn sealed_for(key: &CaptureKey) -> Envelope {
        let header = Header { kid: key.jwk().kid.clone(), iat: 0, ctx: String::new(), org: String::new() };
        let (encrypted_key, ciphertext) = (vec![1; 256], vec![0; PLAINTEXT_BYTES]);
        Envelope { header, protected: String::new(), encrypted_key, iv: [0; 12], ciphertext, tag: [0; 16] }
    }

    #[tokio::test]
    async fn a_full_queue_is_busy_and_a_free_place_is_taken() {
        let key = Arc::new(CaptureKey::from_pkcs8(&CaptureKey::make(RsaBits::Two048).unwrap()).unwrap());
        let opener = Opener::new(1, 1);
        let open = || opener.open(sealed_for(&key), Arc::clone(&key), as_card);
        let places = Arc::clone(&opener.places).try_acquire_many_owned(2).unwrap();
        assert_eq!(open().await.unwrap_err().code(), Code::Busy);
        assert_eq!((opener.operations(), opener.load()), (0, (0, 2)));
        drop(places);
        assert_eq!(open().await.unwrap_err().code(), Code::SealedCardRejected);
        assert_eq!(opener.operations(), 1);
        assert_eq!((opener.places.available_permits(), opener.threads.available_permits()), (2, 1));
    }

    /// Polls it once.
    async fn waits(mut future: Pin<&mut impl Future>) -> bool {
        poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
    }

    #[tokio::test]
    async fn one_who_waits_for_a_thread_keeps_a_place_until_then() {
        let key = Arc::new(CaptureKey::from_pkcs8(&CaptureKey::make(RsaBits::Two048).unwrap()).unwrap());
        let opener = Opener::new(1, 1);
        let thread = Arc::clone(&opener.threads).try_acquire_owned().unwrap();
        let place = Arc::clone(&opener.places).try_acquire_owned().unwrap();
        let mut waiting = Box::pin(opener.open(sealed_for(&key), Arc::clone(&key), as_card));
        assert!(waits(waiting.as_mut()).await);
        assert_eq!((opener.operations(), opener.load()), (0, (1, 1)));
        drop((thread, place));
        assert_eq!(waiting.await.unwrap_err().code(), Code::SealedCardRejected);
        // One that gives up while it waits frees its place.
        let thread = Arc::clone(&opener.threads).try_acquire_owned().unwrap();
        let mut waiting = Box::pin(opener.open(sealed_for(&key), Arc::clone(&key), as_card));
        assert!(waits(waiting.as_mut()).await);
        drop((waiting, thread));
        assert_eq!(opener.places.available_permits(), 2);
    }
}
