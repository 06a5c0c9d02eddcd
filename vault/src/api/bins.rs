//! `GET /v1/bins/{bin8}`: what is known of cards that begin so, for the coordinator beside it.
//! It must never answer another site's page, nor let the digits into a log or a cache.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::Response;
use cardseal::error::Code;
use cardseal::wire::BinAnswer;

use super::App;
use super::body::answer;
use super::refusals::refusals;
use crate::caller::Caller;
use crate::problem::Problem;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

refusals!(Refusals: &[Code::OriginNotAllowed, Code::NotFound, Code::RateLimited]);

/// Says what is known of cards by their first eight digits.
#[utoipa::path(
    get, path = "/v1/bins/{bin8}", operation_id = "look_up_bin",
    params(("bin8" = String, Path, description = "The number's first eight digits", pattern = "^[0-9]{8}$")),
    responses((status = 200, description = "What is known; members that are not known are left out", body = BinAnswer), Refusals)
)]
pub(super) async fn look_up(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    if !is_own(&headers, app.origin()) {
        return Err(Code::OriginNotAllowed.into());
    }
    let Path(bin8) = path.map_err(|_| Code::NotFound)?;
    let facts = app.look_up_bin(&bin8, &caller)?;
    answer(&BinAnswer {
        networks: facts.networks.iter().map(|network| network.name.to_owned()).collect(),
        funding: facts.funding.map(|funding| funding.as_str().to_owned()),
        country: facts.country.map(|country| country.to_string()),
    })
}

/// Whether the request comes from a page of the vault's own, as far as a browser says where it comes from.
fn is_own(headers: &HeaderMap, own: &str) -> bool {
    let all = |name, value: &str| headers.get_all(name).iter().all(|said| said == value);
    all(FETCH_SITE, "same-origin") && all(header::ORIGIN, own)
}
