//! Keys and metadata.

use serde_json::{Value, json};
use writ_oauth::Refusal;

use super::{ask, server};
use crate::support::call::Call;
use crate::support::jwt::part;

#[test]
fn the_metadata_names_what_is_served() {
    let server = server();
    for path in [
        "/oidc/.well-known/openid-configuration",
        "/oidc/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/oidc",
        "/.well-known/openid-configuration/oidc",
    ] {
        let metadata = server.public(&Call::get(path)).ok().json();
        assert_eq!(metadata["issuer"], "https://writ.example/oidc", "{path}");
        assert_eq!(metadata["token_endpoint"], "https://writ.example/oidc/token", "{path}");
        assert_eq!(metadata["jwks_uri"], "https://writ.example/oidc/.well-known/jwks.json", "{path}");
    }
}

#[test]
fn the_keys_are_where_the_guide_and_the_sdks_look_for_them() {
    let server = server();
    let get = |path: &str| server.public(&Call::get(path)).ok().json();
    let keys = get("/oidc/.well-known/jwks.json");
    assert_eq!(get("/screen/oidc/.well-known/jwks.json"), keys);
    assert_eq!(get("/t/default/oidc/.well-known/jwks.json"), keys);
    assert_eq!(get("/t/default/screen/oidc/.well-known/jwks.json"), keys);
    let key = &keys["keys"][0];
    assert_eq!((&key["kty"], &key["alg"], &key["use"]), (&json!("RSA"), &json!("RS256"), &json!("sig")));
    assert!(key["n"].as_str().is_some_and(|n| n.len() >= 342), "RSA of 2048 bits: {key:#}");
    let header: Value = part(&server.public(&ask("contractor-a", "announce:read")).token(), 0);
    assert_eq!((&header["kid"], &header["typ"], &header["alg"]), (&key["kid"], &json!("JWT"), &json!("RS256")));
    for path in [
        "/nosuch/oidc/.well-known/jwks.json",
        "/t/nosuch/oidc/.well-known/jwks.json",
        "/%FF/oidc/.well-known/jwks.json",
    ] {
        assert_eq!(server.public(&Call::get(path)).is(Refusal::PathUnknown).status, 404, "{path}");
    }
}

#[test]
fn another_tenant_has_its_own() {
    let server = server();
    server.make_tenant("acme");
    let metadata = server.public(&Call::get("/t/acme/oidc/.well-known/openid-configuration")).ok().json();
    assert_eq!(metadata["issuer"], "https://writ.example/t/acme/oidc");
    let keys = |path: &str| server.public(&Call::get(path)).ok().json();
    assert_ne!(keys("/t/acme/oidc/.well-known/jwks.json"), keys("/oidc/.well-known/jwks.json"));
    assert_eq!(server.public(&Call::get("/t/acme/screen/oidc/.well-known/jwks.json")).status, 404);
}
