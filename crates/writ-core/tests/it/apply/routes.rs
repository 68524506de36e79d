//! Routes as documents: made, changed, pruned, and refused when they cannot be meant.

use serde_json::{Value, json};
use writ_core::apply::{ApplyError, Options};
use writ_core::document::{Kind, list_from_json};

use crate::sample::{dashboard, with};
use crate::support::{Bench, both_engines, plan};

both_engines!(
    a_route_is_made_changed_and_deleted,
    routes_are_pruned_with_the_rest,
    a_route_needs_its_resource_server,
    two_routes_do_not_claim_the_same_requests,
    a_host_of_another_tenant_is_not_to_be_had,
    a_fault_is_told_with_its_place,
);

fn route(name: &str, path: &str) -> Value {
    json!({
        "kind": "route", "name": name, "match": { "path": path },
        "require": { "audience": "api://dashboard", "permission": "announce:read" },
        "upstream": { "url": "http://127.0.0.1:9000" },
    })
}

async fn a_route_is_made_changed_and_deleted(bench: Bench) {
    let core = bench.open().await;
    let applied = core.apply(json!([route("a", "/a"), dashboard()])).await;
    assert_eq!(plan(&applied), ["create application dashboard", "create route a"]);
    let again = core.apply(json!([route("a", "/a")])).await;
    assert_eq!((plan(&again), again.unchanged), (vec![], 1));
    let changed = with(route("a", "/a"), "/upstream", json!({ "timeout": "90s", "health_path": "/up" }));
    assert_eq!(plan(&core.apply(json!([changed])).await), ["update route a"]);
    let stored = core.store().routes("default").await.unwrap();
    let stored: Vec<_> = stored.iter().map(|(_, route)| serde_json::to_value(&route.upstream).unwrap()).collect();
    let expected =
        json!({ "url": "http://127.0.0.1:9000", "token": "forward", "timeout": "90s", "health_path": "/up" });
    assert_eq!(stored, [expected]);
    assert_eq!(plan(&core.delete(Kind::Route, "a").await.unwrap()), ["delete route a"]);
    assert!(matches!(core.delete(Kind::Route, "a").await, Err(ApplyError::NotFound("route", _))));
    assert_eq!(core.snapshot().tenant("default").unwrap().routes.iter().count(), 0);
}

async fn routes_are_pruned_with_the_rest(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), route("a", "/a"), route("b", "/b")])).await;
    let options = Options { prune: true, ..Options::default() };
    let applied = core.apply_with(json!([dashboard(), route("b", "/b")]), options).await.unwrap();
    assert_eq!(plan(&applied), ["delete route a"]);
    // With its resource server, the last one goes as well.
    let applied = core.apply_with(json!([]), options).await.unwrap();
    assert!(plan(&applied).contains(&"delete route b".to_owned()), "{:?}", plan(&applied));
}

async fn a_route_needs_its_resource_server(bench: Bench) {
    let core = bench.open().await;
    let ApplyError::Document(fault) = core.refuse(json!([route("a", "/a")])).await else { panic!("no fault") };
    assert_eq!((fault.document, &*fault.path), (Some(0), "require.audience"));
    core.apply(json!([dashboard(), route("a", "/a")])).await;
    let refused = core.delete(Kind::Application, "dashboard").await.err();
    assert!(matches!(&refused, Some(ApplyError::Conflict(why)) if why.contains("route `a`")), "{refused:?}");
}

async fn two_routes_do_not_claim_the_same_requests(bench: Bench) {
    let core = bench.open().await;
    let of = |name: &str, path: &str, hosts: &[&str], methods: &[&str]| {
        with(route(name, path), "/match", json!({ "hosts": hosts, "methods": methods }))
    };
    core.apply(json!([dashboard(), of("a", "/a/{x}", &[], &["GET"]), of("h", "/h", &["h.example"], &[])])).await;
    for twin in [
        of("b", "/a/*", &[], &["GET"]),
        of("b", "/A/{y}", &[], &["POST", "GET"]),
        of("b", "/a/{x}", &[], &[]),
        of("b", "/h", &["x.example", "H.EXAMPLE"], &[]),
        of("b", "/h", &["h.example:8090"], &[]),
    ] {
        let ApplyError::Document(fault) = core.refuse(json!([twin])).await else { panic!("{twin}") };
        assert!(fault.message.contains("`b`") && fault.message.contains("claim the same"), "{}", fault.message);
    }
    core.apply(json!([of("b", "/a/{x}", &[], &["POST"]), of("c", "/h", &["x.example"], &[]), of("d", "/h", &[], &[])]))
        .await;
}

async fn a_host_of_another_tenant_is_not_to_be_had(bench: Bench) {
    let core = bench.open().await;
    let hosted = |name: &str, host: &str| with(route(name, "/**"), "/match", json!({ "hosts": [host] }));
    core.apply(json!([
        dashboard(), hosted("ours", "ours.example"),
        { "kind": "tenant", "name": "acme", "hosts": ["acme.example"] },
    ]))
    .await;
    let by = core.sign_in().await;
    for host in ["127.0.0.1", "127.0.0.1:8090", "localhost", "OURS.example", "ours.example:1"] {
        let documents = list_from_json(json!([dashboard(), hosted("theirs", host)])).unwrap();
        let refused = writ_core::Core::apply(&core, &by, "acme", documents, Options::default()).await.err();
        let Some(ApplyError::Document(fault)) = refused else { panic!("{host}: {refused:?}") };
        assert_eq!(fault.path, "match.hosts[0]", "{host}: {}", fault.message);
    }
    core.apply_to("acme", &by, list_from_json(json!([dashboard(), hosted("theirs", "api.acme.example")])).unwrap())
        .await;
    let snapshot = core.snapshot();
    let owner = |host: &str| snapshot.by_gateway_host(host).map(|tenant| tenant.name.clone());
    assert_eq!(owner("api.acme.example:8090").as_deref(), Some("acme"));
    assert_eq!(owner("acme.example:8090").as_deref(), Some("acme"));
    assert_eq!(owner("ours.example").as_deref(), Some("default"));
    assert_eq!(owner("127.0.0.1:8090").as_deref(), Some("default"));
    assert_eq!(owner("unknown.example"), None);
    // A host that a tenant is given later is that tenant's, whatever another's route says.
    core.apply(json!([{ "kind": "tenant", "name": "late", "hosts": ["api.acme.example"] }])).await;
    let snapshot = core.snapshot();
    assert_eq!(snapshot.by_gateway_host("api.acme.example").unwrap().name, "late");
}

async fn a_fault_is_told_with_its_place(bench: Bench) {
    let core = bench.open().await;
    for (pointer, fields, path) in [
        ("/match", json!({ "path": "/a//b" }), "match.path"),
        ("/match", json!({ "path": "/{a}/{a}" }), "match.path"),
        ("/match", json!({ "methods": ["GET", "post"] }), "match.methods[1]"),
        ("/match", json!({ "hosts": ["ok.example", "a b"] }), "match.hosts[1]"),
        ("/require", json!({ "permission": "a:{b}" }), "require.permission"),
        ("/upstream", json!({ "url": "ftp://a" }), "upstream"),
        ("/upstream", json!({ "urls": ["http://a"] }), "upstream"),
        ("/upstream", json!({ "health_path": "/../x" }), "upstream.health_path"),
    ] {
        let document = with(route("a", "/a"), pointer, fields);
        let ApplyError::Document(fault) = core.refuse(json!([dashboard(), document])).await else { panic!("{path}") };
        assert_eq!((fault.document, &*fault.path), (Some(1), path), "{}", fault.message);
    }
}
