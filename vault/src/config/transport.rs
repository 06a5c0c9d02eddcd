//! Checks of the settings that say how the vault is reached and how a client proves itself.
//! It must never let a card or a secret travel in clear beyond this machine.

use cardseal::envelope::compact;

use super::{ClientConfig, Config, decode_hex};
use crate::origin;

pub(super) fn check(config: &Config) -> Result<(), String> {
    let (capture_tls, api_tls) = (config.capture_tls.is_some(), config.api_tls.is_some());
    for (name, address, tls, remedy) in [
        ("capture_listen", Some(config.capture_listen), capture_tls, "set capture_tls, "),
        ("api_listen", Some(config.api_listen), api_tls, "set api_tls, "),
        ("admin_listen", config.admin_listen, false, ""),
    ] {
        if let Some(address) = address
            && !address.ip().is_loopback()
            && !tls
            && !config.behind_tls_proxy
        {
            return Err(format!(
                "{name} {address} is open to the network without TLS; listen on 127.0.0.1, {remedy}or set \
                 behind_tls_proxy = true if a proxy that ends TLS stands before it"
            ));
        }
    }
    if config.behind_tls_proxy && capture_tls && api_tls {
        return Err(
            "behind_tls_proxy = true contradicts capture_tls and api_tls, which end TLS in the vault; \
                    remove one or the other"
                .to_owned(),
        );
    }
    for (name, origin, tls, setting) in [
        ("origin", Some(&config.origin), capture_tls, "capture_tls"),
        ("api_origin", config.api_origin.as_ref(), api_tls, "api_tls"),
    ] {
        if let Some(origin) = origin
            && tls
            && !origin::is_https(origin)
        {
            return Err(format!("{name} {origin} contradicts {setting}; write it with https"));
        }
    }
    config.connections.check()
}

pub(super) fn check_client(config: &Config, client: &ClientConfig) -> Result<(), String> {
    let id = &client.id;
    if client.secret_sha256.as_ref().is_some_and(|text| decode_hex(text).is_none()) {
        return Err(format!("client {id}: secret_sha256 is not 64 hexadecimal digits"));
    }
    let Some(certificate) = &client.certificate_sha256 else {
        return if client.secret_sha256.is_some() {
            Ok(())
        } else {
            Err(format!(
                "client {id}: set secret_sha256 or certificate_sha256, or nobody could be this client"
            ))
        };
    };
    if decode_certificate(certificate).is_none() {
        return Err(format!("client {id}: certificate_sha256 is not 32 bytes in hexadecimal or base64url"));
    }
    if config.api_tls.as_ref().is_none_or(|tls| tls.client_ca.is_none()) {
        return Err(format!(
            "client {id}: certificate_sha256 needs client_ca in api_tls, or none is asked for"
        ));
    }
    Ok(())
}

/// 32 bytes from hexadecimal or from base64url, as `openssl` or a JWK writes them.
pub fn decode_certificate(text: &str) -> Option<[u8; 32]> {
    decode_hex(text).or_else(|| compact::decode(text)?.try_into().ok())
}
