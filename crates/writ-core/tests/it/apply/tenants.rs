//! Tenants and their front doors.

use serde_json::json;
use writ_core::apply::{ApplyError, Options};
use writ_core::document::{Kind, list_from_json};
use writ_core::store::KeyState;
use writ_oauth::jose::Alg;

use crate::sample::{SECRET, caller, dashboard};
use crate::support::{Bench, ROOT, TENANT, both_engines, plan};
use crate::token::{Steps, TokenRequest, header};

both_engines!(
    a_tenant_comes_with_its_front_doors,
    a_host_chooses_one_tenant,
    only_the_operator_makes_tenants,
    a_tenant_with_applications_is_not_deleted,
    an_issuer_is_one_of_its_dialect_and_keeps_it,
    another_algorithm_makes_another_key,
);

async fn a_tenant_comes_with_its_front_doors(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([
        { "kind": "tenant", "name": "below" },
        { "kind": "tenant", "name": "apart", "url": "https://apart.example" },
    ]))
    .await;
    let snapshot = core.snapshot();
    let urls = |tenant: &str| {
        let tenant = snapshot.tenant(tenant).unwrap();
        tenant.issuers.iter().map(|issuer| issuer.url.clone()).collect::<Vec<_>>()
    };
    let paths = ["/oauth2", "/inverted", "/second"];
    assert_eq!(urls("below"), paths.map(|path| format!("{ROOT}/t/below{path}")));
    assert_eq!(urls("apart"), paths.map(|path| format!("https://apart.example{path}")));
    let name = |host: &str| snapshot.by_host(host).map(|tenant| tenant.name.clone());
    assert_eq!(name("apart.example").as_deref(), Some("apart"));
    assert_eq!(name("127.0.0.1:8080").as_deref(), Some("default"));
    assert_eq!(name("unknown.example"), None);
    let kids: std::collections::HashSet<_> =
        core.store().signing_keys().await.unwrap().into_iter().map(|key| key.kid).collect();
    assert_eq!(kids.len(), 9, "every front door has a key of its own");
}

async fn a_host_chooses_one_tenant(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([{ "kind": "tenant", "name": "a", "hosts": ["A.example"], "url": "https://root.example" }])).await;
    for (tenant, path) in [
        (json!({ "kind": "tenant", "name": "b", "hosts": ["ok.example", "a.EXAMPLE"] }), "hosts[1]"),
        (json!({ "kind": "tenant", "name": "b", "hosts": ["root.example"] }), "hosts[0]"),
        (json!({ "kind": "tenant", "name": "b", "hosts": ["127.0.0.1:8080"] }), "hosts[0]"),
        (json!({ "kind": "tenant", "name": "b", "url": "https://a.example" }), "url"),
        (json!({ "kind": "tenant", "name": "b", "url": "https://ROOT.example" }), "url"),
    ] {
        let refused = core.refuse(json!([tenant])).await;
        let ApplyError::Document(fault) = refused else { panic!("{tenant}: {refused:?}") };
        assert_eq!(fault.path, path, "{tenant}: {}", fault.message);
    }
    // A host passes from one to another, in either order of the documents.
    let give = |from: &str, to: &str| {
        [json!({ "kind": "tenant", "name": from }), json!({ "kind": "tenant", "name": to, "hosts": ["a.example"] })]
    };
    let [gives, takes] = give("a", "b");
    core.apply(json!([takes, gives])).await;
    assert_eq!(core.snapshot().by_host("A.example:9").unwrap().name, "b");
    core.apply(json!(give("b", "a"))).await;
    assert_eq!(core.snapshot().by_host("a.example").unwrap().name, "a");
}

async fn only_the_operator_makes_tenants(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([{ "kind": "tenant", "name": "other" }])).await;
    let by = core.sign_in().await;
    let documents = list_from_json(json!([{ "kind": "tenant", "name": "third" }])).unwrap();
    let refused = writ_core::Core::apply(&core, &by, "other", documents, Options::default()).await.err();
    assert!(matches!(refused, Some(ApplyError::Document(_))), "{refused:?}");
    let refused = writ_core::Core::delete(&core, &by, "other", Kind::Tenant, "other").await.err();
    assert_eq!(refused, Some(ApplyError::NotFound("tenant", "other".into())));
}

async fn a_tenant_with_applications_is_not_deleted(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([{ "kind": "tenant", "name": "other" }])).await;
    let by = core.sign_in().await;
    let documents = list_from_json(json!([dashboard()])).unwrap();
    writ_core::Core::apply(&core, &by, "other", documents, Options::default()).await.unwrap();
    assert!(matches!(core.delete(Kind::Tenant, "other").await.err(), Some(ApplyError::Conflict(_))));
    writ_core::Core::delete(&core, &by, "other", Kind::Application, "dashboard").await.unwrap();
    core.delete(Kind::Tenant, "other").await.unwrap();
    assert!(core.snapshot().tenant("other").is_none());
}

async fn an_issuer_is_one_of_its_dialect_and_keeps_it(bench: Bench) {
    let core = bench.open().await;
    let issuer = |name: &str, dialect: &str, alg: &str| json!([{ "kind": "issuer", "name": name, "dialect": dialect, "signing": { "alg": alg } }]);
    for (document, path) in [
        (issuer("third", "first", "ES256"), "dialect"),
        (issuer("first", "third", "ES256"), "dialect"),
        (issuer("first", "first", "HS256"), "signing.alg"),
    ] {
        let refused = core.refuse(document).await;
        let ApplyError::Document(fault) = refused else { panic!("{refused:?}") };
        assert_eq!(fault.path, path);
    }
    core.delete(Kind::Issuer, "second").await.unwrap();
    let refused = core.refuse(issuer("first", "second", "ES256")).await;
    assert!(refused.to_string().contains("the dialect of an issuer is immutable"), "{refused}");
    assert_eq!(plan(&core.apply(issuer("front", "second", "EdDSA")).await), ["create issuer front"]);
    assert_eq!(plan(&core.apply(issuer("front", "second", "EdDSA")).await), [""; 0]);
}

async fn another_algorithm_makes_another_key(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    let request = TokenRequest::of("caller", SECRET).at("second");
    let before = core.token(&request).await.unwrap();
    let issuer = json!([{ "kind": "issuer", "name": "second", "dialect": "second", "signing": { "alg": "ES384" },
        "token": { "lifetime": "5m" } }]);
    assert_eq!(plan(&core.apply(issuer).await), ["update issuer second"]);
    let after = core.token(&request).await.unwrap();
    assert_eq!(header(before.access_token())["alg"], "EdDSA");
    assert_eq!(header(after.access_token())["alg"], "ES384");
    assert_eq!((before.expires_in, after.expires_in), (3600, 300));
    let keys = core.store().signing_keys().await.unwrap();
    let mut states: Vec<_> = keys.iter().filter(|key| key.issuer == "second").map(|key| (key.state, key.alg)).collect();
    states.sort_by_key(|(state, _)| *state);
    let expected = [(KeyState::Next, Alg::ES384), (KeyState::Active, Alg::ES384), (KeyState::Retired, Alg::EdDSA)];
    assert_eq!(states, expected);
    // Verifiers still find the key of the tokens that live on.
    let snapshot = core.snapshot();
    let jwks = &snapshot.tenant(TENANT).unwrap().issuer("second").unwrap().jwks;
    for token in [&before, &after] {
        assert!(jwks.contains(header(token.access_token())["kid"].as_str().unwrap()));
    }
}
