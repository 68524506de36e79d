//! Providers, clients whose federated credentials rest on them, and the tokens that the providers sign.

use serde_json::{Value, json};

use super::assertion::{Assertion, jwk};
use super::call::Call;
use super::catalogue::{DASHBOARD, PEOPLE, READ, client};
use super::door::Door;
use super::server::START;

/// What `client_assertion_type` says of a token of an OpenID Connect issuer, and of a JWT-SVID.
pub(crate) const ID_TOKEN: &str = "urn:cloud:idaas:params:oauth:client-assertion-type:id-token-bearer";
pub(crate) const SVID: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe";
/// The audience that every provider's tokens have.
pub(crate) const WRIT: &str = "https://writ.example/";
/// The number of the key of each provider.
pub(crate) const CI_KEY: u8 = 41;
pub(crate) const OTHER_KEY: u8 = 42;
pub(crate) const TRUST_DOMAIN_KEY: u8 = 43;

const CERTIFICATE: &str = include_str!("../../../../writ-core/tests/it/pem/first.crt.pem");

/// Everything, for the tenant `default` of the shared server.
pub(crate) fn documents() -> Vec<Value> {
    let mut ci = issuer("ci", "https://ci.example", CI_KEY, "first");
    ci["trust_condition"] = r#"NotEquals(jwt.claims.event_name, "pull_request")"#.into();
    let mut off = issuer("off", "https://off.example", CI_KEY, "first");
    off["status"] = "disabled".into();
    let mut down = issuer("down", "https://down.example", CI_KEY, "first");
    down["jwks"] = json!({"uri": "https://127.0.0.1:9/jwks"});
    let other = issuer("other", "https://other.example", OTHER_KEY, "first");
    let mut domain = issuer("domain", "spiffe://prod.example", TRUST_DOMAIN_KEY, "svid");
    domain["jwks"]["inline"]["keys"][0]["use"] = "jwt-svid".into();
    let ca = json!({"kind": "provider", "name": "corp-workloads", "type": "private_ca", "anchors": [CERTIFICATE]});
    let cn = json!({"certificate": {"common_name": "robot"}});
    let spiffe = json!({"spiffe": {"id": "spiffe://prod.example/billing"}});
    vec![
        ci,
        off,
        down,
        other,
        domain,
        ca,
        workload(
            "workload",
            &json!([
                robot("robot", "ci"), robot("off", "off"), robot("down", "down"), robot("other", "other"),
                {"kind": "federated", "name": "corp", "provider": "corp-workloads", "profile": cn},
                {"kind": "federated", "name": "svid", "provider": "domain", "profile": spiffe},
            ]),
        ),
        workload("mapped", &json!([mapped("robot", "ci")])),
        workload("twins", &json!([robot("one", "ci"), robot("two", "ci")])),
        workload("rotated", &json!([robot("new", "ci"), with(robot("old", "ci"), "status", "disabled")])),
        workload("credential-off", &json!([with(robot("robot", "ci"), "status", "disabled")])),
        client("not-federated", json!({"credentials": [robot("robot", "ci")]})),
    ]
}

/// An issuer whose one key is written down.
pub(crate) fn issuer(name: &str, issuer: &str, key: u8, kid: &str) -> Value {
    json!({
        "kind": "provider", "name": name, "type": "oidc", "issuer": issuer, "audiences": [WRIT],
        "jwks": {"inline": {"keys": [jwk(key, kid)]}},
    })
}

/// A client that proves itself by these credentials and in no other way.
pub(crate) fn workload(id: &str, credentials: &Value) -> Value {
    let authorizations = json!([
        {"audience": DASHBOARD, "permissions": [READ]}, {"audience": PEOPLE, "permissions": "all"},
    ]);
    client(id, json!({"auth_methods": ["federated"], "credentials": credentials, "authorizations": authorizations}))
}

/// A credential for the `sub` `robot`.
pub(crate) fn robot(name: &str, provider: &str) -> Value {
    let condition = r#"Equals(jwt.claims.sub, "robot")"#;
    json!({"kind": "federated", "name": name, "provider": provider, "condition": condition})
}

fn mapped(name: &str, provider: &str) -> Value {
    with(robot(name, provider), "subject", r#"Append("run:", jwt.claims.run)"#)
}

fn with(mut credential: Value, member: &str, value: &str) -> Value {
    credential[member] = value.into();
    credential
}

/// A token of `ci` for the robot.
pub(crate) fn token() -> Assertion {
    token_of("https://ci.example", "robot").claim("event_name", "push")
}

/// A token of an issuer, with what every one has.
pub(crate) fn token_of(issuer: &str, subject: &str) -> Assertion {
    let bare = Assertion::of(Door::Oauth, subject).without("jti").claim("iss", issuer).claim("aud", json!([WRIT]));
    bare.claim("iat", START).claim("exp", START + 3600).header("kid", "first")
}

/// A JWT-SVID of a workload: no `iss`, no `jti`, no `iat`.
pub(crate) fn svid(id: &str) -> Assertion {
    token_of("", id).without("iss").without("iat").header("kid", "svid")
}

impl Call {
    /// With a document of somebody else for a client.
    pub(crate) fn federated(self, client: &str, kind: &str, document: &str) -> Self {
        self.and("client_id", client).and("client_assertion_type", kind).and("client_assertion", document)
    }

    /// With the name of the credential that it is for.
    pub(crate) fn named(self, name: &str) -> Self {
        self.and("application_federated_credential_name", name)
    }
}
