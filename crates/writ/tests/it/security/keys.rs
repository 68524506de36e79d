//! Cryptography: one provider, named at build time, no RSA decryption anywhere.

use std::path::Path;

use serde_json::json;

use crate::support::call::Call;
use crate::support::catalogue::{DASHBOARD, READ, SECRET, documents};
use crate::support::door::Door;
use crate::support::jwt::verify;
use crate::support::server::Server;

/// The names of all packages that are built.
fn packages() -> Vec<String> {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    let lock: toml::Table = std::fs::read_to_string(lock).unwrap().parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    packages.iter().map(|package| package["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn case_82_the_crate_whose_rsa_decryption_leaks_is_not_built() {
    let packages = packages();
    assert!(packages.iter().any(|name| name == "aws-lc-rs"), "the list is read");
    for unwanted in ["rsa", "openssl", "openssl-sys", "native-tls", "josekit", "ring-rsa"] {
        assert!(!packages.iter().any(|name| name == unwanted), "{unwanted} is built");
    }
}

/// The provider is linked, not looked up: what could be missing is missing at the first start, which makes keys.
#[test]
fn case_83_every_algorithm_works_as_soon_as_the_server_is_open() {
    let server = Server::new();
    server.apply("default", &documents());
    // `jsonwebtoken` has no ES512.
    for alg in ["EdDSA", "ES256", "ES384", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
        let issuer = json!({"kind": "issuer", "name": "oauth", "dialect": "oauth", "signing": {"alg": alg}});
        server.apply("default", &issuer);
        let token = server.public(&Door::Oauth.ask(&[READ]).basic("partner", SECRET)).token();
        let jwks = Call::get("/oauth2/jwks");
        let jwt = verify(&server, &jwks, &token, "https://writ.example/oauth2", DASHBOARD);
        assert_eq!(jwt.header["alg"], alg);
    }
}

#[test]
fn no_symmetric_algorithm_and_none_can_be_configured() {
    let server = Server::new();
    for alg in ["HS256", "HS512", "none", "RS256 ", "RSA-OAEP"] {
        let issuer = json!({"kind": "issuer", "name": "oauth", "dialect": "oauth", "signing": {"alg": alg}});
        let answer = server.administer(Call::post("/v1/tenants/default/apply").json(&issuer));
        assert_eq!(answer.error(422), "invalid_document", "{alg}");
    }
}
