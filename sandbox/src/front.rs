//! What stands before the vault's listener for browsers: it does what magic cards are for, and turns live contexts away.
//! It must never touch a request that has neither, nor tell in the log more of a card than its name in the table.

use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cardseal::card::{Card, Month};
use cardseal::context::{Context, Mode};
use cardseal::envelope::{Envelope, compact};
use cardseal::error::Code;
use cardseal::wire::TokenRequest;
use cardseal_vault::failure::Failure;
use cardseal_vault::problem::Problem;
use cardseal_vault::service::Vault;
use cardseal_vault::{api, open};

use crate::magic::{Does, Magic, Tries};

/// Beyond any request that the vault reads, so that it is the vault which says what is too large.
const MOST_BYTES: usize = 1 << 20;

/// What the front works with.
pub(crate) struct Front {
    pub(crate) vault: Arc<Vault>,
    pub(crate) tries: Arc<Tries>,
}

/// Answers a request for a token as its card asks for; any other goes to the vault as it came.
pub(crate) async fn stand(State(front): State<Arc<Front>>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || request.uri().path() != "/v1/tokens" {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST_BYTES).await else { return refused(Code::BodyTooLarge, 0) };
    let page = parts.headers.get(header::ORIGIN).and_then(|page| Some(page.to_str().ok()?.to_owned()));
    let asked = serde_json::from_slice::<TokenRequest>(&body).ok();
    let request = Request::from_parts(parts, Body::from(body));
    // Not verified: the vault does that next, and who forges one gains nothing.
    let asked = asked.and_then(|asked| Some((claims(&asked.context)?, asked.sealed_card)));
    let Some((context, sealed_card)) = asked else { return next.run(request).await };
    if context.mode == Mode::Live {
        // It could bring a real card.
        return refused(Code::TestCardRequired, 0);
    }
    let magic = front.magic(&sealed_card).filter(|magic| front.tries.count(magic, order(&context)));
    let Some(magic) = magic else { return next.run(request).await };
    tracing::info!(rule = "magic_card", reason = magic.name, "a magic card came");
    match magic.does {
        Does::Refuse(code) => {
            let mut response = refused(code, magic.wait.as_secs());
            let reader = front.vault.reader(&context, page);
            match reader.map_or(Ok(()), |page| api::readable(response.headers_mut(), &page)) {
                Ok(()) => response,
                Err(failure) => Problem::from(failure).into_response(),
            }
        }
        Does::Delay => {
            tokio::time::sleep(magic.wait).await;
            next.run(request).await
        }
        Does::Cut => cut(),
        Does::Lose => {
            drop(next.run(request).await);
            cut()
        }
        Does::Review | Does::Decline(_) => next.run(request).await,
    }
}

impl Front {
    fn magic(&self, sealed_card: &str) -> Option<&'static Magic> {
        let envelope = Envelope::parse(sealed_card).ok()?;
        let now = self.vault.now();
        let key = self.vault.known().keyring.capture_key(&envelope.header.kid, now)?;
        let card = open::open(&envelope, &key, |plaintext| Card::parse(plaintext, Month::at(now))).ok()?;
        // EXPOSE: the number is looked up in the table of magic cards.
        Magic::of(card.number().digits().expose())
    }
}

/// An order may need several contexts; without a reference each is an order of its own.
fn order(context: &Context) -> String {
    format!("{} {}", context.sub, context.reference.as_ref().unwrap_or(&context.jti))
}

/// The claims of a context, whoever signed it.
pub(crate) fn claims(context: &str) -> Option<Context> {
    let [_, payload, _] = compact::parts(context)?;
    Context::parse(&compact::decode(payload)?).ok()
}

/// The vault's own answer of this code, with the headers that it puts on each.
fn refused(code: Code, seconds: u64) -> Response {
    let mut response = Problem::from(Failure::RefusedUntil(code, seconds)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The head of an answer, and then the end of the connection. Without the head a browser would send the request once more
/// by itself, so that nobody could tell how often it was sent.
fn cut() -> Response {
    let broken = futures_util::stream::once(async {
        // The connection sends what it has before it asks again.
        tokio::task::yield_now().await;
        Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(broken)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_context_has_no_claims() {
        for text in ["", "a.b", "a.b.c", "a.e30.c", "a.b.c.d"] {
            assert!(claims(text).is_none(), "{text}");
        }
    }
}
