//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;

/// Whether an address is in one of the ranges. An IPv4 address written as IPv6 is the IPv4 address.
pub fn contains(ranges: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    ranges.iter().any(|range| range.contains(&address))
}

/// The caller's address: the peer's, or, as far as the peers are trusted proxies, the one they name.
///
/// `forwarded` is what `X-Forwarded-For` lists, in order. It is read from the right: each entry was appended by the
/// proxy that stands after it, so an entry counts only when everything to its right is trusted. A caller whose proxy
/// names no address comes from nowhere (`0.0.0.0`), not from the proxy: that may stand inside a zone.
pub fn origin(peer: IpAddr, forwarded: &[&str], trusted: &[IpNet]) -> IpAddr {
    let mut origin = peer.to_canonical();
    for entry in forwarded.iter().rev().map(|entry| entry.trim()).filter(|entry| !entry.is_empty()) {
        if !contains(trusted, origin) {
            break;
        }
        origin = address(entry).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    }
    origin
}

/// An address as proxies write it: some append the port.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry.parse::<IpAddr>().ok();
    bare.or_else(|| entry.parse::<SocketAddr>().ok().map(|socket| socket.ip())).map(|address| address.to_canonical())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn forwarded_addresses_count_only_behind_trusted_proxies() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let from = |peer, forwarded: &[&str]| origin(ip(peer), forwarded, &trusted).to_string();
        assert_eq!(from("192.0.2.1", &["203.0.113.9"]), "192.0.2.1");
        assert_eq!(from("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(from("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(from("10.0.0.1", &["1.1.1.1", "203.0.113.9", "10.0.0.2"]), "203.0.113.9");
        assert_eq!(from("10.0.0.1", &["spoofed", " 203.0.113.9", ""]), "203.0.113.9");
        assert_eq!(from("10.0.0.1", &["203.0.113.9", "unknown", " 10.0.0.2"]), "0.0.0.0");
        assert_eq!(from("10.0.0.1", &["203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(from("10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(from("::ffff:10.0.0.1", &["2001:db8::1"]), "2001:db8::1");
    }

    #[test]
    fn ranges_hold_both_families() {
        let office = ["203.0.113.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
        assert!(contains(&office, ip("203.0.113.255")));
        assert!(contains(&office, ip("::ffff:203.0.113.7")));
        assert!(contains(&office, ip("2001:db8:ffff::1")));
        assert!(!contains(&office, ip("203.0.114.0")));
        assert!(!contains(&office, ip("2001:db9::")));
    }
}
