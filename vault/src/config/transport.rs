//! Checks of the settings that say how the vault is reached.
//! It must never let a card or a secret travel in clear beyond this machine.

use super::Config;
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
