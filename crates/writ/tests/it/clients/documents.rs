//! The vendor's client and `writ token`, where a cloud or a private CA vouches for the machine.

use serde_json::{Value, json};
use tempfile::TempDir;
use writ_core::clock::Clock;

use super::{AUDIENCE, GRANTED, Scene, scene, with};
use crate::support::client_script::python;
use crate::support::document::Document;
use crate::support::private_ca::{Made, authority, client_of};

const INSTANCE: &str = "i-8vb9b97xf7msxi4k6tgx";

/// Registers a client with one federated credential, `machine`, and the provider that it rests on.
fn register(scene: &Scene, id: &str, provider: &Value, profile: &Value) {
    let credential = json!({
        "kind": "federated", "name": "machine", "provider": provider["name"], "profile": profile });
    let documents = json!([provider, { "kind": "application", "id": id, "clients": [{
        "auth_methods": ["federated"],
        "credentials": [credential],
        "authorizations": [{ "audience": AUDIENCE, "permissions": [GRANTED] }],
    }]}]);
    scene.server.apply(&documents.to_string(), &[]).ok();
}

fn register_ecs(scene: &Scene, id: &str, signer: &Made) {
    let provider = json!({
        "kind": "provider", "name": format!("{id}-cloud"), "type": "pkcs7", "signers": [signer.pem],
        "signing_time": "pkcs7.payload.jsonData.audience.signingTime", "max_age": "1h",
        "trust_condition": r#"Equals(pkcs7.payload.jsonData.audience.aud, "idaas_writ")"#,
    });
    register(scene, id, &provider, &json!({ "ecs": { "instance_ids": [INSTANCE] } }));
}

fn register_ca(scene: &Scene, id: &str, root: &Made) {
    let provider =
        json!({ "kind": "provider", "name": format!("{id}-ca"), "type": "private_ca", "anchors": [root.pem] });
    register(scene, id, &provider, &json!({ "certificate": { "common_name": "billing" } }));
}

/// Writes a file, and gives its path.
fn written(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

#[track_caller]
fn assert_good(token: &Value, client: &str) {
    assert_eq!((&token["ok"], &token["verified"]), (&true.into(), &true.into()), "{client}\n{token:#}");
    assert_eq!(token["claims"]["sub"], client, "{token:#}");
}

fn config(scene: &Scene, client: &str, method: &str) -> Value {
    let config = scene.config("idaas", client, "", &format!("{AUDIENCE}|{GRANTED}"));
    with(with(config, "method", method), "credential", "machine")
}

#[test]
fn the_vendors_client_with_a_document_of_its_machine() {
    let (scene, folder, signer) = (scene(), tempfile::tempdir().unwrap(), Made::signer("Unknown"));
    register_ecs(&scene, "vendor-ecs", &signer);
    let config = |instance: &str, audience: &str| {
        let config = with(config(&scene, "vendor-ecs", "PKCS7"), "instance_id", instance);
        let config = with(config, "signer", written(&folder, "signer.pem", &signer.pem));
        let config = with(config, "signer_key", written(&folder, "signer.key", signer.key.serialize_pem()));
        with(config, "document_audience", audience)
    };
    assert_good(&python("idaas_federated.py", &config(INSTANCE, "idaas_writ")), "vendor-ecs");
    for (instance, audience, rule) in
        [("i-2", "idaas_writ", "FederatedCondition"), (INSTANCE, "idaas_other", "FederatedTrustCondition")]
    {
        let outcome = python("idaas_federated.py", &config(instance, audience));
        assert_eq!(outcome["error"], "invalid_client_credential", "{outcome:#}");
        scene.assert_logged(outcome["request_id"].as_str().unwrap(), rule);
    }
}

#[test]
fn the_vendors_client_with_a_certificate() {
    let (scene, root) = (scene(), Made::root("Corp Root"));
    register_ca(&scene, "vendor-pca", &root);
    let between = root.issue(authority("Corp Machines"));
    let config = |leaf: &Made| {
        let config = with(config(&scene, "vendor-pca", "PCA"), "private_key", leaf.key.serialize_pem());
        let chain = format!("{}{}", between.pem, root.pem);
        with(with(config, "certificate", leaf.pem.as_str()), "chain", chain)
    };
    for _ in 0..2 {
        let token = python("idaas_federated.py", &config(&between.issue(client_of("billing"))));
        assert_good(&token, "vendor-pca");
    }
    let outcome = python("idaas_federated.py", &config(&between.issue(client_of("shipping"))));
    assert_eq!(outcome["error"], "invalid_client_credential", "{outcome:#}");
    scene.assert_logged(outcome["request_id"].as_str().unwrap(), "FederatedCondition");
}

#[test]
fn writ_token_with_a_document_and_with_a_certificate() {
    let (scene, folder) = (scene(), tempfile::tempdir().unwrap());
    let (signer, root) = (Made::signer("Unknown"), Made::root("Corp Root"));
    register_ecs(&scene, "own-ecs", &signer);
    register_ca(&scene, "own-pca", &root);
    let audience = format!(r#"{{"aud": "idaas_writ", "signingTime": {}}}"#, Clock::system().now());
    let content = json!({ "instance-id": INSTANCE, "audience": audience }).to_string();
    let document = written(&folder, "document.der", Document::bare(&content).by(&[&signer]));
    let between = root.issue(authority("Corp Machines"));
    let leaf = between.issue(client_of("billing"));
    let (key, certificate, chain) = (
        written(&folder, "leaf.key", leaf.key.serialize_pem()),
        written(&folder, "leaf.pem", &leaf.pem),
        written(&folder, "chain.pem", &between.pem),
    );
    let ask = |client: &str, arguments: &[&str]| {
        let always = ["token", "--client-id", client, "--method", "federated", "--credential", "machine"];
        scene.server.writ(&[&always[..], &["--scope", GRANTED], arguments].concat())
    };
    let json = ["--output", "json"];
    let by_document = ask("own-ecs", &[&["--type", "pkcs7", "--assertion", &document], &json[..]].concat()).ok().json();
    assert_eq!((&by_document["verified"], &by_document["claims"]["sub"]), (&true.into(), &"own-ecs".into()));
    let x509 = ["--type", "x509-jwt", "--key", &key, "--certificate", &certificate];
    let by_certificate = ask("own-pca", &[&x509[..], &["--chain", &chain], &json].concat()).ok().json();
    assert_eq!((&by_certificate["verified"], &by_certificate["claims"]["sub"]), (&true.into(), &"own-pca".into()));
    ask("own-pca", &x509).failed(1).tells(&["401 invalid_client"]);
    ask("own-pca", &["--type", "x509-jwt", "--key", &key]).failed(2).tells(&["--certificate"]);
    ask("own-ecs", &["--type", "pkcs7"]).failed(2).tells(&["--assertion"]);
    ask("own-ecs", &["--assertion", &document]).failed(2).tells(&["--type"]);
}
