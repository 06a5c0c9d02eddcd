//! What the types of the bodies do not say of a member: names that it may be, patterns, how many.
//! It must never be wider than what the vault takes.

use utoipa::openapi::schema::{Array, ArrayBuilder, Object, ObjectBuilder, SchemaType, Type};

use crate::card::{Funding, brand::BRANDS};
use crate::context::MAX_LISTED;

pub(super) fn origins() -> Array {
    let origin = ObjectBuilder::new().schema_type(Type::String).max_length(Some(267));
    let origin = origin.pattern(Some(r"^https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?$"));
    let origins = ArrayBuilder::new().items(origin).unique_items(true);
    origins.max_items(Some(20)).build()
}

pub(super) fn brand() -> Object {
    one_of(BRANDS.iter().filter(|brand| brand.has_numbers()).map(|brand| brand.name))
}

pub(super) fn network() -> Object {
    one_of(BRANDS.iter().map(|brand| brand.name))
}

pub(super) fn networks() -> Array {
    ArrayBuilder::new().items(network()).unique_items(true).build()
}

pub(super) fn exposed() -> Array {
    some_of(["brand", "bin"]).build()
}

pub(super) fn brands() -> Array {
    some_of(BRANDS.iter().map(|brand| brand.name)).min_items(Some(1)).build()
}

pub(super) fn bins() -> Array {
    some("^[0-9]{1,6}$")
}

pub(super) fn denied_bins() -> Array {
    some("^[0-9]{1,8}$")
}

pub(super) fn funding() -> Array {
    some_of(Funding::ALL.map(Funding::as_str)).min_items(Some(1)).build()
}

pub(super) fn one_funding() -> Object {
    one_of(Funding::ALL.map(Funding::as_str))
}

pub(super) fn countries() -> Array {
    some("^[A-Z]{2}$")
}

pub(super) fn fields() -> Array {
    some_of(["number", "expiry", "cvc"]).min_items(Some(2)).build()
}

fn one_of(names: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build()
}

/// Different ones of these names, or `null` as if left out.
fn some_of(names: impl IntoIterator<Item = &'static str>) -> ArrayBuilder {
    different(one_of(names))
}

/// Different texts of this pattern, or `null` as if left out.
fn some(pattern: &str) -> Array {
    let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).build();
    different(text).min_items(Some(1)).max_items(Some(MAX_LISTED)).build()
}

fn different(items: Object) -> ArrayBuilder {
    let kinds = SchemaType::from_iter([Type::Array, Type::Null]);
    ArrayBuilder::new().schema_type(kinds).items(items).unique_items(true)
}
