//! The project's version, wherever it stands: read, compared and raised.
//! It must never leave two versions in one tree.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::run::command;

/// Manifests of the workspace; those but the first name the engine or the vault with its version.
const MANIFESTS: [&str; 4] = ["Cargo.toml", "vault/Cargo.toml", "sandbox/Cargo.toml", "xtask/Cargo.toml"];

/// The three numbers of `1.2.3`.
pub(crate) fn parse(text: &str) -> Result<[u64; 3]> {
    let numbers: Vec<_> = text.split('.').map(|part| part.parse::<u64>().ok()).collect();
    match numbers.as_slice() {
        [Some(major), Some(minor), Some(patch)] if *text == format!("{major}.{minor}.{patch}") => {
            Ok([*major, *minor, *patch])
        }
        _ => bail!("{text:?} is no version such as 1.2.3"),
    }
}

/// The version that the workspace in `top` has.
pub(crate) fn current(top: &Path) -> Result<String> {
    let manifest = fs::read_to_string(top.join("Cargo.toml"))?;
    let version = manifest.lines().find_map(|line| line.strip_prefix("version = \""));
    Ok(version.context("Cargo.toml has no version")?.trim_end_matches('"').to_owned())
}

/// Writes `to` wherever the version stands, and closes what the changelog has under `Unreleased` with it and `date`.
pub(crate) fn raise(top: &Path, to: &str, date: &str) -> Result<()> {
    let from = current(top)?;
    if parse(to)? < parse(&from)? {
        bail!("{to} is older than {from}");
    }
    let changes = fs::read_to_string(top.join("CHANGELOG.md"))?;
    let closed = closed(&changes, to, date)?;
    for path in MANIFESTS {
        edit(top, path, |text| {
            text.lines()
                .map(|line| match line {
                    of_workspace if of_workspace == format!("version = \"{from}\"") => line.replace(&from, to),
                    of_member if of_member.contains("path = \"") => {
                        line.replace(&format!("version = \"{from}\""), &format!("version = \"{to}\""))
                    }
                    _ => line.to_owned(),
                } + "\n")
                .collect()
        })?;
    }
    for path in ["package.json", "package-lock.json"] {
        edit(top, path, |text| {
            ["  ", "      "].iter().fold(text.to_owned(), |text, indent| {
                let named =
                    |version: &str| format!("\"name\": \"cardseal\",\n{indent}\"version\": \"{version}\"");
                text.replace(&named(&from), &named(to))
            })
        })?;
    }
    fs::write(top.join("CHANGELOG.md"), closed)?;
    let update =
        command("cargo", &["update", "--workspace", "--offline", "--quiet"]).current_dir(top).status()?;
    if !update.success() {
        bail!("cargo did not bring Cargo.lock to {to}");
    }
    Ok(())
}

fn edit(top: &Path, path: &str, change: impl Fn(&str) -> String) -> Result<()> {
    let at = top.join(path);
    let text = fs::read_to_string(&at).with_context(|| path.to_owned())?;
    Ok(fs::write(&at, change(&text))?)
}

/// The changelog with a heading above what was not released yet.
fn closed(changes: &str, version: &str, date: &str) -> Result<String> {
    let (before, after) = changes.split_once("## Unreleased\n").context("CHANGELOG.md has no Unreleased")?;
    let unreleased = after.split("\n## ").next().unwrap_or_default();
    if !unreleased.lines().any(|line| line.starts_with("- ")) {
        bail!("CHANGELOG.md has nothing under Unreleased");
    }
    Ok(format!("{before}## Unreleased\n\n## {version} - {date}\n{after}"))
}

/// What the changelog says of a version.
pub(crate) fn changes(top: &Path, version: &str) -> Result<String> {
    let changes = fs::read_to_string(top.join("CHANGELOG.md"))?;
    let (_, after) = changes.split_once(&format!("## {version} - ")).context("the changelog lacks it")?;
    let (_, text) = after.split_once('\n').context("the changelog says nothing of it")?;
    Ok(text.split("\n## ").next().unwrap_or_default().trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{answer, top};

    #[test]
    fn a_version_is_three_numbers() {
        assert_eq!(parse("1.20.3").unwrap(), [1, 20, 3]);
        for text in ["", "1.2", "1.2.3.4", "v1.2.3", "1.2.03", "1.2.3-rc.1", "1.2.-3"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_changelog_is_closed_once_and_only_if_it_has_something_to_say() {
        let changes = "# Changelog\n\n## Unreleased\n\n- More.\n\n## 1.0.0 - 2026-01-01\n\n- All.\n";
        let text = closed(changes, "1.1.0", "2026-02-02").unwrap();
        assert!(text.contains("## Unreleased\n\n## 1.1.0 - 2026-02-02\n\n- More.\n"), "{text}");
        assert!(closed(&text, "1.2.0", "2026-03-03").is_err());
        assert!(closed("# Changelog\n", "1.0.0", "2026-01-01").is_err());
    }

    #[test]
    fn a_raised_version_stands_everywhere_and_both_lock_files_fit() {
        let folder = std::env::temp_dir().join(format!("cardseal-version-{}", std::process::id()));
        let clone = folder.to_string_lossy().into_owned();
        answer("git", &["clone", "--quiet", "--shared", &top().to_string_lossy(), &clone]).unwrap();
        // What a release would put under it, had there been one a moment ago.
        edit(&folder, "CHANGELOG.md", |text| text.replace("## Unreleased\n", "## Unreleased\n\n- New.\n"))
            .unwrap();
        raise(&folder, "987.65.4", "2026-02-02").unwrap();
        assert_eq!(current(&folder).unwrap(), "987.65.4");
        assert!(raise(&folder, "987.65.3", "2026-02-02").is_err(), "it is older");
        assert!(changes(&folder, "987.65.4").unwrap().contains("- New."));
        let mut metadata =
            command("cargo", &["metadata", "--locked", "--offline", "--no-deps", "--format-version=1"]);
        let metadata = metadata.current_dir(&folder).output().unwrap();
        assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
        let listed: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
        for package in listed["packages"].as_array().unwrap() {
            assert_eq!(package["version"], "987.65.4", "{}", package["name"]);
            for dependency in package["dependencies"].as_array().unwrap() {
                let (ours, wanted) = (!dependency["path"].is_null(), dependency["req"].as_str().unwrap());
                assert!(!ours || ["^987.65.4", "*"].contains(&wanted), "{package}");
            }
        }
        let json = |path: &str| -> serde_json::Value {
            serde_json::from_slice(&fs::read(folder.join(path)).unwrap()).unwrap()
        };
        assert_eq!(json("package.json")["version"], "987.65.4");
        let lock = json("package-lock.json");
        assert_eq!(
            (&lock["version"], &lock["packages"][""]["version"]),
            (&"987.65.4".into(), &"987.65.4".into())
        );
        fs::remove_dir_all(&folder).unwrap();
    }
}
