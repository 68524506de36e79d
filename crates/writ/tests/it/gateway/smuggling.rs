//! Requests whose end two servers could see in different places: refused, or forwarded with one end.

use std::io::Write;

use axum::body::Body;
use axum::http::Request;

use super::Scene;
use crate::support::http2;
use crate::support::upstream::Seen;
use crate::support::wire::{connect, exchange_some, rest};

/// A second request that stands, or hides, behind the first.
const HIDDEN: &str = "GET /any/hidden HTTP/1.1\r\nhost: writ.example\r\nconnection: close\r\n\r\n";

/// Ends the test unless the upstream saw one request at most, whole and with nothing hidden in it.
#[track_caller]
fn is_clean(seen: &[Seen], sent: &str) {
    assert!(seen.len() < 2, "{sent:?}: {seen:#?}");
    for seen in seen {
        let lengths = seen.all("content-length").len() + seen.all("transfer-encoding").len();
        assert!(!seen.broken && lengths == 1, "{sent:?}: {seen:#?}");
        assert_eq!(seen.line(), "POST /announcements", "{sent:?}");
        assert!(!seen.head.to_ascii_lowercase().contains("hidden"), "{sent:?}: {seen:#?}");
    }
}

/// What a caller gets for a POST with these headers and this body; the connection stays open for more.
fn post(scene: &Scene, token: &str, headers: &str, body: &str) -> String {
    let head = "POST /announcements HTTP/1.1\r\nhost: writ.example\r\n";
    let request = format!("{head}authorization: Bearer {token}\r\n{headers}\r\n{body}");
    let mut stream = connect(scene.wire.gateway);
    // The server may answer and close before it has read everything.
    let _ = stream.write_all(request.as_bytes());
    rest(&mut stream)
}

#[test]
fn case_106_a_length_that_is_malformed_or_said_twice_is_refused() {
    let scene = Scene::new();
    let token = scene.token("writer");
    let chunked = format!("0\r\n\r\n{HIDDEN}");
    for headers in [
        "content-length: +5\r\n",
        "content-length: -5\r\n",
        "content-length: 0x5\r\n",
        "content-length: 5, 5\r\n",
        "content-length: 5 5\r\n",
        "content-length: \r\n",
        "content-length: 5a\r\n",
        "content-length: 99999999999999999999\r\n",
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length : 5\r\n",
        "content-length\t: 5\r\n",
        "content-length:\r\n 5\r\n",
        " content-length: 5\r\n",
        "x: y\r\n content-length: 5\r\n",
        "content-length\r\n",
        ": 5\r\n",
        "content-length: 5\0\r\n",
        "content length: 5\r\n",
        "(content-length): 5\r\n",
    ] {
        let answer = post(&scene, &token, headers, &format!("hello{HIDDEN}"));
        assert!(answer.starts_with("HTTP/1.1 400"), "{headers:?}: {answer}");
    }
    for headers in [
        "transfer-encoding : chunked\r\n",
        "transfer-encoding:\r\n chunked\r\n",
        "transfer-encoding: xchunked\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
        "transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked, chunked\r\n",
        "transfer-encoding: gzip, chunked\r\n",
        "transfer-encoding: chunked;q=1\r\n",
        "transfer-encoding: \"chunked\"\r\n",
        "transfer-encoding: \x0bchunked\r\n",
        "transfer-encoding: chunked\x0b\r\n",
        "transfer-encoding: \r\n",
        "transfer-encoding: identity\r\n",
    ] {
        let answer = post(&scene, &token, headers, &chunked);
        assert!(answer.starts_with("HTTP/1.1 400"), "{headers:?}: {answer}");
        assert!(!answer[1..].contains("HTTP/1.1 2"), "{headers:?}: {answer}");
    }
    assert!(scene.upstream.seen().is_empty(), "{:#?}", scene.upstream.seen());
}

#[test]
fn case_106_chunks_that_are_malformed_do_not_arrive_as_a_whole_request() {
    let scene = Scene::new();
    let token = scene.token("writer");
    for body in [
        "0x5\r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        " 5\r\nhello\r\n0\r\n\r\n",
        "5\rhello\r\n0\r\n\r\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloX\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "g\r\nhello\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        "5\r\nhel",
        "",
    ] {
        let answer = post(&scene, &token, "transfer-encoding: chunked\r\n", &format!("{body}{HIDDEN}"));
        let seen = scene.upstream.seen();
        assert!(seen.iter().all(|seen| seen.broken), "{body:?}: {seen:#?}");
        assert!(!answer.contains("HTTP/1.1 200"), "{body:?}: {answer}");
        scene.upstream.forget();
    }
}

/// > A server MAY reject a request that contains both Content-Length and Transfer-Encoding or process such a request in
/// > accordance with the Transfer-Encoding alone. Regardless, the server MUST close the connection after responding to
/// > such a request
///
/// <https://www.rfc-editor.org/rfc/rfc9112#section-6.1>
#[test]
fn case_106_what_is_accepted_arrives_with_one_length() {
    let scene = Scene::new();
    let token = scene.token("writer");
    let chunked = "5;ext=\"a;b\";c\r\nhello\r\n0\r\n\r\n";
    for (headers, body, arrives) in [
        ("content-length: 5\r\n", "hello", &b"hello"[..]),
        ("Content-Length:5\r\n", "hello", b"hello"),
        ("content-length: 5\r\ncontent-length: 5\r\n", "hello", b"hello"),
        ("content-length: 0005\r\n", "hello", b"hello"),
        ("content-length: 5\n", "hello", b"hello"),
        ("content-length: 0\r\n", "", b""),
        ("transfer-encoding: chunked\r\n", chunked, b"hello"),
        ("transfer-encoding: CHUNKED \r\n", chunked, b"hello"),
        ("transfer-encoding: chunked\r\n", "00005\r\nhello\r\n000\r\n\r\n", b"hello"),
        ("content-length: 3\r\ntransfer-encoding: chunked\r\n", chunked, b"hello"),
        ("transfer-encoding: chunked\r\ncontent-length: 3\r\n", chunked, b"hello"),
        ("content-length: 90\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n", b""),
    ] {
        let both = headers.contains("transfer") && headers.contains("length");
        let answer = post(&scene, &token, headers, &format!("{body}{HIDDEN}"));
        assert!(answer.starts_with("HTTP/1.1 200"), "{headers:?}: {answer}");
        is_clean(&scene.upstream.seen(), headers);
        assert_eq!(scene.upstream.only().body, arrives, "{headers:?}");
        // What comes behind it is a request of its own, without a token; or, after two lengths, nothing at all.
        assert_eq!(answer.matches("HTTP/1.1 ").count(), if both { 1 } else { 2 }, "{headers:?}: {answer}");
        assert_eq!(answer.contains("HTTP/1.1 401"), !both, "{headers:?}: {answer}");
        scene.upstream.forget();
    }
}

#[test]
fn a_get_may_have_a_body_of_either_kind() {
    let scene = Scene::new();
    let token = scene.token("partner");
    for (headers, body) in
        [("content-length: 5\r\n", "hello"), ("transfer-encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n")]
    {
        let head = format!("GET /any HTTP/1.1\r\nhost: writ.example\r\nauthorization: Bearer {token}\r\n");
        let request = format!("{head}connection: close\r\n{headers}\r\n{body}");
        assert!(exchange_some(scene.wire.gateway, request.as_bytes()).starts_with("HTTP/1.1 200"), "{headers}");
        assert_eq!(scene.upstream.only().body, b"hello", "{headers}");
        scene.upstream.forget();
    }
}

#[test]
fn case_106_odd_request_lines_and_hosts_go_nowhere() {
    let scene = Scene::new();
    let token = scene.token("partner");
    // What is refused above the framing leaves the connection open, and nothing else ends it but time.
    let rest = format!("authorization: Bearer {token}\r\nconnection: close\r\n\r\n");
    for start in [
        "GET /any HTTP/1.1 x\r\nhost: writ.example\r\n",
        "GET /any http/1.1\r\nhost: writ.example\r\n",
        "GET /any HTTP/2.0\r\nhost: writ.example\r\n",
        "GET /any HTTP/1.2\r\nhost: writ.example\r\n",
        "GET /any\r\nhost: writ.example\r\n",
        "GET  /any HTTP/1.1\r\nhost: writ.example\r\n",
        "GET\t/any\tHTTP/1.1\r\nhost: writ.example\r\n",
        "G(T /any HTTP/1.1\r\nhost: writ.example\r\n",
        "GET /any HTTP/1.1\r\nhost: writ.example\r\nhost: writ.example\r\n",
        "GET /any HTTP/1.1\r\nhost: writ.example\r\nhost: evil.example\r\n",
        "GET /any HTTP/1.1\r\nhost: writ.example, evil.example\r\n",
        "GET /any HTTP/1.1\r\nhost: a@writ.example\r\n",
        "GET /any HTTP/1.1\r\n",
        "GET http://writ.example/any HTTP/1.1\r\nhost: evil.example\r\n",
    ] {
        let answer = exchange_some(scene.wire.gateway, format!("{start}{rest}").as_bytes());
        assert!(answer.starts_with("HTTP/1.1 400") || answer.starts_with("HTTP/1.1 505"), "{start:?}: {answer}");
    }
    assert!(scene.upstream.seen().is_empty(), "{:#?}", scene.upstream.seen());
}

/// HTTP/2 has no place for most of these; what is left of them must not become a second request over HTTP/1.1.
#[test]
fn case_106_http_2_fields_do_not_become_http_1_requests() {
    let scene = Scene::new();
    let authorization = scene.bearer("writer");
    let base = [(":method", "POST"), (":scheme", "http"), (":authority", "writ.example"), (":path", "/announcements")];
    let send = |fields: &[(&str, &str)], body: Option<&[u8]>| {
        let fields: Vec<_> = fields.iter().copied().chain([("authorization", &*authorization)]).collect();
        http2::send_raw(scene.wire.gateway, &fields, body);
    };
    let changed = |name: &str, value: &'static str| -> Vec<(&str, &str)> {
        base.iter().map(|(known, old)| (*known, if *known == name { value } else { *old })).collect()
    };
    for (name, value) in [
        (":method", "POST /any/hidden HTTP/1.1\r\nx: y\r\n\r\nGET"),
        (":method", "P OST"),
        (":path", "/announcements HTTP/1.1\r\nhost: writ.example\r\n\r\nGET /any/hidden"),
        (":path", "/announcements\r\nhidden: 1"),
        (":path", "/announcements HTTP/1.1"),
        (":authority", "writ.example\r\nhidden: 1"),
        (":authority", "hidden@writ.example"),
        (":scheme", "http://writ.example/any/hidden?"),
    ] {
        send(&changed(name, value), None);
        assert!(scene.upstream.seen().iter().all(|seen| seen.line() == "POST /announcements"), "{name} {value:?}");
        assert!(scene.upstream.seen().iter().all(|seen| !seen.head.contains("hidden")), "{name} {value:?}");
        scene.upstream.forget();
    }
    for (name, value) in [
        ("transfer-encoding", "chunked"),
        ("connection", "x"),
        ("upgrade", "websocket"),
        ("x", "y\r\nhidden: 1"),
        ("x", "y\nhidden: 1"),
        ("x", "y\0"),
        ("x\r\nhidden", "1"),
        ("x hidden", "1"),
        ("x:hidden", "1"),
        ("X-Upper", "1"),
        ("", "1"),
        (":path", "/any/hidden"),
        (":hidden", "1"),
        ("host", "evil.example"),
    ] {
        let fields: Vec<_> = base.iter().copied().chain([(name, value)]).collect();
        send(&fields, Some(b"0\r\n\r\nGET /any/hidden HTTP/1.1\r\n\r\n"));
        assert!(scene.upstream.seen().is_empty(), "{name:?}: {value:?} {:#?}", scene.upstream.seen());
    }
    for length in ["3", "50", "+5", "x", "5, 5"] {
        let fields: Vec<_> = base.iter().copied().chain([("content-length", length)]).collect();
        send(&fields, Some(b"hello"));
        let seen = scene.upstream.seen();
        assert!(seen.iter().all(|seen| seen.broken), "{length}: {seen:#?}");
        scene.upstream.forget();
    }
    let fields: Vec<_> = base.iter().copied().chain([("content-length", "5")]).collect();
    send(&fields, Some(b"hello"));
    is_clean(&scene.upstream.seen(), "http/2");
    assert_eq!(scene.upstream.only().body, b"hello");
}

#[test]
fn case_106_headers_that_are_too_large_are_431() {
    let scene = Scene::new();
    let token = scene.token("partner");
    let padding = format!("x-padding: {}\r\n", "p".repeat(20 * 1024));
    let many = "x: y\r\n".repeat(200);
    for lines in [padding, many] {
        let head = format!("GET /any HTTP/1.1\r\nhost: writ.example\r\nauthorization: Bearer {token}\r\n{lines}\r\n");
        let answer = exchange_some(scene.wire.gateway, head.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    let long = format!("GET /any/{} HTTP/1.1\r\nhost: writ.example\r\n\r\n", "x".repeat(70_000));
    let answer = exchange_some(scene.wire.gateway, long.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 414") || answer.starts_with("HTTP/1.1 431"), "{answer}");
    let request = Request::get("http://writ.example/any").header("authorization", scene.bearer("partner"));
    let request = request.header("x-padding", "p".repeat(20 * 1024)).body(Body::empty()).unwrap();
    let refused = http2::send(scene.wire.gateway, request);
    assert!(refused.as_ref().map_or(true, |reply| reply.status == 431), "{refused:?}");
    assert!(scene.upstream.seen().is_empty());
}

#[test]
fn requests_behind_one_another_on_one_connection_are_each_decided_on() {
    let scene = Scene::new();
    let token = scene.token("partner");
    let request = |path: &str, token: &str, close: &str| {
        format!("GET {path} HTTP/1.1\r\nhost: writ.example\r\nauthorization: Bearer {token}\r\n{close}\r\n")
    };
    let all = [
        request("/any/1", &token, ""),
        request("/any/2", "bad", ""),
        request("/any/admin", &token, ""),
        request("/any/4", &token, "connection: close\r\n"),
    ];
    let answer = exchange_some(scene.wire.gateway, all.concat().as_bytes());
    let statuses: Vec<_> =
        answer.match_indices("HTTP/1.1 ").map(|(at, found)| &answer[at + found.len()..][..3]).collect();
    assert_eq!(statuses, ["200", "401", "403", "200"], "{answer}");
    let lines: Vec<_> = scene.upstream.seen().iter().map(|seen| seen.line().to_owned()).collect();
    assert_eq!(lines, ["GET /any/1", "GET /any/4"]);
}
