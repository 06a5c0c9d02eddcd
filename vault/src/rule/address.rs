//! Built-in rule: no card is taken from listed addresses.
//! It must never take a network for another one because of how its address is written.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Attempt, Rule, Verdict};

/// Rejects what comes from listed addresses and networks.
pub(super) struct DeniedAddresses(Vec<IpNet>);

impl DeniedAddresses {
    /// From addresses and networks in CIDR notation.
    pub(super) fn new(texts: &[String]) -> Result<Self, String> {
        texts.iter().map(|text| parse(text)).collect::<Result<_, _>>().map(Self)
    }
}

impl Rule for DeniedAddresses {
    fn name(&self) -> &'static str {
        "deny_addresses"
    }

    fn judge(&self, attempt: &Attempt<'_>) -> Verdict {
        let address = attempt.address.map(|address| address.to_canonical());
        if address.is_some_and(|address| self.0.iter().any(|network| network.contains(&address))) {
            Verdict::Reject("address_denied")
        } else {
            Verdict::Allow
        }
    }
}

fn parse(text: &str) -> Result<IpNet, String> {
    let network = match text.parse::<IpAddr>() {
        Ok(address) => Some(IpNet::from(address)),
        Err(_) => text.parse().ok(),
    };
    let network = network.ok_or_else(|| {
        format!("rules: deny_addresses: `{text}` is not an address or a network like 203.0.113.0/24")
    })?;
    if network.addr() != network.addr().to_canonical() {
        return Err(format!(
            "rules: deny_addresses: `{text}` is an IPv4 address within IPv6; write it as IPv4"
        ));
    }
    if network != network.trunc() {
        return Err(format!(
            "rules: deny_addresses: `{text}` has bits beyond its prefix; write {} or the address alone",
            network.trunc()
        ));
    }
    Ok(network)
}
