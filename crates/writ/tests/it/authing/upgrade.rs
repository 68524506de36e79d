//! A tenant that is older than this door: it has none until somebody gives it one, by one document.

use serde_json::{Value, json};
use writ_oauth::Refusal;

use super::{ask, granted, server};
use crate::support::call::Call;
use crate::support::jwt::part;

/// As the guide has it.
const DOCUMENT: &str = "- { kind: issuer, name: authing, dialect: authing, signing: { alg: RS256 } }";
const GUIDE: &str = include_str!("../../../../../docs/guides/access-accounts.md");

#[test]
fn an_older_tenant_gets_the_door_by_the_document_of_the_guide() {
    let server = server();
    // As a tenant is that was made before: a door that nobody asked for is not opened by a new version.
    server.administer(Call::new("DELETE", "/v1/tenants/default/issuer/authing")).ok();
    let call = ask("contractor-a", "announce:read");
    for closed in [call.clone(), Call::get("/oidc/.well-known/jwks.json"), Call::get("/api/v2/oidc/validate_token")] {
        assert_eq!(server.public(&closed).is(Refusal::PathUnknown).error(404), "not_found");
    }
    assert!(GUIDE.contains(DOCUMENT), "the guide has another document");
    let document = json!({"kind": "issuer", "name": "authing", "dialect": "authing", "signing": {"alg": "RS256"}});
    server.apply("default", &document);
    let answer = server.public(&call);
    assert_eq!((granted(&answer).0, &answer.json()["expires_in"]), ("announce:read".into(), &json!(600)));
    let header: Value = part(&answer.token(), 0);
    let keys = server.public(&Call::get("/oidc/.well-known/jwks.json")).ok().json();
    assert_eq!(keys["keys"][0]["kid"], header["kid"]);
    // What is stored says what the document left out, and is the same.
    let stored = server.administer(Call::get("/v1/tenants/default/issuer/authing")).ok().json();
    assert_eq!(stored["token"]["lifetime"], "10m");
    for same in [document, stored] {
        assert_eq!(server.apply("default", &same)["unchanged"], 1);
    }
    // The other doors have their own: one hour.
    let lifetime = |name: &str| {
        server.administer(Call::get(&format!("/v1/tenants/default/issuer/{name}"))).ok().json()["token"]["lifetime"]
            .clone()
    };
    assert_eq!((lifetime("oauth"), lifetime("idaas")), (json!("1h"), json!("1h")));
}
