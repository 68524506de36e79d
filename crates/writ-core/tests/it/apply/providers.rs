//! Providers as documents, and what rests on them.

use serde_json::{Value, json};
use writ_core::apply::{ApplyError, Options};
use writ_core::document::Kind;
use writ_core::provider::Trusted;
use writ_oauth::x509::Purpose;

use crate::pem;
use crate::sample::{caller_with, dashboard, with};
use crate::support::{Bench, Running, TENANT, both_engines, plan};

both_engines!(
    providers_are_made_read_changed_and_deleted,
    a_dry_run_makes_none,
    type_and_issuer_are_immutable,
    what_a_credential_rests_on_stays,
    trust_that_is_taken_back_reaches_live_tokens,
    a_provider_is_one_of_its_tenant,
    what_cannot_be_is_refused_with_its_place,
);

/// An OpenID Connect issuer.
pub(crate) fn ci() -> Value {
    json!({
        "kind": "provider", "name": "ci", "status": "enabled", "type": "oidc", "issuer": "https://ci.example",
        "audiences": ["https://writ.example"], "jwks": { "discover": true }, "max_age": "1d",
    })
}

/// A pinned signer of PKCS#7 documents.
pub(crate) fn ecs() -> Value {
    json!({
        "kind": "provider", "name": "ecs", "status": "enabled", "type": "pkcs7", "signers": [pem::SECOND],
        "allow_sha1": true, "signing_time": "pkcs7.payload.jsonData.audience.signingTime", "max_age": "20m",
        "trust_condition": "Equals(pkcs7.payload.jsonData.audience.aud, \"writ\")",
    })
}

/// A private CA.
pub(crate) fn ca() -> Value {
    json!({
        "kind": "provider", "name": "ca", "description": "Ours", "status": "enabled", "type": "private_ca",
        "anchors": [pem::FIRST, pem::SECOND], "crls": [pem::CRL], "crl_required": true, "eku": "1.3.6.1.5.5.7.3.2",
    })
}

/// A client with one federated credential that rests on a provider.
fn resting_on(provider: &str) -> Value {
    let credential =
        json!({ "kind": "federated", "name": "f", "provider": provider, "condition": "Equals(jwt.claims.sub, \"x\")" });
    caller_with(json!({ "credentials": [credential] }))
}

async fn read(core: &Running) -> Value {
    let stored = core.store().providers(TENANT).await.unwrap();
    let document = |(_, provider)| serde_json::to_value(writ_core::document::Document::Provider(provider)).unwrap();
    stored.into_iter().map(document).collect()
}

async fn cutoffs(bench: &Bench) -> i64 {
    bench.number("SELECT COUNT(*) FROM cutoff WHERE client_id = 'caller'").await
}

fn prune() -> Options {
    Options { dry_run: false, prune: true }
}

async fn providers_are_made_read_changed_and_deleted(bench: Bench) {
    let core = bench.open().await;
    let applied = core.apply(json!([ecs(), ca(), ci()])).await;
    assert_eq!(plan(&applied), ["create provider ecs", "create provider ca", "create provider ci"]);
    assert_eq!(read(&core).await, json!([ca(), ci(), ecs()]));
    let again = core.apply(json!([ecs(), ca(), ci()])).await;
    assert_eq!((plan(&again), again.unchanged, again.sequence), (vec![], 3, None));
    let inline = json!({ "inline": { "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] } });
    assert_eq!(plan(&core.apply(json!([with(ci(), "", json!({ "jwks": inline }))])).await), ["update provider ci"]);
    {
        let snapshot = core.snapshot();
        let tenant = snapshot.tenant(TENANT).unwrap();
        assert_eq!(tenant.provider("ci").unwrap().keys.as_ref().unwrap().url(), None);
        let ca = tenant.provider("ca").unwrap();
        assert!(ca.enabled());
        let Some(Trusted::Ca { anchors, purpose }) = &ca.certificates else { panic!("it is a CA") };
        assert_eq!(anchors.certificates().len(), 2);
        assert_eq!(Some(*purpose), Purpose::from_oid("1.3.6.1.5.5.7.3.2"));
        let ecs = &tenant.provider("ecs").unwrap().certificates;
        assert!(
            matches!(ecs, Some(Trusted::Signers(signers)) if signers.pinned.len() == 1 && signers.anchors.is_none())
        );
    }
    assert_eq!(plan(&core.delete(Kind::Provider, "ci").await.unwrap()), ["delete provider ci"]);
    assert!(matches!(core.delete(Kind::Provider, "ci").await, Err(ApplyError::NotFound("provider", _))));
    assert!(core.snapshot().tenant(TENANT).unwrap().provider("ci").is_none());
    let pruned = core.apply_with(json!([ca()]), prune()).await.unwrap();
    assert_eq!(plan(&pruned), ["delete provider ecs"]);
}

async fn a_dry_run_makes_none(bench: Bench) {
    let core = bench.open().await;
    let before = bench.dump().await;
    let options = Options { dry_run: true, prune: false };
    // The credential may rest on what the same request would make.
    let applied = core.apply_with(json!([resting_on("ci"), dashboard(), ci()]), options).await.unwrap();
    assert!(plan(&applied).contains(&"create provider ci".to_owned()));
    assert_eq!(bench.dump().await, before);
}

async fn type_and_issuer_are_immutable(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([ci(), ca()])).await;
    for (document, path, message) in [
        (with(ci(), "", json!({ "issuer": "https://other.example" })), "issuer", "`https://ci.example` is stored"),
        (with(ca(), "", json!({ "name": "ci" })), "type", "`oidc` is stored"),
    ] {
        let ApplyError::Document(fault) = core.refuse(json!([document])).await else { panic!("{path}") };
        assert_eq!((fault.document, &*fault.path), (Some(0), path));
        assert!(fault.message.contains(message), "{}", fault.message);
    }
}

async fn what_a_credential_rests_on_stays(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), ci(), resting_on("ci")])).await;
    let before = bench.dump().await;
    let in_use = "the provider `ci` is in use by the credential `f` of the client `caller`";
    let refused = core.delete(Kind::Provider, "ci").await.err();
    assert_eq!(refused, Some(ApplyError::Conflict(in_use.into())));
    let refused = core.apply_with(json!([dashboard(), resting_on("ci")]), prune()).await.err();
    assert_eq!(refused, Some(ApplyError::Conflict(in_use.into())));
    // The database would not have it either.
    let deleted = sqlx::query("DELETE FROM provider").execute(&mut bench.connect_enforcing().await).await;
    assert!(deleted.is_err());
    assert_eq!(bench.dump().await, before);
    // Both ends go at once, whichever way.
    core.apply_with(json!([dashboard(), caller_with(json!({ "credentials": [] }))]), prune()).await.unwrap();
    assert_eq!(read(&core).await, json!([]));
}

async fn trust_that_is_taken_back_reaches_live_tokens(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), ci(), resting_on("ci")])).await;
    let change = async |fields: Value| {
        bench.sql("DELETE FROM cutoff").await;
        bench.sql("DELETE FROM change").await;
        assert_eq!(plan(&core.apply(json!([with(ci(), "", fields)])).await), ["update provider ci"]);
        let told = bench.number("SELECT COUNT(*) FROM change WHERE kind = 'client' AND name = 'caller'").await;
        assert_eq!(told, 1, "followers keep the client as it was");
        cutoffs(&bench).await
    };
    let audiences = |list: &[&str]| json!({ "audiences": list });
    // What is only added, or said, takes nothing back.
    assert_eq!(change(audiences(&["https://writ.example", "b"])).await, 0);
    assert_eq!(change(json!({ "audiences": ["https://writ.example", "b"], "description": "words" })).await, 0);
    // What is left out, or different, does.
    assert_eq!(change(audiences(&["b"])).await, 1);
    assert_eq!(change(json!({ "audiences": ["b"], "max_age": "1h" })).await, 1);
    assert_eq!(
        change(json!({ "audiences": ["b"], "max_age": "1h", "trust_condition": "Equals(jwt.claims.sub, \"x\")" }))
            .await,
        1
    );
    assert_eq!(
        change(json!({ "audiences": ["b"], "max_age": "1h", "trust_condition": "Equals(jwt.claims.sub, \"x\")", "status": "disabled" })).await,
        1
    );
    assert!(!core.snapshot().tenant(TENANT).unwrap().provider("ci").unwrap().enabled());
    // By what is disabled nobody got anything that could be taken back.
    assert_eq!(change(json!({})).await, 0);
}

async fn a_provider_is_one_of_its_tenant(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([ci(), { "kind": "tenant", "name": "acme" }])).await;
    let by = core.sign_in().await;
    let documents = writ_core::document::list_from_json(json!([dashboard(), resting_on("ci")])).unwrap();
    let refused = writ_core::Core::apply(&core, &by, "acme", documents.clone(), Options::default()).await.err();
    assert!(refused.is_some_and(|refused| refused.to_string().contains("the provider `ci` does not exist")));
    core.apply_to("acme", &by, writ_core::document::list_from_json(json!([ci()])).unwrap()).await;
    core.apply_to("acme", &by, documents).await;
    core.apply_to("acme", &by, writ_core::document::list_from_json(json!([ecs()])).unwrap()).await;
    // With the tenant go its providers.
    for (kind, name) in [(Kind::Application, "caller"), (Kind::Application, "dashboard")] {
        writ_core::Core::delete(&core, &by, "acme", kind, name).await.unwrap();
    }
    core.delete(Kind::Tenant, "acme").await.unwrap();
    assert_eq!(core.store().providers("").await.unwrap().len(), 1);
}

async fn what_cannot_be_is_refused_with_its_place(bench: Bench) {
    let core = bench.open().await;
    let keys = |set: Value| json!({ "jwks": { "inline": set } });
    let mut wrong = Vec::new();
    for (document, fields, path, message) in [
        (ci(), json!({ "type": "saml" }), "", "unknown type `saml`"),
        (ci(), json!({ "name": "a b" }), "name", "not a name"),
        (ci(), json!({ "anchors": [] }), "", "unknown field `anchors`"),
        (ci(), json!({ "issuer": "http://ci.example" }), "issuer", "https"),
        (ci(), json!({ "issuer": "https://ci.example?x" }), "issuer", "no query"),
        (ci(), json!({ "audiences": [] }), "audiences", "1 to 8 audiences"),
        (ci(), json!({ "audiences": ["a", ""] }), "audiences[1]", "1 to 1024 bytes"),
        (ci(), json!({ "jwks": { "discover": false } }), "jwks.discover", "only be `true`"),
        (ci(), json!({ "jwks": { "uri": "http://a" } }), "jwks.uri", "https"),
        (ci(), json!({ "jwks": { "url": "http://a" } }), "", "unknown variant `url`"),
        (ci(), keys(json!({ "keys": [] })), "jwks.inline", "no key"),
        (ci(), keys(json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] })), "jwks.inline", "symmetric"),
        (ci(), json!({ "ca": "x" }), "ca", "BEGIN CERTIFICATE"),
        (ci(), json!({ "ca": pem::NO_CERTIFICATE }), "ca", "BEGIN CERTIFICATE"),
        (ci(), json!({ "trust_condition": "" }), "trust_condition", "not empty"),
        (ci(), json!({ "description": "" }), "description", "1 to 200 characters"),
        (ci(), json!({ "max_age": "0s" }), "", "max_age: expected a duration"),
        (ecs(), json!({ "anchors": [pem::FIRST] }), "", "either `signers` or `anchors`"),
        (ecs(), json!({ "signers": [] }), "", "either `signers` or `anchors`"),
        (ecs(), json!({ "signers": [], "anchors": [pem::FIRST] }), "allow_sha1", "only for pinned"),
        (ecs(), json!({ "signers": [pem::SECOND, pem::EC] }), "signers[1]", "BEGIN CERTIFICATE"),
        (ecs(), json!({ "signing_time": "" }), "signing_time", "not empty"),
        (ca(), json!({ "anchors": [] }), "anchors", "needs a root"),
        (ca(), json!({ "anchors": vec![pem::FIRST; 9] }), "anchors", "at most 8"),
        (ca(), json!({ "crls": [pem::FIRST] }), "crls[0]", "BEGIN X509 CRL"),
        (ca(), json!({ "crls": [] }), "crl_required", "without `crls`"),
        (ca(), json!({ "eku": "server" }), "eku", "neither `client_auth` nor an OID"),
        (ca(), json!({ "eku": "1.03" }), "eku", "neither"),
        (ecs(), json!({ "intermediates": [pem::FIRST] }), "intermediates", "here are none"),
        (
            ecs(),
            json!({ "signers": [], "allow_sha1": false, "anchors": [pem::FIRST], "trust_condition": null }),
            "trust_condition",
            "say who signs",
        ),
    ] {
        let refused = core.apply_with(json!([with(document, "", fields.clone())]), Options::default()).await;
        let Err(ApplyError::Document(fault)) = refused else { panic!("{fields}") };
        if (fault.document, &*fault.path) != (Some(0), path) || !fault.message.contains(message) {
            wrong.push(format!("{fields}: {}: {}", fault.path, fault.message));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for field in ["signing_time", "max_age"] {
        let mut document = ecs();
        document.as_object_mut().unwrap().remove(field);
        let Err(ApplyError::Document(fault)) = core.apply_with(json!([document]), Options::default()).await else {
            panic!("{field}")
        };
        assert!(fault.message.contains(&format!("missing field `{field}`")), "{}", fault.message);
    }
    let attribute = json!({ "signing_time": "attribute", "allow_sha1": false, "signers": [], "anchors": [pem::FIRST],
        "intermediates": [pem::SECOND] });
    core.apply(json!([with(ecs(), "", attribute), with(ca(), "", json!({ "eku": "client_auth" }))])).await;
}
