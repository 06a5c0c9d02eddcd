//! The files of a vault: its key file and its database, opened together, made for a vault that is new.
//! It must never make a key file where data exists: a fresh key could open nothing of it.

use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

use crate::at_rest::Keys;
use crate::audit::ChainKeys;
use crate::config::Config;
use crate::failure::{Doing, Failure};
use crate::kek;
use crate::store::Store;

/// The name of the database in the folder of the data.
pub const DATABASE: &str = "vault.sqlite";
/// The name of the file beside it that a process holds locked while it starts.
const LOCK: &str = "vault.lock";

/// The open files of a vault.
pub struct Files {
    /// The database.
    pub store: Store,
    /// The key-encryption key.
    pub kek: Keys,
    /// Held while a process makes what a new vault lacks: one makes it, the others find it.
    pub lock: File,
}

/// Opens the files of a configuration.
///
/// # Errors
/// What could not be opened, in a sentence for the operator.
pub async fn open(config: &Config) -> Result<Files, Failure> {
    let folder = &config.data;
    DirBuilder::new().recursive(true).mode(0o700).create(folder).doing("making the data folder")?;
    let lock = wait_for_others(folder.join(LOCK)).await?;
    let database = folder.join(DATABASE);
    let kek = kek::find(&config.kek_file, &database)
        .and_then(|found| found.map_or_else(|| kek::make(&config.kek_file), Ok))
        .doing("opening the key file")?;
    let store = Store::open(&database, ChainKeys::derive(&kek)).await.doing("opening the database")?;
    Ok(Files { store, kek, lock })
}

/// Waits until no other process is starting on the same folder. The lock ends with the file, however the process ends.
async fn wait_for_others(path: PathBuf) -> Result<File, Failure> {
    let locked = tokio::task::spawn_blocking(move || {
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        file.lock()?;
        Ok::<_, std::io::Error>(file)
    });
    let locked = locked.await.map_err(|error| Failure::of_task("locking the data folder", &error))?;
    locked.doing("locking the data folder")
}
