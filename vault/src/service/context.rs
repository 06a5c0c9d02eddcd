//! Use case: a merchant's backend gets a capture context for its page; whoever holds one has it believed.
//! It must never sign a context that is wider than its merchant's record.

use std::sync::Arc;

use cardseal::card::Acceptance;
use cardseal::context::{Context, Expose, Kind, MAX_SECONDS, TYP, Via};
use cardseal::envelope::Envelope;
use cardseal::error::Code;
use cardseal::form::Field;
use cardseal::wire::{ContextAnswer, ContextRequest};

use super::Vault;
use super::accepted::{accepted, accepts_all};
use crate::clock::SKEW_SECONDS;
use crate::facts::Facts;
use crate::failure::{Doing, Failure};
use crate::keyring::CaptureKey;
use crate::merchant::Merchant;
use crate::{jws, origin, random};

const MOST_ORIGINS: usize = 20;
const MOST_REF_BYTES: usize = 200;
/// The fields that must be filled in unless the request says otherwise.
const USUAL: [Field; 3] = [Field::Number, Field::Expiry, Field::Cvc];

impl Vault {
    /// Signs a capture context for a merchant; gives its name as well.
    ///
    /// # Errors
    /// [`Code::OptionsInvalid`] with a sentence that names the member, [`Code::OriginNotRegistered`], or
    /// [`Code::NotFound`] for the security code of what is no token of the merchant's.
    pub(super) async fn create_context(
        &self,
        merchant: &Merchant,
        request: ContextRequest,
    ) -> Result<(String, ContextAnswer), Failure> {
        let via = via(merchant, request.via.as_deref())?;
        check_origins(merchant, via, &request.origins)?;
        if request.reference.as_ref().is_some_and(|text| !is_reference(text)) {
            return Err(invalid("ref must be 1 to 200 bytes without control characters."));
        }
        let facts =
            Facts::parse(request.amount.as_ref(), request.shipping_country.as_deref()).map_err(invalid)?;
        let asked = match (request.kind.as_deref(), &request.token) {
            (None | Some("card"), None) => Asked {
                accepted: accepted(merchant, &request, &self.bins.current())?,
                kind: Kind::Card,
                expose: expose(merchant, request.expose.as_deref())?,
                fields: fields(request.fields.as_deref())?,
            },
            (Some("cvc"), Some(token)) => self.ask_code(merchant, token, &request).await?,
            _ => return Err(invalid("kind must be `card`, without a token, or `cvc`, with one.")),
        };
        let (known, now) = (self.known(), self.clock.now());
        let context = Context {
            iss: self.origin.clone(),
            sub: merchant.id.clone(),
            jti: random::make_name(),
            iat: now,
            exp: now + MAX_SECONDS,
            accepted: asked.accepted,
            expose: asked.expose,
            fields: asked.fields,
            origins: request.origins,
            mode: merchant.mode,
            via,
            kind: asked.kind,
            key: known.keyring.current_capture_key(now).jwk().clone(),
            reference: request.reference,
        };
        let payload = context.format();
        // What the engine would not read back must not be issued: its limits are the law for both ends.
        Context::parse(payload.as_bytes()).map_err(|_| {
            invalid("The context would be larger than 8 KiB; name fewer origins, bins or countries.")
        })?;
        let signed = jws::sign(known.keyring.current_context_key(now), TYP, payload.as_bytes())?;
        if facts != Facts::default() {
            self.store.insert_facts(&context.jti, &facts, context.exp).await.doing("keeping facts")?;
        }
        self.limits.issued(&context.jti, &context.sub, context.exp);
        Ok((context.jti, ContextAnswer { context: signed, expires_at: now + MAX_SECONDS }))
    }

    /// What there is to capture of the security code of a token: the token says all but where.
    async fn ask_code(
        &self,
        merchant: &Merchant,
        token: &str,
        request: &ContextRequest,
    ) -> Result<Asked, Failure> {
        let ContextRequest { expose, fields, reference, .. } = request;
        if !accepts_all(request) || expose.is_some() || fields.is_some() || reference.is_some() {
            return Err(invalid(
                "kind `cvc` takes no brands, bins, deny_bins, funding, countries, deny_countries, expose, fields or \
                 ref: leave them out, the token has its own.",
            ));
        }
        // No card is judged again, so that nothing would ever look at them.
        if request.amount.is_some() || request.shipping_country.is_some() {
            return Err(invalid(
                "kind `cvc` takes no amount or shipping_country: the rules judged the card by those of its own context.",
            ));
        }
        let row = self.own_token(merchant, token).await.map_err(|failure| match failure {
            Failure::Refused(Code::NotFound) => Failure::RefusedBecause(
                Code::NotFound,
                "token names no token of this merchant; it may have been deleted.",
            ),
            other => other,
        })?;
        let brand = self.open_row(&row)?.number().brand();
        Ok(Asked {
            kind: Kind::Cvc { token: row.id, brand },
            accepted: Acceptance { brands: vec![brand], ..Acceptance::default() },
            expose: Expose::default(),
            fields: vec![Field::Cvc],
        })
    }

    /// The claims of a context that this vault signed, expired or not, and its merchant.
    pub(super) fn believe(&self, context: &str) -> Result<(Context, Arc<Merchant>), Code> {
        let known = self.known();
        let payload = jws::verify(context, TYP, known.keyring.context_keys(self.clock.now()))
            .map_err(jws::Disbelief::of_context)?;
        let context = Context::parse(&payload)?;
        if context.iss != self.origin {
            return Err(Code::ContextIssuerMismatch);
        }
        let merchant = known.merchants.merchant(&context.sub).ok_or(Code::MerchantUnknown)?;
        let merchant = Arc::clone(merchant);
        Ok((context, merchant))
    }

    /// A sealed card that was sealed for this context, and from the page that sent it if that captured it itself.
    pub(super) fn match_sealed(
        &self,
        sealed_card: &str,
        context: &Context,
        origin: Option<&str>,
        now: u64,
    ) -> Result<Matched, Code> {
        let envelope = Envelope::parse(sealed_card)?;
        let header = &envelope.header;
        let page = origin.filter(|_| context.via == Via::Direct);
        let matches = header.kid == context.key.kid
            && header.ctx == context.jti
            && context.is_for(&header.org)
            && page.is_none_or(|page| page == header.org)
            && header.iat >= context.iat.saturating_sub(SKEW_SECONDS)
            && header.iat <= now.saturating_add(SKEW_SECONDS);
        let capture_key = self.known().keyring.capture_key(&header.kid, now).filter(|_| matches);
        Ok((envelope, capture_key.ok_or(Code::SealedCardMismatch)?))
    }
}

/// A sealed card that is the context's, and the key that it was sealed to.
pub(super) type Matched = (Envelope, Arc<CaptureKey>);

/// The claims that depend on what is captured.
struct Asked {
    kind: Kind,
    accepted: Acceptance,
    expose: Expose,
    fields: Vec<Field>,
}

pub(super) fn invalid(because: &'static str) -> Failure {
    Failure::RefusedBecause(Code::OptionsInvalid, because)
}

fn via(merchant: &Merchant, name: Option<&str>) -> Result<Via, Failure> {
    match name.map_or(Some(Via::Fields), Via::named) {
        Some(Via::Direct) if !merchant.direct => Err(invalid(
            "via `direct` is not allowed to this merchant; the vault's operator allows it by `merchant set --direct true`.",
        )),
        Some(via) => Ok(via),
        None => Err(invalid("via must be `fields` or `direct`.")),
    }
}

fn check_origins(merchant: &Merchant, via: Via, origins: &[String]) -> Result<(), Failure> {
    if origins.is_empty() && via == Via::Fields {
        return Err(invalid(
            "origins must name 1 to 20 different origins; only `via` `direct` is for programs, too.",
        ));
    }
    if origins.len() > MOST_ORIGINS || repeats(origins) {
        return Err(invalid("origins must name 20 different origins at most."));
    }
    if !origins.iter().all(|text| origin::is_serialized(text)) {
        return Err(invalid("origins must be written like https://shop.example, without a path."));
    }
    if !origins.iter().all(|text| merchant.origins.contains(text)) {
        return Err(Code::OriginNotRegistered.into());
    }
    Ok(())
}

fn expose(merchant: &Merchant, names: Option<&[String]>) -> Result<Expose, Failure> {
    // A BIN is given to pages that ask for it.
    let Some(names) = names else { return Ok(Expose { bin: false, ..merchant.expose }) };
    let [brand, bin] = ["brand", "bin"].map(|name| names.iter().any(|listed| listed == name));
    if names.len() != usize::from(brand) + usize::from(bin) {
        return Err(invalid("expose may name `brand` and `bin`, each once."));
    }
    if brand && !merchant.expose.brand || bin && !merchant.expose.bin {
        return Err(invalid("expose names more than this merchant's record allows."));
    }
    Ok(Expose { brand, bin })
}

fn fields(names: Option<&[String]>) -> Result<Vec<Field>, Failure> {
    let Some(names) = names else { return Ok(USUAL.to_vec()) };
    let fields: Vec<Field> =
        names.iter().map(|name| Field::asked(name)).collect::<Option<_>>().ok_or_else(|| {
            invalid("fields may name `number`, `expiry`, `cvc`, `name` and `postal_code` only.")
        })?;
    if repeats(names) || !fields.contains(&Field::Number) || !fields.contains(&Field::Expiry) {
        return Err(invalid("fields must name `number` and `expiry`, and each field once."));
    }
    Ok(fields)
}

pub(super) fn repeats(names: &[String]) -> bool {
    names.iter().enumerate().any(|(at, name)| names[..at].contains(name))
}

fn is_reference(text: &str) -> bool {
    (1..=MOST_REF_BYTES).contains(&text.len()) && !text.chars().any(char::is_control)
}
