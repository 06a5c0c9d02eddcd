//! `/v1/tokens` of the API listener: what a merchant's backend reads, reveals and deletes.
//! It must never leave a card in clear behind in the answer's memory.

use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cardseal::error::Code;
use cardseal::secret::Secret;
use cardseal::wire::{RevealRequest, StoredTokens, TokenMetadata};
use utoipa::ToSchema;

use super::App;
use super::body::{Json, answer};
use super::by::{By, Delete, Read, Reveal};
use super::refusals::{BEARER, BODY, refusals};
use crate::failure::Failure;
use crate::problem::Problem;
use crate::service::Sought;

type Id = Result<Path<String>, PathRejection>;

refusals!(Own: BEARER, &[Code::NotFound]);
refusals!(Describing: BEARER, &[Code::NotFound, Code::RateLimited]);
refusals!(Listing: BEARER, &[Code::OptionsInvalid, Code::RateLimited]);
refusals!(Revealing: BEARER, BODY, &[Code::NotFound, Code::OptionsInvalid, Code::TransportInsecure]);

/// Says what is known of a token, without the number.
#[utoipa::path(
    get, path = "/v1/tokens/{id}", operation_id = "describe_token",
    security(("client" = ["tokens:read"])),
    params(("id" = String, Path, description = "The token")),
    responses((status = 200, description = "What is known of it", body = TokenMetadata), Describing)
)]
pub(super) async fn describe(State(app): State<App>, by: By<Read>, id: Id) -> Result<Response, Problem> {
    answer(&app.describe(&by.client, &written(id), by.more, &by.caller).await?)
}

/// Lists the tokens of one of the merchant's orders or of one card, the newest first.
#[utoipa::path(
    get, path = "/v1/tokens", operation_id = "list_tokens",
    security(("client" = ["tokens:read"])),
    params(
        ("ref" = Option<String>, Query, description = "The order id, as its capture context had it", min_length = 1),
        ("fingerprint" = Option<String>, Query, description = "Instead of it: a fingerprint as the metadata has it; needs `tokens:fingerprint`", pattern = r"^[1-9][0-9]{0,8}\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$"),
    ),
    responses((status = 200, description = "What is known of them", body = StoredTokens), Listing)
)]
pub(super) async fn list(
    State(app): State<App>,
    by: By<Read>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = query.unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
    let sought = match (pairs.next(), pairs.next()) {
        (Some((name, value)), None) if name == "ref" && !value.is_empty() => Sought::Reference(value),
        (Some((name, value)), None) if name == "fingerprint" => Sought::Fingerprint(value),
        _ => {
            let because = "The address must have exactly one parameter, ref or fingerprint.";
            return Err(Failure::RefusedBecause(Code::OptionsInvalid, because).into());
        }
    };
    answer(&app.list(&by.client, &sought, by.more, &by.caller).await?)
}

/// Gives a card in clear, on record.
#[utoipa::path(
    post, path = "/v1/tokens/{id}/reveal", operation_id = "reveal_token",
    security(("client" = ["tokens:reveal"])),
    params(("id" = String, Path, description = "The token")),
    request_body = RevealRequest,
    responses((status = 200, description = "The card", body = RevealedCard), Revealing)
)]
pub(super) async fn reveal(
    State(app): State<App>,
    by: By<Reveal>,
    id: Id,
    Json(request): Json<RevealRequest>,
) -> Result<Response, Problem> {
    let card = app.reveal(&by.client, &written(id), &request.reason, &by.caller).await?;
    let mut response = Body::from(Bytes::from_owner(Wiped(card))).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Deletes a card and its token.
#[utoipa::path(
    delete, path = "/v1/tokens/{id}", operation_id = "delete_token",
    security(("client" = ["tokens:delete"])),
    params(("id" = String, Path, description = "The token")),
    responses((status = 204, description = "It is deleted"), Own)
)]
pub(super) async fn delete(State(app): State<App>, by: By<Delete>, id: Id) -> Result<StatusCode, Problem> {
    app.delete(&by.client, &written(id), &by.caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a reveal answers, for the document: the answer is written into one buffer that is wiped.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it must never hold a card")]
struct RevealedCard {
    #[schema(pattern = "^[0-9]{12,19}$")]
    number: String,
    #[schema(minimum = 1, maximum = 12)]
    exp_month: u8,
    #[schema(minimum = 1000, maximum = 9999)]
    exp_year: u16,
    #[schema(max_length = 120, nullable = false)]
    name: Option<String>,
    #[schema(max_length = 16, nullable = false)]
    postal_code: Option<String>,
}

/// The body of an answer, wiped when it was sent.
struct Wiped(Secret<Vec<u8>>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        // EXPOSE: the connection sends it.
        self.0.expose()
    }
}

/// An address that is no text names no token.
fn written(id: Id) -> String {
    id.map(|Path(id)| id).unwrap_or_default()
}
