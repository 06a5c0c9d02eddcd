//! Who stands at the other end of a request, as far as the connection tells.
//! It must never be believed to name anybody: it is where a request came from, not who sent it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where a request came from.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The name of the request in the log, the audit and its answer.
    pub request_id: String,
    /// The client's address, where it is known.
    pub address: Option<IpAddr>,
    /// Whether nobody between the client and the vault can read along: TLS, or a connection within this machine.
    pub confidential: bool,
}

impl Caller {
    /// The network of the client's address: /24, or /56 of IPv6; empty where it is not known.
    pub fn network(&self) -> String {
        match self.address.map(|address| address.to_canonical()) {
            None => String::new(),
            Some(IpAddr::V4(address)) => {
                format!("{}/24", Ipv4Addr::from_bits(address.to_bits() & !0xff))
            }
            Some(IpAddr::V6(address)) => {
                format!("{}/56", Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 72)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_hides_the_machine() {
        for (address, network) in [
            ("192.0.2.77", "192.0.2.0/24"),
            ("::ffff:192.0.2.77", "192.0.2.0/24"),
            ("2001:db8:1:2345:6:7:8:9", "2001:db8:1:2300::/56"),
        ] {
            let address = Some(address.parse().unwrap());
            assert_eq!(Caller { address, ..Caller::default() }.network(), network);
        }
        assert_eq!(Caller::default().network(), "");
    }
}
