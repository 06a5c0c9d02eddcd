//! A shop's backend and a shopper's browser in front of a program that runs: contexts and tokens over real sockets.
//! It must never reach into the program: it knows addresses and a client's secret, as a shop does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

use base64ct::{Base64, Encoding};
use cardseal::card::{Card, Month, Parts};
use cardseal::context::Context;
use cardseal::envelope::compact;
use cardseal::recipient::Recipient;
use cardseal::seal::{Binding, Plaintext, seal};
use cardseal_vault::random;
use rand_core::OsRng;
use serde_json::{Value, json};

/// Where the program listens, and who asks.
#[derive(Clone)]
pub struct Shop {
    /// Host and port for browsers.
    pub capture: String,
    /// Host and port for backends.
    pub api: String,
    pub client_id: String,
    pub client_secret: String,
    /// The origin of the shop's page.
    pub origin: String,
}

/// A request for a token, to be sent as often as wanted.
pub struct Sealed {
    pub context: String,
    pub sealed_card: String,
    pub key: String,
}

/// An answer as it came: head and body.
pub struct Said {
    pub head: String,
    pub body: String,
}

impl Said {
    pub fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}\n{}", self.head, self.body))
    }

    /// A member of a JSON answer.
    pub fn text(&self, member: &str) -> String {
        let value = self.json()[member].as_str().map(str::to_owned);
        value.unwrap_or_else(|| panic!("no {member}: {}\n{}", self.head, self.body))
    }
}

impl Shop {
    pub fn get(&self, path: &str) -> Said {
        ask(&self.capture, &format!("GET {path}"), "", "")
    }

    /// An access token with everything that the client may do.
    pub fn access_token(&self) -> String {
        let credentials = format!("{}:{}", self.client_id, self.client_secret);
        let basic = Base64::encode_string(credentials.as_bytes());
        let head =
            format!("authorization: Basic {basic}\r\ncontent-type: application/x-www-form-urlencoded\r\n");
        ask(&self.api, "POST /oauth/token", &head, "grant_type=client_credentials").text("access_token")
    }

    /// A call of the shop's backend.
    pub fn call(&self, line: &str, body: &str) -> Said {
        let bearer = self.access_token();
        let head = format!("authorization: Bearer {bearer}\r\ncontent-type: application/json\r\n");
        ask(&self.api, line, &head, body)
    }

    /// A context for one card.
    pub fn context(&self) -> String {
        self.call("POST /v1/capture-contexts", &json!({ "origins": [self.origin] }).to_string())
            .text("context")
    }

    /// A card sealed as a browser does it.
    pub fn seal(&self, number: &str) -> Sealed {
        self.seal_for(number, &self.context())
    }

    /// A card sealed for this context, under a key of its own.
    pub fn seal_for(&self, number: &str, context: &str) -> Sealed {
        let [_, payload, _] = compact::parts::<3>(context).unwrap();
        let claims = Context::parse(&compact::decode(payload).unwrap()).unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let exp_year = Month::at(now).year() + 3;
        let parts = Parts { number, exp_year, exp_month: 12, cvc: Some("737"), ..Parts::default() };
        let binding = Binding { ctx: &claims.jti, org: &self.origin, iat: claims.iat };
        let card = Card::of(&parts, None).unwrap();
        let sealed_card =
            seal(&Plaintext::from(&card), &Recipient::from_jwk(&claims.key).unwrap(), &binding, &mut OsRng)
                .unwrap();
        Sealed { key: random::make_name(), context: context.to_owned(), sealed_card }
    }

    /// Asks for a token; returns as soon as the answer is there.
    pub fn tokenize(&self, sealed: &Sealed) -> Said {
        self.ask_token("", sealed)
    }

    /// Asks for a token as a page of this origin does.
    pub fn tokenize_from(&self, page: &str, sealed: &Sealed) -> Said {
        self.ask_token(&format!("origin: {page}\r\n"), sealed)
    }

    fn ask_token(&self, head: &str, sealed: &Sealed) -> Said {
        let head = format!("{head}idempotency-key: {}\r\ncontent-type: application/json\r\n", sealed.key);
        let body = json!({ "context": sealed.context, "sealed_card": sealed.sealed_card }).to_string();
        ask(&self.capture, "POST /v1/tokens", &head, &body)
    }
}

/// Sends a request and reads its answer.
pub fn ask(address: &str, line: &str, head: &str, body: &str) -> Said {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n{head}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(answer.read_line(&mut head).unwrap(), 0, "the answer ends early: {head}");
    }
    // No longer than announced: who waits for the connection to end gives the program time for more.
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
    let mut body = vec![0; length.parse().unwrap()];
    answer.read_exact(&mut body).unwrap();
    Said { head, body: String::from_utf8(body).unwrap() }
}
