//! The general OAuth clients at the oauth door: each gets a token and verifies it, and understands a refusal.

use serde_json::Value;

use super::{AUDIENCE, GRANTED, NOT_GRANTED, ODD_SECRETS, PARTNER, SECRET, Scene, scene, with};
use crate::support::client_script::{node, python};

const METHODS: [&str; 2] = ["client_secret_basic", "client_secret_post"];

type Script = fn(&Value) -> Value;

/// A configuration for one of its methods.
fn config(scene: &Scene, method: &str, secret: &str, scope: &str) -> Value {
    let config = with(scene.config("oauth", PARTNER, secret, scope), "method", method);
    with(config, "typ", "at+jwt")
}

/// Runs a client through everything that is the same for all of them.
#[track_caller]
fn tokens_and_refusals(script: Script) {
    let scene = scene();
    for method in METHODS {
        let token = script(&config(&scene, method, SECRET, GRANTED));
        assert_good(&scene, &token);
        let wrong = script(&config(&scene, method, "not the secret of this client", GRANTED));
        let id = scene.errors.at("oauth", "SecretWrong").assert_understood(&wrong);
        scene.assert_logged(&id, "SecretWrong");
        let foreign = script(&config(&scene, method, SECRET, NOT_GRANTED));
        let id = scene.errors.at("oauth", "PermissionNotGranted").about(NOT_GRANTED).assert_understood(&foreign);
        scene.assert_logged(&id, "PermissionNotGranted");
    }
    let token = script(&with(config(&scene, METHODS[0], SECRET, GRANTED), "resource", AUDIENCE));
    assert_good(&scene, &token);
    odd_secrets(&scene, script);
}

/// In a form there is one encoding; the header is where clients differ, and a percent sign is what they differ about. Three of them send only ASCII there and say
/// so themselves; the vendor's client, in `idaas_core`, sends the rest.
#[track_caller]
fn odd_secrets(scene: &Scene, script: Script) {
    for secret in ODD_SECRETS.iter().filter(|secret| secret.is_ascii() && secret.contains('%')) {
        let token = script(&with(config(scene, "client_secret_basic", secret, GRANTED), "client_id", "odd"));
        assert_eq!(token["verified"], true, "{secret}\n{token:#}");
    }
}

#[track_caller]
fn assert_good(scene: &Scene, token: &Value) {
    assert_eq!((&token["ok"], &token["verified"]), (&true.into(), &true.into()), "{token:#}");
    assert_eq!((&token["expires_in"], &token["scope"]), (&3600.into(), &GRANTED.into()), "{token:#}");
    assert!(token["token_type"].as_str().unwrap().eq_ignore_ascii_case("bearer"), "{token:#}");
    let (header, claims) = (&token["header"], &token["claims"]);
    assert_eq!((&header["alg"], &header["typ"]), (&"ES256".into(), &"at+jwt".into()), "{token:#}");
    for (name, value) in [
        ("iss", scene.server.issuer("oauth")),
        ("aud", AUDIENCE),
        ("sub", PARTNER),
        ("client_id", PARTNER),
        ("scope", GRANTED),
    ] {
        assert_eq!(claims[name], value, "{name}\n{token:#}");
    }
}

#[test]
fn openid_client_after_rfc_8414_discovery() {
    tokens_and_refusals(|config| node("openid_client.mjs", &with(config.clone(), "algorithm", "oauth2")));
}

#[test]
fn openid_client_after_openid_connect_discovery() {
    let scene = scene();
    for method in METHODS {
        let config = with(config(&scene, method, SECRET, GRANTED), "algorithm", "oidc");
        let token = node("openid_client.mjs", &config);
        assert_good(&scene, &token);
        for name in ["issuer", "token_endpoint", "jwks_uri"] {
            assert_eq!(token[name], config[name]);
        }
    }
}

#[test]
fn simple_oauth2() {
    tokens_and_refusals(|config| node("simple_oauth2.mjs", config));
}

#[test]
fn authlib() {
    tokens_and_refusals(|config| python("authlib_client.py", config));
}

#[test]
fn requests_oauthlib() {
    tokens_and_refusals(|config| python("requests_oauthlib_client.py", config));
}

/// The client of a token asks about it, gives it up, and asks again.
#[track_caller]
fn gives_up(script: Script, methods: &[&str]) {
    let scene = scene();
    let issuer = scene.server.issuer("oauth");
    for method in methods {
        let client = if method.ends_with("_jwt") { "secret-signer" } else { PARTNER };
        let config = with(config(&scene, method, SECRET, GRANTED), "client_id", client);
        let config = with(config, "introspection_endpoint", format!("{issuer}/introspect"));
        let config = with(with(config, "revocation_endpoint", format!("{issuer}/revoke")), "give_up", true);
        let told = script(&config);
        let before = &told["before"];
        assert_eq!((&before["active"], &before["scope"]), (&true.into(), &GRANTED.into()), "{method}\n{told:#}");
        assert_eq!((&before["client_id"], &before["aud"]), (&client.into(), &AUDIENCE.into()), "{method}\n{told:#}");
        assert_eq!(told["after"], serde_json::json!({"active": false}), "{method}\n{told:#}");
    }
}

#[test]
fn openid_client_introspects_and_revokes() {
    let methods = ["client_secret_basic", "client_secret_post", "client_secret_jwt"];
    gives_up(|config| node("openid_client.mjs", &with(config.clone(), "algorithm", "oauth2")), &methods);
}

#[test]
fn authlib_introspects_and_revokes() {
    gives_up(|config| python("authlib_client.py", config), &METHODS);
}
