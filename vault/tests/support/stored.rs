//! A merchant's backend in front of its tokens, and an intruder in front of the database file.
//! It must never be used where a browser would be.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use cardseal_vault::service::{CvcClaim, Vault};
use cardseal_vault::token::Token;
use cardseal_vault::transport::Peer;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};

use super::{Answer, ORIGIN, TestVault, visa};

/// How a request arrives: from this machine, over the network in clear, or over TLS.
pub const LOOPBACK: (&str, bool) = ("127.0.0.1:40000", false);
pub const IN_CLEAR: (&str, bool) = ("203.0.113.77:40000", false);
pub const OVER_TLS: (&str, bool) = ("203.0.113.77:40000", true);

impl TestVault {
    /// A token of the shop for a Visa card, with this reference.
    pub async fn token(&self, reference: &str) -> String {
        let answer = self.tokenize_card(&visa(), json!({ "origins": [ORIGIN], "ref": reference })).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// The digits of the security code that is held for a token, and stays so.
    pub async fn held_cvc(&self, token: &Token) -> Option<Vec<u8>> {
        held_cvc(&self.vault, token).await
    }

    /// Whether these bytes are in any file of the vault.
    pub fn holds(&self, bytes: &[u8]) -> bool {
        self.files().iter().any(|(_, content)| content.windows(bytes.len()).any(|window| window == bytes))
    }

    /// Sends a request of a client's backend.
    pub async fn ask(&self, bearer: &str, line: &str, body: &str, from: (&str, bool)) -> Answer {
        let (method, path) = line.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(path);
        if !bearer.is_empty() {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        let peer = Peer { address: from.0.parse().unwrap(), tls: from.1, certificate: None };
        let request = request.extension(peer).body(Body::from(body.to_owned())).unwrap();
        self.send(&self.api, request).await
    }

    /// The same with a fresh access token of the client.
    pub async fn ask_as(&self, client: &str, line: &str, body: &str) -> Answer {
        let bearer = self.access_token(client).await;
        self.ask(&bearer, line, body, LOOPBACK).await
    }

    /// Actor, action, subject, origin, result and reason of every record.
    pub async fn audit(&self) -> Vec<[String; 6]> {
        let rows =
            sqlx::query("SELECT actor, action, subject, origin, result, reason FROM audit ORDER BY seq")
                .fetch_all(&mut intruder(&self.folder.0).await)
                .await
                .unwrap();
        rows.iter().map(|row| [0, 1, 2, 3, 4, 5].map(|at| row.get(at))).collect()
    }
}

/// The digits of the security code that a vault holds for a token, and goes on holding.
pub async fn held_cvc(vault: &Arc<Vault>, token: &Token) -> Option<Vec<u8>> {
    match vault.reserve_cvc(token).await.unwrap() {
        CvcClaim::Granted(reservation) => {
            // EXPOSE: the test compares the code.
            let digits = reservation.digits().expose().clone();
            reservation.release().await.unwrap();
            Some(digits)
        }
        CvcClaim::InUse => panic!("in use"),
        CvcClaim::Absent => None,
    }
}

/// A connection to the database file past the vault.
pub async fn intruder(folder: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(folder.join("vault.sqlite")).connect().await.unwrap()
}

/// Somebody who reads the database and does not end, as an export of the audit does for long.
pub async fn reading(of: &TestVault) -> SqliteConnection {
    let mut reading = intruder(&of.folder.0).await;
    sqlx::raw_sql("BEGIN; SELECT * FROM tokens").execute(&mut reading).await.unwrap();
    reading
}

/// Changes the database past the vault, whatever its triggers say.
pub async fn tamper(folder: &Path, sql: &str) {
    let mut connection = intruder(folder).await;
    let sql = format!(
        "DROP TRIGGER IF EXISTS audit_is_never_changed; DROP TRIGGER IF EXISTS audit_is_never_deleted; {sql}"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// The program, asked for the audit of the vault in `folder`.
pub fn audit_command(folder: &Path, words: &[&str]) -> Output {
    let config = folder.join("vault.toml");
    let folder = folder.display();
    let text = format!(
        "origin = \"https://vault.example\"\ncapture_listen = \"127.0.0.1:1\"\napi_listen = \"127.0.0.1:2\"\n\
         data = \"{folder}\"\nkek_file = \"{folder}/kek\"\nmode = \"test\"\n"
    );
    std::fs::write(&config, text).unwrap();
    audit_of(&config, words)
}

/// The same with a configuration that is there.
pub fn audit_of(config: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cardseal-vault"));
    command.arg("audit").arg(words[0]).arg("--config").arg(config).args(&words[1..]).output().unwrap()
}
