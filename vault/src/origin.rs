//! Web origins in their serialized form (RFC 6454 section 6.2).
//! It must never accept what could mean something else inside a Content-Security-Policy.

/// Whether `text` is exactly how a browser writes an http or https origin.
pub fn is_serialized(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let default_port = match scheme {
        "http" => "80",
        "https" => "443",
        _ => return false,
    };
    is_host(host) && port.is_none_or(|port| is_port(port) && port != default_port)
}

/// Whether the origin's connections are encrypted.
pub fn is_https(origin: &str) -> bool {
    origin.starts_with("https://")
}

/// Host and port of a serialized https origin; the host of an IPv6 address is in brackets.
pub fn https_host(origin: &str) -> Option<(&str, u16)> {
    host(origin).filter(|_| is_https(origin))
}

/// Host and port of a serialized origin; the host of an IPv6 address is in brackets.
pub fn host(origin: &str) -> Option<(&str, u16)> {
    let (_, rest) = origin.split_once("://").filter(|_| is_serialized(origin))?;
    match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => Some((host, port.parse().ok()?)),
        _ => Some((rest, if is_https(origin) { 443 } else { 80 })),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok_and(|parsed| parsed.to_string() == address);
    }
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_'
            })
    };
    host.len() <= 253 && host.split('.').all(label)
}

fn is_port(port: &str) -> bool {
    !port.starts_with('0') && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::{host, https_host, is_serialized};

    #[test]
    fn host_and_port_of_origins() {
        for (origin, parts) in [
            ("https://shop.example", Some(("shop.example", 443))),
            ("https://shop.example:8443", Some(("shop.example", 8443))),
            ("https://[::1]", Some(("[::1]", 443))),
            ("https://[::1]:8443", Some(("[::1]", 8443))),
            ("http://shop.example", None),
            ("https://shop.example/", None),
            ("https://user@shop.example", None),
        ] {
            assert_eq!(https_host(origin), parts, "{origin}");
        }
        for (origin, parts) in [
            ("http://127.0.0.1:4318", Some(("127.0.0.1", 4318))),
            ("http://collector", Some(("collector", 80))),
            ("https://[::1]", Some(("[::1]", 443))),
            ("http://collector/", None),
        ] {
            assert_eq!(host(origin), parts, "{origin}");
        }
    }

    #[test]
    fn accepts_what_browsers_write() {
        for origin in [
            "https://shop.example",
            "http://127.0.0.1:3000",
            "http://localhost:8080",
            "https://[::1]:8443",
            "http://[2001:db8::1]",
            "https://xn--bcher-kva.example",
        ] {
            assert!(is_serialized(origin), "{origin}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for origin in [
            "",
            "null",
            "*",
            "https://*.example",
            "https://shop.example/",
            "https://shop.example/path",
            "https://Shop.example",
            "HTTPS://shop.example",
            "https://shop.example:443",
            "http://shop.example:80",
            "http://shop.example:080",
            "http://shop.example:99999",
            "http://shop.example:",
            "https://user@shop.example",
            "https://shop.example;script-src",
            "https://shop.example 'self'",
            "https://shop..example",
            "https://-shop.example",
            "ftp://shop.example",
            "https://[::1",
            "https://[0:0:0:0:0:0:0:1]",
            "https://bücher.example",
        ] {
            assert!(!is_serialized(origin), "{origin}");
        }
    }
}
