//! Where a request came from: its connection's peer, or the address that a declared proxy wrote down.
//! It must never believe `X-Forwarded-For` unless the configuration says that a proxy sets it.

use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};

use super::App;
use super::observe::RequestId;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::transport::Peer;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let RequestId(request_id) = RequestId::from_request_parts(parts, app).await?;
        let peer = parts.extensions.get::<Peer>();
        let address = peer.map(|peer| peer.address.ip());
        // Where this process ends TLS itself, no proxy stands before it and the header is the client's own.
        let by_proxy = app.is_behind_proxy() && !peer.is_some_and(|peer| peer.tls);
        let forwarded = if by_proxy { last_hop(&parts.headers) } else { None };
        // Behind a proxy the request was confidential up to there; the proxy's own connection is the operator's.
        let confidential =
            app.is_behind_proxy() || peer.is_some_and(|peer| peer.tls || peer.address.ip().is_loopback());
        Ok(Self { request_id, address: forwarded.or(address), confidential })
    }
}

/// The address that the nearest proxy saw: each one appends, so only the last is not the client's to choose.
fn last_hop(headers: &HeaderMap) -> Option<IpAddr> {
    let line = headers.get_all(FORWARDED_FOR).iter().next_back()?.to_str().ok()?;
    let hop = line.rsplit(',').next()?.trim();
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    hop.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|hop| hop.ip())).or_else(bracketed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hop_that_the_proxy_added_counts() {
        for (lines, hop) in [
            (&["203.0.113.7"][..], Some("203.0.113.7")),
            (&["10.0.0.1, 203.0.113.7"], Some("203.0.113.7")),
            (&["10.0.0.1", "198.51.100.1 , 203.0.113.7"], Some("203.0.113.7")),
            (&["203.0.113.7:1234"], Some("203.0.113.7")),
            (&["[2001:db8::1]:1234"], Some("2001:db8::1")),
            (&["[2001:db8::1]"], Some("2001:db8::1")),
            (&["2001:db8::1"], Some("2001:db8::1")),
            (&["203.0.113.7, unknown"], None),
            (&["203.0.113.7,"], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, line.parse().unwrap());
            }
            assert_eq!(last_hop(&headers), hop.map(|hop| hop.parse().unwrap()), "{lines:?}");
        }
    }
}
