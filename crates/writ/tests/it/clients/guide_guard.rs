//! The guard of `docs/guides/express-guard.md`: the code of the page itself, and its helper against Writ's own decision.

use serde_json::{Value, json};
use writ_oauth::permission::{Model, held};

use super::{SECRET, Scene, scene, with};
use crate::support::client_script::node;

const GUIDE: &str = include_str!("../../../../../docs/guides/express-guard.md");
/// An access account that may write articles, in both readings, and one thing of one year.
const ACCOUNT: &str = "ak-writer";

/// The application of the page, and another one that the account may call.
pub(super) fn applications() -> [Value; 2] {
    let of = |audience: &str| {
        json!({ "audience": audience, "rules": [
            { "resource": "write:*", "actions": ["article"] }, { "resource": "article:*", "actions": ["*"] }] })
    };
    let resources =
        json!([{ "code": "write", "actions": ["article"] }, { "code": "article", "actions": ["read", "write"] }]);
    let server = |audience: &str| json!({ "audience": audience, "resources": resources });
    [
        json!({ "kind": "application", "id": "press", "resource_server": server("urn:press") }),
        json!({ "kind": "application", "id": "articles", "resource_server": server("urn:articles"), "clients": [{
            "client_id": ACCOUNT, "credentials": [{ "kind": "secret", "value": SECRET }],
            "authorizations": [of("urn:articles")] }] }),
    ]
}

fn token(scene: &Scene, scope: &str) -> String {
    let arguments = ["token", "--raw", "--door", "authing", "--client-id", ACCOUNT, "--client-secret", SECRET];
    let ran = scene.server.writ(&[&arguments[..], &["--scope", scope]].concat()).ok();
    ran.stdout.trim_end().to_owned()
}

fn guarded(scene: &Scene, versions: &str, application: &str, tokens: &Value) -> Value {
    let config = scene.config("authing", ACCOUNT, SECRET, "");
    let jwks = format!("{}/.well-known/jwks.json", config["issuer"].as_str().unwrap());
    let config = with(with(config, "jwks_uri", jwks), "accounts", json!([ACCOUNT, "ak-other"]));
    let config = with(with(config, "application", application), "tokens", tokens.clone());
    node("guide_guard.mjs", &with(with(config, "guide", GUIDE), "versions", versions))
}

#[test]
fn the_pages_guard_lets_in_whatever_includes_the_permission() {
    let scene = scene();
    let tokens = json!({
        "exact": token(&scene, "article:write"),
        "every_action": token(&scene, "article:*"),
        "whole_resource": token(&scene, "article"),
        "one_instance": token(&scene, "article:7:write"),
        "other_action": token(&scene, "article:read"),
        "forged": "a.b.c",
    });
    let seen = guarded(&scene, "8", "articles", &tokens);
    let insufficient =
        json!({ "status": 403, "challenge": r#"Bearer error="insufficient_scope", scope="article:write""# });
    let good = json!({ "status": 200, "challenge": null });
    let none = json!({ "status": 401, "challenge": "Bearer" });
    let expected = json!({
        "ok": true, "absent": none, "exact": good, "every_action": good, "whole_resource": good,
        "one_instance": insufficient, "other_action": insufficient, "forged": none,
    });
    assert_eq!(seen, expected, "{seen:#}");
    // A token for another application is no good here, whatever it holds.
    let seen = guarded(&scene, "8", "press", &json!({ "exact": token(&scene, "article:write") }));
    assert_eq!(seen["exact"]["status"], 403, "{seen:#}");
}

#[test]
fn the_vendors_guard_works_with_its_typo_mended_and_compares_words() {
    let scene = scene();
    let tokens = json!({ "word": token(&scene, "write:article"), "more": token(&scene, "write:*:article") });
    let seen = guarded(&scene, "6", "articles", &tokens);
    assert_eq!(
        [&seen["word"]["status"], &seen["more"]["status"], &seen["absent"]["status"]],
        [200, 401, 401],
        "{seen:#}"
    );
    assert!(GUIDE.contains("incldues"), "the page says what it mends");
}

#[test]
fn the_pages_helper_decides_as_writ_does() {
    let items = [
        "*",
        "*:*",
        "*:*:*",
        "book",
        "book:*",
        "book:*:*",
        "book:1:*",
        "book:1:read",
        "book:*:read",
        "book:read",
        "book:write",
        "book:2:read",
        "*:read",
        "film:read",
        "",
        ":",
        "book:",
        "book::read",
        "a:b:c:d",
        "b*k",
        "book:**",
        "bü",
        "book\u{ff1a}read",
        "\"",
        "book\n",
        "x".repeat(128).leak(),
        "x".repeat(129).leak(),
    ];
    let mut cases = Vec::new();
    for asked in items {
        cases.extend(items.map(|scope| (scope.to_owned(), asked)));
        cases.push((items[7..11].join(" "), asked));
    }
    let seen = node("guide_guard.mjs", &json!({ "guide": GUIDE, "cases": cases }));
    let expected: Vec<_> = cases.iter().map(|(scope, asked)| held(Model::Resource, scope, asked)).collect();
    assert!(expected.contains(&true) && expected.contains(&false));
    for ((case, seen), expected) in cases.iter().zip(seen["allowed"].as_array().unwrap()).zip(expected) {
        assert_eq!(*seen, expected, "{case:?}");
    }
}
