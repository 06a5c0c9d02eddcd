//! The program itself: it says when it is ready, answers, keeps what it was told to keep, and leaves nothing else.
//! It must never be left running: each test ends what it started.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

struct Sandbox {
    process: Child,
    said: HashMap<String, String>,
}

impl Sandbox {
    fn start(arguments: &[&str], temporary: &PathBuf) -> Self {
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

    fn get(&self, of: &str, path: &str) -> String {
        let port = self.said[of].rsplit_once(':').unwrap().1;
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn stop(mut self, signal: &str) -> String {
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

fn temporary(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn it_says_where_it_is_answers_there_and_leaves_no_file() {
    let temporary = temporary("leaves-no-file");
    for signal in ["-INT", "-TERM"] {
        let sandbox = Sandbox::start(&["--origin", "http://shop.localhost:4000"], &temporary);
        let mut names: Vec<_> = sandbox.said.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["api", "client_id", "client_secret", "merchant", "vault"]);
        assert!(sandbox.said["vault"].starts_with("http://localhost:"));
        assert!(sandbox.said["api"].starts_with("http://127.0.0.1:"));
        assert!(std::fs::read_dir(&temporary).unwrap().next().is_some());

        for of in ["vault", "api"] {
            assert!(sandbox.get(of, "/healthz").starts_with("HTTP/1.1 200 "));
        }
        let frame = format!("/f/{}/{}/number", sandbox.said["merchant"], env!("CARGO_PKG_VERSION"));
        let document = sandbox.get("vault", &frame);
        assert!(document.contains("frame-ancestors http://shop.localhost:4000\r\n"), "{document}");

        let secret = sandbox.said["client_secret"].clone();
        let log = sandbox.stop(signal);
        assert!(log.contains("\"status\":200") && !log.contains(&secret));
        assert!(std::fs::read_dir(&temporary).unwrap().next().is_none());
    }
}

#[test]
fn with_a_folder_keys_and_merchant_stay_the_same() {
    let temporary = temporary("stays-the-same");
    let data = temporary.join("data");
    let start = || Sandbox::start(&["--data", data.to_str().unwrap()], &temporary);
    let keys = |sandbox: &Sandbox| {
        sandbox.get("vault", "/.well-known/jwks.json").split_once("\r\n\r\n").unwrap().1.to_owned()
    };
    let first = start();
    let (said, published) = (first.said.clone(), keys(&first));
    first.stop("-TERM");
    let second = start();
    for name in ["client_id", "client_secret", "merchant"] {
        assert_eq!(second.said[name], said[name]);
    }
    assert_eq!(keys(&second), published);
    second.stop("-TERM");
}

#[test]
fn an_origin_that_is_none_is_refused() {
    let run = Command::new(env!("CARGO_BIN_EXE_cardseal-sandbox"))
        .args(["--origin", "http://shop.localhost:4000/"])
        .env("TMPDIR", temporary("refused"))
        .output()
        .unwrap();
    assert!(!run.status.success());
    assert!(run.stdout.is_empty());
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(said.contains("`http://shop.localhost:4000/` is not an origin"), "{said}");
}
