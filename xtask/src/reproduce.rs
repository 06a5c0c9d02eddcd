//! Builds the same sources once more, in another folder and from nothing: every byte of dist/ and of the npm package must be
//! the same. It must never reuse anything of the first build.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    build,
    run::{TOP, answer, command, step, target, top},
};

/// Runs the task.
pub(crate) fn run() -> Result<()> {
    build::run()?;
    check()
}

/// Compares dist/ as it is with a second build.
pub(crate) fn check() -> Result<()> {
    // Longer than the first one's path, which would show where a path is as long as its place is.
    let other = target().join("reproduce/in/quite/another/folder");
    if other.exists() {
        fs::remove_dir_all(&other)?;
    }
    copy_sources(&other)?;
    let xtask = std::env::current_exe()?;
    let mut build = command(&xtask.to_string_lossy(), &["build"]);
    step("building once more", build.env(TOP, &other).env_remove("CARGO_TARGET_DIR").current_dir(&other))?;
    let mut differing = differences(&files(&top().join("dist"))?, &files(&other.join("dist"))?);
    differing.extend(differences(&packed(&top())?, &packed(&other)?));
    if !differing.is_empty() {
        bail!("two builds of the same sources differ in {differing:?}; the second is in {}", other.display());
    }
    println!("    two builds in two folders are the same, byte for byte");
    Ok(fs::remove_dir_all(&other)?)
}

/// Every file that git keeps or would keep, as it is.
fn copy_sources(other: &Path) -> Result<()> {
    let listed = answer("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    for path in listed.context("git lists no sources")?.split('\0').filter(|path| !path.is_empty()) {
        // What is deleted, but not yet in a commit, is still listed.
        let Some(from) = Some(top().join(path)).filter(|from| from.is_file()) else { continue };
        let to = other.join(path);
        fs::create_dir_all(to.parent().context("a file without a folder")?)?;
        fs::copy(from, to)?;
    }
    Ok(())
}

/// The npm package's bytes, by its name.
fn packed(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let to = folder.join("target/packed");
    fs::create_dir_all(&to)?;
    let mut pack = command("npm", &["pack", "--silent", "--pack-destination", &to.to_string_lossy()]);
    step("packing", pack.current_dir(folder))?;
    let files = files(&to);
    fs::remove_dir_all(&to)?;
    files
}

fn files(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).with_context(|| at.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(folder)?.to_owned(), fs::read(&path)?);
            }
        }
    }
    Ok(files)
}

/// The names of what is in one alone, or is not the same in both.
fn differences<'a>(
    one: &'a BTreeMap<PathBuf, Vec<u8>>,
    other: &'a BTreeMap<PathBuf, Vec<u8>>,
) -> Vec<PathBuf> {
    let names = one.keys().chain(other.keys().filter(|name| !one.contains_key(*name)));
    names.filter(|name| one.get(*name) != other.get(*name)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_or_a_file_that_differs_is_named() {
        let files = |list: &[(&str, &str)]| {
            list.iter().map(|(name, text)| (PathBuf::from(name), text.as_bytes().to_vec())).collect()
        };
        let one = files(&[("a", "1"), ("b", "2"), ("c", "3")]);
        assert!(differences(&one, &one.clone()).is_empty());
        let other = files(&[("a", "1"), ("b", "4"), ("d", "5")]);
        assert_eq!(differences(&one, &other), ["b", "c", "d"].map(PathBuf::from));
    }
}
