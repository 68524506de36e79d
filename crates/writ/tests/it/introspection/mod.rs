//! Introspection and revocation by clients, at every front door, each with the tokens that it issues.

mod active;
mod admin;
mod assertions;
mod away;
mod bad_input;
mod golden;
mod inactive;
mod permissions;
mod revocation;

use std::sync::LazyLock;

use axum::http::HeaderMap;
use serde_json::{Value, json};

use crate::gateway::route;
use crate::support::answer::Answer;
use crate::support::assertion::public_key;
use crate::support::call::Call;
use crate::support::catalogue::{DASHBOARD, READ, REVENUE, SECRET, client};
use crate::support::server::{ROOT, Server, Setup};

const SCREEN: &str = "urn:screen";

/// A front door, who holds a token of it, and whom that concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Oauth,
    Idaas,
    Authing,
}

impl At {
    const ALL: [Self; 3] = [Self::Oauth, Self::Idaas, Self::Authing];

    const fn name(self) -> &'static str {
        match self {
            Self::Oauth => "oauth",
            Self::Idaas => "idaas",
            Self::Authing => "authing",
        }
    }

    const fn issuer(self) -> &'static str {
        match self {
            Self::Oauth => "/oauth2",
            Self::Idaas => "/api/v2/iauths_system/oauth2",
            Self::Authing => "/oidc",
        }
    }

    fn introspection(self) -> String {
        let path = if self == Self::Authing { "/token/introspection" } else { "/introspect" };
        format!("{}{path}", self.issuer())
    }

    fn revocation(self) -> String {
        let path = if self == Self::Authing { "/token/revocation" } else { "/revoke" };
        format!("{}{path}", self.issuer())
    }

    /// Both endpoints.
    fn endpoints(self) -> [String; 2] {
        [self.introspection(), self.revocation()]
    }

    /// Who holds the token.
    const fn holder(self) -> &'static str {
        if matches!(self, Self::Authing) { "contractor-a" } else { "partner" }
    }

    /// A client of the application that is called with it.
    const fn called(self) -> &'static str {
        if matches!(self, Self::Authing) { "screen" } else { "guard" }
    }

    /// Everyone else.
    const fn others(self) -> &'static [&'static str] {
        match self {
            Self::Oauth | Self::Idaas => &["another", "screen", "contractor-a", "no-grants"],
            Self::Authing => &["contractor-b", "partner", "guard", "no-grants"],
        }
    }

    /// What it asks for.
    const fn scope(self) -> &'static str {
        match self {
            Self::Oauth => "announce:read:all Revenue:Read:ALL",
            Self::Idaas => "api://dashboard.example|announce:read:all api://dashboard.example|Revenue:Read:ALL",
            Self::Authing => "announce:read user-growth:2019:read",
        }
    }

    /// The same as its tokens have it.
    const fn granted(self) -> &'static str {
        match self {
            Self::Oauth | Self::Idaas => "announce:read:all Revenue:Read:ALL",
            Self::Authing => "announce:read user-growth:2019:read",
        }
    }

    /// Where the gateway lets the first of it through.
    const fn route(self) -> &'static str {
        if matches!(self, Self::Authing) { "/screen" } else { "/dashboard" }
    }

    /// A request of the holder for a token, without credentials.
    fn ask(self) -> Call {
        let form = [("grant_type", "client_credentials"), ("scope", self.scope())];
        Call::post(&format!("{}/token", self.issuer())).form(&form)
    }

    /// The holder's token.
    fn token(self, server: &Server) -> String {
        server.public(&self.ask().basic(self.holder(), SECRET)).token()
    }

    /// Asks about a token.
    fn introspect(self, server: &Server, client: &str, token: &str) -> Answer {
        server.public(&about(&self.introspection(), token).basic(client, SECRET))
    }

    /// Whether the holder is told that it is active.
    #[track_caller]
    fn is_active(self, server: &Server, token: &str) -> bool {
        let body = self.introspect(server, self.holder(), token).ok().json();
        let active = body["active"].as_bool().unwrap();
        assert!(active || body == json!({ "active": false }), "{body:#}");
        active
    }

    /// Gives a token up.
    fn revoke(self, server: &Server, client: &str, token: &str) -> Answer {
        server.public(&about(&self.revocation(), token).basic(client, SECRET))
    }

    fn url(self) -> String {
        format!("{ROOT}{}", self.issuer())
    }
}

/// A request about a token, without credentials.
fn about(path: &str, token: &str) -> Call {
    Call::post(path).form(&[("token", token)])
}

/// Everything a caller sees, the id of the request aside.
fn seen(answer: Answer) -> (u16, HeaderMap, String) {
    let id = answer.header("x-request-id").unwrap().to_owned();
    let mut headers = answer.headers;
    headers.remove("x-request-id");
    (answer.status, headers, answer.text.replace(&id, ""))
}

/// Who calls and is called: an application with named permissions, one with resources whose callers are its own clients,
/// and those who have nothing to do with either.
fn documents() -> Value {
    let secret = json!([{"kind": "secret", "name": "first", "value": SECRET}]);
    let asks = |id: &str| json!({"client_id": id, "grants": [], "credentials": secret});
    let settings = json!({"authorizations": [{"audience": DASHBOARD, "permissions": [READ, REVENUE]}]});
    let signer = json!({"authorizations": settings["authorizations"], "auth_methods": ["client_secret_jwt", "private_key_jwt", "client_secret_basic"], "credentials": [
        {"kind": "secret", "name": "first", "value": SECRET}, {"kind": "public_key", "name": "k", "pem": public_key(1)}]});
    json!([
        {"kind": "network_zone", "name": "office", "cidrs": ["203.0.113.0/24"]},
        {"kind": "application", "id": "dashboard",
            "resource_server": {"audience": DASHBOARD, "permissions": [{"id": READ}, {"id": REVENUE}]},
            "clients": [asks("guard"), asks("second-guard"),
                client_of(&json!({"client_id": "office-guard", "networks": ["office"]})),
                client_of(&json!({"client_id": "bound-to-oauth", "issuers": ["oauth"]})),
                client_of(&json!({"client_id": "bound-to-idaas", "issuers": ["idaas"]})),
                client_of(&json!({"client_id": "off", "status": "disabled"})),
            ]},
        client("partner", settings.clone()),
        client("another", settings),
        client("signer", signer),
        {"kind": "application", "id": "no-grants", "clients": [asks("no-grants")]},
        screen(&json!([{"resource": "announce:*", "actions": ["read"]}, {"resource": "user-growth:2019", "actions": ["read"]}])),
    ])
}

/// A client with these settings beside its secret.
fn client_of(settings: &Value) -> Value {
    let mut client = json!({"credentials": [{"kind": "secret", "name": "first", "value": SECRET}]});
    client.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    client
}

/// The application with resources: its own client, which has its id, and two accounts.
fn screen(rules: &Value) -> Value {
    let secret = json!([{"kind": "secret", "name": "first", "value": SECRET}]);
    let account = |id: &str, rules: &Value| json!({"client_id": id, "credentials": secret, "authorizations": [{"audience": SCREEN, "rules": rules}]});
    json!({"kind": "application", "id": "screen", "resource_server": {"audience": SCREEN, "resources": [
        {"code": "announce", "actions": ["read", "update"]}, {"code": "user-growth", "actions": ["read"]}]},
        "clients": [{"client_id": "screen", "grants": [], "credentials": secret}, account("contractor-a", rules),
            account("contractor-b", &json!([{"resource": "announce:*", "actions": ["read"]}]))]})
}

fn open() -> Server {
    let server = Server::open(Setup::default());
    server.apply("default", &documents());
    server
}

/// A server with routes to an API.
fn behind_gateway(upstream: &str) -> Server {
    let server = open();
    let mut dashboard = route("dashboard", json!({"path": "/dashboard"}), READ, upstream);
    dashboard["require"]["audience"] = DASHBOARD.into();
    let mut screen = route("screen", json!({"path": "/screen"}), "announce:read", upstream);
    screen["require"]["audience"] = SCREEN.into();
    server.apply("default", &json!([dashboard, screen]));
    server
}

/// The server that tests share which leave it as it is.
fn shared() -> &'static Server {
    static SHARED: LazyLock<Server> = LazyLock::new(open);
    &SHARED
}
