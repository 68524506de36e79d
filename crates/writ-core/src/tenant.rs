//! Tenants, ready to serve, and the snapshot of all of them.

use std::collections::HashMap;
use std::sync::Arc;

use ipnet::IpNet;
use url::Url;

use crate::apply::ApplyError;
use crate::document::Kind;
use crate::issuer::Issuer;
use crate::provider::Provider;
use crate::resource_server::ResourceServer;
use crate::route::RouteTable;

/// The tenant that operates the installation: its administrators manage every tenant.
pub const OPERATOR: &str = "default";

/// One customer of the installation.
pub struct Tenant {
    /// Its key.
    pub name: String,
    /// Its public root URL, without a trailing slash.
    pub root: String,
    /// The hosts that choose it, in lower case; without a port: on every port.
    pub(crate) hosts: Vec<String>,
    /// Its front doors.
    pub issuers: Vec<Arc<Issuer>>,
    pub(crate) servers: HashMap<String, Arc<ResourceServer>>,
    /// The audiences of its applications' resource servers.
    pub(crate) audiences: HashMap<String, String>,
    pub(crate) zones: HashMap<String, Vec<IpNet>>,
    pub(crate) providers: HashMap<String, Arc<Provider>>,
    /// What the gateway lets through.
    pub routes: RouteTable,
}

impl Tenant {
    /// Its issuer of a dialect.
    pub fn issuer(&self, dialect: &str) -> Option<&Arc<Issuer>> {
        self.issuers.iter().find(|issuer| issuer.dialect == dialect)
    }

    /// Its resource server with this audience.
    pub fn resource_server(&self, audience: &str) -> Option<&Arc<ResourceServer>> {
        self.servers.get(audience)
    }

    /// The resource server of one of its applications.
    pub fn server_of(&self, application: &str) -> Option<&Arc<ResourceServer>> {
        self.audiences.get(application).and_then(|audience| self.servers.get(audience))
    }

    /// Its resource servers.
    pub fn resource_servers(&self) -> impl Iterator<Item = &Arc<ResourceServer>> {
        self.servers.values()
    }

    /// Its provider of this name.
    pub fn provider(&self, name: &str) -> Option<&Arc<Provider>> {
        self.providers.get(name)
    }

    /// Whether a host, on any port, is one of its own: the gateway listens on another port than the front doors.
    pub(crate) fn answers_at_the_gateway(&self, host: &str) -> bool {
        let name = without_port(host);
        self.hosts.iter().any(|known| without_port(known) == name)
    }

    fn answers_to(&self, host: &str) -> bool {
        let name = without_port(host);
        self.hosts.iter().any(|known| known == host || known == name)
    }
}

/// All that is not kept a client at a time, as of one moment.
#[derive(Default)]
pub struct Snapshot {
    /// Every tenant.
    pub tenants: Vec<Arc<Tenant>>,
}

impl Snapshot {
    /// The tenant with this name.
    pub fn tenant(&self, name: &str) -> Option<&Arc<Tenant>> {
        self.tenants.iter().find(|tenant| tenant.name == name)
    }

    /// The tenant that an administrator names.
    pub fn known_tenant(&self, name: &str) -> Result<&Arc<Tenant>, ApplyError> {
        self.tenant(name).ok_or_else(|| ApplyError::NotFound(Kind::Tenant.name(), name.to_owned()))
    }

    /// The tenant whose routes answer to this Host at the gateway: the one whose own host it is, on any port, else
    /// the one that has a route for it. In this order, no tenant's route can take over the host of another.
    pub fn by_gateway_host(&self, host: &str) -> Option<&Arc<Tenant>> {
        let mut tenants = self.tenants.iter();
        let owner = tenants.clone().find(|tenant| tenant.answers_at_the_gateway(host));
        owner.or_else(|| tenants.find(|tenant| tenant.routes.name_host(host)))
    }

    /// The tenant that answers to this Host.
    pub fn by_host(&self, host: &str) -> Option<&Arc<Tenant>> {
        let host = host.to_ascii_lowercase();
        self.tenants.iter().find(|tenant| tenant.answers_to(&host))
    }
}

/// Whether a text is a host name, with or without a port.
pub(crate) fn is_host(text: &str) -> bool {
    let parsed = Url::parse(&format!("http://{text}/")).ok();
    let plain = parsed.is_some_and(|parsed| parsed.path() == "/" && parsed.username().is_empty());
    plain && !text.contains(['/', '@', '?', '#'])
}

/// The host of an authority, without its port. An IPv6 address keeps its brackets.
pub(crate) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    }
}

/// The hosts that a root URL stands for: with its port, and where that is the scheme's own also without. On a
/// loopback address `localhost` is the same place.
pub(crate) fn hosts_of(root: &str) -> Vec<String> {
    let Some(url) = Url::parse(root).ok() else { return Vec::new() };
    let Some(host) = url.host_str() else { return Vec::new() };
    let loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(_)) | None => false,
    };
    let names = [Some(host), loopback.then_some("localhost")];
    let port = url.port_or_known_default().unwrap_or_default();
    names
        .into_iter()
        .flatten()
        .flat_map(|name| {
            let bare = url.port().is_none().then(|| name.to_owned());
            bare.into_iter().chain([format!("{name}:{port}")])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_url_stands_for_its_hosts() {
        assert_eq!(hosts_of("https://writ.example"), ["writ.example", "writ.example:443"]);
        assert_eq!(hosts_of("http://writ.example:8080/t/a"), ["writ.example:8080"]);
        assert_eq!(hosts_of("http://127.0.0.1:8080"), ["127.0.0.1:8080", "localhost:8080"]);
        assert_eq!(hosts_of("http://[::1]:8080"), ["[::1]:8080", "localhost:8080"]);
    }

    #[test]
    fn a_host_without_a_port_stands_for_every_port() {
        let tenant = Tenant {
            name: "t".into(),
            root: String::new(),
            hosts: vec!["a.example".into(), "b.example:81".into()],
            issuers: Vec::new(),
            servers: HashMap::new(),
            audiences: HashMap::new(),
            zones: HashMap::new(),
            providers: HashMap::new(),
            routes: RouteTable::default(),
        };
        for (host, answers) in [
            ("a.example", true),
            ("a.example:9", true),
            ("b.example:81", true),
            ("b.example", false),
            ("a.example:x", false),
        ] {
            assert_eq!(tenant.answers_to(host), answers, "{host}");
        }
    }
}
