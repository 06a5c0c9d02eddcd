//! `GET /openapi.json`: the document of the interface (OpenAPI 3.1), put together from the routes themselves.
//! It must never describe a route by hand: what is not routed is not in it, and what is routed cannot be left out.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use cardseal::error::Code;
use cardseal::wire;
use serde_json::{Map, Value, json};
use utoipa::PartialSchema;

use super::refusals::{self, refusals};

/// The document, as it is served.
pub static DOCUMENT: LazyLock<String> = LazyLock::new(|| format!("{:#}\n", document()));

refusals!(Refusals:);

/// This document.
#[utoipa::path(
    get, path = "/openapi.json", operation_id = "openapi",
    responses((status = 200, description = "The document", body = Object, content_type = "application/json"), Refusals)
)]
pub(super) async fn show() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}

fn document() -> Value {
    let mut whole = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Cardseal vault",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
            "description": "Captures, stores and reveals cards. docs/protocol.md says what the calls mean, \
                docs/errors.md what the codes do. Any address or method that is not listed is `not_found` or \
                `method_not_allowed`.",
        },
        "servers": [{ "url": "/", "description": "The API listener, where this document is served." }],
        "tags": [
            { "name": "api", "description": "The API listener, for merchants' backends." },
            { "name": "capture", "description": "The capture listener, for browsers." },
        ],
        "paths": {},
        "components": {
            "headers": headers(),
            "responses": {
                "NotFound": refusals::response(404, &[Code::NotFound]),
                "MethodNotAllowed": refusals::response(405, &[Code::MethodNotAllowed]),
            },
            "schemas": { "Problem": wire::Problem::schema() },
            "securitySchemes": {},
        },
    });
    let capture = json!([{
        "url": "{capture}",
        "description": "The capture listener, whose origin every capture context names.",
        "variables": { "capture": { "default": "https://vault.example" } },
    }]);
    let mut scopes = BTreeMap::new();
    for (tag, servers, routes) in
        [("api", None, super::api_routes()), ("capture", Some(capture), super::capture_routes())]
    {
        let mut part = json!(routes.get_openapi());
        for (path, item) in objects(&mut part["paths"]) {
            for (method, operation) in objects(item) {
                let known = &mut whole["paths"][path][method];
                // A route of both listeners is one operation, without a server of its own.
                let tags = known["tags"].as_array().cloned().unwrap_or_default();
                if let (true, Some(servers)) = (tags.is_empty(), &servers) {
                    operation["servers"] = servers.clone();
                }
                operation["tags"] = tags.into_iter().chain([json!(tag)]).collect();
                complete(operation);
                for scope in operation["security"][0]["client"].as_array().into_iter().flatten() {
                    let calls: &mut Vec<_> = scopes.entry(text(scope)).or_default();
                    calls.push(text(&operation["summary"]));
                }
                *known = operation.take();
            }
        }
        for (name, schema) in objects(&mut part["components"]["schemas"]) {
            whole["components"]["schemas"][name] = schema.take();
        }
    }
    whole["components"]["securitySchemes"] = security_schemes(&scopes);
    objects(&mut whole["components"]["schemas"]).for_each(|(_, schema)| close(schema));
    whole
}

/// What every answer carries.
fn complete(operation: &mut Value) {
    for (_, response) in objects(&mut operation["responses"]) {
        response["headers"]["X-Request-Id"] = json!({ "$ref": "#/components/headers/X-Request-Id" });
    }
}

/// Every object is closed, those of answers too: what is not described is not there.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") {
                members.insert("additionalProperties".to_owned(), json!(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

fn headers() -> Value {
    json!({
        "Retry-After": {
            "description": "Whole seconds after which the same request may succeed.",
            "schema": { "type": "integer", "minimum": 1 },
        },
        "WWW-Authenticate": {
            "description": "What the call asks for (RFC 9110 section 11.6.1).",
            "schema": { "type": "string" },
        },
        "X-Request-Id": {
            "description": "Names this request in the vault's log and audit.",
            "required": true,
            "schema": { "type": "string", "pattern": "^[A-Za-z0-9_-]{22}$" },
        },
    })
}

/// Each scope with what its calls do.
fn security_schemes(scopes: &BTreeMap<String, Vec<String>>) -> Value {
    let scopes: Map<_, _> =
        scopes.iter().map(|(scope, calls)| (scope.clone(), json!(calls.join(" ")))).collect();
    json!({
        "client": {
            "type": "oauth2",
            "description": "An access token of `POST /oauth/token`. One that is bound to a client certificate (RFC 8705) \
                is taken over a connection with that certificate only.",
            "flows": { "clientCredentials": { "tokenUrl": "/oauth/token", "scopes": scopes } },
        },
        "secret": {
            "type": "http",
            "scheme": "basic",
            "description": "Client id and secret, each form-encoded first (RFC 6749 section 2.3.1).",
        },
        "certificate": {
            "type": "mutualTLS",
            "description": "The client certificate of the connection, with `client_id` in the body (RFC 8705 section 2.1).",
        },
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn objects(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}
