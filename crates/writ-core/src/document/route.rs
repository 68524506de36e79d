//! The gateway's own routes.

use serde::{Deserialize, Serialize};

use super::Lifetime;

/// `kind: route`: which requests the gateway lets through, on what condition, and where to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The route's key within its tenant.
    pub name: String,
    /// Which requests it is for.
    #[serde(rename = "match")]
    pub matches: RouteMatch,
    /// What a token must hold.
    pub require: RouteRequirement,
    /// Where allowed requests go.
    pub upstream: RouteUpstream,
}

/// Which requests a route is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteMatch {
    /// Host names, with or without a port; empty: every host.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// A path pattern: literal segments, `{captures}`, `*` for one segment, `**` at the end for the rest.
    pub path: String,
    /// Methods in upper case; empty: every method.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
}

/// What a token must hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteRequirement {
    /// The resource server that the token must be for.
    pub audience: String,
    /// The permission it must hold there; captures of the path stand in braces.
    pub permission: String,
}

/// Where allowed requests go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteUpstream {
    /// One server, scheme and authority, with a path that is put before the request's if need be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Several servers among which requests are spread.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// Whether the server sees the caller's token.
    #[serde(default)]
    pub token: TokenForwarding,
    /// How long a server may take to begin its answer, and to go on with it; absent: a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Lifetime>,
    /// A path that answers 2xx while a server is well; absent: only connections tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_path: Option<String>,
}

/// Whether the server behind a route sees the caller's token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenForwarding {
    /// It does.
    #[default]
    Forward,
    /// The `Authorization` header is taken out.
    Remove,
}

impl RouteUpstream {
    /// Every server.
    pub fn servers(&self) -> impl Iterator<Item = &str> {
        self.url.iter().chain(&self.urls).map(String::as_str)
    }
}
