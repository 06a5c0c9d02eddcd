//! A sealed card that must be refused, sent, with what is true of every refusal.
//! It must never be used for a card that shall become a token.

use cardseal_vault::random;

use super::{Answer, TestVault, claims};

/// Sends a sealed card that must be refused, then shows that the context is still good.
pub async fn refused(of: &TestVault, context: &str, sealed_card: &str) -> Answer {
    let before = of.vault.store().count_tokens().await.unwrap();
    let answer = of.tokenize(context, sealed_card, &random::make_name()).await;
    assert_ne!(answer.status, 201);
    assert!(!answer.body.contains("4242"), "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(of.vault.store().count_tokens().await.unwrap(), before);
    assert!(!of.vault.store().is_spent(&claims(context).jti).await.unwrap());
    answer
}
