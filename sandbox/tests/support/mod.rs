//! The program under test: started, spoken to and ended.
//! It must never be left running: it is killed when the test ends, however it ends.

#![allow(dead_code, unreachable_pub, missing_docs)]

#[path = "../../../vault/tests/support/shop.rs"]
pub mod shop;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use shop::Shop;

/// The origin of a shop's page.
pub const ORIGIN: &str = "http://shop.localhost:4000";

pub struct Sandbox {
    pub process: Child,
    pub said: HashMap<String, String>,
}

impl Sandbox {
    pub fn start(arguments: &[&str], temporary: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_cardseal-sandbox"))
            .args(arguments)
            .env("TMPDIR", temporary)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let Some(words) = line.strip_prefix("ready ") else {
            let mut cause = String::new();
            process.stderr.take().unwrap().read_to_string(&mut cause).unwrap();
            panic!("not ready: {cause}");
        };
        let pair = |word: &str| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        let said = words.split_whitespace().map(|word| pair(word).unwrap()).collect();
        Self { process, said }
    }

    /// A shop with the sandbox's own client, whose page has [`ORIGIN`].
    pub fn shop(&self) -> Shop {
        let local = |name: &str| format!("127.0.0.1:{}", self.said[name].rsplit_once(':').unwrap().1);
        Shop {
            capture: local("vault"),
            api: local("api"),
            client_id: self.said["client_id"].clone(),
            client_secret: self.said["client_secret"].clone(),
            origin: ORIGIN.to_owned(),
        }
    }

    pub fn get(&self, of: &str, path: &str) -> String {
        let port = self.said[of].rsplit_once(':').unwrap().1;
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    pub fn stop(mut self, signal: &str) -> String {
        let kill = Command::new("kill").arg(signal).arg(self.process.id().to_string()).status().unwrap();
        assert!(kill.success());
        assert!(self.process.wait().unwrap().success());
        let mut log = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn temporary(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}
