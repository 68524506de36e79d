//! The guard of the vendor's guide, `express-jwt` with `jwks-rsa`, old and new, before an express application.

use serde_json::json;

use super::{AUDIENCE, GRANTED, NOT_GRANTED, scene, with};
use crate::support::client_script::node;

/// The doors with the algorithm of their tokens and the scope that gets one.
fn doors() -> [(&'static str, &'static str, String); 2] {
    [("idaas", "RS256", format!("{AUDIENCE}|{GRANTED}")), ("oauth", "ES256", GRANTED.to_owned())]
}

#[test]
fn both_guards_let_both_doors_tokens_in_and_no_others() {
    let scene = scene();
    for (door, algorithm, scope) in doors() {
        let config = with(scene.config(door, "", "", ""), "access_token", scene.token(door, &scope));
        let config = with(with(config, "algorithms", json!([algorithm])), "required_scope", GRANTED);
        for versions in ["6", "8"] {
            let seen = node("express_guard.mjs", &with(config.clone(), "versions", versions));
            assert_eq!(seen["given"]["status"], 200, "{door} {versions}\n{seen:#}");
            assert_eq!(seen["given"]["body"]["claims"]["aud"], AUDIENCE, "{door} {versions}\n{seen:#}");
            for (case, code) in [("tampered", "invalid_token"), ("absent", "credentials_required")] {
                assert_eq!(seen[case]["status"], 401, "{door} {versions} {case}\n{seen:#}");
                assert_eq!(seen[case]["body"]["error"], code, "{door} {versions} {case}\n{seen:#}");
            }
        }
    }
}

#[test]
fn a_token_for_something_else_is_refused() {
    let scene = scene();
    for (door, algorithm, scope) in doors() {
        let config = with(scene.config(door, "", "", ""), "access_token", scene.token(door, &scope));
        let config = with(with(config, "algorithms", json!([algorithm])), "versions", "8");
        let lacking = node("express_guard.mjs", &with(config.clone(), "required_scope", NOT_GRANTED));
        assert_eq!(lacking["given"]["status"], 403, "{door}\n{lacking:#}");
        let foreign = with(with(config, "required_scope", GRANTED), "audience", "api://other.example");
        let foreign = node("express_guard.mjs", &foreign);
        assert_eq!(foreign["given"]["status"], 401, "{door}\n{foreign:#}");
    }
}
