//! What an issuer decides for its door: who may use it, how long its tokens live, what they are signed with.

use serde_json::json;
use writ_oauth::Refusal;

use crate::support::call::Call;
use crate::support::catalogue::{DASHBOARD, READ, SECRET, client, documents};
use crate::support::door::Door;
use crate::support::jwt::verify;
use crate::support::server::{START, Server, shared};

#[test]
fn a_client_uses_the_issuers_it_names() {
    for (door, mine, other) in [(Door::Oauth, "oauth-only", "idaas-only"), (Door::Idaas, "idaas-only", "oauth-only")] {
        shared().public(&door.ask(&[READ]).basic(mine, SECRET)).ok();
        let answer = shared().public(&door.ask(&[READ]).basic(other, SECRET)).is(Refusal::IssuerNotAllowed);
        let error = if door == Door::Oauth { "unauthorized_client" } else { "access_denied" };
        assert_eq!(answer.error(400), error);
    }
}

#[test]
fn the_lifetime_is_the_clients_else_the_issuers() {
    let server = Server::new();
    server.apply("default", &documents());
    server.apply("default", &client("short", json!({"token": {"lifetime": "90s"}})));
    for door in Door::BOTH {
        let alg = door.header().1;
        let issuer = json!({"kind": "issuer", "name": door.name(), "dialect": door.name(), "signing": {"alg": alg},
            "token": {"lifetime": "30m"}});
        server.apply("default", &issuer);
        for (client, seconds) in [("partner", 1800), ("short", 90)] {
            let body = server.public(&door.ask(&[READ]).basic(client, SECRET)).ok().json();
            assert_eq!(body["expires_in"], seconds, "{door:?} {client}");
            let expires_at = (door == Door::Idaas).then(|| json!(START + seconds));
            assert_eq!(body.get("expires_at"), expires_at.as_ref());
            let jwks = Call::get(&format!("{}/jwks", door.path()));
            let issuer = format!("https://writ.example{}", door.path());
            let jwt = verify(&server, &jwks, body["access_token"].as_str().unwrap(), &issuer, DASHBOARD);
            assert_eq!((&jwt.claims["iat"], &jwt.claims["exp"]), (&json!(START), &json!(START + seconds)));
        }
    }
}

/// The vendor's clients expect RS256; who has others may choose.
#[test]
fn a_door_signs_with_the_algorithm_of_its_issuer() {
    let server = Server::new();
    server.apply("default", &documents());
    let old = server.public(&Door::Idaas.ask(&[READ]).basic("partner", SECRET)).token();
    let issuer = json!({"kind": "issuer", "name": "idaas", "dialect": "idaas", "signing": {"alg": "EdDSA"}});
    server.apply("default", &issuer);
    let new = server.public(&Door::Idaas.ask(&[READ]).basic("partner", SECRET)).token();
    let jwks = Call::get(&format!("{}/jwks", Door::Idaas.path()));
    let issuer = format!("https://writ.example{}", Door::Idaas.path());
    // What was signed before is still verified.
    for (token, alg) in [(&old, "RS256"), (&new, "EdDSA")] {
        assert_eq!(verify(&server, &jwks, token, &issuer, DASHBOARD).header["alg"], alg);
    }
}
