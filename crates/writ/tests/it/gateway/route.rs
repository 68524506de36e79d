//! Which route a request has, by host, path and method.

use serde_json::json;
use writ_oauth::Refusal;

use super::{API, GROWTH, READ, Scene, route};
use crate::support::call::Call;
use crate::support::catalogue::SECRET;
use crate::support::door::Door;
use crate::support::server::Server;

#[test]
fn a_captured_segment_stands_in_the_permission() {
    let scene = Scene::new();
    let token = scene.token("partner");
    scene.get(&token, "/growth/2019").ok();
    assert_eq!(scene.upstream.only().line(), "GET /growth/2019");
    scene.upstream.forget();
    let reply = scene.get(&token, "/growth/2020");
    assert_eq!(reply.error(403), "insufficient_scope");
    assert!(reply.header("www-authenticate").unwrap().contains(r#"scope="user-growth:2020:read""#));
    // What could be read as more than one part of a permission is no year.
    for path in ["/growth/2019:read", "/growth/%2A", "/growth/*", "/growth/a%7Cb", "/growth/a,b"] {
        assert_eq!(scene.get(&token, path).error(400), "invalid_request", "{path}");
    }
    assert_eq!(scene.get(&token, "/growth").error(404), "not_found");
    assert_eq!(scene.get(&token, "/growth/2019/x").error(404), "not_found");
    assert!(scene.upstream.seen().is_empty());
}

#[test]
fn case_97_a_method_that_no_route_takes_is_405_and_never_another_routes() {
    let scene = Scene::new();
    let token = scene.token("writer");
    for method in ["DELETE", "PATCH", "OPTIONS", "get", "Get", "PROPFIND"] {
        let reply = scene.send(&token, &format!("{method} /announcements/7 HTTP/1.1\r\ncontent-length: 0\r\n"));
        assert_eq!(reply.error(405), "invalid_request", "{method}");
        assert_eq!(reply.header("allow").as_deref(), Some("GET, HEAD, POST, PUT"), "{method}");
    }
    // A laxer route around it takes any method, but not for these paths.
    scene.server.apply("default", &route("lax", json!({"path": "/**"}), READ, &scene.upstream.url()));
    scene.send(&token, "DELETE /elsewhere HTTP/1.1\r\ncontent-length: 0\r\n").ok();
    scene.upstream.forget();
    let reply = scene.send(&token, "DELETE /announcements/7 HTTP/1.1\r\ncontent-length: 0\r\n");
    assert_eq!(reply.error(405), "invalid_request");
    assert_eq!(scene.get(&token, "/any/admin/x").error(403), "insufficient_scope");
    assert!(scene.upstream.seen().is_empty());
}

#[test]
fn a_request_is_not_reflected_and_no_tunnel_is_dug() {
    let scene = Scene::new();
    let token = scene.token("partner");
    let trace = scene.send(&token, "TRACE /any HTTP/1.1\r\n");
    assert_eq!((trace.error(405), trace.header("allow").as_deref()), ("invalid_request".to_owned(), Some("")));
    let connect = scene.send(&token, "CONNECT writ.example:80 HTTP/1.1\r\n");
    assert!((400..500).contains(&connect.status), "{connect:?}");
    let asterisk = scene.send(&token, "OPTIONS * HTTP/1.1\r\n");
    assert_eq!(asterisk.error(400), "invalid_request");
    assert!(scene.upstream.seen().is_empty());
}

/// The gateway has no paths of its own that could be taken for a route's, and no caller is waved through by its name.
#[test]
fn case_98_health_paths_and_well_known_callers_are_like_any_other() {
    let scene = Scene::new();
    scene.server.apply("default", &route("all", json!({"path": "/**"}), READ, &scene.upstream.url()));
    for path in ["/healthz", "/readyz", "/metrics", "/ping", "/.well-known/x", "/robots.txt", "/favicon.ico", "/"] {
        for agent in ["kube-probe/1.30", "GoogleHC/1.0", "ELB-HealthChecker/2.0", "Prometheus/3.0"] {
            let reply = scene.send_raw(&format!("GET {path} HTTP/1.1\r\nuser-agent: {agent}\r\n"));
            assert_eq!(reply.error(401), "invalid_token", "{path} {agent}");
        }
    }
    assert!(scene.upstream.seen().is_empty());
}

#[test]
fn nothing_is_let_through_that_no_route_names() {
    let scene = Scene::new();
    let token = scene.token("partner");
    for path in ["/", "/announcementsx", "/api", "/api/x", "/other"] {
        assert_eq!(scene.get(&token, path).error(404), "not_found", "{path}");
    }
    let call = Call::get("/nowhere").bearer(&token);
    scene.server.gateway(&call).is(Refusal::RouteUnknown);
    scene.server.gateway(&Call::get("/any").host("unknown.example").bearer(&token)).is(Refusal::HostUnknown);
    assert!(scene.upstream.seen().is_empty());
}

#[test]
fn a_host_has_its_own_routes_before_those_of_every_host() {
    let scene = Scene::new();
    let token = scene.token("partner");
    for host in ["dashboard.example", "DASHBOARD.example:8090", "dashboard.example:443"] {
        let call = |path: &str| Call::get(path).host(host).bearer(&token);
        assert_eq!(scene.server.gateway(&call("/api/x")).ok().text, "ok", "{host}");
        // The routes for every host are there, too.
        scene.server.gateway(&call("/any")).ok();
    }
    for host in ["dashboard.example.evil", "xdashboard.example", "dashboard.example:x", ""] {
        let call = Call::get("/api/x").host(host).bearer(&token);
        assert!(matches!(scene.server.gateway(&call).status, 400 | 404), "{host}");
    }
    assert_eq!(scene.upstream.seen().len(), 6);
}

#[test]
fn a_tenant_has_its_own_routes_and_cannot_take_the_host_of_another() {
    let scene = Scene::new();
    let token = scene.token("partner");
    scene.server.apply("default", &json!({"kind": "tenant", "name": "acme", "hosts": ["acme.example"]}));
    let document = |hosts: &[&str]| {
        let server = json!({"kind": "application", "id": "api", "resource_server": {
            "audience": API, "permissions": [{"id": READ}, {"id": GROWTH}]}});
        let client = super::client("partner", API, &[READ, GROWTH]);
        json!([server, client, route("all", json!({"path": "/**", "hosts": hosts}), READ, &scene.upstream.url())])
    };
    for host in ["writ.example", "WRIT.example:8090", "dashboard.example", "dashboard.example:81"] {
        let call = Call::post("/v1/tenants/acme/apply").json(&document(&[host]));
        let answer = scene.server.administer(call);
        assert_eq!(answer.error(422), "invalid_document", "{host}");
        assert!(answer.text.contains("match.hosts[0]") && answer.text.contains("another tenant's"), "{}", answer.text);
    }
    scene.server.apply("acme", &document(&["api.acme.example"]));
    let ask = Door::Oauth.grant_at("").host("acme.example").and("scope", READ).and("resource", API);
    let of_acme = scene.server.public(&ask.basic("partner", SECRET)).token();
    let call = |host: &str, token: &str| scene.server.gateway(&Call::get("/any").host(host).bearer(token));
    call("api.acme.example", &of_acme).ok();
    assert_eq!(call("api.acme.example", &token).error(401), "invalid_token");
    assert_eq!(call("writ.example", &of_acme).error(401), "invalid_token");
    call("writ.example", &token).ok();
    // The tenant's own host reaches its routes as well, but this one is for another host.
    assert_eq!(call("acme.example", &of_acme).error(404), "not_found");
}

#[test]
fn documents_that_cannot_be_meant_are_refused_with_the_place() {
    let server = Server::new();
    server.apply("default", &super::parties());
    let refused = |matches: serde_json::Value, permission: &str, upstream: serde_json::Value, place: &str| {
        let mut document = route("r", matches, permission, "");
        document["upstream"] = upstream;
        let answer = server.administer(Call::post("/v1/tenants/default/apply").json(&document));
        assert!(matches!(answer.status, 400 | 422), "{document:#} {}", answer.text);
        assert!(answer.text.contains(place), "{document:#} {}", answer.text);
    };
    let good = || json!({"url": "http://127.0.0.1:9000"});
    refused(json!({"path": "/a/../b"}), READ, good(), "match.path");
    refused(json!({"path": "/a", "methods": ["get"]}), READ, good(), "match.methods[0]");
    refused(json!({"path": "/a", "hosts": ["a/b"]}), READ, good(), "match.hosts[0]");
    refused(json!({"path": "/a/{x}"}), "y:{z}", good(), "require.permission");
    for url in ["ftp://a", "a", "http://u:p@a", "http://a?b", "http://a#b"] {
        refused(json!({"path": "/a"}), READ, json!({"url": url}), "upstream");
    }
    refused(json!({"path": "/a"}), READ, json!({}), "upstream");
    refused(json!({"path": "/a"}), READ, json!({"url": "http://a", "urls": ["http://b"]}), "upstream");
    refused(json!({"path": "/a"}), READ, json!({"url": "http://a", "health_path": "//"}), "upstream.health_path");
    refused(json!({"path": "/a"}), READ, json!({"url": "http://a", "timeout": "0s"}), "upstream.timeout");
    refused(json!({"path": "/a"}), READ, json!({"url": "http://a", "extra": 1}), "extra");
}
