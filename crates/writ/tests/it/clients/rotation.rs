//! Resource servers that keep the key set for ten minutes, while keys turn: nothing breaks by a rotation whose next key
//! they knew, and what an emergency costs is what the guide says.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{AUDIENCE, GRANTED, PARTNER, SECRET, documents};
use crate::support::client_script::node;
use crate::support::process::{Launch, Server};

/// Waits for the key that is published before it is used: it is made soon after the start.
fn wait_for_next_key(server: &Server, issuer: &str) {
    let started = Instant::now();
    loop {
        let keys = server.writ(&["key", "list", issuer, "--output", "json"]).ok().json();
        if keys.as_array().unwrap().iter().any(|key| key["state"] == "next") {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "{keys:#}");
    }
}

/// A command as words, for a script to run.
fn words(server: &Server, arguments: &[&str]) -> Value {
    let command = server.command(arguments);
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| Value::from(word.to_str().unwrap())).collect()
}

#[test]
fn verifiers_with_a_cached_key_set_go_on_across_a_rotation() {
    let folder = tempfile::tempdir().unwrap();
    let server = Launch::serve(folder.path()).start();
    server.apply(&documents().to_string(), &[]).ok();
    for (door, algorithm, scope) in
        [("oauth", "ES256", GRANTED.to_owned()), ("idaas", "RS256", format!("{AUDIENCE}|{GRANTED}"))]
    {
        wait_for_next_key(&server, door);
        let issuer = server.issuer(door);
        let token = ["token", "--raw", "--door", door, "--client-id", PARTNER, "--client-secret", SECRET, "--scope"];
        let seen = node(
            "rotation.mjs",
            &json!({
                "issuer": issuer,
                "audience": AUDIENCE,
                "jwks_uri": format!("{issuer}/jwks"),
                "algorithms": [algorithm],
                "token": words(&server, &[&token[..], &[&scope]].concat()),
                "rotate": words(&server, &["key", "rotate", door, "--now"]),
                "keys": words(&server, &["key", "list", door, "--output", "json"]),
                "revoke": words(&server, &["key", "revoke", door]),
            }),
        );
        let look = |express: u16, strict: &str, fetches: u32| json!({ "express": express, "strict": strict, "fetches": fetches });
        let expected = json!({
            "ok": true,
            "before": look(200, "verified", 1),
            "old_after_rotation": look(200, "verified", 1),
            // jwks-rsa keeps keys one by one and asks for one that is new to it; who keeps the set has it already.
            "new_after_rotation": look(200, "verified", 2),
            "new_after_second_rotation": look(200, "ERR_JWKS_NO_MATCHING_KEY", 3),
            "old_after_second_rotation": look(200, "verified", 3),
            "revoked_is_published": false,
            "of_revoked_where_cached": look(200, "ERR_JWKS_NO_MATCHING_KEY", 3),
            "new_after_revocation": look(200, "ERR_JWKS_NO_MATCHING_KEY", 4),
        });
        assert_eq!(seen, expected, "{door}\n{seen:#}");
    }
    server.stop();
}
