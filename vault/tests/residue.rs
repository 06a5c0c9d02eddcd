//! What the vault wipes is nowhere in its memory afterwards, the freed parts of it included.
//! It must never hold in clear what it looks for: the search would find itself.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64ct::{Base64, Encoding};
use cardseal::envelope::compact;
use cardseal_vault::auth::Credentials;
use cardseal_vault::{kek, random};
use support::Folder;
use zeroize::{Zeroize, Zeroizing};

/// The first bytes of a freed block are the allocator's own again: what is sought lies behind them.
const ALLOCATORS: usize = 16;
const STEP: usize = 1 << 14;

/// A text to be looked for, each bit the other way round.
struct Sought(Vec<u8>);

impl Sought {
    fn of(text: &[u8]) -> Self {
        Self(text[ALLOCATORS..].iter().map(|byte| !byte).collect())
    }

    /// Whether it stands anywhere in the memory that this process can write.
    fn is_there(&self) -> bool {
        let memory = File::open("/proc/self/mem").unwrap();
        // Large blocks are mapped apart, so that the search itself does not tidy up the small ones.
        let mut maps = String::with_capacity(1 << 20);
        File::open("/proc/self/maps").unwrap().read_to_string(&mut maps).unwrap();
        let zeros = vec![0; STEP + self.0.len()];
        let mut buffer = Zeroizing::new(zeros.clone());
        maps.lines().filter(|line| line.contains(" rw")).any(|line| {
            let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
            let address = |text| u64::from_str_radix(text, 16).unwrap();
            (address(from)..address(to)).step_by(STEP).any(|at| {
                buffer.zeroize();
                buffer.resize(STEP + self.0.len(), 0);
                // A mapping of the kernel's, or one that is gone by now, cannot be read.
                let read = memory.read_at(&mut buffer, at).unwrap_or(0);
                // Most of it was never written.
                buffer[..read] != zeros[..read] && self.is_in(&buffer[..read])
            })
        })
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        let first = !self.0[0];
        bytes.windows(self.0.len()).any(|window| {
            window[0] == first && window.iter().zip(&self.0).all(|(byte, inverted)| *byte == !inverted)
        })
    }
}

#[test]
fn a_text_that_is_held_is_found_and_one_that_was_wiped_is_not() {
    let _alone = alone();
    let text = Zeroizing::new(compact::encode(&random::make_bytes::<48>()));
    let sought = Sought::of(text.as_bytes());
    assert!(sought.is_there());
    drop(text);
    assert!(!sought.is_there());
    // A freed block that nobody wiped is what the other tests must be able to see.
    let mut unwiped = compact::encode(&random::make_bytes::<48>());
    let sought = Sought::of(unwiped.as_bytes());
    unwiped.reserve_exact(1 << 20);
    unwiped.zeroize();
    assert!(sought.is_there());
}

#[test]
fn no_line_of_the_key_file_stays_in_memory() {
    let _alone = alone();
    let folder = Folder::make();
    let path = folder.0.join("kek");
    let holes = Holes::make();
    drop(kek::make(&path).unwrap());
    // Turned round where it was read to, so that no copy of the line is this test's own.
    let mut inverted = std::fs::read(&path).unwrap();
    inverted.iter_mut().for_each(|byte| *byte = !*byte);
    let made = Sought(inverted[ALLOCATORS..43].to_vec());
    assert!(!made.is_there());

    // Enough lines that a text which grew while it was read has moved several times.
    let lines: Vec<Sought> = (0..8)
        .map(|_| {
            let line = Zeroizing::new(compact::encode(&random::make_bytes::<32>()));
            let mut file = OpenOptions::new().append(true).open(&path).unwrap();
            file.write_all(line.as_bytes()).unwrap();
            file.write_all(b"\n").unwrap();
            Sought::of(line.as_bytes())
        })
        .collect();
    drop(kek::read(&path).unwrap());
    for sought in lines.iter().chain([&made]) {
        assert!(!sought.is_there());
    }
    drop(holes);
}

#[test]
fn a_clients_secret_is_gone_with_its_credentials() {
    let _alone = alone();
    let holes = Holes::make();
    let secret = Zeroizing::new(compact::encode(&random::make_bytes::<192>()));
    let sought = Sought::of(&secret.as_bytes()[64..128]);
    for before in ["", "+", "%2D", "+%2D"] {
        let mut plain = Zeroizing::new(String::with_capacity(512));
        for part in ["shop:", before, &secret] {
            plain.push_str(part);
        }
        let encoded = Zeroizing::new(Base64::encode_string(plain.as_bytes()));
        drop(plain);
        let header = Zeroizing::new(format!("Basic {}", *encoded));
        assert!(Credentials::parse(&header).is_some());
    }
    drop(secret);
    assert!(!sought.is_there());
    drop(holes);
}

/// One test at a time: a search reads the memory of all, and would spread what another one still holds.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Free blocks of every small size between blocks in use: what grows there has to move, and leaves what it held.
struct Holes {
    _between: Vec<Vec<u8>>,
}

impl Holes {
    fn make() -> Self {
        let mut blocks: Vec<Vec<u8>> =
            (0..64).flat_map(|_| (16..2048).step_by(16)).map(Vec::with_capacity).collect();
        let mut at = 0;
        blocks.retain(|_| {
            at += 1;
            at % 2 == 0
        });
        Self { _between: blocks }
    }
}
