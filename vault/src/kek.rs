//! The key-encryption key in a file that only its owner can read.
//! It must never be read from a file that others can read, nor be made anew where sealed data already exists.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use cardseal::envelope::compact;
use zeroize::Zeroizing;

use crate::at_rest::{Key, Keys};

const MOST_BYTES: u64 = 16 * 1024;

/// Reads the keys: one line each in base64url, the newest first.
///
/// # Errors
/// A sentence that says what is wrong with the file and what to do.
pub fn read(path: &Path) -> Result<Keys, String> {
    let name = path.display();
    let file = File::open(path).map_err(|error| format!("cannot read the key file {name}: {error}"))?;
    let metadata = file.metadata().map_err(|error| format!("cannot read the key file {name}: {error}"))?;
    if !metadata.is_file() {
        return Err(format!("the key file {name} is not a regular file"));
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(format!(
            "the key file {name} can be read by others; run `chmod 600 {name}` and consider the key known"
        ));
    }
    // Room for all of it at once: text that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(MOST_BYTES as usize));
    file.take(MOST_BYTES)
        .read_to_string(&mut text)
        .map_err(|_| format!("the key file {name} is not text"))?;
    let mut keys = text.lines().filter(|line| !line.trim().is_empty()).map(|line| {
        let bytes = Zeroizing::new(compact::decode(line.trim()).unwrap_or_default());
        Key::from_bytes(&bytes)
            .ok_or_else(|| format!("the key file {name} holds a line that is not 32 bytes in base64url"))
    });
    let first = keys
        .next()
        .ok_or_else(|| format!("the key file {name} holds no key; restore it from its backup"))??;
    Ok(Keys::new(first, keys.collect::<Result<_, _>>()?))
}

/// Reads the keys of a vault; none of a new one, which has no database either.
///
/// # Errors
/// A sentence that says what is wrong with the file and what to do.
pub fn find(path: &Path, database: &Path) -> Result<Option<Keys>, String> {
    if path.exists() {
        read(path).map(Some)
    } else if database.exists() {
        // A fresh key could open nothing of what is stored.
        Err(format!("the key file {} is missing; restore it from its backup", path.display()))
    } else {
        Ok(None)
    }
}

/// Makes a key file with one fresh random key, readable by its owner only.
///
/// # Errors
/// A sentence that says why the file could not be made; one that exists is never replaced.
pub fn make(path: &Path) -> Result<Keys, String> {
    let name = path.display();
    write(path).map_err(|error| format!("cannot make the key file {name}: {error}"))?;
    read(path)
}

fn write(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    // EXPOSE: the file is where this key is kept.
    let line = Zeroizing::new(compact::encode(Key::make().bytes().expose()));
    file.write_all(line.as_bytes())?;
    // Apart from the line, which would have to grow for it.
    file.write_all(b"\n")?;
    file.sync_all()?;
    // The name must survive a power failure as well: without this key nothing stored can be read again.
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => fs::File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}
