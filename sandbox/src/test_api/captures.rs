//! `/test/captures`: what was captured, so that a test can see that it is what was typed.
//! It must never show another merchant's cards, nor a card in clear to who did not ask for it.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use cardseal::error::Code;
use cardseal_vault::failure::{Doing, Failure};
use cardseal_vault::problem::Problem;
use cardseal_vault::service::Permission;
use cardseal_vault::store::StoredToken;
use cardseal_vault::token::Token;
use serde_json::{Value, json};

use super::asking::Asking;
use super::{Bench, answer};
use crate::front::claims;

/// Rows that are read at once.
const PAGE: u32 = 100;

/// Which captures, and how much of each.
#[derive(Default)]
struct Sought {
    token: Option<String>,
    reference: Option<String>,
    /// The `jti` of the context.
    context: Option<String>,
    full: bool,
}

impl Sought {
    fn parse(query: &str) -> Option<Self> {
        let mut sought = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()).into_owned() {
            match name.as_str() {
                "token" => sought.token = Some(value),
                "ref" => sought.reference = Some(value),
                "context" => sought.context = Some(claims(&value)?.jti),
                "full" if value == "true" => sought.full = true,
                _ => return None,
            }
        }
        Some(sought)
    }

    fn fits(&self, row: &StoredToken) -> bool {
        self.token.as_ref().is_none_or(|token| *token == row.id)
            && self.reference.as_ref().is_none_or(|reference| row.reference.as_ref() == Some(reference))
            && self.context.as_ref().is_none_or(|context| *context == row.context)
    }
}

/// `GET`: the captures that fit, the newest first.
pub(super) async fn list(
    State(bench): State<Bench>,
    asking: Asking,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let sought = Sought::parse(&query.unwrap_or_default()).ok_or(Failure::RefusedBecause(
        Code::OptionsInvalid,
        "The address may have token, ref, context (as the vault gave it) and full=true.",
    ))?;
    let permission = if sought.full { Permission::REVEAL } else { Permission::READ };
    let client = asking.may(&bench.vault, permission).await?;
    let mut captures = Vec::new();
    for row in rows(&bench, &client.merchant.id).await?.iter().filter(|row| sought.fits(row)) {
        let described = bench.vault.describe(&client.id, &row.id, false, &asking.caller).await;
        // Another test may just have deleted it.
        let Some(known) = unless_gone(described)? else { continue };
        let mut capture = serde_json::to_value(known).doing("writing a capture")?;
        capture["context"] = json!(row.context);
        if sought.full {
            let Some(card) = unless_gone(card(&bench, &row.id).await)? else { continue };
            capture["card"] = card;
        }
        captures.push(capture);
    }
    answer(StatusCode::OK, &json!({ "object": "list", "captures": captures }))
}

/// `DELETE`: every token of the merchant is deleted, every payment and every count forgotten.
pub(super) async fn reset(State(bench): State<Bench>, asking: Asking) -> Result<StatusCode, Problem> {
    let client = asking.may(&bench.vault, Permission::DELETE).await?;
    for row in rows(&bench, &client.merchant.id).await? {
        unless_gone(bench.vault.delete(&client.id, &row.id, &asking.caller).await)?;
    }
    bench.payments.clear();
    bench.tries.clear();
    Ok(StatusCode::NO_CONTENT)
}

/// A merchant's stored cards, the newest first.
async fn rows(bench: &Bench, merchant: &str) -> Result<Vec<StoredToken>, Failure> {
    let (mut rows, mut last) = (Vec::new(), String::new());
    loop {
        let page = bench.vault.store().tokens_after(&last, PAGE).await.doing("reading tokens")?;
        let Some(row) = page.last() else { break };
        last.clone_from(&row.id);
        rows.extend(page.into_iter().filter(|row| row.merchant == merchant));
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.created_at));
    Ok(rows)
}

/// What was found, or nothing where the token is gone.
fn unless_gone<T>(outcome: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match outcome {
        Err(failure) if failure.code() == Code::NotFound => Ok(None),
        found => found.map(Some),
    }
}

/// The card in clear, without its security code.
async fn card(bench: &Bench, id: &str) -> Result<Value, Failure> {
    let token = Token::parse(id).ok_or(Code::NotFound)?;
    let plaintext = bench.vault.reopen(&token).await?.format();
    // EXPOSE: showing a published test card is what this call is for.
    serde_json::from_slice(plaintext.expose()).doing("reading a card")
}
