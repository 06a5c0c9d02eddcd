//! Merchants, clients and origins are changed while the vault serves; what contradicts is refused by name.
//! It must never pass if a revoked client, a disabled merchant or an unproven origin still counts.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use axum::body::Body;
use axum::http::Request;
use cardseal::context::Mode;
use cardseal_vault::admin::NewProof;
use cardseal_vault::frames::RELEASE;
use cardseal_vault::merchant::{MerchantRecord, OriginRecord};
use cardseal_vault::proof::challenge;
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use support::node::{limited, vault_of};
use support::{ORIGIN, SECRET, VAULT, basic, context_request, sealed, token_request, vault, visa};

type Of = support::TestVault;

/// The answer to a client that asks for an access token.
async fn grant(of: &Of, client: &str, secret: &str) -> support::Answer {
    let request = Request::post("/oauth/token")
        .header("authorization", basic(client, secret))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("grant_type=client_credentials"))
        .unwrap();
    of.send(&of.api, request).await
}

fn record(id: &str, mode: Mode, origins: &[&str]) -> MerchantRecord {
    let mut record = MerchantRecord::new(id, mode);
    record.origins =
        origins.iter().map(|&origin| OriginRecord { origin: origin.to_owned(), proven_at: None }).collect();
    record
}

#[tokio::test]
async fn a_new_merchant_captures_its_first_card_without_a_restart() {
    let of = vault().await;
    let admin = of.vault.admin();
    admin.add_merchant(&MerchantRecord::new("new", Mode::Test)).await.unwrap();
    assert_eq!(admin.add_origin("new", "https://new.example").await, Ok(None));
    let scopes = ["capture:create".to_owned()];
    let secret = admin.add_client("new", "new-backend", &scopes, &NewProof::Secret).await.unwrap().unwrap();
    assert_eq!(grant(&of, "new-backend", &secret).await.status, 401);
    of.vault.refresh().await.unwrap();

    let token = grant(&of, "new-backend", &secret).await.json()["access_token"].as_str().unwrap().to_owned();
    let body = json!({ "origins": ["https://new.example"] }).to_string();
    let answer = of.send(&of.api, context_request(&token, &body)).await;
    let context = answer.json()["context"].as_str().unwrap().to_owned();
    assert_eq!(of.tokenize(&context, &sealed(&visa(), &context), "key").await.status, 201);
    let policy = of.get(&format!("/f/new/{RELEASE}/number")).await;
    assert!(policy.header("content-security-policy").ends_with("frame-ancestors https://new.example"));
    for (_, content) in of.files() {
        assert!(!content.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
}

#[tokio::test]
async fn a_new_secret_is_good_at_once_and_the_former_one_for_a_while() {
    let of = vault().await;
    let rotated = of.vault.admin().rotate_client("shop-backend", &NewProof::Secret, 3600).await;
    let second = rotated.unwrap().unwrap();
    of.vault.refresh().await.unwrap();
    let status = async |secret: &str| grant(&of, "shop-backend", secret).await.status.as_u16();
    assert_eq!((status(SECRET).await, status(&second).await), (200, 200));
    of.clock.advance(3599);
    assert_eq!((status(SECRET).await, status(&second).await), (200, 200));
    of.clock.advance(1);
    assert_eq!((status(SECRET).await, status(&second).await), (401, 200));
    // A third ends the first at once, whatever its time; a rotation never lengthens an earlier one's time.
    let third = of.vault.admin().rotate_client("shop-backend", &NewProof::Secret, 3600).await;
    let third = third.unwrap().unwrap();
    of.vault.refresh().await.unwrap();
    assert_eq!((status(SECRET).await, status(&second).await, status(&third).await), (401, 200, 200));
}

#[tokio::test]
async fn a_client_that_goes_over_to_a_certificate_is_soon_nobody_by_its_secret() {
    let of = vault().await;
    let rotated = of.vault.admin().rotate_client("shop-backend", &NewProof::Certificate([7; 32]), 3600).await;
    assert_eq!(rotated.unwrap(), None);
    of.vault.refresh().await.unwrap();
    assert_eq!(grant(&of, "shop-backend", SECRET).await.status, 200);
    of.clock.advance(3600);
    assert_eq!(grant(&of, "shop-backend", SECRET).await.code(), "client_invalid");
}

#[tokio::test]
async fn a_revoked_client_and_a_disabled_merchant_are_nobody_at_once() {
    let of = vault().await;
    let (shop, tokens) = (of.access_token("shop-backend").await, of.access_token("shop-tokens").await);
    let context = of.context().await;
    let admin = of.vault.admin();
    admin.revoke_client("shop-backend").await.unwrap();
    of.vault.refresh().await.unwrap();
    assert_eq!(grant(&of, "shop-backend", SECRET).await.code(), "client_invalid");
    let body = json!({ "origins": [ORIGIN] }).to_string();
    let refused = of.send(&of.api, context_request(&shop, &body)).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (401, "access_token_invalid"));
    let again = admin.rotate_client("shop-backend", &NewProof::Secret, 0).await;
    assert!(again.unwrap_err().starts_with("client_revoked: "));
    // The merchant's other client goes on.
    let list = || {
        let request = Request::get("/v1/tokens?ref=x").header("authorization", format!("Bearer {tokens}"));
        of.send(&of.api, request.body(Body::empty()).unwrap())
    };
    assert_eq!(list().await.status, 200);

    admin.disable("shop", true).await.unwrap();
    of.vault.refresh().await.unwrap();
    assert_eq!(list().await.code(), "access_token_invalid");
    assert_eq!(grant(&of, "shop-tokens", SECRET).await.code(), "client_invalid");
    let document = of.get(&format!("/f/shop/{RELEASE}/number")).await;
    assert_eq!(document.code(), "merchant_unknown");
    assert!(document.header("content-security-policy").contains("frame-ancestors 'none'"));
    let refused = of.tokenize(&context, &sealed(&visa(), &context), "key").await;
    assert_eq!(refused.code(), "merchant_unknown");

    admin.disable("shop", false).await.unwrap();
    of.vault.refresh().await.unwrap();
    assert_eq!(list().await.status, 200);
    assert_eq!(of.tokenize(&context, &sealed(&visa(), &context), "key").await.status, 201);
}

#[tokio::test]
async fn a_live_origin_counts_once_it_is_proven() {
    let of = vault_of(|settings| settings.mode = Mode::Live).await;
    let admin = of.vault.admin();
    admin.add_merchant(&MerchantRecord::new("live", Mode::Live)).await.unwrap();
    let origin = "https://live.example";
    let published = admin.add_origin("live", origin).await.unwrap().unwrap();
    assert_eq!(published, challenge(VAULT, "live"));
    let scopes = ["capture:create".to_owned()];
    let secret = admin.add_client("live", "live-backend", &scopes, &NewProof::Secret).await.unwrap().unwrap();
    of.vault.refresh().await.unwrap();
    let ask = async || {
        let token =
            grant(&of, "live-backend", &secret).await.json()["access_token"].as_str().unwrap().to_owned();
        of.send(&of.api, context_request(&token, &json!({ "origins": [origin] }).to_string())).await
    };
    let policy = async || {
        let document = of.get(&format!("/f/live/{RELEASE}/number")).await;
        document.header("content-security-policy").split("frame-ancestors ").nth(1).unwrap().to_owned()
    };
    assert_eq!(ask().await.code(), "origin_not_registered");
    assert_eq!(policy().await, "'none'");

    let unproven = admin.verify_origin("live", origin, async |_| Err("it says nothing".to_owned())).await;
    assert_eq!(unproven, Err("it says nothing".to_owned()));
    of.vault.refresh().await.unwrap();
    assert_eq!(ask().await.code(), "origin_not_registered");

    let asked_for =
        async |challenge: String| (challenge == published).then_some(()).ok_or("other".to_owned());
    admin.verify_origin("live", origin, asked_for).await.unwrap();
    of.vault.refresh().await.unwrap();
    assert_eq!(ask().await.status, 201);
    assert_eq!(policy().await, origin);

    admin.remove_origin("live", origin).await.unwrap();
    of.vault.refresh().await.unwrap();
    assert_eq!(ask().await.code(), "origin_not_registered");
    assert_eq!(policy().await, "'none'");
}

#[tokio::test]
async fn what_contradicts_the_vault_or_another_merchant_is_refused_by_name() {
    let of = vault_of(|settings| settings.mode = Mode::Live).await;
    let admin = of.vault.admin();
    let taken = "https://taken.example";
    admin.add_merchant(&record("owner", Mode::Live, &[taken])).await.unwrap();
    admin.add_merchant(&record("sandboxed", Mode::Test, &["https://shared.example"])).await.unwrap();
    // Two test merchants may share an origin.
    admin.add_merchant(&record("beside", Mode::Test, &["https://shared.example"])).await.unwrap();
    let with = |change: &dyn Fn(&mut MerchantRecord)| {
        let mut record = record("other", Mode::Live, &["https://other.example"]);
        change(&mut record);
        record
    };
    for (wrong, says) in [
        (record("owner", Mode::Test, &[]), "there is a merchant owner already"),
        (
            record("other", Mode::Live, &[taken]),
            "origin_taken: https://taken.example belongs to the merchant owner",
        ),
        (record("other", Mode::Test, &[taken]), "origin_taken: "),
        (record("other", Mode::Live, &["https://shared.example"]), "origin_taken: "),
        (record("Shop & Co", Mode::Test, &[]), "`Shop & Co` is not 1 to 64"),
        (record("other", Mode::Live, &["http://other.example"]), "must be https"),
        (record("other", Mode::Test, &["https://*.other.example"]), "is not an origin"),
        (record("other", Mode::Test, &["https://a.example", "https://a.example"]), "is there twice"),
        (with(&|of| of.settings.brands.push("acme".to_owned())), "there is no brand `acme`"),
        (with(&|of| of.settings.expose.push("number".to_owned())), "`number` cannot be exposed"),
        (with(&|of| of.settings.token_ttl_days = Some(0)), "token_ttl_days must be 1 or more"),
        (with(&|of| of.settings.network_per_minute = Some(0)), "network_per_minute must be 1 or more"),
        (
            with(&|of| of.clients.push(support::client("shop-backend", &[]))),
            "there is a client shop-backend already",
        ),
        (
            with(&|of| of.clients.push(support::client("x", &["tokens:all"]))),
            "there is no scope `tokens:all`",
        ),
        (with(&|of| of.clients.push(Default::default())), "the client id ``"),
    ] {
        let sentence = admin.add_merchant(&wrong).await.unwrap_err();
        assert!(sentence.contains(says), "{sentence}");
    }
    assert_eq!(admin.merchant("other").await.unwrap_err(), "there is no merchant other");
    let test_vault = vault().await;
    let refused = test_vault.vault.admin().add_merchant(&record("other", Mode::Live, &[])).await.unwrap_err();
    assert!(refused.contains("a vault in mode test takes no live merchant"), "{refused}");
}

#[tokio::test]
async fn a_merchants_own_limits_stand_for_the_vaults() {
    let of = vault_of(|settings| settings.limits.network_per_minute = 100).await;
    of.vault.admin().set("shop", "network_per_minute", |of| of.network_per_minute = Some(2)).await.unwrap();
    of.vault.refresh().await.unwrap();
    for (at, status) in [(0, 201), (1, 201), (2, 429)] {
        let context = of.context().await;
        let request = token_request(&context, &sealed(&visa(), &context), &format!("key-{at}"));
        let answer = of.send(&of.capture, request).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        if status == 429 {
            assert_eq!(limited(&answer), 30);
        }
    }
}

#[tokio::test]
async fn every_change_is_on_record_by_who_runs_the_command() {
    let of = vault().await;
    let admin = of.vault.admin();
    let before = of.audit().await.len();
    admin.add_merchant(&MerchantRecord::new("new", Mode::Test)).await.unwrap();
    admin.set("new", "brands", |of| of.brands = vec!["visa".to_owned()]).await.unwrap();
    admin.add_origin("new", "https://new.example").await.unwrap();
    admin.add_client("new", "c", &["tokens:read".to_owned()], &NewProof::Certificate([7; 32])).await.unwrap();
    admin.rotate_client("c", &NewProof::Secret, 0).await.unwrap();
    admin.revoke_client("c").await.unwrap();
    admin.remove_origin("new", "https://new.example").await.unwrap();
    admin.disable("new", true).await.unwrap();
    assert!(admin.revoke_client("nobody").await.is_err());
    let audit = of.audit().await.split_off(before);
    let said: Vec<_> = audit.iter().map(|of| [&*of[1], &*of[2], &*of[5]]).collect();
    assert_eq!(
        said[1..],
        [
            ["merchant.add", "new", ""],
            ["merchant.change", "new", "brands"],
            ["origin.add", "https://new.example", "new"],
            ["client.add", "c", "tokens:read"],
            ["client.rotate", "c", "secret"],
            ["client.revoke", "c", ""],
            ["origin.remove", "https://new.example", "new"],
            ["merchant.change", "new", "disabled"],
        ]
    );
    assert_eq!([said[0][0], said[0][1]], ["key.make", "data/new/1"]);
    assert!(audit[1..].iter().all(|of| of[0].starts_with("operator:")), "{audit:?}");
}

#[tokio::test]
async fn a_record_written_by_another_hand_stops_the_refresh_and_what_was_known_stays() {
    let of = vault().await;
    let path = of.folder.0.join("vault.sqlite");
    let mut database = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let swap =
        "UPDATE merchants SET record = (SELECT record FROM merchants WHERE id = 'bank') WHERE id = 'shop'";
    assert_eq!(sqlx::query(swap).execute(&mut database).await.unwrap().rows_affected(), 1);
    sqlx::query("UPDATE revision SET value = value + 1").execute(&mut database).await.unwrap();
    database.close().await.unwrap();
    assert!(of.vault.refresh().await.is_err());
    assert_eq!(of.tokenize_card(&visa(), json!({ "origins": [ORIGIN] })).await.status, 201);
    assert!(of.vault.admin().merchants().await.is_err());
}

#[tokio::test]
async fn changes_at_the_same_moment_are_all_kept() {
    let of = vault().await;
    let add = |number: u32| {
        let vault = of.vault.clone();
        tokio::spawn(
            async move { vault.admin().add_origin("shop", &format!("https://{number}.example")).await },
        )
    };
    for task in (0..12).map(add).collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    assert_eq!(of.vault.admin().merchant("shop").await.unwrap().origins.len(), 14);
}
