//! The calls under `/test`: what was captured can be read, paid with and forgotten, by the merchant's backend alone.
//! It must never need more than what the sandbox printed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use support::shop::{Said, Shop, ask};
use support::{ORIGIN, Sandbox, temporary};

const DECLINED: &str = "4000000000000002";

fn sandbox(name: &str) -> Sandbox {
    Sandbox::start(&["--origin", ORIGIN], &temporary(name))
}

/// A token, its context and the order that it is of.
fn captured(shop: &Shop, number: &str, order: &str) -> (String, String) {
    let body = json!({ "origins": [ORIGIN], "ref": order }).to_string();
    let context = shop.call("POST /v1/capture-contexts", &body).text("context");
    let said = shop.tokenize(&shop.seal_for(number, &context));
    (said.text("id"), context)
}

fn captures(shop: &Shop, query: &str) -> Vec<Value> {
    let said = shop.call(&format!("GET /test/captures{query}"), "");
    assert_eq!(said.status(), "200", "{}", said.body);
    said.json()["captures"].as_array().unwrap().clone()
}

fn pay(shop: &Shop, token: &str) -> Said {
    let amount = json!({ "value": 7900, "currency": "EUR" });
    shop.call("POST /test/payments", &json!({ "token": token, "amount": amount }).to_string())
}

#[test]
fn what_was_captured_is_found_by_token_order_and_context() {
    let sandbox = sandbox("captures");
    let shop = sandbox.shop();
    let (visa, context) = captured(&shop, "4242424242424242", "one & only");
    let (mastercard, _) = captured(&shop, "5555555555554444", "two");
    let found = |query: &str| -> Vec<String> {
        captures(&shop, query).iter().map(|of| of["id"].as_str().unwrap().to_owned()).collect()
    };
    for query in [format!("?token={visa}"), "?ref=one+%26+only".to_owned(), format!("?context={context}")] {
        assert_eq!(found(&query), [visa.as_str()], "{query}");
    }
    assert_eq!(found("?ref=three"), Vec::<String>::new());
    assert_eq!(found(&format!("?ref=two&token={visa}")), Vec::<String>::new());
    let mut all = found("");
    all.sort();
    let mut both = [visa, mastercard];
    both.sort();
    assert_eq!(all, both);
    for wrong in ["?id=tok_1", "?context=none", "?full=yes"] {
        let said = shop.call(&format!("GET /test/captures{wrong}"), "");
        assert_eq!((said.status(), &*said.text("code")), ("400", "options_invalid"), "{wrong}");
    }
}

#[test]
fn a_capture_is_masked_unless_the_whole_card_is_asked_for() {
    let sandbox = sandbox("captures-in-full");
    let shop = sandbox.shop();
    let (token, _) = captured(&shop, "4242424242424242", "order");
    let masked = &captures(&shop, "")[0];
    assert_eq!([&masked["bin"], &masked["last4"], &masked["cvc"]], ["42424242", "4242", "held"]);
    assert!(masked.get("card").is_none() && !masked.to_string().contains("4242424242424242"));
    let full = &captures(&shop, &format!("?token={token}&full=true"))[0];
    assert_eq!(full["card"]["number"], "4242424242424242");
    assert_eq!([&full["card"]["exp_month"], &full["exp_month"]], [12, 12]);
    assert_eq!(full["card"].get("cvc"), None);
}

#[test]
fn the_client_names_itself_by_its_secret_or_an_access_token_with_the_scope() {
    let sandbox = sandbox("asking");
    let shop = sandbox.shop();
    captured(&shop, "4242424242424242", "order");
    let basic = |secret: &str| {
        let pair = Base64::encode_string(format!("{}:{secret}", shop.client_id).as_bytes());
        format!("authorization: Basic {pair}\r\n")
    };
    let own = basic(&shop.client_secret);
    assert_eq!(ask(&shop.api, "GET /test/captures?full=true", &own, "").status(), "200");
    for (head, code) in [
        (String::new(), "access_token_invalid"),
        (basic("wrong"), "client_invalid"),
        ("authorization: Bearer a.b.c\r\n".to_owned(), "access_token_invalid"),
    ] {
        for line in ["GET /test/captures", "DELETE /test/captures", "GET /test/payments/pay_1"] {
            let said = ask(&shop.api, line, &head, "");
            assert_eq!((said.status(), &*said.text("code")), ("401", code), "{line} {head}");
        }
    }
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let granted = ask(
        &shop.api,
        "POST /oauth/token",
        &format!("{own}{form}"),
        "grant_type=client_credentials&scope=tokens:read",
    );
    let bearer = format!("authorization: Bearer {}\r\n", granted.text("access_token"));
    assert_eq!(ask(&shop.api, "GET /test/captures", &bearer, "").status(), "200");
    for line in ["GET /test/captures?full=true", "DELETE /test/captures"] {
        assert_eq!(ask(&shop.api, line, &bearer, "").text("code"), "scope_missing", "{line}");
    }
    assert_eq!(shop.call("PUT /test/captures", "").text("code"), "method_not_allowed");
    // They are the sandbox's, not the browser's listener's.
    assert_eq!(shop.get("/test/captures").status(), "404");
}

#[test]
fn a_payment_is_approved_captured_and_refunded_in_that_order() {
    let sandbox = sandbox("pays");
    let shop = sandbox.shop();
    let (token, _) = captured(&shop, "4242424242424242", "order");
    let paid = pay(&shop, &token);
    assert_eq!((paid.status(), &*paid.text("status")), ("201", "approved"));
    assert_eq!([&paid.json()["cvc"], &paid.json()["amount"]["value"]], [&json!(true), &json!(7900)]);
    let id = paid.text("id");
    for (step, status, code) in [
        ("refund", "400", Some("options_invalid")),
        ("capture", "200", None),
        ("capture", "400", Some("options_invalid")),
        ("refund", "200", None),
        ("refund", "400", Some("options_invalid")),
    ] {
        let said = shop.call(&format!("POST /test/payments/{id}/{step}"), "");
        assert_eq!((said.status(), said.json()["code"].as_str()), (status, code), "{step}");
    }
    assert_eq!(shop.call(&format!("GET /test/payments/{id}"), "").text("status"), "refunded");
    assert_eq!(shop.call("GET /test/payments/pay_none", "").text("code"), "not_found");
}

#[test]
fn a_security_code_is_spent_by_the_first_payment_whatever_its_answer() {
    let sandbox = sandbox("spends-codes");
    let shop = sandbox.shop();
    for (number, status) in [("4242424242424242", "approved"), (DECLINED, "declined")] {
        let (token, _) = captured(&shop, number, "order");
        assert_eq!(pay(&shop, &token).json()["cvc"], true);
        let stored = shop.call(&format!("GET /v1/tokens/{token}"), "");
        assert_eq!(stored.text("cvc"), "spent");
        let again = pay(&shop, &token);
        assert_eq!((again.json()["cvc"].clone(), again.text("status")), (json!(false), status.to_owned()));
    }
}

#[test]
fn every_declining_card_becomes_a_token_and_is_declined_with_its_code() {
    let sandbox = sandbox("declines");
    let shop = sandbox.shop();
    let rows = include_str!("../src/magic.csv").lines().map(|line| line.split(',').collect::<Vec<_>>());
    let declining: Vec<_> = rows.filter(|row| row[2] == "decline").collect();
    assert!(declining.len() > 3);
    for row in declining {
        let paid = pay(&shop, &captured(&shop, row[0], row[1]).0);
        assert_eq!((paid.status(), &*paid.text("status"), &*paid.text("code")), ("201", "declined", row[3]));
        let capture = format!("POST /test/payments/{}/capture", paid.text("id"));
        assert_eq!(shop.call(&capture, "").text("code"), "options_invalid");
    }
}

#[test]
fn what_cannot_be_paid_is_told_by_its_code() {
    let sandbox = sandbox("cannot-be-paid");
    let shop = sandbox.shop();
    let (token, _) = captured(&shop, "4242424242424242", "order");
    let amount = json!({ "value": 1, "currency": "EUR" });
    for (body, code) in [
        (json!({ "token": "tok_none", "amount": amount }), "not_found"),
        (json!({ "token": token }), "body_malformed"),
        (json!({ "token": token, "amount": amount, "card": "4242424242424242" }), "body_malformed"),
        (json!({ "token": token, "amount": { "value": 1, "currency": "EURO" } }), "options_invalid"),
    ] {
        assert_eq!(shop.call("POST /test/payments", &body.to_string()).text("code"), code, "{body}");
    }
    let long = " ".repeat(3 << 20);
    assert_eq!(shop.call("POST /test/payments", &long).text("code"), "body_too_large");
}

#[test]
fn a_reset_forgets_tokens_payments_and_how_often_a_card_was_tried() {
    let sandbox = sandbox("resets");
    let shop = sandbox.shop();
    let busy_twice = "4000000000000044";
    let context = shop.context();
    let sealed = shop.seal_for(busy_twice, &context);
    assert_eq!(shop.tokenize(&sealed).status(), "503");
    let (token, _) = captured(&shop, "4242424242424242", "order");
    let payment = pay(&shop, &token).text("id");
    assert_eq!(shop.call("DELETE /test/captures", "").status(), "204");
    assert_eq!(captures(&shop, ""), Vec::<Value>::new());
    assert_eq!(shop.call(&format!("GET /v1/tokens/{token}"), "").status(), "404");
    assert_eq!(shop.call(&format!("GET /test/payments/{payment}"), "").status(), "404");
    for status in ["503", "503", "201"] {
        assert_eq!(shop.tokenize(&sealed).status(), status);
    }
}
