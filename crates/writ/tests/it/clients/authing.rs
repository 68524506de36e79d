//! The scripts of the vendor's guide at the `authing` door: the request under old and new axios, and the guard.

use serde_json::{Value, json};

use super::{SECRET, Scene, scene, with};
use crate::support::client_script::node;

/// An access account, and what it is given.
const ACCOUNT: &str = "ak-partner";
const GIVEN: &str = "announce:read";

/// The application of the guide with one account.
pub(super) fn application() -> Value {
    json!({ "kind": "application", "id": "screen",
        "resource_server": { "audience": "urn:screen",
            "resources": [{ "code": "announce", "actions": ["read", "update"] }] },
        "clients": [{ "client_id": ACCOUNT, "credentials": [{ "kind": "secret", "value": SECRET }],
            "authorizations": [{ "audience": "urn:screen",
                "rules": [{ "resource": "announce:*", "actions": ["read"] }] }] }] })
}

fn config(scene: &Scene, scope: &str) -> Value {
    let config = scene.config("authing", ACCOUNT, SECRET, scope);
    let jwks = format!("{}/.well-known/jwks.json", config["issuer"].as_str().unwrap());
    with(with(config, "jwks_uri", jwks), "audience", ACCOUNT)
}

#[test]
fn the_guides_request_is_answered_under_a_new_axios_and_understood_under_an_old_one() {
    let scene = scene();
    let config = config(&scene, "announce:read announce:update customer");
    let outcome = node("axios_json.mjs", &with(config.clone(), "axios", "1"));
    let body = &outcome["body"];
    assert_eq!(
        (&body["scope"], &body["rejected_scope"]),
        (&json!(GIVEN), &json!("announce:update customer")),
        "{outcome:#}"
    );
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(600)), "{outcome:#}");
    let refused = node("axios_json.mjs", &config);
    let id = scene.errors.at("authing", "BodyIsJson").assert_understood(&refused);
    scene.assert_logged(&id, "BodyIsJson");
}

#[test]
fn the_guides_guard_lets_in_what_was_granted_and_nothing_else() {
    let scene = scene();
    let config = config(&scene, GIVEN);
    let token = node("axios_json.mjs", &with(config.clone(), "axios", "1"))["access_token"].clone();
    let config = with(with(config, "access_token", token), "required_scope", GIVEN);
    for versions in ["6", "8"] {
        let config = with(config.clone(), "versions", versions);
        let seen = node("express_guard.mjs", &config);
        assert_eq!(seen["given"]["status"], 200, "{versions}\n{seen:#}");
        let claims = &seen["given"]["body"]["claims"];
        assert_eq!((&claims["aud"], &claims["azp"]), (&json!(ACCOUNT), &json!("screen")), "{versions}\n{seen:#}");
        for case in ["tampered", "absent"] {
            assert_eq!(seen[case]["status"], 401, "{versions} {case}\n{seen:#}");
        }
        let lacking = node("express_guard.mjs", &with(config.clone(), "required_scope", "announce:update"));
        assert_eq!(lacking["given"]["status"], 403, "{versions}\n{lacking:#}");
        let foreign = node("express_guard.mjs", &with(config, "audience", "another-account"));
        assert_eq!(foreign["given"]["status"], 401, "{versions}\n{foreign:#}");
    }
}

#[test]
fn writ_itself_fetches_and_verifies_such_a_token() {
    let scene = scene();
    let arguments = ["token", "--door", "authing", "--client-id", ACCOUNT, "--client-secret", SECRET];
    let ran = scene.server.writ(&[&arguments[..], &["--scope", "announce:7:read customer"]].concat()).ok();
    for words in ["announce:7:read", "screen", ACCOUNT] {
        assert!(ran.stdout.contains(words), "{}", ran.stdout);
    }
}
