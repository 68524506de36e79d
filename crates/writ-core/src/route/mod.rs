//! Routes, compiled: which requirement and which upstream a request has, decided once, by its normal form.

mod path;
mod pattern;
mod template;

use std::sync::Arc;
use std::time::Duration;

pub use path::{NormalPath, PathFault};
use pattern::Pattern;
use template::Template;
use url::Url;

use crate::document::{self, Lifetime, RouteRequirement, RouteUpstream, TokenForwarding};
use crate::tenant::{is_host, without_port};

/// How long an upstream may take unless its route says otherwise.
const PATIENCE: Duration = Duration::from_mins(1);

/// A compiled route.
pub struct Route {
    /// Its name within the tenant.
    pub name: String,
    hosts: Vec<String>,
    pattern: Pattern,
    methods: Vec<String>,
    audience: String,
    permission: Template,
    /// Where allowed requests go.
    pub upstream: Upstream,
}

/// Where the allowed requests of a route go.
pub struct Upstream {
    /// The servers.
    pub servers: Vec<Url>,
    /// Whether they see the caller's token.
    pub token: TokenForwarding,
    /// How long a server may take to begin its answer, and to go on with it.
    pub timeout: Duration,
    /// The path that says whether a server is well.
    pub health_path: Option<NormalPath>,
}

/// What a request needs, by the route that it matches.
pub struct Matched {
    /// The route.
    pub route: Arc<Route>,
    /// The audience its token must be for.
    pub audience: String,
    /// The permission it must hold.
    pub permission: String,
}

/// Why no route takes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoRoute {
    /// None matches.
    Unknown,
    /// One matches, but only when ASCII case is ignored, or with a captured value that could mean something else.
    Ambiguous,
    /// One matches, for other methods: these.
    Method(Vec<String>),
}

/// The routes of a tenant, the most specific first.
#[derive(Default)]
pub struct RouteTable(Vec<Arc<Route>>);

impl Route {
    /// Compiles a document; the fault is a path inside the document and a sentence.
    pub fn compile(document: &document::Route) -> Result<Self, (String, String)> {
        let at = |path: &'static str| move |fault: String| (path.to_owned(), fault);
        let pattern = Pattern::parse(&document.matches.path).map_err(|fault| at("match.path")(fault.to_string()))?;
        let RouteRequirement { audience, permission } = &document.require;
        let names: Vec<_> = pattern.captures().collect();
        let permission = Template::parse(permission, &names);
        let methods = &document.matches.methods;
        if let Some(position) = methods.iter().position(|method| !is_method(method)) {
            return Err((format!("match.methods[{position}]"), "a method is a word in upper case".into()));
        }
        let hosts = &document.matches.hosts;
        if let Some(position) = hosts.iter().position(|host| !is_host(host)) {
            return Err((format!("match.hosts[{position}]"), "not a host name, with or without a port".into()));
        }
        Ok(Self {
            name: document.name.clone(),
            hosts: hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
            permission: permission.map_err(|fault| at("require.permission")(fault.to_string()))?,
            methods: methods.clone(),
            audience: audience.clone(),
            upstream: Upstream::compile(&document.upstream)?,
            pattern,
        })
    }

    /// Whether some request would match both, with neither more specific.
    pub fn collides_with(&self, other: &Self) -> bool {
        let hosts = |a: &Self, b: &Self| {
            a.hosts.is_empty() && b.hosts.is_empty() || a.hosts.iter().any(|host| b.shares_host(host))
        };
        let methods = self.methods.is_empty()
            || other.methods.is_empty()
            || self.methods.iter().any(|method| other.methods.contains(method));
        hosts(self, other) && methods && self.pattern.same_paths(&other.pattern)
    }

    fn takes(&self, method: &str) -> bool {
        self.methods.is_empty() || self.methods.iter().any(|known| known == method)
    }

    /// The hosts it is for, in lower case, with or without a port; none: every host.
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Whether some request would be for this host and for one of the route's: one without a port is for every port.
    fn shares_host(&self, host: &str) -> bool {
        let overlap = |known: &String| known == host || known == without_port(host) || without_port(known) == host;
        self.hosts.iter().any(overlap)
    }

    fn is_for_host(&self, host: &str) -> bool {
        let name = without_port(host);
        self.hosts.iter().any(|known| known == host || known == name)
    }
}

fn is_method(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-')
}

impl Upstream {
    fn compile(document: &RouteUpstream) -> Result<Self, (String, String)> {
        let fault = |message: String| ("upstream".to_owned(), message);
        if document.url.is_some() != document.urls.is_empty() {
            return Err(fault("an upstream has either one `url` or several `urls`".into()));
        }
        let servers = document.servers().map(|text| server(text).ok_or_else(|| fault(server_rule(text))));
        let health_path = document.health_path.as_deref().map(NormalPath::parse).transpose();
        Ok(Self {
            servers: servers.collect::<Result<_, _>>()?,
            token: document.token,
            timeout: document.timeout.map_or(PATIENCE, Lifetime::duration),
            health_path: health_path.map_err(|fault| ("upstream.health_path".to_owned(), fault.to_string()))?,
        })
    }
}

fn server(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let plain = url.host_str().is_some() && url.query().is_none() && url.fragment().is_none();
    (plain && url.username().is_empty() && url.password().is_none()).then_some(url)
}

fn server_rule(text: &str) -> String {
    format!("`{text}` is not the URL of a server: http or https, without user, query and fragment")
}

impl RouteTable {
    /// Sorts routes so that the first match is the most specific.
    pub fn new(mut routes: Vec<Arc<Route>>) -> Self {
        routes.sort_by(|a, b| {
            let host_first = a.hosts.is_empty().cmp(&b.hosts.is_empty());
            host_first.then_with(|| a.pattern.specificity(&b.pattern)).then_with(|| a.name.cmp(&b.name))
        });
        Self(routes)
    }

    /// The routes, the most specific first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Route>> {
        self.0.iter()
    }

    /// Whether some route is for this host by name.
    pub fn name_host(&self, host: &str) -> bool {
        self.0.iter().any(|route| route.is_for_host(host))
    }

    /// The route of a request. The most specific pattern that matches decides: a request that it does not take (by
    /// its method, or by a path in another case) is never passed on to a laxer one.
    pub fn find(&self, host: &str, path: &NormalPath, method: &str) -> Result<Matched, NoRoute> {
        let host = host.to_ascii_lowercase();
        let here = |route: &&Arc<Route>| route.hosts.is_empty() || route.is_for_host(&host);
        let mut first: Option<&Arc<Route>> = None;
        let mut others = Vec::new();
        for route in self.0.iter().filter(here) {
            let Some(matched) = route.pattern.matches(path) else { continue };
            let first = *first.get_or_insert(route);
            if !(route.pattern.same_paths(&first.pattern) && route.hosts.is_empty() == first.hosts.is_empty()) {
                break;
            }
            if !route.takes(method) {
                others.extend(route.methods.iter().cloned());
                continue;
            }
            let permission = route.permission.fill(&matched.captures).filter(|_| matched.exact);
            let permission = permission.ok_or(NoRoute::Ambiguous)?;
            return Ok(Matched { route: Arc::clone(route), audience: route.audience.clone(), permission });
        }
        Err(if others.is_empty() { NoRoute::Unknown } else { NoRoute::Method(others) })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn route(name: &str, path: &str, methods: &[&str], hosts: &[&str]) -> Arc<Route> {
        let document = serde_json::json!({
            "name": name,
            "match": { "path": path, "methods": methods, "hosts": hosts },
            "require": { "audience": "a", "permission": format!("{name}:read") },
            "upstream": { "url": "http://127.0.0.1:9000" },
        });
        Arc::new(Route::compile(&serde_json::from_value(document).unwrap()).unwrap())
    }

    fn find(table: &RouteTable, host: &str, path: &str, method: &str) -> Result<String, NoRoute> {
        table.find(host, &NormalPath::parse(path).unwrap(), method).map(|matched| matched.permission)
    }

    #[test]
    fn case_97_the_most_specific_route_decides_and_nothing_falls_through() {
        let table = RouteTable::new(vec![
            route("any", "/**", &[], &[]),
            route("admin", "/admin/**", &["GET"], &[]),
            route("post", "/admin/**", &["POST"], &[]),
            route("host", "/**", &[], &["a.example"]),
        ]);
        assert_eq!(find(&table, "x:1", "/a", "PUT"), Ok("any:read".into()));
        assert_eq!(find(&table, "x", "/admin/a", "GET"), Ok("admin:read".into()));
        assert_eq!(find(&table, "x", "/admin", "POST"), Ok("post:read".into()));
        assert_eq!(find(&table, "x", "/admin/", "POST"), Ok("post:read".into()));
        assert_eq!(find(&table, "x", "/admin/a", "PUT"), Err(NoRoute::Method(vec!["GET".into(), "POST".into()])));
        assert_eq!(find(&table, "x", "/ADMIN/a", "GET"), Err(NoRoute::Ambiguous));
        assert_eq!(find(&table, "A.example:8090", "/admin/a", "GET"), Ok("host:read".into()));
    }

    #[test]
    fn routes_that_claim_the_same_requests_collide() {
        let base = route("a", "/a/{x}", &["GET"], &[]);
        assert!(base.collides_with(&route("b", "/A/*", &[], &[])));
        assert!(!base.collides_with(&route("b", "/a/{x}", &["POST"], &[])));
        assert!(!base.collides_with(&route("b", "/a/{x}", &["GET"], &["h"])));
        let hosted = route("a", "/a", &[], &["h.example"]);
        assert!(hosted.collides_with(&route("b", "/a", &[], &["i.example", "H.example:8090"])));
        assert!(route("b", "/a", &[], &["h.example:8090"]).collides_with(&hosted));
        assert!(!hosted.collides_with(&route("b", "/a", &[], &["i.example"])));
        assert!(!base.collides_with(&route("b", "/a/b", &["GET"], &[])));
    }
}
