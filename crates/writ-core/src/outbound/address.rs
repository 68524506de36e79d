//! Which addresses may be connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::OutboundFault;
use crate::network;

/// What every address has to pass before it is connected to, by the scheme of the URL.
#[derive(Clone)]
pub(super) enum Guard {
    /// Globally routable addresses, and those that are allowed.
    Https(Arc<[IpNet]>),
    /// Only those that are allowed: over the internet anybody could answer.
    Http(Arc<[IpNet]>),
}

impl Guard {
    pub(super) fn check(&self, address: IpAddr) -> Result<(), OutboundFault> {
        let passes = match self {
            Self::Https(allowed) => network::contains(allowed, address) || is_global(address),
            Self::Http(allowed) => network::contains(allowed, address),
        };
        if passes { Ok(()) } else { Err(self.refusal()) }
    }

    /// Why an address does not pass.
    pub(super) fn refusal(&self) -> OutboundFault {
        match self {
            Self::Https(_) => OutboundFault::AddressRefused,
            Self::Http(_) => OutboundFault::PlainHttp,
        }
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(first: u16, second: u16, third: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, third, 0, 0, 0, 0, 0), prefix)
}

/// What IANA's registry of special-purpose addresses does not call globally reachable, multicast, and what clouds put
/// in public space for their own machines.
/// <https://www.rfc-editor.org/rfc/rfc6890#section-2.2.2>
const NOT_GLOBAL_V4: [Ipv4Net; 16] = [
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    // Shared address space; 100.100.100.200 answers for the metadata of Alibaba Cloud.
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    // Link-local; 169.254.169.254 answers for the metadata of most clouds.
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
    // The host of a virtual machine of Azure.
    v4(168, 63, 129, 16, 32),
];

/// All of IPv6 that is given out as global unicast. Loopback, link-local, unique-local, multicast, IPv4-compatible and
/// locally translated addresses are outside of it.
const GLOBAL_UNICAST: Ipv6Net = v6(0x2000, 0, 0, 3);

/// What inside of it is for protocols (Teredo among them), documentation, or 6to4, which carries any IPv4 address.
const NOT_GLOBAL_V6: [Ipv6Net; 4] =
    [v6(0x2001, 0, 0, 23), v6(0x2001, 0xdb8, 0, 32), v6(0x2002, 0, 0, 16), v6(0x3fff, 0, 0, 20)];

/// How networks that have only IPv6 write the IPv4 addresses of others.
/// <https://www.rfc-editor.org/rfc/rfc6052#section-2.1>
const NAT64: Ipv6Net = v6(0x64, 0xff9b, 0, 96);

/// Whether an address can be anybody's on the internet. What is not known to be is not.
fn is_global(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_global_v4(address),
        IpAddr::V6(address) if NAT64.contains(&address) => {
            let [.., a, b, c, d] = address.octets();
            is_global_v4(Ipv4Addr::new(a, b, c, d))
        }
        IpAddr::V6(address) => {
            GLOBAL_UNICAST.contains(&address) && !NOT_GLOBAL_V6.iter().any(|range| range.contains(&address))
        }
    }
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    !NOT_GLOBAL_V4.iter().any(|range| range.contains(&address))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn global(text: &str) -> bool {
        is_global(text.parse().unwrap())
    }

    #[test]
    fn case_91_only_what_is_global_is_global() {
        for address in ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0"] {
            assert!(global(address), "{address}");
            assert!(global(&format!("::ffff:{address}")), "{address} in IPv6");
            assert!(global(&format!("64:ff9b::{address}")), "{address} behind NAT64");
        }
        for address in ["2606:4700:4700::1111", "2a00:1450:4001::1", "2001:200::1", "2400:3200::1", "3ffe::1"] {
            assert!(global(address), "{address}");
        }
    }

    #[test]
    fn case_91_what_is_not_global_is_refused_in_every_writing() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "169.254.170.2",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
        ] {
            assert!(!global(address), "{address}");
            assert!(!global(&format!("::ffff:{address}")), "{address} in IPv6");
            assert!(!global(&format!("::{address}")), "{address} compatible");
            assert!(!global(&format!("64:ff9b::{address}")), "{address} behind NAT64");
            assert!(!global(&format!("64:ff9b:1::{address}")), "{address} behind a translator of one's own");
        }
        for address in [
            "::",
            "::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "fc00::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "ff02::1",
            "2001::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::",
            "3fff::1",
            "100::1",
            "5f00::1",
            "4000::1",
            "::8.8.8.8",
            "::ffff:0:8.8.8.8",
        ] {
            assert!(!global(address), "{address}");
        }
    }

    #[test]
    fn what_is_allowed_passes_and_nothing_beside_it() {
        let allowed: Arc<[IpNet]> = ["10.1.0.0/16", "fd00:1::/32"].map(|range| range.parse().unwrap()).into();
        let passes = |guard: &Guard, text: &str| guard.check(text.parse().unwrap()).is_ok();
        let (https, http) = (Guard::Https(Arc::clone(&allowed)), Guard::Http(allowed));
        for address in ["10.1.2.3", "::ffff:10.1.2.3", "fd00:1::1"] {
            assert!(passes(&https, address) && passes(&http, address), "{address}");
        }
        for address in ["10.2.0.1", "64:ff9b::10.1.2.3", "fd00:2::1", "127.0.0.1"] {
            assert!(!passes(&https, address) && !passes(&http, address), "{address}");
        }
        assert!(passes(&https, "8.8.8.8") && !passes(&http, "8.8.8.8"));
    }
}
