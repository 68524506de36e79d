//! The gateway, over real sockets on both sides: what is let through, what reaches the server behind it, and how.

mod change;
mod drain;
mod headers;
mod nginx;
mod path;
mod route;
mod smuggling;
mod stream;
mod tls;
mod token;
mod trailers;
mod upstream;
mod websocket;

pub(crate) use self::change::status;

use serde_json::{Value, json};

use crate::support::catalogue::SECRET;
use crate::support::door::Door;
use crate::support::reply::Reply;
use crate::support::server::{Server, Setup};
use crate::support::upstream::Upstream;
use crate::support::wire::{Wire, exchange};

/// The audience of the API that the routes protect.
pub(crate) const API: &str = "api://dashboard.example";
/// Its URL.
pub(crate) const API_URL: &str = "https://dashboard.example/api";
/// Another audience with a permission of the same name.
const OTHER: &str = "urn:other";
/// What most routes require.
pub(crate) const READ: &str = "announce:read";
const WRITE: &str = "announce:write";
const GROWTH: &str = "user-growth:2019:read";

/// Applications, clients and routes to one server.
pub(crate) fn documents(upstream: &str) -> Value {
    let mut documents = parties();
    let routes = [
        route("read", json!({"path": "/announcements/**", "methods": ["GET", "HEAD"]}), READ, upstream),
        route("write", json!({"path": "/announcements/**", "methods": ["POST", "PUT"]}), WRITE, upstream),
        route("growth", json!({"path": "/growth/{year}", "methods": ["GET"]}), "user-growth:{year}:read", upstream),
        route("any", json!({"path": "/any/**"}), READ, upstream),
        route("admin", json!({"path": "/any/admin/**"}), "admin:all", upstream),
        route("hosted", json!({"hosts": ["Dashboard.example"], "path": "/api/**"}), READ, upstream),
    ];
    documents.as_array_mut().unwrap().extend(routes);
    documents
}

/// Who is called and who calls.
fn parties() -> Value {
    let permissions: Vec<_> = [READ, WRITE, GROWTH, "admin:all"].iter().map(|id| json!({"id": id})).collect();
    json!([
        {"kind": "application", "id": "api", "resource_server": {
            "audience": API, "resource_urls": [API_URL], "permissions": permissions}},
        {"kind": "application", "id": "other", "resource_server": {
            "audience": OTHER, "permissions": [{"id": READ}]}},
        client("partner", API, &[READ, GROWTH]),
        client("writer", API, &[READ, WRITE]),
        client("stranger", OTHER, &[READ]),
    ])
}

pub(crate) fn client(id: &str, audience: &str, permissions: &[&str]) -> Value {
    json!({"kind": "application", "id": id, "clients": [{
        "credentials": [{"kind": "secret", "name": "first", "value": SECRET}],
        "authorizations": [{"audience": audience, "permissions": permissions}]}]})
}

pub(crate) fn route(name: &str, matches: Value, permission: &str, upstream: &str) -> Value {
    let require = json!({"audience": API, "permission": permission});
    let mut route = json!({"kind": "route", "name": name, "require": require, "upstream": {"url": upstream}});
    route["match"] = matches;
    route
}

/// A server with routes to an upstream of its own.
struct Scene {
    server: Server,
    wire: Wire,
    upstream: Upstream,
}

impl Scene {
    fn new() -> Self {
        Self::with(Setup::default(), Upstream::plain())
    }

    fn before(upstream: Upstream) -> Self {
        Self::with(Setup::default(), upstream)
    }

    fn with(setup: Setup, upstream: Upstream) -> Self {
        let server = Server::open(setup);
        server.apply("default", &documents(&upstream.url()));
        let wire = Wire::of(&server);
        Self { server, wire, upstream }
    }

    /// A scene whose one route, for everything below `/`, has this upstream.
    fn of_one_route(setup: Setup, upstream: Value) -> (Server, Wire) {
        let server = Server::open(setup);
        let mut documents = parties();
        let mut all = route("all", json!({"path": "/**"}), READ, "");
        all["upstream"] = upstream;
        documents.as_array_mut().unwrap().push(all);
        server.apply("default", &documents);
        let wire = Wire::of(&server);
        (server, wire)
    }

    /// A token of a client for everything that it may do on the API.
    fn token(&self, client: &str) -> String {
        token(&self.server, client)
    }

    /// The value of an `Authorization` header.
    fn bearer(&self, client: &str) -> String {
        format!("Bearer {}", self.token(client))
    }

    /// Sends a request line and headers, each line ended, with a token, to the operator's host.
    fn send(&self, token: &str, lines: &str) -> Reply {
        self.send_raw(&format!("{lines}authorization: Bearer {token}\r\n"))
    }

    /// The same without a token.
    fn send_raw(&self, lines: &str) -> Reply {
        let request = format!("{lines}host: writ.example\r\nconnection: close\r\n\r\n");
        Reply::parse(&exchange(self.wire.gateway, request.as_bytes()))
    }

    fn get(&self, token: &str, target: &str) -> Reply {
        self.send(token, &format!("GET {target} HTTP/1.1\r\n"))
    }
}

/// A token of a client for everything that it may do on its audience.
fn token(server: &Server, client: &str) -> String {
    let (audience, permissions) = match client {
        "writer" => (API, &[READ, WRITE][..]),
        "stranger" => (OTHER, &[READ][..]),
        _ => (API, &[READ, GROWTH][..]),
    };
    server.public(&Door::Oauth.ask_of(audience, permissions).basic(client, SECRET)).token()
}

/// A GET with a token to the operator's host.
fn get(wire: &Wire, token: &str, target: &str) -> Reply {
    let head = format!("GET {target} HTTP/1.1\r\nhost: writ.example\r\nconnection: close\r\n");
    Reply::parse(&exchange(wire.gateway, format!("{head}authorization: Bearer {token}\r\n\r\n").as_bytes()))
}
