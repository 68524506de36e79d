//! The documents that describe a tenant, its front doors and its networks.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use writ_oauth::jose::Alg;

use super::{Lifetime, RotationPeriod};

/// `kind: tenant`: one customer of the installation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// The tenant's key, also its path prefix `/t/{name}`; immutable.
    pub name: String,
    /// The public root URL, without a trailing slash; absent: the installation's URL followed by `/t/{name}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Host names (with a port, or for every port without) that choose this tenant; the host of `url` always does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
}

/// `kind: issuer`: a front door of a tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The issuer's key within its tenant.
    pub name: String,
    /// How this door reads requests and words its answers; immutable.
    pub dialect: String,
    /// What its tokens are signed with.
    pub signing: Signing,
    /// Token defaults of this door.
    #[serde(default)]
    pub token: IssuerToken,
}

/// What an issuer's tokens are signed with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    /// A JWS algorithm (RFC 7518, RFC 8037) with a public key: RS, PS, ES 256-512 or EdDSA.
    pub alg: Alg,
    /// How long a key is used before the next one takes its place; absent: until somebody rotates it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotate_every: Option<RotationPeriod>,
}

/// Token defaults of an issuer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerToken {
    /// How long an access token lives when its client does not say; absent: as the dialect has it. What is stored always
    /// says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<Lifetime>,
}

impl IssuerToken {
    /// How long an access token lives when its client does not say.
    pub(crate) fn lifetime(self) -> Lifetime {
        self.lifetime.unwrap_or(Lifetime::hour())
    }
}

/// `kind: network_zone`: a named list of address ranges from which clients may call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkZone {
    /// The zone's key within its tenant.
    pub name: String,
    /// IPv4 and IPv6 ranges in CIDR notation; a single address is its own range.
    #[serde(deserialize_with = "cidrs")]
    pub cidrs: Vec<IpNet>,
}

pub(super) fn cidrs<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let words = Vec::<String>::deserialize(deserializer)?;
    words.iter().map(|word| cidr(word).ok_or_else(|| bad_cidr(word))).collect()
}

fn bad_cidr<E: serde::de::Error>(word: &str) -> E {
    E::custom(format_args!(
        "`{word}` is not an address range in CIDR notation, such as 203.0.113.0/24 or 2001:db8::/32"
    ))
}

/// Reads a range; host bits must be zero, so that a typing error does not silently name another range.
fn cidr(word: &str) -> Option<IpNet> {
    let net = word.parse::<IpNet>().ok().or_else(|| word.parse::<std::net::IpAddr>().ok().map(IpNet::from))?;
    (net == net.trunc()).then_some(net)
}
