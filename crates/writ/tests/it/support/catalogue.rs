//! The documents of the shared server: each client shows one setting.

use serde_json::{Value, json};

use super::assertion::{jwk, public_key};
use super::client_certificate::Party;
use super::federation;

/// The audience of most tests.
pub(crate) const DASHBOARD: &str = "api://dashboard.example";
/// A URL that names it as `resource`.
pub(crate) const DASHBOARD_URL: &str = "https://dashboard.example/api";
/// An audience with a permission of the same name.
pub(crate) const SCREEN: &str = "urn:screen";
/// An audience that wants a mapped subject.
pub(crate) const PEOPLE: &str = "urn:people";
/// An audience whose application is disabled.
pub(crate) const CLOSED: &str = "urn:closed";
/// An audience with more permissions than fit into a token.
pub(crate) const HUGE: &str = "urn:huge";
/// An audience with a permission for people only.
pub(crate) const PERSONAL: &str = "urn:personal";

/// An audience with resources.
pub(crate) const BOOKS: &str = "urn:books";

/// A permission that everyone below may have.
pub(crate) const READ: &str = "announce:read:all";
/// A permission registered in mixed case.
pub(crate) const REVENUE: &str = "Revenue:Read:ALL";
/// A permission of people.
pub(crate) const PROFILE: &str = "profile";

/// The secret of every client, unless it shows something about secrets.
pub(crate) const SECRET: &str = "a-secret-of-the-catalogue-0123456789";
/// A secret with everything in it that an encoding can change.
pub(crate) const ODD_SECRET: &str = "CS+/=%:é x%41 0123456789";
/// The secrets of `secrets`, none of which can be used.
pub(crate) const EXPIRED: &str = "expired-secret-0123456789";
pub(crate) const FUTURE: &str = "not-yet-valid-secret-0123456789";
pub(crate) const SWITCHED_OFF: &str = "disabled-secret-0123456789";

/// Everything, for the tenant `default`.
pub(crate) fn documents() -> Value {
    let list = |value: Value| value.as_array().unwrap().clone();
    let parts = [servers(), clients(), signers(), certified(), switched_off(), unlucky()];
    parts.into_iter().flat_map(list).chain(federation::documents()).collect()
}

fn servers() -> Value {
    let many: Vec<_> = (0..100).map(|n| json!({"id": format!("{n:0>128}")})).collect();
    let strict = |id: &str, audience: &str| own(id, &json!([of(audience, json!("all"))]));
    json!([
        {"kind": "network_zone", "name": "office", "cidrs": ["203.0.113.0/24", "2001:db8::/32"]},
        {"kind": "application", "id": "dashboard", "resource_server": {
            "audience": DASHBOARD, "resource_urls": [DASHBOARD_URL],
            "permissions": [{"id": READ}, {"id": REVENUE}, {"id": "announce:*"}, {"id": PROFILE, "type": "user"}]}},
        {"kind": "application", "id": "screen", "resource_server": {
            "audience": SCREEN, "permissions": [{"id": READ}, {"id": "screen:update"}]}},
        {"kind": "application", "id": "people", "resource_server": {
            "audience": PEOPLE, "custom_subject": true, "permissions": [{"id": "person:read"}]}},
        {"kind": "application", "id": "closed", "status": "disabled", "resource_server": {
            "audience": CLOSED, "permissions": [{"id": "door:open"}]}},
        {"kind": "application", "id": "huge", "clients": [strict("own-huge", HUGE)],
            "resource_server": {"audience": HUGE, "permissions": many}},
        {"kind": "application", "id": "personal", "clients": [strict("own-personal", PERSONAL)],
            "resource_server": {"audience": PERSONAL, "permissions": [{"id": PROFILE, "type": "user"}]}},
        {"kind": "application", "id": "books", "clients": [own("own-books", &json!([books()]))], "resource_server": {
            "audience": BOOKS, "resources": [
                {"code": "book", "actions": ["read", "write"]}, {"code": "film", "actions": ["read"]}]}},
    ])
}

/// A client of the application that is called, which gets all that it asks for or nothing.
fn own(id: &str, authorizations: &Value) -> Value {
    json!({"client_id": id, "authorizations": authorizations, "unmet_scopes": "refuse", "default_scopes": "all",
        "auth_methods": ["client_secret_basic", "client_secret_jwt"],
        "credentials": [{"kind": "secret", "name": "first", "value": SECRET}]})
}

/// Books except the seventh, and films no more.
fn books() -> Value {
    json!({"audience": BOOKS, "rules": [
        {"resource": "book:*", "actions": ["read"]},
        {"resource": "book:7", "actions": ["*"], "effect": "deny"},
        {"resource": "film:*", "actions": ["*"], "expires": "2027-01-01T00:00:00Z"}]})
}

fn clients() -> Value {
    json!([
        client("partner", json!({})),
        client("defaults", json!({"default_scopes": [READ], "token": {"lifetime": "10m"}})),
        client("whole", json!({"default_scopes": "all", "authorizations": [of(DASHBOARD, json!("all"))]})),
        client("both", json!({"authorizations": [of(DASHBOARD, json!([READ])), of(SCREEN, json!("all"))]})),
        client("reduces", json!({"unmet_scopes": "reduce"})),
        client("refuses", json!({"unmet_scopes": "refuse"})),
        client("oauth-only", json!({"issuers": ["oauth"]})),
        client("idaas-only", json!({"issuers": ["idaas"]})),
        client("post-only", json!({"auth_methods": ["client_secret_post"]})),
        client("office", json!({"networks": ["office"]})),
        client("odd", json!({"credentials": [{"kind": "secret", "value": ODD_SECRET}]})),
    ])
}

/// Clients that sign assertions: with the secret of the catalogue, and with private keys by their numbers.
fn signers() -> Value {
    let both = json!(["client_secret_jwt", "private_key_jwt"]);
    let key = |number: u8| json!({"kind": "public_key", "name": format!("key-{number}"), "pem": public_key(number)});
    let secret = json!({"kind": "secret", "name": "first", "value": SECRET});
    let with = |settings: Value| {
        let mut settings = settings;
        settings["auth_methods"] = both.clone();
        settings["credentials"] = json!([secret, key(1), key(2)]);
        settings
    };
    let mut named = key(3);
    named.as_object_mut().unwrap().remove("pem");
    named["jwk"] = jwk(3, "the third");
    let published = json!({"kind": "jwks", "name": "published", "uri": "https://127.0.0.1:9/jwks.json"});
    json!([
        client("signer", with(json!({}))),
        client("strict", with(json!({"assertions": {"profile": "strict"}}))),
        client("only-hs512", with(json!({"assertions": {"algs": ["HS512"]}}))),
        client("named-key", json!({"auth_methods": ["private_key_jwt"], "credentials": [named]})),
        client("publisher", json!({"auth_methods": ["private_key_jwt"], "credentials": [published]})),
        client("secret-signer", json!({"auth_methods": ["client_secret_jwt"]})),
        client("key-signer", json!({"auth_methods": ["private_key_jwt"], "credentials": [secret, key(1)]})),
        client("key-not-registered", json!({"credentials": [secret, key(1)]})),
        client("signer-off", json!({"status": "disabled", "auth_methods": ["client_secret_jwt"]})),
    ])
}

/// Clients that prove themselves by the certificates of [`Party`].
fn certified() -> Value {
    let party = Party::get();
    let provider = |name: &str, more: Value| {
        let mut provider = json!({"kind": "provider", "name": name, "type": "private_ca", "anchors": [party.root.pem]});
        provider.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        provider
    };
    let named = |provider: &str| json!([{"kind": "certificate", "provider": provider, "subject_dn": "CN=cert-named"}]);
    let by_name = |id: &str, provider: &str| {
        client(id, json!({"auth_methods": ["tls_client_auth"], "credentials": named(provider)}))
    };
    let own = json!([{"kind": "certificate", "pem": party.own.pem}]);
    json!([
        provider("machines", json!({"crls": [party.crl]})),
        provider("machines-off", json!({"status": "disabled"})),
        provider("machines-choosy", json!({"trust_condition": "Equals(cert.subject.O, \"Corp\")"})),
        by_name("cert-named", "machines"),
        by_name("cert-off", "machines-off"),
        by_name("cert-choosy", "machines-choosy"),
        client("cert-own", json!({"auth_methods": ["self_signed_tls_client_auth"], "credentials": own})),
        client("cert-not-registered", json!({"credentials": named("machines")})),
        client("bound", json!({"token": {"certificate_bound": true}})),
    ])
}

fn switched_off() -> Value {
    let mut application = client("application-off", json!({}));
    application["status"] = "disabled".into();
    json!([
        application,
        client("client-off", json!({"status": "disabled"})),
        client("no-grant", json!({"grants": []})),
        client(
            "secrets",
            json!({"credentials": [
                {"kind": "secret", "value": EXPIRED, "expires": "2027-01-01T00:00:00Z"},
                {"kind": "secret", "value": FUTURE, "not_before": "2027-02-01T00:00:00Z"},
                {"kind": "secret", "value": SWITCHED_OFF, "status": "disabled"},
            ]})
        ),
    ])
}

/// Clients whose authorizations lead nowhere.
fn unlucky() -> Value {
    json!([
        client("unauthorized", json!({"authorizations": []})),
        client("for-people", json!({"authorizations": [of(PEOPLE, json!("all"))]})),
        client("for-closed", json!({"authorizations": [of(CLOSED, json!("all"))]})),
        client("for-huge", json!({"authorizations": [of(HUGE, json!("all"))], "default_scopes": "all"})),
        client(
            "for-films",
            json!({"authorizations": [{"audience": BOOKS, "rules": [
            {"resource": "film:*", "actions": ["read"]}, {"resource": "book:7", "actions": ["*"]}]}]})
        ),
        client("for-books", json!({"authorizations": [books()]})),
        client("for-personal", json!({"authorizations": [of(PERSONAL, json!("all"))], "default_scopes": "all"})),
    ])
}

/// A calling application with one client, which has these settings beside the usual ones.
pub(crate) fn client(id: &str, settings: Value) -> Value {
    let mut client = json!({
        "credentials": [{"kind": "secret", "name": "first", "value": SECRET}],
        "authorizations": [of(DASHBOARD, json!([READ, REVENUE, "announce:*"]))],
    });
    let Value::Object(settings) = settings else { panic!("settings are an object") };
    for (name, value) in settings {
        client[name] = value;
    }
    json!({"kind": "application", "id": id, "clients": [client]})
}

fn of(audience: &str, permissions: Value) -> Value {
    Value::from_iter([("audience", audience.into()), ("permissions", permissions)])
}
