//! The clients that sign assertions, with every key that they sign with.

use serde_json::{Value, json};

use super::{AUDIENCE, GRANTED, SECRET, Scene, scene, with};
use crate::support::client_script::{node, python};
use crate::support::key::KeyPair;

/// Registers a client with a public key of its own.
fn register(scene: &Scene, id: &str, key: &KeyPair) {
    let document = json!({ "kind": "application", "id": id, "clients": [{
        "auth_methods": ["private_key_jwt"],
        "credentials": [{ "kind": "public_key", "name": "first", "pem": key.public }],
        "authorizations": [{ "audience": AUDIENCE, "permissions": [GRANTED] }],
    }]});
    scene.server.apply(&document.to_string(), &[]).ok();
}

/// Each key, with the algorithm that the vendor's client chooses for it.
fn keys() -> Vec<(&'static str, &'static str, KeyPair)> {
    vec![
        ("rsa-2048", "RS256", KeyPair::rsa(2048)),
        ("rsa-3072", "RS384", KeyPair::rsa(3072)),
        ("rsa-4096", "RS512", KeyPair::rsa(4096)),
        ("p-256", "ES256", KeyPair::on("P-256")),
        ("p-384", "ES384", KeyPair::on("P-384")),
        ("p-521", "ES512", KeyPair::on("P-521")),
    ]
}

#[track_caller]
fn assert_good(token: &Value, client: &str) {
    assert_eq!((&token["ok"], &token["verified"]), (&true.into(), &true.into()), "{client}\n{token:#}");
    assert_eq!(token["claims"]["sub"], client, "{token:#}");
}

#[test]
fn the_vendors_client_with_every_key() {
    let scene = scene();
    let scope = format!("{AUDIENCE}|{GRANTED}");
    for (name, _, key) in keys() {
        let client = format!("vendor-{name}");
        register(&scene, &client, &key);
        let config = with(scene.config("idaas", &client, "", &scope), "method", "PRIVATE_KEY_JWT");
        let token = python("idaas_core.py", &with(config, "private_key", key.private()));
        assert_good(&token, &client);
        assert_eq!((&token["requests"], &token["same_token_twice"]), (&1.into(), &true.into()), "{token:#}");
    }
}

#[test]
fn the_vendors_client_with_a_secret() {
    let scene = scene();
    let config = |secret| {
        let config = scene.config("idaas", "secret-signer", secret, &format!("{AUDIENCE}|{GRANTED}"));
        with(config, "method", "CLIENT_SECRET_JWT")
    };
    for _ in 0..2 {
        assert_good(&python("idaas_core.py", &config(SECRET)), "secret-signer");
    }
    let outcome = python("idaas_core.py", &config("Hq3vN8sT2xWb5yKd7mPc9rJf4gLz6tQb"));
    let id = scene.errors.at("idaas", "AssertionSignature").assert_understood(&outcome);
    scene.assert_logged(&id, "AssertionSignature");
}

/// It signs for the issuer, by any algorithm.
#[test]
fn openid_client() {
    let scene = scene();
    let config = |client: &str, method: &str| {
        let config = with(scene.config("oauth", client, SECRET, GRANTED), "method", method);
        with(with(config, "typ", "at+jwt"), "algorithm", "oauth2")
    };
    assert_good(&node("openid_client.mjs", &config("secret-signer", "client_secret_jwt")), "secret-signer");
    let keys = keys().into_iter().filter(|(name, ..)| !name.starts_with("rsa-3"));
    let ed25519 = ("ed25519", "EdDSA", KeyPair::new(&["-algorithm", "ED25519"]));
    let pss = ("rsa-pss", "PS256", KeyPair::rsa(2048));
    for (name, alg, key) in keys.chain([ed25519, pss]) {
        let client = format!("openid-{name}");
        register(&scene, &client, &key);
        let config = with(config(&client, "private_key_jwt"), "private_key", key.private());
        assert_good(&node("openid_client.mjs", &with(config, "alg", alg)), &client);
    }
}

/// It signs for the token endpoint, and for an hour unless it is told otherwise.
#[test]
fn authlib() {
    let scene = scene();
    let config = |client: &str, method: &str| {
        let config = with(scene.config("oauth", client, SECRET, GRANTED), "method", method);
        with(config, "assertion_seconds", 300)
    };
    assert_good(&python("authlib_client.py", &config("secret-signer", "client_secret_jwt")), "secret-signer");
    for (name, alg, key) in keys() {
        let client = format!("authlib-{name}");
        register(&scene, &client, &key);
        let config = with(config(&client, "private_key_jwt"), "private_key", key.private());
        assert_good(&python("authlib_client.py", &with(config, "alg", alg)), &client);
    }
    let hour = with(config("secret-signer", "client_secret_jwt"), "assertion_seconds", 3600);
    let outcome = python("authlib_client.py", &hour);
    let id = scene.errors.at("oauth", "AssertionLifetimeTooLong").assert_understood(&outcome);
    scene.assert_logged(&id, "AssertionLifetimeTooLong");
}
