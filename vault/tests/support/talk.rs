//! One shop and its shoppers who do everything that can be done to a vault that runs, and keep every answer.
//! It must never take an answer that is not the expected one for silence.

use std::time::{SystemTime, UNIX_EPOCH};

use cardseal::card::{CardNumber, Month};
use cardseal_vault::random;
use serde_json::{Value, json};

use super::forge::Forge;
use super::shop::{Said, Sealed, Shop, ask};
use super::sought::{Sent, Sought};
use super::{SECRET, basic, claims};

pub const NAME: &str = "Ottoline Zzyzx";
pub const POSTAL_CODE: &str = "QX77 9ZZ";

/// What was said to the vault and what it answered.
pub struct Talk {
    shop: Shop,
    bearer: String,
    pub heard: Vec<Said>,
}

impl Talk {
    pub fn with(shop: Shop) -> Self {
        Self { bearer: shop.access_token(), shop, heard: Vec::new() }
    }

    fn call(&mut self, line: &str, body: &str) -> &Said {
        let head = format!("authorization: Bearer {}\r\ncontent-type: application/json\r\n", self.bearer);
        self.hear(&self.shop.api.clone(), line, &head, body)
    }

    fn hear(&mut self, address: &str, line: &str, head: &str, body: &str) -> &Said {
        self.heard.push(ask(address, line, head, body));
        self.heard.last().unwrap()
    }

    fn context(&mut self, brands: Option<&str>) -> String {
        let body = json!({ "origins": [self.shop.origin], "brands": brands.map(|brand| [brand]) });
        self.call("POST /v1/capture-contexts", &body.to_string()).text("context")
    }

    /// Sends a sealed card; gives the status and the code of the refusal.
    fn send(&mut self, context: &str, key: &str, sealed_card: String) -> (String, String) {
        let (context, key) = (context.to_owned(), key.to_owned());
        let said = self.shop.tokenize(&Sealed { context, sealed_card, key });
        let code = said.json()["code"].as_str().unwrap_or_default().to_owned();
        let status = said.status().to_owned();
        self.heard.push(said);
        (status, code)
    }

    /// Every way in which a sealed card is refused, then the way in which it becomes a token, if it is one.
    pub fn capture(&mut self, card: &Sent) -> Option<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let year = Month::at(now).year() + 3;
        let plain = json!({ "v": 1, "kind": "card", "number": card.number, "exp_month": 12, "exp_year": year,
            "cvc": card.code, "name": NAME, "postal_code": POSTAL_CODE });
        let changed = |member: &str, value: Value| {
            let mut plain = plain.clone();
            plain[member] = value;
            plain
        };
        let known = CardNumber::parse(&card.number);
        let brand = known.as_ref().map_or("visa", |number| number.brand().name);
        let other = if brand == "visa" { "mastercard" } else { "visa" };
        let (context, another, of_other) =
            (self.context(None), self.context(None), self.context(Some(other)));
        let sealed = |plain: &Value, context: &str| {
            let context = claims(context);
            Forge { plaintext: plain.to_string(), ..Forge::of(&context) }.format(&context)
        };
        let mut refuse = |context: &str, sealed_card: String, expected: &str| {
            let (status, code) = self.send(context, &random::make_name(), sealed_card);
            assert!(status.starts_with('4'), "{code}");
            // Of a card's faults the number's is the first one.
            let expected = match (&known, expected.strip_prefix('~')) {
                (Err(fault), Some(_)) => fault.as_str(),
                (Ok(_), Some(expected)) => expected,
                (_, None) => expected,
            };
            assert_eq!(code, expected, "{}", card.number);
        };
        refuse(&another, sealed(&changed("exp_year", json!(2020)), &another), "~expiry_past");
        refuse(&another, sealed(&changed("exp_year", json!(2099)), &another), "~expiry_too_far");
        refuse(&another, sealed(&changed("cvc", json!(&card.code[..2])), &another), "~cvc_incomplete");
        refuse(&another, sealed(&changed("cvc", json!(card.code.repeat(2))), &another), "~cvc_invalid");
        refuse(&another, sealed(&changed("name", json!(card.number)), &another), "~name_invalid");
        refuse(&another, sealed(&changed("pan", json!(card.number)), &another), "sealed_card_rejected");
        refuse(&another, sealed(&changed("number", json!([card.number])), &another), "sealed_card_rejected");
        refuse(&of_other, sealed(&plain, &of_other), "~brand_not_accepted");
        refuse(&context, sealed(&plain, &another), "sealed_card_mismatch");
        let good = sealed(&plain, &context);
        refuse(&context, good[..good.len() - 1].to_owned() + "!", "sealed_card_malformed");
        refuse(&context, good.replacen('.', ".A", 1)[..good.len()].to_owned(), "sealed_card_malformed");
        refuse("x", good.clone(), "context_malformed");
        if known.is_err() {
            refuse(&context, good, "~");
            return None;
        }
        let key = claims(&context).jti;
        assert_eq!(self.send(&context, &key, good.clone()).0, "201", "{}", card.number);
        let token = self.heard.last().unwrap().text("id");
        assert_eq!(self.send(&context, &key, good.clone()).0, "201");
        assert_eq!(self.send(&another, &key, sealed(&plain, &another)).1, "idempotency_key_reused");
        assert_eq!(self.send(&context, "another-key", good).1, "context_spent");
        Some(token)
    }

    /// A number in clear where none belongs: in addresses, methods, headers, options and credentials.
    pub fn misplace(&mut self, number: &str) {
        let (capture, api) = (self.shop.capture.clone(), self.shop.api.clone());
        for line in [
            format!("GET /v1/tokens/{number}"),
            format!("GET /v1/tokens?ref={number}"),
            format!("DELETE /v1/tokens/{number}"),
            format!("{number} /v1/tokens"),
        ] {
            self.call(&line, "");
        }
        let wrong = json!({ "number": number, "context": number, "origins": [number], "reason": number });
        for path in ["capture-contexts", &format!("tokens/{number}/reveal")] {
            self.call(&format!("POST /v1/{path}"), &wrong.to_string());
        }
        // A well-formed trace id is logged as it came; digits in it are hexadecimal ones of the caller's own choice.
        let ids = format!("x-request-id: {number}\r\ntraceparent: {number}\r\ntracestate: x={number}\r\n");
        let head = format!("{ids}user-agent: {number}\r\norigin: {number}\r\nx-forwarded-for: {number}\r\n");
        for path in [
            format!("/f/{number}/{number}/{number}"),
            format!("/v1/bins/{number}"),
            format!("/v1/bins/{}", &number[..8]),
            format!("/{number}?{number}"),
        ] {
            self.hear(&capture, &format!("GET {path}"), &head, "");
        }
        let form = "content-type: application/x-www-form-urlencoded\r\n";
        let credentials = format!("{form}authorization: {}\r\n", basic(number, number));
        self.hear(&api, "POST /oauth/token", &credentials, "grant_type=client_credentials");
        let own = format!("{form}authorization: {}\r\n", basic(&self.shop.client_id, SECRET));
        self.hear(&api, "POST /oauth/token", &own, &format!("grant_type={number}&scope={number}"));
        let reveal = format!("POST /v1/tokens/{number}/reveal");
        self.call(&reveal, &json!({ "reason": format!("card {number}") }).to_string());
        let head = format!("content-type: application/json\r\nidempotency-key: {number}\r\n{ids}");
        let bodies = [wrong, json!({ "context": number, "sealed_card": number })];
        for body in bodies.map(|body| body.to_string()) {
            self.hear(&capture, "POST /v1/tokens", &head, &body);
            // Cut short within the number.
            self.hear(&capture, "POST /v1/tokens", &head, &body[..body.len() - 4]);
        }
    }

    /// A number where a secret belongs; after five of them nobody gets in from here, whatever the secret.
    pub fn guess(&mut self, number: &str) {
        let form = "content-type: application/x-www-form-urlencoded\r\n";
        let guessed = format!("{form}authorization: {}\r\n", basic(&self.shop.client_id, number));
        let api = self.shop.api.clone();
        self.hear(&api, "POST /oauth/token", &guessed, "grant_type=client_credentials");
    }

    /// Reads the merchant's part of the audit to its end.
    pub fn read_audit(&mut self) {
        let mut line = "GET /v1/audit".to_owned();
        while let Some(next) = self.call(&line, "").json()["next"].as_str() {
            line = format!("GET /v1/audit?after={next}");
        }
    }

    /// Reads, reveals and deletes a token.
    pub fn use_up(&mut self, sought: &Sought, card: &Sent, token: &str) {
        let line = format!("/v1/tokens/{token}");
        assert_eq!(self.call(&format!("GET {line}"), "").status(), "200");
        assert_eq!(
            self.call(&format!("POST {line}/reveal"), r#"{"reason":"a test"}"#).text("number"),
            card.number
        );
        // The one answer that holds a number: the search must see it there, and nothing of it in the head.
        let mut revealed = self.heard.pop().unwrap();
        assert!(sought.in_text(revealed.body.as_bytes()).iter().any(|what| what.contains(&card.number)));
        revealed.body.clear();
        self.heard.push(revealed);
        if card.number.ends_with(['0', '2', '4']) {
            assert_eq!(self.call(&format!("DELETE {line}"), "").status(), "204");
        }
    }
}
