//! The operator's commands, as they are typed, on the folder of a vault that may be serving.
//! It must never be given a secret in its arguments.

use std::process::Command;

use super::Folder;

/// The program with these words for the vault in this folder, ready to be started.
pub fn command(folder: &Folder, words: &[&str]) -> Command {
    let path = folder.0.join("vault.toml");
    let at = folder.0.display();
    let text = format!(
        "origin = \"https://vault.example\"\ncapture_listen = \"127.0.0.1:1\"\napi_listen = \"127.0.0.1:2\"\n\
         data = \"{at}\"\nkek_file = \"{at}/kek\"\nmode = \"test\"\ncapture_key_bits = 2048\n"
    );
    std::fs::write(&path, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cardseal-vault"));
    command.args(words).arg("--config").arg(path);
    command
}

/// Whether it succeeded, and all that it said.
pub fn run(folder: &Folder, words: &[&str]) -> (bool, String) {
    let output = command(folder, words).output().unwrap();
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}
