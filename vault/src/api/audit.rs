//! `GET /v1/audit`: a merchant's part of the audit, page by page.
//! It must never guess what an address means: an unknown parameter is an error.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use cardseal::error::Code;
use cardseal::wire::AuditPage;

use super::App;
use super::body::answer;
use super::by::{Audit, By};
use super::refusals::{BEARER, refusals};
use crate::failure::Failure;
use crate::problem::Problem;

const MOST: u32 = 1000;

refusals!(Reading: BEARER, &[Code::OptionsInvalid]);

/// Lists what the vault has on record of the merchant, the oldest first.
#[utoipa::path(
    get, path = "/v1/audit", operation_id = "read_audit",
    security(("client" = ["audit:read"])),
    params(
        ("after" = Option<String>, Query, description = "`next` of an earlier page"),
        ("limit" = Option<u32>, Query, description = "The most records of this page", minimum = 1, maximum = 1000)
    ),
    responses((status = 200, description = "A page of records", body = AuditPage), Reading)
)]
pub(super) async fn list(
    State(app): State<App>,
    by: By<Audit>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (after, limit) = parse(&query.unwrap_or_default()).ok_or(Failure::RefusedBecause(
        Code::OptionsInvalid,
        "The address may have `after` and `limit`, each once; limit is 1 to 1000.",
    ))?;
    answer(&app.read_audit(&by.client, after.as_deref(), limit, &by.caller).await?)
}

fn parse(query: &str) -> Option<(Option<String>, u32)> {
    let (mut after, mut limit) = (None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let repeated = match &*name {
            "after" => after.replace(value.into_owned()).is_some(),
            "limit" => {
                limit.replace(value.parse().ok().filter(|limit| (1..=MOST).contains(limit))?).is_some()
            }
            _ => return None,
        };
        if repeated {
            return None;
        }
    }
    Some((after, limit.unwrap_or(MOST)))
}
