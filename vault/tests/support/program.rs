//! The program as an operator starts it: a process of its own, addresses that it tells in its log, an end when asked.
//! It must never leave a process behind, nor let one stand still because nobody reads its log.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;

use cardseal_vault::admin::Admin;
use cardseal_vault::clock::SystemClock;
use cardseal_vault::config::Config;
use serde_json::Value;

use super::shop::Shop;
use super::{Folder, ORIGIN, SECRET, client, merchant};

/// `cardseal-vault serve`, ready.
pub struct Program {
    child: Child,
    log: Option<JoinHandle<String>>,
    pub capture: String,
    pub api: String,
    pub admin: String,
}

impl Program {
    /// Starts it; `ready` then waits for its listeners.
    pub fn start(config: &Path) -> Starting {
        Self::start_in(config, &[])
    }

    /// With more variables in its environment.
    pub fn start_in(config: &Path, variables: &[(&str, &str)]) -> Starting {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cardseal-vault"))
            .arg("serve")
            .arg("--config")
            .arg(config)
            // Whoever asks for more lines must not get them with a secret.
            .env("RUST_LOG", "trace")
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        Starting { child, log }
    }

    pub fn shop(&self) -> Shop {
        Shop {
            capture: self.capture.clone(),
            api: self.api.clone(),
            client_id: "shop-backend".to_owned(),
            client_secret: SECRET.to_owned(),
            origin: ORIGIN.to_owned(),
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, sees it end well and gives its log.
    pub fn end(mut self) -> String {
        let asked = Command::new("kill").arg("-TERM").arg(self.id().to_string()).status().unwrap();
        assert!(asked.success());
        assert!(self.child.wait().unwrap().success());
        self.log.take().unwrap().join().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process that was started and may not listen yet.
pub struct Starting {
    child: Child,
    log: BufReader<ChildStderr>,
}

impl Starting {
    pub fn ready(self) -> Program {
        let Self { child, mut log } = self;
        // From here on it is killed however the test ends.
        let mut program =
            Program { child, log: None, capture: String::new(), api: String::new(), admin: String::new() };
        let mut said = String::new();
        for listener in ["capture", "api", "admin"] {
            let from = said.len();
            assert_ne!(log.read_line(&mut said).unwrap(), 0, "the vault says something");
            let line = &said[from..];
            // What stops it is told in a sentence, such as to run `cargo xtask build`.
            let json: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
            assert_eq!(json["message"], format!("{listener} listener is ready"), "{line}");
            let address = json["address"].as_str().unwrap().to_owned();
            match listener {
                "capture" => program.capture = address,
                "api" => program.api = address,
                _ => program.admin = address,
            }
        }
        program.log = Some(std::thread::spawn(move || {
            log.lines().map_while(Result::ok).for_each(|line| said = format!("{said}{line}\n"));
            said
        }));
        program
    }
}

/// Writes a configuration, `settings` at its top, gives its vault the merchant `shop`, and gives the file's path.
pub fn configured(folder: &Folder, name: &str, settings: &str) -> PathBuf {
    let path = folder.0.join(name);
    let folder = folder.0.display();
    let text = format!(
        r#"
        origin = "https://vault.example"
        api_origin = "https://api.vault.example"
        capture_listen = "127.0.0.1:0"
        api_listen = "127.0.0.1:0"
        admin_listen = "127.0.0.1:0"
        data = "{folder}/data"
        kek_file = "{folder}/kek"
        mode = "test"
        capture_key_bits = 2048
        {settings}

        [limits]
        network_per_minute = 1000000
        merchant_per_minute = 1000000
        grants_per_minute = 1000000
        "#
    );
    std::fs::write(&path, text).unwrap();
    let scopes = ["capture:create", "tokens:read", "tokens:reveal", "tokens:delete", "audit:read"];
    let shop = merchant("shop", &[ORIGIN], &[], vec![client("shop-backend", &scopes)]);
    let config = Config::read(&path).unwrap();
    // A thread of its own: the test may run on a runtime already.
    let kept = std::thread::spawn(move || {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let admin = Admin::open(&config, Arc::new(SystemClock)).await.unwrap();
            admin.put_merchant(&shop).await.unwrap();
            admin.close().await;
        });
    });
    kept.join().unwrap();
    path
}
