//! Signed heads of the audit in a file outside the database, so that a cut tail shows.
//! A line must never be believed without its signature: the file may lie where others can write.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use crate::audit::Head;
use crate::failure::{Doing, Failure};
use crate::jws;
use crate::keyring::SigningKey;

const TYP: &str = "cardseal-audit-head+jwt";

/// The signed statement of a head, one line.
///
/// # Errors
/// When the key could not sign.
pub fn sign(head: &Head, key: &SigningKey) -> Result<String, Failure> {
    let payload = serde_json::to_vec(head).doing("writing a head of the audit")?;
    jws::sign(key, TYP, &payload)
}

/// Adds a line to the file at `path`, made if it is missing, and waits until it is on disk.
///
/// # Errors
/// What the file system said.
pub fn append(path: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    // A crash may have torn the last line: what is put behind it would be as little believed.
    let start = if ends_a_line(&file)? { "" } else { "\n" };
    file.write_all(format!("{start}{line}\n").as_bytes())?;
    file.sync_all()
}

/// Whether the file ends where a line does, or is empty.
fn ends_a_line(file: &File) -> io::Result<bool> {
    let Some(at) = file.metadata()?.len().checked_sub(1) else { return Ok(true) };
    let mut last = [0];
    file.read_exact_at(&mut last, at)?;
    Ok(last == *b"\n")
}

/// The heads of a file's text, and the numbers of the lines that none of `keys` signed.
pub fn believe(text: &str, keys: &[SigningKey]) -> (Vec<Head>, Vec<usize>) {
    let (mut heads, mut forged) = (Vec::new(), Vec::new());
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let head = jws::verify(line, TYP, keys).ok().and_then(|head| serde_json::from_slice(&head).ok());
        match head {
            Some(head) => heads.push(head),
            None => forged.push(at + 1),
        }
    }
    (heads, forged)
}
