//! `/test/payments`: a processor that approves, or declines as a magic card asks for, so that a test can go to the end.
//! It must never keep a card, nor a security code when it has answered to it (PCI DSS 3.3.1).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use cardseal::error::Code;
use cardseal::wire::Amount;
use cardseal_vault::facts::Facts;
use cardseal_vault::failure::Failure;
use cardseal_vault::problem::Problem;
use cardseal_vault::random;
use cardseal_vault::service::{CvcClaim, Permission};
use cardseal_vault::token::Token;
use serde::{Deserialize, Serialize};

use super::asking::Asking;
use super::{Bench, answer};
use crate::magic::{Does, Magic};

/// What a shop's backend sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PaymentRequest {
    token: String,
    amount: Amount,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Approved,
    Declined,
    Captured,
    Refunded,
}

/// What a shop's backend is told.
#[derive(Clone, Serialize)]
pub(super) struct Payment {
    id: String,
    object: &'static str,
    status: Status,
    /// Why it was declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    token: String,
    amount: Amount,
    /// Whether the security code went with it.
    cvc: bool,
    #[serde(skip)]
    merchant: String,
}

/// The payments since the start or the last reset.
#[derive(Default)]
pub(super) struct Payments(Mutex<HashMap<String, Payment>>);

impl Payments {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Payment>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    /// A merchant's payment, when `change` has been made to it.
    fn change(
        &self,
        merchant: &str,
        id: &str,
        change: impl FnOnce(&mut Payment) -> Result<(), Failure>,
    ) -> Result<Payment, Failure> {
        let mut payments = self.lock();
        let payment = payments.get_mut(id).filter(|payment| payment.merchant == merchant);
        let payment = payment.ok_or(Code::NotFound)?;
        change(payment)?;
        Ok(payment.clone())
    }
}

/// `POST /test/payments`: asks for the money.
pub(super) async fn pay(
    State(bench): State<Bench>,
    asking: Asking,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let vault = &bench.vault;
    let client = asking.may(vault, Permission::READ).await?;
    let PaymentRequest { token, amount } =
        serde_json::from_slice(&body.map_err(|_| Code::BodyTooLarge)?).map_err(|_| Code::BodyMalformed)?;
    Facts::parse(Some(&amount), None)
        .map_err(|because| Failure::RefusedBecause(Code::OptionsInvalid, because))?;
    // Whose token it is, and that it is alive.
    vault.describe(&client.id, &token, false, &asking.caller).await?;
    let token = Token::parse(&token).ok_or(Code::NotFound)?;
    let card = vault.reopen(&token).await?;
    let claim = vault.reserve_cvc(&token).await?;
    let reservation = match claim {
        CvcClaim::Granted(reservation) => Some(reservation),
        CvcClaim::Absent => None,
        CvcClaim::InUse => return Err(Code::Busy.into()),
    };
    // EXPOSE: the number is looked up in the table of magic cards.
    let code = match Magic::of(card.number().digits().expose()).map(|magic| magic.does) {
        Some(Does::Decline(code)) => Some(code),
        _ => None,
    };
    let payment = Payment {
        id: format!("pay_{}", random::make_name()),
        object: "payment",
        status: if code.is_some() { Status::Declined } else { Status::Approved },
        code,
        token: token.to_string(),
        amount,
        cvc: reservation.is_some(),
        merchant: client.merchant.id.clone(),
    };
    if let Some(reservation) = reservation {
        reservation.commit().await?;
    }
    bench.payments.lock().insert(payment.id.clone(), payment.clone());
    answer(StatusCode::CREATED, &payment)
}

/// `GET /test/payments/{id}`.
pub(super) async fn show(bench: State<Bench>, asking: Asking, id: Path<String>) -> Result<Response, Problem> {
    change(bench, asking, id, |_| Ok(())).await
}

/// `POST /test/payments/{id}/capture`: takes the money of an approved payment.
pub(super) async fn capture(
    bench: State<Bench>,
    asking: Asking,
    id: Path<String>,
) -> Result<Response, Problem> {
    let because = "Only a payment that is approved can be captured.";
    change(bench, asking, id, |payment| payment.step(Status::Approved, Status::Captured, because)).await
}

/// `POST /test/payments/{id}/refund`: gives the money of a captured payment back.
pub(super) async fn refund(
    bench: State<Bench>,
    asking: Asking,
    id: Path<String>,
) -> Result<Response, Problem> {
    let because = "Only a payment that is captured can be refunded.";
    change(bench, asking, id, |payment| payment.step(Status::Captured, Status::Refunded, because)).await
}

impl Payment {
    fn step(&mut self, from: Status, to: Status, because: &'static str) -> Result<(), Failure> {
        if self.status != from {
            return Err(Failure::RefusedBecause(Code::OptionsInvalid, because));
        }
        self.status = to;
        Ok(())
    }
}

async fn change(
    State(bench): State<Bench>,
    asking: Asking,
    Path(id): Path<String>,
    change: impl FnOnce(&mut Payment) -> Result<(), Failure>,
) -> Result<Response, Problem> {
    let client = asking.may(&bench.vault, Permission::READ).await?;
    let payment = bench.payments.change(&client.merchant.id, &id, change)?;
    answer(StatusCode::OK, &payment)
}
