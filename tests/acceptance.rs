//! Which cards a context accepts and over which network they are paid: the frame and the vault as the vectors say.
//! It must never hold an expectation of its own: they stand in `tests/vectors`.

#![allow(clippy::unwrap_used)]

mod support;

use cardseal::{
    card::{BinFacts, Brand, Card, Country, Funding, Month, Parts},
    context::Context,
    error::Code,
    form::{Edit, Field, Form},
};
use serde::Deserialize;
use support::each;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[derive(Deserialize)]
struct Plain {
    payload: String,
}

#[derive(Deserialize)]
struct AcceptanceCase {
    /// Claims in the place of a context's `brands`.
    rules: String,
    number: String,
    /// What the table says of the card.
    facts: KnownFacts,
    /// Whether the frame could ask for it.
    asked: Option<bool>,
    chosen: Option<String>,
    /// What the number's field says.
    frame: String,
    /// What the vault says of the card, with the choice sealed.
    vault: String,
    networks: Option<Vec<String>>,
    network: Option<String>,
}

#[derive(Deserialize)]
struct KnownFacts {
    networks: Option<Vec<String>>,
    funding: Option<String>,
    country: Option<String>,
}

impl KnownFacts {
    fn read(&self) -> BinFacts {
        let networks = self.networks.iter().flatten();
        BinFacts {
            networks: networks.map(|name| Brand::named(name).unwrap()).collect(),
            funding: self.funding.as_deref().map(|name| Funding::named(name).unwrap()),
            country: self.country.as_deref().map(|code| Country::parse(code).unwrap()),
        }
    }
}

#[test]
fn cards_are_accepted_or_refused_by_the_frame_and_the_vault_as_the_vectors_say() {
    let plain: Plain = support::parse("plain", include_str!("vectors/context/plain.json"));
    each("acceptance", |name, case: AcceptanceCase| {
        let payload = plain.payload.replace(r#""brands":[]"#, &case.rules);
        let context = Context::parse(payload.as_bytes()).unwrap();
        let (today, facts) = (Month::new(2026, 11).unwrap(), case.facts.read());
        let (asked, network) = (case.asked.unwrap_or(true), case.network.as_deref());

        let mut form = Form::new(today);
        form.govern(today, context.accepted.clone(), context.expose, None);
        for (field, text) in
            [(Field::Number, case.number.as_str()), (Field::Expiry, "1229"), (Field::Cvc, "737")]
        {
            form.edit(field, text, text.len(), Edit::Replace);
        }
        if asked && let Some(bin) = form.lookup().map(str::to_owned) {
            form.inform(&bin, facts.clone());
            assert_eq!(form.lookup(), None, "{name}");
        }
        form.prefer(case.chosen.as_deref().and_then(Brand::named));
        let view = form.view(Field::Number);
        assert_eq!(view.error.map_or("complete", Code::as_str), case.frame, "{name}");
        let networks: Vec<_> = form.networks(Field::Number).iter().map(|network| network.name).collect();
        assert_eq!(networks, case.networks.unwrap_or_default(), "{name}");

        let parts = Parts {
            number: &case.number,
            exp_year: 2029,
            exp_month: 12,
            cvc: Some("737"),
            network: case.chosen.as_deref(),
            ..Parts::default()
        };
        let judged = Card::of(&parts, Some(today)).and_then(|card| context.check_card(&card, &facts));
        assert_eq!(judged.map_or_else(Code::as_str, |_| "complete"), case.vault, "{name}");
        if let Ok(judged) = judged {
            assert_eq!(judged.map(|network| network.name), network, "{name}");
        }
        // What the frame seals, the vault takes as it was sealed, if both know the same.
        if asked && case.frame == "complete" {
            let card = form.card(&context.fields).unwrap();
            assert_eq!(card.network().map(|network| network.name), network, "{name}");
            assert_eq!(context.check_card(&card, &facts), Ok(card.network()), "{name}");
        }
    });
}
