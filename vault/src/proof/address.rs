//! Which addresses are on the public internet.
//! It must never take for public what a name of a stranger could use to reach into the operator's network.

use std::net::IpAddr;
use std::sync::LazyLock;

use ipnet::IpNet;

/// The IPv4 blocks that are not global unicast (IANA's IPv4 Special-Purpose Address Registry, RFC 6890, and RFC 1112).
const SPECIAL_V4: [&str; 15] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
];
/// RFC 4291 section 2.4: what IANA gives out lies in 2000::/3; every mapped, local and link address lies outside.
const GLOBAL_V6: &str = "2000::/3";
/// The blocks inside 2000::/3 that are special, or carry an IPv4 address (IANA's IPv6 registry).
const SPECIAL_V6: [&str; 4] = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/// Whether an address is reached over the public internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    static SPECIAL: LazyLock<Vec<IpNet>> =
        LazyLock::new(|| SPECIAL_V4.iter().chain(&SPECIAL_V6).map(|block| parse(block)).collect());
    static GLOBAL: LazyLock<IpNet> = LazyLock::new(|| parse(GLOBAL_V6));
    (address.is_ipv4() || GLOBAL.contains(&address)) && !SPECIAL.iter().any(|block| block.contains(&address))
}

fn parse(block: &str) -> IpNet {
    // Invariant: only the constants above are parsed, and a test parses them all.
    block.parse().expect("a block of addresses")
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn tells_the_internet_from_everything_else() {
        for public in ["1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00::1"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:93.184.216.34",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }
}
