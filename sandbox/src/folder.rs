//! Where a sandbox keeps database and keys: the folder it was given, or a fresh one that it removes when it ends.
//! It must never delete a folder that it did not make.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use cardseal_vault::files::DATABASE;
use cardseal_vault::random;

const ACCOUNT: &str = "account.toml";

/// A folder for keys and database.
pub(crate) struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    /// The given folder, if no other vault has it, or a fresh one that only its owner can read.
    pub(crate) fn open(given: Option<PathBuf>) -> Result<Self, String> {
        if let Some(path) = given.as_ref().filter(|of| of.join(DATABASE).exists() && !has_account(of)) {
            return Err(format!("{} is the folder of a vault that is no sandbox", path.display()));
        }
        let temporary = given.is_none();
        let path = given.unwrap_or_else(|| {
            std::env::temp_dir().join(format!("cardseal-sandbox-{}", random::make_name()))
        });
        std::fs::DirBuilder::new()
            .recursive(!temporary)
            .mode(0o700)
            .create(&path)
            .map_err(|error| format!("cannot make the folder {}: {error}", path.display()))?;
        Ok(Self { path, temporary })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the account is kept.
    pub(crate) fn account(&self) -> PathBuf {
        self.path.join(ACCOUNT)
    }

    /// Whether it is removed at the end. A sandbox that is killed (SIGKILL) leaves it behind.
    pub(crate) fn is_temporary(&self) -> bool {
        self.temporary
    }
}

/// Whether a sandbox has kept its account there.
pub(crate) fn has_account(folder: &Path) -> bool {
    folder.join(ACCOUNT).is_file()
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            // What is left behind is sealed under a key that lies beside it and holds test cards only.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
