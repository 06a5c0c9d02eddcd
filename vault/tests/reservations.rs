//! A security code is used by one use at a time, comes back when a use came to nothing, and is gone when it did not.
//! It must never pass if a code that was spent can be had again.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use cardseal_vault::service::{CvcClaim, Reservation, Vault};
use cardseal_vault::store::cvc::{KEPT_SECONDS, RESERVED_SECONDS};
use cardseal_vault::token::Token;
use support::node::Node;
use support::{NOW, TestVault, vault};

async fn token(of: &TestVault) -> Token {
    Token::parse(&of.token("order-1").await).unwrap()
}

async fn claim(vault: &Arc<Vault>, token: &Token) -> CvcClaim {
    vault.reserve_cvc(token).await.unwrap()
}

async fn granted(of: &TestVault, token: &Token) -> Reservation {
    match claim(&of.vault, token).await {
        CvcClaim::Granted(reservation) => reservation,
        CvcClaim::InUse => panic!("in use"),
        CvcClaim::Absent => panic!("absent"),
    }
}

/// As soon as what ended has been released, which a task of its own does.
async fn granted_soon(of: &TestVault, token: &Token) -> Reservation {
    for _ in 0..1000 {
        if let CvcClaim::Granted(reservation) = claim(&of.vault, token).await {
            return reservation;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("it was never released");
}

async fn is_in_use(of: &TestVault, token: &Token) -> bool {
    matches!(claim(&of.vault, token).await, CvcClaim::InUse)
}

async fn is_absent(vault: &Arc<Vault>, token: &Token) -> bool {
    matches!(claim(vault, token).await, CvcClaim::Absent)
}

async fn described(of: &TestVault, token: &Token) -> String {
    let answer = of.ask_as("shop-tokens", &format!("GET /v1/tokens/{token}"), "").await;
    answer.json()["cvc"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_code_that_a_processor_answered_to_is_gone_and_says_so_after_a_restart_too() {
    let of = vault().await;
    let token = token(&of).await;
    let reservation = granted(&of, &token).await;
    // EXPOSE: the test compares the code.
    assert_eq!((reservation.digits().expose().as_slice(), reservation.until()), (&b"737"[..], NOW + 60));
    assert_eq!(described(&of, &token).await, "held");
    reservation.commit().await.unwrap();
    assert!(is_absent(&of.vault, &token).await);
    assert_eq!(described(&of, &token).await, "spent");
    of.clock.advance(KEPT_SECONDS);
    assert_eq!(described(&of, &token).await, "spent");
    let restarted = Node::beside(&of).await;
    assert!(is_absent(&restarted.vault, &token).await);
    let row = restarted.vault.store().token(token.as_str()).await.unwrap().unwrap();
    assert_eq!(row.cvc.as_str(), "spent");
}

#[tokio::test]
async fn a_code_is_lost_with_its_process_or_its_time_and_was_not_spent() {
    let of = vault().await;
    let token = token(&of).await;
    let restarted = Node::beside(&of).await;
    assert!(is_absent(&restarted.vault, &token).await);
    let reservation = granted(&of, &token).await;
    of.clock.advance(KEPT_SECONDS);
    reservation.release().await.unwrap();
    assert!(is_absent(&of.vault, &token).await);
    assert_eq!(described(&of, &token).await, "lost");
}

#[tokio::test]
async fn a_use_that_came_to_nothing_gives_the_code_back_however_it_ended() {
    let of = vault().await;
    let token = token(&of).await;
    granted(&of, &token).await.release().await.unwrap();
    let dropped = granted(&of, &token).await;
    assert!(is_in_use(&of, &token).await);
    drop(dropped);
    granted_soon(&of, &token).await.release().await.unwrap();
    // A task that was stopped, as of a client that hung up while the processor was silent.
    let (sender, taken) = tokio::sync::oneshot::channel();
    let (vault, of_task) = (Arc::clone(&of.vault), token.clone());
    let task = tokio::spawn(async move {
        let claim = claim(&vault, &of_task).await;
        sender.send(matches!(claim, CvcClaim::Granted(_))).unwrap();
        std::future::pending::<()>().await;
        drop(claim);
    });
    assert!(taken.await.unwrap());
    assert!(is_in_use(&of, &token).await);
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    let again = granted_soon(&of, &token).await;
    assert_eq!(described(&of, &token).await, "held");
    again.commit().await.unwrap();
}

#[tokio::test]
async fn a_use_that_never_ends_has_the_code_for_a_minute() {
    let of = vault().await;
    let token = token(&of).await;
    let silent = granted(&of, &token).await;
    of.clock.advance(RESERVED_SECONDS - 1);
    assert!(is_in_use(&of, &token).await);
    of.clock.advance(1);
    let second = granted(&of, &token).await;
    // Its processor has answered after all: the code is gone for everybody.
    silent.commit().await.unwrap();
    second.release().await.unwrap();
    assert!(is_absent(&of.vault, &token).await);
    assert_eq!(described(&of, &token).await, "spent");
}

#[tokio::test]
async fn a_commit_that_nobody_waits_for_is_carried_out() {
    let of = vault().await;
    let token = token(&of).await;
    drop(granted(&of, &token).await.commit());
    for _ in 0..1000 {
        if described(&of, &token).await == "spent" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(is_absent(&of.vault, &token).await);
    assert_eq!(described(&of, &token).await, "spent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_want_a_code_at_once_one_gets_it() {
    let of = vault().await;
    let token = token(&of).await;
    let wants = (0..50).map(|_| {
        let (vault, token) = (Arc::clone(&of.vault), token.clone());
        tokio::spawn(async move { claim(&vault, &token).await })
    });
    let mut claims = Vec::new();
    for want in wants.collect::<Vec<_>>() {
        claims.push(want.await.unwrap());
    }
    assert_eq!(claims.iter().filter(|claim| matches!(claim, CvcClaim::Granted(_))).count(), 1);
    assert_eq!(claims.iter().filter(|claim| matches!(claim, CvcClaim::InUse)).count(), 49);
}
