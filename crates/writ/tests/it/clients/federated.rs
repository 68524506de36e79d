//! The vendor's client with a token in a file, as Kubernetes puts it there; and the command that tries one.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;
use writ_core::clock::Clock;

use super::{AUDIENCE, GRANTED, Scene, scene, with};
use crate::support::assertion::{Assertion, jwk};
use crate::support::client_script::python;
use crate::support::federation::{CI_KEY, WRIT, token_of};

const ISSUER: &str = "https://kubernetes.example";

fn register(scene: &Scene, client: &str) {
    let profile = json!({"kubernetes": {"namespace": "billing", "service_account": "worker"}});
    let documents = json!([
        {"kind": "provider", "name": "cluster", "type": "oidc", "issuer": ISSUER, "audiences": [WRIT],
            "jwks": {"inline": {"keys": [jwk(CI_KEY, "first")]}}},
        {"kind": "application", "id": client, "clients": [{
            "auth_methods": ["federated"],
            "credentials": [{"kind": "federated", "name": "in-cluster", "provider": "cluster", "profile": profile}],
            "authorizations": [{"audience": AUDIENCE, "permissions": [GRANTED]}]}]},
    ]);
    let applied = scene.server.apply(&documents.to_string(), &[]).ok();
    assert!(
        applied.stderr.contains("warning: ") && applied.stderr.contains("service_account_uid"),
        "{}",
        applied.stderr
    );
}

/// A token of now for an account.
fn token(account: &str) -> Assertion {
    let now = Clock::system().now();
    let claims = json!({"namespace": "billing", "serviceaccount": {"name": account, "uid": "1"}});
    let bare = token_of(ISSUER, &format!("system:serviceaccount:billing:{account}"));
    bare.claim("kubernetes.io", claims).claim("iat", now).claim("exp", now + 3600)
}

/// The token in a file, with the line break that files end with.
fn file(account: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, token(account).by_key(CI_KEY) + "\n").unwrap();
    (folder, file)
}

fn attempt(scene: &Scene, client: &str, account: &str) -> Value {
    let (_folder, file) = file(account);
    let config = scene.config("idaas", client, "", &format!("{AUDIENCE}|{GRANTED}"));
    let config = with(with(config, "method", "OIDC"), "credential_name", "in-cluster");
    python("idaas_core.py", &with(config, "token_file", file.to_str().unwrap()))
}

#[test]
fn the_vendors_client_with_a_token_in_a_file() {
    let scene = scene();
    register(&scene, "in-cluster");
    for _ in 0..2 {
        let token = attempt(&scene, "in-cluster", "worker");
        assert_eq!((&token["ok"], &token["verified"]), (&true.into(), &true.into()), "{token:#}");
        assert_eq!((&token["requests"], &token["claims"]["sub"]), (&1.into(), &"in-cluster".into()), "{token:#}");
    }
    let outcome = attempt(&scene, "in-cluster", "another");
    let id = scene.errors.at("idaas", "FederatedCondition").assert_understood(&outcome);
    scene.assert_logged(&id, "FederatedCondition");
}

#[test]
fn the_command_says_what_held_and_what_did_not() {
    let scene = scene();
    register(&scene, "tried");
    let test = |account: &str, more: &[&str]| {
        let (_folder, file) = file(account);
        let arguments = ["credential", "test", "tried", "--assertion", file.to_str().unwrap()];
        scene.server.writ(&[&arguments[..], more].concat())
    };
    let held = test("worker", &[]).ok();
    assert!(held.stdout.contains("credential in-cluster, provider cluster"), "{}", held.stdout);
    assert!(
        held.stdout.contains("  condition       held\n") && held.stdout.ends_with("Accepted by in-cluster.\n"),
        "{}",
        held.stdout
    );
    let refused = test("another", &["--name", "in-cluster"]);
    assert_eq!(refused.status, Some(1), "{}", refused.stdout);
    assert!(refused.stdout.contains("  condition       did not hold"), "{}", refused.stdout);
    let clause = "did not hold: Equals(jwt.claims.sub, \"system:serviceaccount:billing:worker\")";
    assert!(refused.stdout.contains(clause), "{}", refused.stdout);
    assert!(refused.stdout.contains("Refused (FederatedCondition)"), "{}", refused.stdout);
    let json = test("another", &["--output", "json"]);
    assert_eq!((json.status, &json.json()["accepted"]), (Some(1), &json!(false)));
    let unknown = test("worker", &["--name", "nothing", "--output", "json"]);
    assert_eq!((unknown.status, &unknown.json()["refusal"]["rule"]), (Some(1), &json!("FederatedCredentialUnknown")));
}
