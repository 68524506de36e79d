//! Tenants: the same names mean different things behind different doors.

use serde_json::json;
use writ_oauth::Refusal;

use crate::support::call::Call;
use crate::support::catalogue::{DASHBOARD, READ, SECRET, client};
use crate::support::door::Door;
use crate::support::jwt::verify;
use crate::support::server::Server;

/// A permission that only acme has.
const DEPLOY: &str = "deploy:write";

/// A server with two tenants that have a client and an audience of the same name each.
fn two_tenants() -> Server {
    let server = Server::new();
    server.make_tenant("acme");
    let dashboard = |permission: &str| {
        json!({"kind": "application", "id": "dashboard", "resource_server": {
            "audience": DASHBOARD, "permissions": [{"id": permission}]}})
    };
    let partner = |permission: &str, secret: &str| {
        client(
            "partner",
            json!({
                "credentials": [{"kind": "secret", "value": secret}],
                "authorizations": [{"audience": DASHBOARD, "permissions": [permission]}],
            }),
        )
    };
    server.apply("default", &json!([dashboard(READ), partner(READ, SECRET)]));
    server.apply("acme", &json!([dashboard(DEPLOY), partner(DEPLOY, "secret-of-acme-0123456789")]));
    server
        .apply("acme", &client("of-acme", json!({"authorizations": [{"audience": DASHBOARD, "permissions": "all"}]})));
    server
}

fn ask(door: Door, prefix: &str, permission: &str) -> Call {
    door.grant_at(prefix).and("scope", &door.scope(DASHBOARD, &[permission]))
}

#[test]
fn the_prefix_chooses_the_tenant() {
    let server = two_tenants();
    for door in Door::BOTH {
        let call = ask(door, "/t/acme", DEPLOY).basic("partner", "secret-of-acme-0123456789");
        let token = server.public(&call).token();
        let issuer = format!("https://writ.example/t/acme{}", door.path());
        let jwks = Call::get(&format!("/t/acme{}/jwks", door.path()));
        let jwt = verify(&server, &jwks, &token, &issuer, DASHBOARD);
        assert_eq!((&jwt.header["typ"], &jwt.header["alg"]), (&door.header().0.into(), &door.header().1.into()));
        assert_eq!(jwt.claims["scope"], DEPLOY);
        // The operator may be named like any other.
        server.public(&ask(door, "/t/default", READ).basic("partner", SECRET)).ok();
    }
}

#[test]
fn a_client_is_a_stranger_at_another_tenants_door() {
    let server = two_tenants();
    for door in Door::BOTH {
        let wrong = |call: Call, refusal| {
            let answer = server.public(&call).is(refusal);
            assert!(matches!(answer.status, 400 | 401));
        };
        wrong(ask(door, "", DEPLOY).basic("of-acme", SECRET), Refusal::ClientUnknown);
        wrong(ask(door, "/t/acme", READ).basic("partner", SECRET), Refusal::SecretWrong);
        wrong(ask(door, "", READ).basic("partner", "secret-of-acme-0123456789"), Refusal::SecretWrong);
        // What another tenant registers is not there.
        let call = ask(door, "/t/acme", READ).basic("partner", "secret-of-acme-0123456789");
        assert_eq!(server.public(&call).is(Refusal::PermissionUnknown).error(400), "invalid_scope");
    }
}

#[test]
fn a_prefix_that_names_no_tenant_is_an_unknown_path() {
    let server = two_tenants();
    for door in Door::BOTH {
        for prefix in ["/t/nobody", "/t/", "/t/ACME", "/t/%61cme%20", "/t/acme%2F", "/t/%ff", "/t/..", "/t/acme/t/acme"]
        {
            let call = ask(door, prefix, READ).basic("partner", SECRET);
            assert_eq!(server.public(&call).is(Refusal::PathUnknown).error(404), "not_found", "{prefix}");
        }
    }
}

#[test]
fn a_tenant_that_was_deleted_is_gone_with_its_doors() {
    let server = Server::new();
    server.make_tenant("brief");
    server.public(&Call::get("/t/brief/oauth2/jwks")).ok();
    server.administer(Call::new("DELETE", "/v1/tenants/default/tenant/brief")).ok();
    assert_eq!(server.public(&Call::get("/t/brief/oauth2/jwks")).error(404), "not_found");
}
