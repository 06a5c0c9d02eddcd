//! Which cards a merchant's backend accepts by its context, and what becomes of the cardholder's choice of a network.
//! It must never pass if a card that the context does not accept becomes a token.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use cardseal::card::{Card, Parts};
use cardseal_vault::random;
use serde_json::{Value, json};
use support::judged::{bin_table, of_number};
use support::node::vault_of;
use support::{Answer, ORIGIN, TestVault, VISA, card, claims, refused, sealed, vault};

/// Published as co-badged.
const CO_BADGED: &str = "4000002500001001";
const LINES: &str = "40000025,40000025,cartes-bancaires|visa,debit,FR\n\
                     51051051,51051051,mastercard,prepaid,US\n\
                     378282,378282,american-express,credit,US\n";

async fn with_a_table() -> TestVault {
    vault_of(|config| bin_table(config, LINES)).await
}

/// The request of a context with these members more.
fn asking(more: &Value) -> Value {
    let mut body = json!({ "origins": [ORIGIN] });
    body.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
    body
}

fn over(number: &str, network: Option<&str>) -> Card {
    card(&Parts { number, exp_year: 2030, exp_month: 12, cvc: Some("737"), network, ..Parts::default() })
}

async fn network_of(of: &TestVault, answer: &Answer) -> Value {
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert!(answer.json()["network"].is_null(), "the browser learns nothing of it");
    let line = format!("GET /v1/tokens/{}", answer.json()["id"].as_str().unwrap());
    of.ask_as("shop-tokens", &line, "").await.json()["network"].clone()
}

#[tokio::test]
async fn a_context_says_which_cards_are_accepted() {
    let of = with_a_table().await;
    let body = json!({
        "brands": ["visa", "cartes-bancaires"],
        "bins": ["42", "497010"],
        "deny_bins": ["42424242"],
        "funding": ["debit", "credit"],
        "countries": ["FR", "XK"],
        "deny_countries": ["AQ"],
    });
    let accepted = claims(&of.context_with(asking(&body)).await).accepted;
    let names: Vec<_> = accepted.brands.iter().map(|brand| brand.name).collect();
    assert_eq!(names, ["visa", "cartes-bancaires"]);
    let texts = [accepted.bins, accepted.denied_bins, accepted.funding, accepted.countries];
    assert_eq!(texts, [vec!["42", "497010"], vec!["42424242"], vec!["debit", "credit"], vec!["FR", "XK"]]);
    assert_eq!(accepted.denied_countries, ["AQ"]);
    assert_eq!(claims(&of.context().await).accepted, Default::default());
}

#[tokio::test]
async fn a_rule_that_cannot_be_meant_is_refused_with_a_sentence() {
    let of = with_a_table().await;
    let many: Vec<_> = (0..251).map(|at| format!("{}", 400_000 + at)).collect();
    for (body, says) in [
        (json!({ "bins": [] }), "bins must name"),
        (json!({ "bins": [""] }), "bins must name"),
        (json!({ "bins": ["4", "4"] }), "bins must name"),
        (json!({ "bins": ["4x"] }), "bins must name"),
        (json!({ "bins": ["\u{ff14}"] }), "bins must name"),
        (json!({ "bins": many }), "bins must name"),
        // A page that has the token would know 8 + 4 digits of 16, 6 + 4 of 14 or 15, 4 + 4 of 12.
        (json!({ "bins": ["42424242"] }), "of 1 to 6 digits"),
        (json!({ "bins": ["4242424"] }), "of 1 to 6 digits"),
        (json!({ "bins": ["362272"] }), "six digits unknown"),
        (json!({ "bins": ["378282"] }), "six digits unknown"),
        (json!({ "bins": ["6304"] }), "six digits unknown"),
        (json!({ "deny_bins": ["424242424"] }), "deny_bins must name"),
        (json!({ "deny_bins": ["63041234"] }), "as many as leave six digits unknown"),
        (json!({ "deny_bins": [] }), "deny_bins must name"),
        (json!({ "funding": [] }), "funding may name"),
        (json!({ "funding": ["gift"] }), "funding may name"),
        (json!({ "funding": ["debit", "debit"] }), "funding may name"),
        (json!({ "countries": ["UK"] }), "ISO 3166-1"),
        (json!({ "countries": ["fr"] }), "ISO 3166-1"),
        (json!({ "deny_countries": [] }), "ISO 3166-1"),
        (json!({ "deny_countries": ["FR", "FR"] }), "ISO 3166-1"),
    ] {
        let answer = of.ask_context("shop-backend", asking(&body)).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "options_invalid"), "{body}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(says), "{body}: {}", answer.body);
    }
    for body in [
        json!({ "bins": ["424242", "3622", "37828", "63"] }),
        json!({ "deny_bins": ["42424242", "36227206", "37828224", "630412"] }),
    ] {
        assert_eq!(of.ask_context("shop-backend", asking(&body)).await.status, 201, "{body}");
    }
}

#[tokio::test]
async fn what_a_vault_without_a_table_could_not_apply_it_does_not_sign() {
    let of = vault().await;
    for body in
        [json!({ "funding": ["debit"] }), json!({ "countries": ["FR"] }), json!({ "deny_countries": ["FR"] })]
    {
        let answer = of.ask_context("shop-backend", asking(&body)).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "options_invalid"), "{body}");
        assert!(answer.body.contains("need a table of BINs"), "{}", answer.body);
    }
    assert_eq!(
        of.ask_context("shop-backend", asking(&json!({ "bins": ["42"], "deny_bins": ["40"] }))).await.status,
        201
    );
}

#[tokio::test]
async fn a_card_that_the_context_does_not_accept_makes_no_token() {
    let of = with_a_table().await;
    for (rules, number, outcome) in [
        (json!({ "bins": ["4242"] }), VISA, None),
        (json!({ "bins": ["4243", "5"] }), VISA, Some("card_not_accepted")),
        (json!({ "deny_bins": ["42424242"] }), VISA, Some("card_not_accepted")),
        (json!({ "deny_bins": ["42424243"] }), VISA, None),
        (json!({ "funding": ["credit", "debit", "charge"] }), "5105105105105100", Some("card_not_accepted")),
        (json!({ "funding": ["prepaid"] }), "5105105105105100", None),
        (json!({ "countries": ["DE"] }), CO_BADGED, Some("card_not_accepted")),
        (json!({ "deny_countries": ["FR"] }), CO_BADGED, Some("card_not_accepted")),
        (json!({ "countries": ["FR"] }), CO_BADGED, None),
        // Shorter than the frame asks the table for.
        (json!({ "deny_countries": ["US"] }), "378282246310005", Some("card_not_accepted")),
        // Of this card nothing is known.
        (json!({ "countries": ["DE"], "deny_countries": ["US"], "funding": ["debit"] }), VISA, None),
        (json!({ "brands": ["mastercard"] }), CO_BADGED, Some("brand_not_accepted")),
        (json!({ "brands": ["cartes-bancaires"] }), VISA, Some("brand_not_accepted")),
        (json!({ "brands": ["cartes-bancaires"] }), CO_BADGED, None),
    ] {
        let context = of.context_with(asking(&rules)).await;
        let sealed_card = sealed(&of_number(number), &context);
        let Some(code) = outcome else {
            assert_eq!(
                of.tokenize(&context, &sealed_card, &random::make_name()).await.status,
                201,
                "{rules}"
            );
            continue;
        };
        let answer = refused(&of, &context, &sealed_card).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, code), "{rules}");
        assert_eq!(answer.json()["field"], "number");
    }
}

#[tokio::test]
async fn the_network_of_a_co_badged_card_is_kept_with_its_token_for_the_backend() {
    let of = with_a_table().await;
    for (rules, number, chosen, kept) in [
        (json!({}), CO_BADGED, None, None),
        (json!({}), CO_BADGED, Some("visa"), Some("visa")),
        (json!({}), CO_BADGED, Some("cartes-bancaires"), Some("cartes-bancaires")),
        (json!({ "brands": ["visa", "mastercard"] }), CO_BADGED, None, Some("visa")),
        (json!({ "brands": ["cartes-bancaires"] }), CO_BADGED, None, Some("cartes-bancaires")),
        // Its one network is its brand's.
        (json!({}), "5105105105105100", None, None),
        (json!({}), VISA, None, None),
        (json!({}), VISA, Some("visa"), None),
    ] {
        let answer = of.tokenize_card(&over(number, chosen), asking(&rules)).await;
        assert_eq!(network_of(&of, &answer).await.as_str(), kept, "{rules} {chosen:?}");
    }
    for (rules, number, chosen) in [
        (json!({}), CO_BADGED, "mastercard"),
        (json!({}), CO_BADGED, "dankort"),
        (json!({ "brands": ["visa"] }), CO_BADGED, "cartes-bancaires"),
        (json!({}), VISA, "cartes-bancaires"),
        (json!({}), "5105105105105100", "cartes-bancaires"),
    ] {
        let context = of.context_with(asking(&rules)).await;
        let answer = refused(&of, &context, &sealed(&over(number, Some(chosen)), &context)).await;
        assert_eq!((answer.code().as_str(), &answer.json()["field"]), ("network_invalid", &json!("network")));
    }
}

#[tokio::test]
async fn a_stored_card_is_not_judged_again_when_its_code_is_captured() {
    let of = with_a_table().await;
    let token = of.token("order-1").await;
    for (name, value) in [
        ("bins", json!(["4"])),
        ("deny_bins", json!(["4"])),
        ("funding", json!(["debit"])),
        ("countries", json!(["FR"])),
        ("deny_countries", json!(["FR"])),
    ] {
        let body = asking(&json!({ "kind": "cvc", "token": token, name: value }));
        let answer = of.ask_context("shop-backend", body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "options_invalid"), "{name}");
        assert!(answer.body.contains("kind `cvc` takes no"), "{}", answer.body);
    }
}
