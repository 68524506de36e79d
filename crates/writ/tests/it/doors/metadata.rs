//! What issuers publish, at every well-known place, for every tenant.

use crate::oauth::PLACES;
use crate::support::call::Call;
use crate::support::door::Door;
use crate::support::server::Server;

#[test]
fn each_tenant_has_metadata_and_keys_of_its_own_at_every_form() {
    let server = Server::new();
    server.make_tenant("acme");
    let mut kids = Vec::new();
    for door in Door::BOTH {
        for prefix in ["", "/t/acme"] {
            let path = format!("{prefix}{}", door.path());
            let issuer = format!("https://writ.example{path}");
            for place in PLACES {
                let body = server.public(&Call::get(&place.replace("{issuer}", &path))).ok().json();
                assert_eq!(body["issuer"], issuer, "{place}");
                assert_eq!(body["token_endpoint"], format!("{issuer}/token"), "{place}");
                assert_eq!(body["jwks_uri"], format!("{issuer}/jwks"), "{place}");
            }
            kids.push(server.public(&Call::get(&format!("{path}/jwks"))).ok().json()["keys"][0]["kid"].to_string());
        }
    }
    let count = kids.len();
    kids.sort_unstable();
    kids.dedup();
    assert_eq!(kids.len(), count, "no two issuers share a key");
}

#[test]
fn an_issuer_that_was_deleted_has_no_door() {
    let server = Server::new();
    server.administer(Call::new("DELETE", "/v1/tenants/default/issuer/idaas")).ok();
    for path in ["token", "jwks", ".well-known/openid-configuration"] {
        let method = if path == "token" { "POST" } else { "GET" };
        let answer = server.public(&Call::new(method, &format!("{}/{path}", Door::Idaas.path())));
        assert_eq!(answer.error(404), "not_found");
    }
    server.public(&Call::get("/oauth2/jwks")).ok();
}

/// A verifier that knows only the first key set of a rotated issuer still verifies what was signed before.
#[test]
fn a_change_of_algorithm_publishes_the_new_key_beside_the_old() {
    let server = Server::new();
    let keys = || server.public(&Call::get("/oauth2/jwks")).ok().json()["keys"].as_array().unwrap().clone();
    let before = keys();
    let issuer =
        serde_json::json!({"kind": "issuer", "name": "oauth", "dialect": "oauth", "signing": {"alg": "EdDSA"}});
    server.apply("default", &issuer);
    let after = keys();
    // The new key, the one after it, and the old one.
    assert_eq!(after.len(), 3);
    assert!(after.contains(&before[0]));
    assert!(after.iter().any(|key| key["alg"] == "EdDSA"));
    let metadata = server.public(&Call::get("/oauth2/.well-known/openid-configuration")).ok().json();
    assert_eq!(metadata["id_token_signing_alg_values_supported"], serde_json::json!(["EdDSA"]));
}
