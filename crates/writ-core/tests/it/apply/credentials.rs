//! Credentials: matched by name, else by digest; kept, replaced, made and pruned.

use serde_json::{Value, json};
use writ_core::apply::{ApplyError, Options};

use crate::sample::{SECRET, caller, caller_with, dashboard};
use crate::support::{Bench, Running, TENANT, both_engines, plan};
use crate::token::{Steps, TokenRequest};
use writ_oauth::Refusal;

both_engines!(
    no_list_leaves_credentials_alone,
    an_absent_value_keeps_the_stored_one,
    another_value_takes_the_place_of_a_named_secret,
    an_unnamed_secret_is_known_by_its_digest_or_its_id,
    unnamed_secrets_stay_unless_pruned,
    a_rotation_in_one_step_works_in_either_order,
    an_unnamed_secret_can_be_given_a_name,
    a_generated_secret_is_made_once,
    status_and_times_of_a_secret_are_changed,
    values_that_cannot_be_are_refused,
);

const OTHER: &str = "another-secret-of-some-length";

async fn apply(core: &Running, credentials: Value) -> Vec<String> {
    plan(&core.apply(json!([caller_with(json!({ "credentials": credentials }))])).await)
}

fn prune() -> Options {
    Options { dry_run: false, prune: true }
}

async fn works(core: &Running, secret: &str) -> bool {
    match core.authenticated(&TokenRequest::of("caller", secret)).await {
        Ok(_) => true,
        Err(refused) => {
            assert_eq!(refused.refusal, Refusal::SecretWrong);
            false
        }
    }
}

/// The names and ids of the client's secrets.
async fn stored(core: &Running) -> Vec<(Option<String>, String)> {
    let secrets = core.list_secrets(TENANT, "caller").await.unwrap();
    secrets.into_iter().map(|secret| (secret.name, secret.id)).collect()
}

async fn with_caller(bench: &Bench) -> Running {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    core
}

async fn no_list_leaves_credentials_alone(bench: Bench) {
    let core = with_caller(&bench).await;
    let mut document = caller();
    document["clients"][0].as_object_mut().unwrap().remove("credentials");
    document["clients"][0]["status"] = json!("disabled");
    for options in [Options::default(), prune()] {
        core.apply_with(json!([dashboard(), document]), options).await.unwrap();
        assert_eq!(stored(&core).await.len(), 1);
    }
    assert_eq!(apply(&core, json!([])).await, ["update application caller"]);
    assert_eq!(stored(&core).await, []);
}

async fn an_absent_value_keeps_the_stored_one(bench: Bench) {
    let core = with_caller(&bench).await;
    assert_eq!(apply(&core, json!([{ "kind": "secret", "name": "first" }])).await, [""; 0]);
    assert!(works(&core, SECRET).await);
    let unknown = caller_with(json!({ "credentials": [{ "kind": "secret", "name": "second" }] }));
    let ApplyError::Document(fault) = core.refuse(json!([unknown])).await else { panic!("another error") };
    assert_eq!((fault.document, &*fault.path), (Some(0), "clients[0].credentials[0]"));
    assert_eq!(fault.message, "no secret `second` is stored, and no `value` is given");
}

async fn another_value_takes_the_place_of_a_named_secret(bench: Bench) {
    let core = with_caller(&bench).await;
    let before = stored(&core).await;
    let list = json!([{ "kind": "secret", "name": "first", "value": OTHER }]);
    assert_eq!(apply(&core, list.clone()).await, ["update application caller"]);
    assert!(works(&core, OTHER).await);
    assert!(!works(&core, SECRET).await);
    let after = stored(&core).await;
    assert_eq!(after.len(), 1);
    assert_ne!(after[0].1, before[0].1, "another secret has the id of the old one");
    assert_eq!(apply(&core, list).await, [""; 0]);
    let audit = core.store().audit_after(TENANT, 2, 10).await.unwrap();
    let mut said: Vec<_> = audit.iter().map(|record| format!("{} {}", record.action, record.kind)).collect();
    said.sort();
    assert_eq!(said, ["create secret", "delete secret", "update application"]);
}

async fn an_unnamed_secret_is_known_by_its_digest_or_its_id(bench: Bench) {
    let core = with_caller(&bench).await;
    let list = json!([{ "kind": "secret", "name": "first" }, { "kind": "secret", "value": OTHER }]);
    assert_eq!(apply(&core, list.clone()).await, ["update application caller"]);
    assert_eq!(apply(&core, list).await, [""; 0]);
    let id = stored(&core).await.into_iter().find(|(name, _)| name.is_none()).unwrap().1;
    let by_id = json!([{ "kind": "secret", "name": "first" }, { "kind": "secret", "id": id, "status": "disabled" }]);
    assert_eq!(apply(&core, by_id).await, ["update application caller"]);
    let refused = core.authenticated(&TokenRequest::of("caller", OTHER)).await.err().unwrap();
    assert_eq!(refused.refusal, Refusal::CredentialDisabled);
    // An id of another installation, with the value: the value says which one is meant.
    let foreign = json!([{ "kind": "secret", "name": "first" }, { "kind": "secret", "id": "sec_x", "value": OTHER }]);
    assert_eq!(apply(&core, foreign.clone()).await, ["update application caller"]);
    assert_eq!(apply(&core, foreign).await, [""; 0]);
    assert!(works(&core, OTHER).await);
}

async fn unnamed_secrets_stay_unless_pruned(bench: Bench) {
    let core = with_caller(&bench).await;
    apply(&core, json!([{ "kind": "secret", "value": OTHER }])).await;
    assert!(!works(&core, SECRET).await, "a named secret that the list does not name stays");
    assert_eq!(apply(&core, json!([])).await, [""; 0]);
    assert!(works(&core, OTHER).await);
    let document = caller_with(json!({ "credentials": [] }));
    core.apply_with(json!([dashboard(), document]), prune()).await.unwrap();
    assert!(!works(&core, OTHER).await);
    assert_eq!(stored(&core).await, []);
}

/// The usual rotation: the new value comes under the old name, the old value stays for a while under another.
async fn a_rotation_in_one_step_works_in_either_order(bench: Bench) {
    let core = with_caller(&bench).await;
    let mut list = vec![
        json!({ "kind": "secret", "name": "first", "value": OTHER }),
        json!({ "kind": "secret", "name": "previous", "value": SECRET, "expires": "2030-01-01T00:00:00Z" }),
    ];
    for _ in 0..2 {
        core.apply(json!([caller()])).await;
        assert_eq!(stored(&core).await.len(), 1);
        assert_eq!(apply(&core, json!(list)).await, ["update application caller"], "{list:?}");
        assert!(works(&core, SECRET).await && works(&core, OTHER).await);
        assert_eq!(stored(&core).await.len(), 2);
        assert_eq!(apply(&core, json!(list)).await, [""; 0]);
        list.reverse();
    }
    // The two names change places.
    let swapped = json!([
        { "kind": "secret", "name": "first", "value": SECRET },
        { "kind": "secret", "name": "previous", "value": OTHER },
    ]);
    assert_eq!(apply(&core, swapped.clone()).await, ["update application caller"]);
    assert_eq!(apply(&core, swapped).await, [""; 0]);
    assert!(works(&core, SECRET).await && works(&core, OTHER).await);
}

async fn an_unnamed_secret_can_be_given_a_name(bench: Bench) {
    let core = with_caller(&bench).await;
    apply(&core, json!([{ "kind": "secret", "value": OTHER }])).await;
    let named = json!([{ "kind": "secret", "name": "now-named", "value": OTHER }]);
    assert_eq!(apply(&core, named.clone()).await, ["update application caller"]);
    assert_eq!(stored(&core).await[0].0.as_deref(), Some("now-named"));
    assert_eq!(apply(&core, named).await, [""; 0]);
    assert!(works(&core, OTHER).await);
}

async fn a_generated_secret_is_made_once(bench: Bench) {
    let core = with_caller(&bench).await;
    let list = json!([{ "kind": "secret", "name": "made", "value": { "generate": true } }]);
    let document = json!([caller_with(json!({ "credentials": list }))]);
    let applied = core.apply(document.clone()).await;
    let [generated] = &*applied.generated else { panic!("{} were made", applied.generated.len()) };
    assert_eq!((&*generated.client_id, &*generated.name), ("caller", "made"));
    assert!(works(&core, generated.secret.expose()).await);
    let again = core.apply(document).await;
    assert_eq!((again.generated.len(), again.sequence), (0, None));
    assert!(works(&core, generated.secret.expose()).await);
    let unnamed = json!([caller_with(json!({ "credentials": [{ "kind": "secret", "value": { "generate": true } }] }))]);
    assert!(core.refuse(unnamed).await.to_string().contains("needs a `name`"));
}

async fn status_and_times_of_a_secret_are_changed(bench: Bench) {
    let core = with_caller(&bench).await;
    let id = stored(&core).await;
    let with = |fields: Value| {
        let mut secret = json!({ "kind": "secret", "name": "first" });
        secret.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!([secret])
    };
    let refusal = async |fields: Value| {
        assert_eq!(apply(&core, with(fields.clone())).await, ["update application caller"], "{fields}");
        assert_eq!(apply(&core, with(fields)).await, [""; 0]);
        core.authenticated(&TokenRequest::of("caller", SECRET)).await.err().unwrap().refusal
    };
    assert_eq!(refusal(json!({ "status": "disabled" })).await, Refusal::CredentialDisabled);
    assert_eq!(refusal(json!({ "expires": "2020-01-01T00:00:00Z" })).await, Refusal::CredentialExpired);
    assert_eq!(refusal(json!({ "not_before": "2040-01-01T00:00:00Z" })).await, Refusal::CredentialNotYetValid);
    // What a document does not say takes its default: enabled, and no limits.
    assert_eq!(apply(&core, with(json!({}))).await, ["update application caller"]);
    assert!(works(&core, SECRET).await);
    assert_eq!(stored(&core).await, id);
}

async fn values_that_cannot_be_are_refused(bench: Bench) {
    let core = with_caller(&bench).await;
    let before = bench.dump().await;
    for (list, path, message) in [
        (json!([{ "kind": "secret", "value": "short" }]), "clients[0].credentials[0].value", "16 to 512 bytes"),
        (json!([{ "kind": "secret", "value": "x".repeat(513) }]), "clients[0].credentials[0].value", "has 513"),
        (json!([{ "kind": "secret", "value": format!("{OTHER}\n") }]), "clients[0].credentials[0].value", "line break"),
        (
            json!([{ "kind": "secret", "name": "a", "value": OTHER }, { "kind": "secret", "name": "a" }]),
            "clients[0].credentials[1].name",
            "the same name",
        ),
        (
            json!([{ "kind": "secret", "name": "a", "value": OTHER }, { "kind": "secret", "value": OTHER }]),
            "clients[0].credentials[1]",
            "the same value",
        ),
    ] {
        let refused = core.refuse(json!([caller_with(json!({ "credentials": list }))])).await;
        let ApplyError::Document(fault) = refused else { panic!("{refused:?}") };
        assert_eq!((fault.document, &*fault.path), (Some(0), path));
        assert!(fault.message.contains(message), "{}", fault.message);
        assert!(!fault.message.contains(OTHER), "a secret is in a message");
    }
    assert_eq!(bench.dump().await, before);
}
