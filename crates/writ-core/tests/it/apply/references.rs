//! Nothing refers to what is not there, whichever end of the reference changes.

use serde_json::{Value, json};
use writ_core::apply::{ApplyError, Options};
use writ_core::document::Kind;

use crate::sample::{caller, caller_with, dashboard, office, with};
use crate::support::{Bench, both_engines};

both_engines!(
    a_reference_to_nothing_is_refused,
    what_is_referred_to_cannot_be_taken_away,
    both_ends_of_a_reference_can_go_at_once,
    a_default_scope_must_be_granted,
);

async fn a_reference_to_nothing_is_refused(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard()])).await;
    let authorization = |audience: &str, permissions: Value| json!({ "authorizations": [{ "audience": audience, "permissions": permissions }] });
    for (fields, missing) in [
        (authorization("api://nothing", json!("all")), "a resource server with the audience `api://nothing`"),
        (authorization("api://nothing", json!(["x"])), "a resource server with the audience `api://nothing`"),
        (authorization("api://dashboard", json!(["x"])), "the permission `x` of `api://dashboard`"),
        (authorization("api://dashboard", json!(["ANNOUNCE:READ"])), "the permission `ANNOUNCE:READ`"),
        (authorization("https://dashboard.example", json!("all")), "a resource server with the audience `https://dash"),
        (json!({ "networks": ["nowhere"] }), "the network zone `nowhere`"),
        (json!({ "networks": ["first"] }), "the network zone `first`"),
        (json!({ "issuers": ["third"] }), "the issuer `third`"),
    ] {
        let refused = core.refuse(json!([caller_with(fields)])).await;
        assert!(matches!(refused, ApplyError::Document(_)), "{refused:?}");
        let expected = format!("the client `caller` refers to {missing}");
        assert!(refused.to_string().starts_with(&expected), "{refused}");
    }
}

async fn what_is_referred_to_cannot_be_taken_away(bench: Bench) {
    let core = bench.open().await;
    let caller = caller_with(json!({ "networks": ["office"], "issuers": ["second"] }));
    core.apply(json!([office(), dashboard(), caller])).await;
    let before = bench.dump().await;
    let without_permission =
        with(dashboard(), "/resource_server", json!({ "permissions": [{ "id": "announce:write" }] }));
    let without_server = json!({ "kind": "application", "id": "dashboard" });
    for (document, missing) in [
        (without_permission, "the permission `announce:read` of `api://dashboard`"),
        (without_server, "a resource server with the audience `api://dashboard`"),
    ] {
        let refused = core.refuse(json!([document])).await;
        assert!(matches!(refused, ApplyError::Conflict(_)), "{refused:?}");
        assert!(refused.to_string().contains(missing), "{refused}");
        // Also when the client's own document is there and says the same as before.
        assert!(matches!(core.refuse(json!([caller, document])).await, ApplyError::Document(_)));
    }
    let pruned = core.apply_with(json!([caller, dashboard()]), Options { dry_run: false, prune: true }).await.err();
    assert!(pruned.is_some_and(|refused| refused.to_string().contains("the network zone `office`")));
    for (kind, name) in [(Kind::Application, "dashboard"), (Kind::NetworkZone, "office"), (Kind::Issuer, "second")] {
        let refused = core.delete(kind, name).await.err();
        let message = format!("the {kind} `{name}` is in use by the client `caller`");
        assert_eq!(refused, Some(ApplyError::Conflict(message)));
    }
    assert_eq!(bench.dump().await, before);
}

async fn both_ends_of_a_reference_can_go_at_once(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    let without = with(dashboard(), "/resource_server", json!({ "permissions": [{ "id": "announce:write" }] }));
    core.apply(json!([without, caller_with(json!({ "authorizations": [] }))])).await;
    core.apply(json!([dashboard(), caller()])).await;
    core.apply_with(json!([]), Options { dry_run: false, prune: true }).await.unwrap();
}

async fn a_default_scope_must_be_granted(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard()])).await;
    let refused = core.refuse(json!([caller_with(json!({ "default_scopes": ["announce:write"] }))])).await;
    let ApplyError::Document(fault) = refused else { panic!("{refused:?}") };
    assert_eq!(fault.path, "clients[0].default_scopes[0]");
}
