//! Credentials of every kind: applied, read back, applied again, changed, pruned, and refused when they cannot be meant.

use serde_json::{Value, json};
use writ_core::apply::{ApplyError, Options};
use writ_core::revoke::Revocation;
use writ_core::store::StoredCredential;

use crate::apply::providers::{ca, ci, ecs};
use crate::pem;
use crate::sample::{caller_with, dashboard};
use crate::support::{Bench, Running, START, TENANT, both_engines, plan};

both_engines!(
    every_kind_is_read_back_as_it_was_applied,
    a_second_application_changes_nothing,
    an_unnamed_one_is_known_by_its_thumbprint,
    another_key_takes_the_place_of_a_named_one,
    what_changes_in_place_is_cut_off,
    a_name_can_pass_to_another_kind,
    unnamed_ones_stay_unless_pruned,
    what_cannot_be_is_refused_with_its_place,
    a_use_of_every_kind_is_noted,
    every_kind_can_be_revoked,
    assertion_and_token_settings_are_read_back,
);

/// One credential of every kind, as they are read back.
fn every_kind() -> Vec<Value> {
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "k" });
    vec![
        json!({ "kind": "public_key", "name": "pem", "status": "enabled", "pem": pem::RSA, "alg": "PS256" }),
        json!({ "kind": "public_key", "name": "jwk", "status": "disabled", "expires": "2030-01-01T00:00:00Z", "jwk": jwk }),
        json!({ "kind": "jwks", "name": "set", "status": "enabled", "uri": "https://caller.example/jwks.json" }),
        json!({
            "kind": "federated", "name": "pod", "status": "enabled", "not_before": "2026-01-01T00:00:00Z",
            "provider": "ci",
            "profile": { "kubernetes": { "namespace": "shop", "service_account": "cart", "pod_name_prefix": "cart-" } },
            "condition": "Equals(jwt.claims.sub, \"x\")", "subject": "jwt.claims.sub",
        }),
        json!({
            "kind": "federated", "name": "vm", "status": "enabled", "provider": "ecs",
            "profile": { "ecs": { "instance_ids": ["i-1", "i-2"] } },
        }),
        json!({ "kind": "certificate", "name": "own", "status": "enabled", "pem": pem::FIRST }),
        json!({ "kind": "certificate", "name": "corp", "status": "enabled", "provider": "ca", "san_ip": "2001:db8::1" }),
    ]
}

async fn apply(core: &Running, credentials: &Value) -> Vec<String> {
    plan(&core.apply(json!([caller_with(json!({ "credentials": credentials }))])).await)
}

async fn stored(core: &Running) -> Vec<StoredCredential> {
    core.store().credentials(TENANT, "caller").await.unwrap()
}

async fn one(core: &Running, name: &str) -> StoredCredential {
    let found = stored(core).await.into_iter().find(|known| known.name.as_deref() == Some(name));
    found.unwrap_or_else(|| panic!("no credential `{name}`"))
}

async fn cutoffs(bench: &Bench) -> i64 {
    bench.number("SELECT COUNT(*) FROM cutoff WHERE client_id = 'caller' AND credential <> ''").await
}

async fn with_every_kind(bench: &Bench) -> Running {
    let core = bench.open().await;
    core.apply(json!([dashboard(), ca(), ci(), ecs()])).await;
    assert_eq!(apply(&core, &json!(every_kind())).await, ["create application caller"]);
    core
}

async fn every_kind_is_read_back_as_it_was_applied(bench: Bench) {
    let core = with_every_kind(&bench).await;
    let applications = core.get_applications().await;
    let read = applications.as_array().unwrap().iter().find(|document| document["id"] == "caller").unwrap();
    let mut read: Vec<_> = read["clients"][0]["credentials"].as_array().unwrap().clone();
    let mut expected = every_kind();
    for list in [&mut read, &mut expected] {
        list.sort_by_key(|credential| credential["name"].as_str().unwrap().to_owned());
    }
    assert_eq!(read, expected);
    // The kind stands first, so that people see what they read.
    assert!(read.iter().all(|credential| credential.as_object().unwrap().keys().next().unwrap() == "kind"));
}

async fn a_second_application_changes_nothing(bench: Bench) {
    let core = with_every_kind(&bench).await;
    let before = bench.dump().await;
    assert_eq!(apply(&core, &json!(every_kind())).await, [""; 0]);
    // Nor does another spelling of the same key, certificate or address.
    let mut other = every_kind();
    other[0]["pem"] = json!(format!("comment\n{}\n\n", pem::RSA.replace('\n', "\r\n")));
    other[5]["pem"] = json!(pem::RENEWED);
    other[6]["san_ip"] = json!("2001:DB8:0:0::1");
    assert_eq!(apply(&core, &json!(other)).await, [""; 0]);
    assert_eq!(bench.dump().await, before);
    assert_eq!(cutoffs(&bench).await, 0);
}

async fn an_unnamed_one_is_known_by_its_thumbprint(bench: Bench) {
    let core = with_every_kind(&bench).await;
    let list = json!([
        { "kind": "public_key", "pem": pem::EC },
        { "kind": "jwks", "uri": "https://caller.example/other.json" },
        { "kind": "certificate", "pem": pem::SECOND },
    ]);
    assert_eq!(apply(&core, &list).await, ["update application caller"]);
    assert_eq!(apply(&core, &list).await, [""; 0]);
    assert_eq!(stored(&core).await.len(), 3);
    let id = stored(&core).await.into_iter().find(|known| known.proof.kind() == "jwks").unwrap().id;
    let disabled =
        json!([{ "kind": "jwks", "id": id, "uri": "https://caller.example/other.json", "status": "disabled" }]);
    assert_eq!(apply(&core, &disabled).await, ["update application caller"]);
    assert_eq!(stored(&core).await.len(), 3);
    let twice =
        json!([{ "kind": "public_key", "pem": pem::EC }, { "kind": "public_key", "name": "again", "pem": pem::EC }]);
    let refused = core.refuse(json!([caller_with(json!({ "credentials": twice }))])).await;
    assert!(refused.to_string().contains("the same value"), "{refused}");
}

/// As with secrets: what is told apart by its thumbprint is another credential, and the tokens of the old one die with it.
async fn another_key_takes_the_place_of_a_named_one(bench: Bench) {
    let core = with_every_kind(&bench).await;
    for (at, name, member, value) in [
        (0, "pem", "pem", json!(pem::RSA_OTHER)),
        (2, "set", "uri", json!("https://caller.example/other.json")),
        (5, "own", "pem", json!(pem::SECOND)),
        (6, "corp", "san_ip", json!("2001:db8::2")),
    ] {
        let before = one(&core, name).await.id;
        let mut list = every_kind();
        list[at][member] = value;
        assert_eq!(apply(&core, &json!(list)).await, ["update application caller"], "{name}");
        assert_ne!(one(&core, name).await.id, before, "{name}");
        assert_eq!(apply(&core, &json!(list)).await, [""; 0], "{name}");
        apply(&core, &json!(every_kind())).await;
    }
    // Two that exchange their names, in one step.
    let mut list = every_kind();
    (list[0]["name"], list[1]["name"]) = (json!("jwk"), json!("pem"));
    assert_eq!(apply(&core, &json!(list)).await, ["update application caller"]);
    assert_eq!(stored(&core).await.len(), list.len());
}

/// A federated credential keeps its id, which its subjects may be made of; what was decided on its old terms dies.
async fn what_changes_in_place_is_cut_off(bench: Bench) {
    let core = with_every_kind(&bench).await;
    let mut list = every_kind();
    let mut expected = 0;
    for (at, name, member, value, cut) in [
        (3, "pod", "condition", json!("Equals(jwt.claims.sub, \"y\")"), 1),
        (3, "pod", "status", json!("disabled"), 0),
        (4, "vm", "profile", json!({ "ecs": { "instance_ids": ["i-1"] } }), 1),
        (0, "pem", "alg", json!("RS256"), 1),
        (0, "pem", "expires", json!("2031-01-01T00:00:00Z"), 0),
        (
            1,
            "jwk",
            "jwk",
            json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }),
            1,
        ),
    ] {
        let before = one(&core, name).await.id;
        list[at][member] = value;
        assert_eq!(apply(&core, &json!(list)).await, ["update application caller"], "{name} {member}");
        assert_eq!(one(&core, name).await.id, before, "{name} {member}");
        expected += cut;
        assert_eq!(cutoffs(&bench).await, expected, "{name} {member}");
        assert_eq!(apply(&core, &json!(list)).await, [""; 0], "{name} {member}");
    }
}

async fn a_name_can_pass_to_another_kind(bench: Bench) {
    let core = with_every_kind(&bench).await;
    let before = one(&core, "own").await.id;
    let list = json!([{ "kind": "public_key", "name": "own", "pem": pem::EC }]);
    assert_eq!(apply(&core, &list).await, ["update application caller"]);
    let now = stored(&core).await;
    assert_eq!((now.len(), now[0].proof.kind()), (1, "public_key"));
    assert_ne!(now[0].id, before);
}

async fn unnamed_ones_stay_unless_pruned(bench: Bench) {
    let core = with_every_kind(&bench).await;
    apply(
        &core,
        &json!([{ "kind": "public_key", "pem": pem::EC }, { "kind": "certificate", "name": "own", "pem": pem::FIRST }]),
    )
    .await;
    assert_eq!(apply(&core, &json!([])).await, ["update application caller"]);
    let left = stored(&core).await;
    assert_eq!((left.len(), left[0].proof.kind()), (1, "public_key"));
    assert_eq!(apply(&core, &json!([])).await, [""; 0]);
    let document = caller_with(json!({ "credentials": [] }));
    core.apply_with(json!([dashboard(), document]), Options { dry_run: false, prune: true }).await.unwrap();
    assert!(stored(&core).await.is_empty());
}

async fn what_cannot_be_is_refused_with_its_place(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), ca(), ci(), ecs()])).await;
    let before = bench.dump().await;
    let ed25519 = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    let mut private = ed25519.clone();
    private["d"] = json!("AA");
    let federated = |fields: Value| {
        let mut credential = json!({ "kind": "federated", "name": "f", "provider": "ci" });
        credential.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        credential
    };
    let two = format!("{}{}", pem::FIRST, pem::SECOND);
    let spiffe = |id: &str| federated(json!({ "profile": { "spiffe": { "id": id } } }));
    let mut wrong = Vec::new();
    for (credential, path, message) in [
        (json!({ "kind": "public_key" }), "", "either `pem` or `jwk`"),
        (json!({ "kind": "public_key", "pem": pem::EC, "jwk": ed25519 }), "", "either `pem` or `jwk`"),
        (json!({ "kind": "public_key", "pem": "x" }), ".pem", "PUBLIC KEY"),
        (json!({ "kind": "public_key", "pem": pem::FIRST }), ".pem", "PUBLIC KEY"),
        (json!({ "kind": "public_key", "pem": pem::EC, "alg": "RS256" }), ".alg", "RS256 does not fit"),
        (json!({ "kind": "public_key", "pem": pem::EC, "alg": "none" }), "", "alg: unknown variant `none`"),
        (json!({ "kind": "public_key", "jwk": private }), ".jwk", "private"),
        (json!({ "kind": "jwks", "uri": "http://a/jwks" }), ".uri", "not an https URL"),
        (json!({ "kind": "jwks", "uri": "https://u:p@a/jwks" }), ".uri", "not an https URL"),
        (json!({ "kind": "jwks", "uri": "https://a/jwks", "ca": "x" }), ".ca", "BEGIN CERTIFICATE"),
        (json!({ "kind": "jwks", "uri": "https://a/jwks", "ca": pem::NO_CERTIFICATE }), ".ca", "BEGIN CERTIFICATE"),
        (json!({ "kind": "jwks" }), "", "missing field `uri`"),
        (json!({ "kind": "pem" }), "", "unknown kind `pem`"),
        (json!({ "name": "x" }), "", "missing field `kind`"),
        (json!({ "kind": "jwks", "uri": "https://a/", "url": "x" }), "", "unknown field `url`"),
        (json!({ "kind": "federated", "provider": "ci", "condition": "x" }), ".name", "needs a `name`"),
        (federated(json!({})), "", "needs a `profile` or a `condition`"),
        (federated(json!({ "condition": " " })), ".condition", "not empty"),
        (federated(json!({ "condition": "x".repeat(4097) })), ".condition", "this one has 4097"),
        (federated(json!({ "condition": "Equals(jwt.claims.sub, \"x\")", "subject": "" })), ".subject", "not empty"),
        (federated(json!({ "condition": "x", "provider": "cd" })), ".provider", "`cd` does not exist"),
        (federated(json!({ "profile": { "ecs": { "instance_ids": ["i"] } } })), ".profile.ecs", "of type oidc"),
        (
            federated(json!({ "provider": "ecs", "profile": { "gitlab": { "project_id": "1" } } })),
            ".profile.gitlab",
            "of type pkcs7",
        ),
        (
            federated(json!({ "provider": "ecs", "profile": { "ecs": { "instance_ids": [] } } })),
            ".profile.ecs.instance_ids",
            "nobody",
        ),
        (
            federated(json!({ "profile": { "gcp": { "service_account_id": "1", "instance_ids": ["a", ""] } } })),
            ".profile.gcp.instance_ids[1]",
            "1 to 512",
        ),
        (
            federated(json!({ "profile": { "gitlab": { "project_id": "1", "ref_type": "x" } } })),
            ".profile.gitlab.ref_type",
            "neither",
        ),
        (
            federated(json!({ "profile": { "kubernetes": { "namespace": "a" } } })),
            "",
            "missing field `service_account`",
        ),
        (
            federated(json!({ "profile": { "kubernetes": { "namespace": "", "service_account": "b" } } })),
            ".profile.kubernetes.namespace",
            "1 to 512",
        ),
        (spiffe("spiffe://a/"), ".profile.spiffe.id", "not a SPIFFE id"),
        (json!({ "kind": "certificate" }), "", "either `pem`, or a `provider`"),
        (json!({ "kind": "certificate", "pem": pem::EC }), ".pem", "BEGIN CERTIFICATE"),
        (json!({ "kind": "certificate", "pem": two }), ".pem", "one certificate"),
        (json!({ "kind": "certificate", "pem": pem::FIRST, "san_dns": "a" }), "", "either `pem`, or a `provider`"),
        (json!({ "kind": "certificate", "provider": "ca" }), "", "exactly one of `subject_dn`"),
        (json!({ "kind": "certificate", "provider": "ca", "san_dns": "a", "san_uri": "b:c" }), "", "exactly one of"),
        (json!({ "kind": "certificate", "provider": "ca", "san_dns": "*.a" }), ".san_dns", "star"),
        (json!({ "kind": "certificate", "provider": "ca", "san_ip": "10.0.0.0/8" }), ".san_ip", "not an IP address"),
        (json!({ "kind": "certificate", "provider": "ci", "san_dns": "a" }), ".provider", "rests on a private_ca"),
        (json!({ "kind": "certificate", "provider": "no", "san_dns": "a" }), ".provider", "`no` does not exist"),
        (
            json!({ "kind": "jwks", "uri": "https://a/", "not_before": "2030-01-01T00:00:00Z", "expires": "2029-01-01T00:00:00Z" }),
            ".expires",
            "before it becomes valid",
        ),
    ] {
        let refused = core.apply_with(json!([caller_with(json!({ "credentials": [credential] }))]), Options::default());
        let Err(ApplyError::Document(fault)) = refused.await else { panic!("{credential}") };
        let expected = format!("clients[0].credentials[0]{path}");
        if fault.path != expected || !fault.message.contains(message) {
            wrong.push(format!("{credential}: {}: {}", fault.path, fault.message));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(bench.dump().await, before);
}

async fn a_use_of_every_kind_is_noted(bench: Bench) {
    let core = with_every_kind(&bench).await;
    let used: Vec<_> =
        stored(&core).await.into_iter().map(|known| (TENANT.into(), "caller".into(), known.id, START)).collect();
    core.store().note_use(&used).await.unwrap();
    assert!(stored(&core).await.iter().all(|known| known.last_used == Some(START)));
}

async fn every_kind_can_be_revoked(bench: Bench) {
    let core = with_every_kind(&bench).await;
    let by = core.sign_in().await;
    for credential in stored(&core).await {
        let name = credential.name.as_deref().unwrap();
        let what = Revocation::Credential { client_id: "caller", credential: name };
        let revoked = core.revoke(&by, TENANT, what).await.unwrap();
        assert_eq!(revoked.credential, Some(credential.id));
    }
    assert_eq!(cutoffs(&bench).await, 7);
    // None of them is a secret, so none can be shown or revoked as one.
    assert!(core.list_secrets(TENANT, "caller").await.unwrap().is_empty());
    let refused = core.revoke_secret(&by, TENANT, "caller", "own").await.err();
    assert_eq!(refused, Some(ApplyError::NotFound("secret", "own".into())));
}

async fn assertion_and_token_settings_are_read_back(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard()])).await;
    let assertions = json!({ "profile": "strict", "algs": ["ES256"], "max_lifetime": "1m" });
    let document =
        |assertions: &Value| caller_with(json!({ "token": { "certificate_bound": true }, "assertions": assertions }));
    core.apply(json!([document(&assertions)])).await;
    let applications = core.get_applications().await;
    let client = applications.pointer("/0/clients/0").unwrap();
    assert_eq!((&client["assertions"], &client["token"]["certificate_bound"]), (&assertions, &json!(true)));
    assert_eq!(plan(&core.apply(json!([document(&assertions)])).await), [""; 0]);
    for (assertions, path) in [
        (json!({ "profile": "strict", "algs": ["ES256", "RS256"] }), "clients[0].assertions.algs[1]"),
        (json!({ "profile": "lax" }), "clients[0].assertions.profile"),
        (json!({ "max_lifetime": "0s" }), "clients[0].assertions.max_lifetime"),
    ] {
        let refused = core.apply_with(json!([document(&assertions)]), Options::default()).await;
        let Err(ApplyError::Document(fault)) = refused else { panic!("{assertions}") };
        assert_eq!(fault.path, path, "{}", fault.message);
    }
}
