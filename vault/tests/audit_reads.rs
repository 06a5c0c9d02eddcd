//! A merchant reads what is on record of it, page by page to an end, and nothing of anybody else.
//! It must never pass if a merchant could tell from its pages what others did, or how much.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use cardseal::wire::{AuditPage, AuditRecord};
use support::stored::{LOOPBACK, audit_command};
use support::{TestVault, refused, vault};

/// Two merchants, with something on record of each and of nobody.
async fn busy() -> (TestVault, String) {
    let of = vault().await;
    let id = of.token("order-1").await;
    let context = of.context().await;
    refused(&of, &context, "a.b.c.d.e").await;
    let reveal = format!("POST /v1/tokens/{id}/reveal");
    assert_eq!(of.ask_as("shop-tokens", &reveal, r#"{"reason":"a test"}"#).await.status, 200);
    assert_eq!(of.ask_as("bank-tokens", &format!("GET /v1/tokens/{id}"), "").await.code(), "not_found");
    of.ask("x", &format!("GET /v1/tokens/{id}"), "", LOOPBACK).await;
    (of, id)
}

async fn page(of: &TestVault, bearer: &str, query: &str) -> AuditPage {
    let answer = of.ask(bearer, &format!("GET /v1/audit{query}"), "", LOOPBACK).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/json");
    serde_json::from_str(&answer.body).unwrap()
}

/// All there is, in pages of `limit`, and a cursor behind it.
async fn all(of: &TestVault, bearer: &str, limit: usize, mut after: String) -> (Vec<AuditRecord>, String) {
    let mut records = Vec::new();
    for _ in 0..100 {
        let after_last = if after.is_empty() { String::new() } else { format!("&after={after}") };
        let page = page(of, bearer, &format!("?limit={limit}{after_last}")).await;
        assert!(page.object == "list" && page.records.len() <= limit);
        assert_eq!(page.next.is_none(), page.records.is_empty());
        records.extend(page.records);
        let Some(next) = page.next else { return (records, after) };
        after = next;
    }
    panic!("there is always one more");
}

#[tokio::test]
async fn a_merchant_reads_its_own_records_to_the_end_and_goes_on_later() {
    let (of, id) = busy().await;
    let bearer = of.access_token("shop-auditor").await;
    let (records, end) = all(&of, &bearer, 3, String::new()).await;
    let written = of.audit().await;
    let own = |actor: &str| ["client:shop-", "shopper:shop"].iter().any(|of| actor.starts_with(of));
    let own = written
        .iter()
        .filter(|record| own(&record[0]) || ["shop", "data/shop/1"].contains(&record[2].as_str()));
    let told = records.iter().map(|record| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (actor, action, result) = (record.actor.clone(), record.action.clone(), record.result.clone());
        [actor, action, text(&record.subject), text(&record.origin), result, text(&record.reason)]
    });
    assert!(told.eq(own.cloned()), "{records:#?}");
    let has = |actor: &str, action: &str, subject: &str, result: &str| {
        records.iter().any(|of| {
            (of.actor.as_str(), of.action.as_str(), of.result.as_str()) == (actor, action, result)
                && of.subject.as_deref().unwrap_or_default() == subject
        })
    };
    assert!(has("client:shop-tokens", "token.reveal", &id, "ok"));
    assert!(has("shopper:shop", "token.create", &id, "ok"));
    assert!(records.iter().any(|of| of.action == "merchant.add" && of.subject.as_deref() == Some("shop")));
    assert!(records.iter().any(|of| of.action == "key.make" && of.subject.as_deref() == Some("data/shop/1")));
    assert!(has("client:shop-auditor", "access.grant", "", "ok"));
    assert!(
        records
            .iter()
            .filter(|of| of.actor.starts_with("client:") || of.actor.starts_with("shopper:"))
            .all(|of| of.request_id.as_ref().is_some_and(|id| id.len() == 22))
    );

    // Each page that told something is on record once, and then there is an end.
    let readings = |written: &[[String; 6]]| written.iter().filter(|of| of[1] == "audit.read").count();
    let before = readings(&of.audit().await);
    let others = records.iter().filter(|of| of.action != "audit.read").count();
    assert_eq!(before, others.div_ceil(3));
    for _ in 0..3 {
        assert_eq!(all(&of, &bearer, 1000, end.clone()).await, (Vec::new(), end.clone()));
    }
    assert_eq!(readings(&of.audit().await), before);
    let second = of.token("order-2").await;
    let (later, _) = all(&of, &bearer, 1000, end).await;
    assert!(later.iter().any(|of| of.subject.as_ref() == Some(&second)));
    assert_eq!(readings(&of.audit().await), before + 1);
    of.vault.close().await;
    assert!(audit_command(&of.folder.0, &["verify"]).status.success());
}

#[tokio::test]
async fn no_merchant_sees_another_ones_records_nor_their_number() {
    let (of, id) = busy().await;
    let (shop, bank) = (of.access_token("shop-auditor").await, of.access_token("bank-auditor").await);
    let (records, end) = all(&of, &bank, 1000, String::new()).await;
    assert!(records.iter().any(|of| of.action == "token.read" && of.result == "not_found"));
    for record in &records {
        let whole = serde_json::to_string(record).unwrap();
        assert!(!whole.contains("shop") && (record.result == "not_found" || !whole.contains(&id)), "{whole}");
        assert!(!whole.contains("seq") && !whole.contains("hash") && !whole.contains("node"), "{whole}");
    }
    let first = page(&of, &shop, "?limit=1").await.next.unwrap();
    let again = page(&of, &shop, "?limit=1").await.next.unwrap();
    assert_ne!(first, again, "a place is not to be recognized by its cursor");
    let before = of.audit().await.len();
    for query in [
        format!("?after={end}"),
        format!("?after={}", &first[1..]),
        "?after=".to_owned(),
        "?after=1".to_owned(),
        format!("?after={}", "a".repeat(10_000)),
        format!("?after={first}&after={first}"),
        "?limit=0".to_owned(),
        "?limit=1001".to_owned(),
        "?limit=-1".to_owned(),
        "?limit=99999999999999999999".to_owned(),
        "?limit=ten".to_owned(),
        "?limit=1&limit=1".to_owned(),
        "?merchant=bank".to_owned(),
    ] {
        let answer = of.ask(&shop, &format!("GET /v1/audit{query}"), "", LOOPBACK).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "options_invalid"), "{query}");
    }
    let refused = of.audit().await.split_off(before);
    assert!(
        refused
            .iter()
            .all(|of| of[0] == "client:shop-auditor" && of[1] == "audit.read" && of[4] == "options_invalid")
    );
    assert_eq!(refused.len(), 5, "cursors that were not the merchant's own");
}
