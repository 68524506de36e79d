//! One form of the path: what is decided on is what the upstream gets, and what could mean two things is refused.

use axum::body::Body;
use axum::http::Request;

use super::Scene;
use crate::support::http2;
use crate::support::wire::exchange_some;

/// Paths that two servers could read differently. Under `/any/**` everything is allowed, under `/any/admin/**` nothing.
const AMBIGUOUS: [&str; 48] = [
    "//any",
    "//any/x",
    "/any//x",
    "/any//",
    "///",
    "/./any",
    "/any/.",
    "/any/./x",
    "/any/..",
    "/any/../any/admin",
    "/any/x/../admin",
    "/..",
    "/../any",
    "/any/..;/admin",
    "/any/.;/admin",
    "/any/;/admin",
    "/any/x;/../admin",
    "/any;jsessionid=1/x",
    "/any;/admin",
    "/any/%3badmin",
    "/any/%2e%2e/admin",
    "/any/%2E/admin",
    "/any/.%2e/admin",
    "/any/%2e./admin",
    "/any%2fadmin",
    "/any%2Fadmin",
    "/any/x%2f..%2fadmin",
    "/any/%2e%2e%2fadmin",
    "/any%5cadmin",
    "/any/..%5Cadmin",
    "/any%252fadmin",
    "/any/%252e%252e/admin",
    "/any/%25%32%65/admin",
    "/any/%00",
    "/any/admin%00.png",
    "/any/%0a",
    "/any/x%0d%0ax-smuggled:%201",
    "/any/%7f",
    "/any/%",
    "/any/%2",
    "/any/%zz",
    "/any/%u002e%u002e/admin",
    "/any/%c0%ae%c0%ae/admin",
    "/any%c0%afadmin",
    "/any/%ff",
    "/ANY/x",
    "/any/ADMIN/x",
    "/Any/Admin",
];

#[test]
fn case_97_a_path_that_could_be_read_in_two_ways_is_refused() {
    let scene = Scene::new();
    let token = scene.token("partner");
    for path in AMBIGUOUS {
        for target in [path.to_owned(), format!("{path}?a=b"), format!("http://writ.example{path}")] {
            assert_eq!(scene.get(&token, &target).error(400), "invalid_request", "{target}");
        }
        assert!(scene.upstream.seen().is_empty(), "{path}");
    }
}

#[test]
fn case_97_the_same_over_http_2() {
    let scene = Scene::new();
    for path in AMBIGUOUS {
        let request = Request::get(format!("http://writ.example{path}"));
        let request = request.header("authorization", scene.bearer("partner")).body(Body::empty()).unwrap();
        assert_eq!(http2::send(scene.wire.gateway, request).unwrap().status, 400, "{path}");
    }
    let authorization = scene.bearer("partner");
    for path in AMBIGUOUS.into_iter().chain(["", "any", "*", "/any\\admin", "/any/\u{e4}", "/any admin", "/any#/admin"])
    {
        let fields = [(":method", "GET"), (":scheme", "http"), (":authority", "writ.example"), (":path", path)];
        let fields: Vec<_> = fields.into_iter().chain([("authorization", &*authorization)]).collect();
        http2::send_raw(scene.wire.gateway, &fields, None);
    }
    let seen = scene.upstream.seen();
    // A fragment is no part of the target; what stands before it is what was decided on.
    assert!(seen.iter().all(|seen| seen.line() == "GET /any"), "{seen:#?}");
}

#[test]
fn case_97_what_no_target_can_have_gets_no_answer_of_an_upstream() {
    let scene = Scene::new();
    let token = scene.token("partner");
    for target in [
        &b"/any\\admin"[..],
        b"/any/\xc3\xa4",
        b"/any/\xff",
        b"/any/\x01",
        b"/any/a\tb",
        b"/any/a b",
        b"any",
        b"*",
        b"",
        b"writ.example",
        b"http://writ.example@evil.example/any",
        b"http://evil.example/any",
        b"http:///any",
        b"ftp://writ.example/any",
        b"//writ.example/any",
    ] {
        let mut request = [b"GET ", target, b" HTTP/1.1\r\nhost: writ.example\r\nconnection: close\r\n"].concat();
        request.extend(format!("authorization: Bearer {token}\r\n\r\n").bytes());
        let answer = exchange_some(scene.wire.gateway, &request);
        let text = String::from_utf8_lossy(target);
        if text == "ftp://writ.example/any" {
            // The scheme of a target says nothing that is acted upon.
            continue;
        }
        assert!(answer.starts_with("HTTP/1.1 400") || answer.starts_with("HTTP/1.1 404"), "{text}: {answer}");
    }
    assert!(scene.upstream.seen().iter().all(|seen| seen.line() == "GET /any"), "{:#?}", scene.upstream.seen());
}

#[test]
fn case_97_equal_paths_are_decided_on_and_forwarded_in_one_form() {
    let scene = Scene::new();
    let token = scene.token("partner");
    for (sent, arrives) in [
        ("/any/%61b%7Ec", "/any/ab~c"),
        ("/%61ny/x", "/any/x"),
        ("/any/%c3%a4", "/any/%C3%A4"),
        ("/any/x/", "/any/x/"),
        ("/any/a:b@c,d+e=f!$&'()*", "/any/a:b@c,d+e=f!$&'()*"),
        ("/any/a%20b%3F", "/any/a%20b%3F"),
        ("/any/...", "/any/..."),
        ("/any/x?/../admin;%2f//", "/any/x?/../admin;%2f//"),
        ("/any?", "/any?"),
        ("http://writ.example/any/x?y", "/any/x?y"),
        ("/any#/../admin", "/any"),
    ] {
        scene.get(&token, sent).ok();
        assert_eq!(scene.upstream.only().line(), format!("GET {arrives}"), "{sent}");
        scene.upstream.forget();
    }
    for admin in ["/any/admin", "/any/admin/", "/any/%61dmin", "/any/admin/x", "/any/admin?x", "/any/%61%64%6D%69%6e/"]
    {
        assert_eq!(scene.get(&token, admin).error(403), "insufficient_scope", "{admin}");
    }
    assert!(scene.upstream.seen().is_empty());
}

#[test]
fn a_server_may_have_a_path_of_its_own() {
    let scene = Scene::new();
    let url = format!("{}/base/", scene.upstream.url());
    scene.server.apply("default", &super::route("based", serde_json::json!({"path": "/b/**"}), super::READ, &url));
    scene.get(&scene.token("partner"), "/b/c?d").ok();
    assert_eq!(scene.upstream.only().line(), "GET /base/b/c?d");
}
