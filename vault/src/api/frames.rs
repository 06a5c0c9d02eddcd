//! `GET /f/...` and `GET /assets/...`: what the iframes load, under the policy of their merchant.
//! It must never let a page of any other origin embed a merchant's frames.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use cardseal::error::Code;

use super::App;
use super::refusals::refusals;
use crate::failure::Doing;
use crate::frames::Kind;
use crate::problem::Problem;

const FEATURES_OFF: &str = "accelerometer=(), camera=(), display-capture=(), fullscreen=(), geolocation=(), \
    gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

refusals!(Documents: &[Code::MerchantUnknown, Code::ReleaseUnknown, Code::NotFound]);
refusals!(Assets: &[Code::NotFound]);

/// Gives a frame's document.
#[utoipa::path(
    get, path = "/f/{merchant}/{release}/{kind}", operation_id = "frame_document",
    params(
        ("merchant" = String, Path, description = "The merchant's id"),
        ("release" = String, Path, description = "The version of the npm package that the page loaded"),
        ("kind" = String, Path, description = "`coordinator`, `card`, or the name of a field"),
        ("locale" = Option<String>, Query, description = "Language ranges (RFC 4647), apart by commas; English for none"),
    ),
    responses((status = 200, description = "HTML", body = String, content_type = "text/html"), Documents)
)]
pub(super) async fn document(
    State(app): State<App>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let Path((merchant, release, kind)) = path.map_err(|_| Code::NotFound)?;
    let known = app.known();
    let merchant = known.merchants.merchant(&merchant).ok_or(Code::MerchantUnknown)?;
    let frames = app.releases().asked_for(&release).ok_or(Code::ReleaseUnknown)?;
    // A shopper whose languages cannot be read gets English, not an error.
    let query = query.unwrap_or_default();
    let mut asked = form_urlencoded::parse(query.as_bytes());
    let ranges = asked.find(|(name, _)| name == "locale").map(|(_, ranges)| ranges).unwrap_or_default();
    let kind = Kind::named(&kind).ok_or(Code::NotFound)?;
    let html = frames.document(kind, &ranges).ok_or(Code::NotFound)?;
    // The sheet that names the fonts comes as a file; no other style does.
    let fonts = if frames.has_fonts(kind) { " style-src 'self'; font-src 'self';" } else { "" };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self';{fonts} form-action 'none'; \
         base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors {}",
        ancestors(&merchant.origins)
    );
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::try_from(policy).doing("writing a merchant's policy")?,
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    for (name, value) in [
        // A page under COEP require-corp embeds only frames that carry these two.
        ("cross-origin-resource-policy", "cross-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
        ("origin-agent-cluster", "?1"),
        ("permissions-policy", FEATURES_OFF),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    Ok(response)
}

/// Gives a frame's script, style, font, WebAssembly or texts.
#[utoipa::path(
    get, path = "/assets/{file}", operation_id = "frame_asset",
    params(("file" = String, Path, description = "The hashed name that a document asks for")),
    responses(
        (status = 200, description = "The file", content(
            (String = "text/javascript"), (String = "text/css"), (Vec<u8> = "application/wasm"),
            (Vec<u8> = "font/woff2"), (String = "application/json"),
        )),
        Assets
    )
)]
pub(super) async fn asset(
    State(app): State<App>,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(path) = path.map_err(|_| Code::NotFound)?;
    let asset = app.releases().asset(&path).ok_or(Code::NotFound)?;
    let brotli = asset.brotli.as_ref().filter(|_| accepts_brotli(&headers));
    let mut response = brotli.unwrap_or(&asset.plain).to_vec().into_response();
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    // For the vault's own frames: no other site gets a font that the operator licensed.
    answer.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // The name holds a hash of the content: it never changes under this name.
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    if brotli.is_some() {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    Ok(response)
}

/// An empty list of sources would be no restriction to be relied upon.
fn ancestors(origins: &[String]) -> String {
    if origins.is_empty() { "'none'".to_owned() } else { origins.join(" ") }
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            name.trim().eq_ignore_ascii_case("br")
                && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
}
