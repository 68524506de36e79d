//! What the server behind the gateway is told, and by whom.

use axum::body::Body;
use axum::http::Request;

use super::{GROWTH, READ, Scene};
use crate::support::http2;
use crate::support::server::{ROOT, Setup};
use crate::support::upstream::{Seen, Upstream};

/// Ends the test unless each of these is there once, with this value.
#[track_caller]
fn tells(seen: &Seen, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(seen.header(name), Some(*value), "{name}: {}", seen.head);
    }
}

#[test]
fn the_upstream_learns_who_is_calling_once_each() {
    let scene = Scene::new();
    let token = scene.token("partner");
    let reply = scene.send(&token, "GET /announcements/7?a=b&c=%20d HTTP/1.1\r\naccept: */*\r\n").ok();
    assert_eq!(reply.rest, "ok");
    let seen = scene.upstream.only();
    assert_eq!(seen.line(), "GET /announcements/7?a=b&c=%20d");
    tells(
        &seen,
        &[
            ("x-writ-client", "partner"),
            ("x-writ-subject", "partner"),
            ("x-writ-scope", &format!("{READ} {GROWTH}")),
            ("x-writ-issuer", &format!("{ROOT}/oauth2")),
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-host", "writ.example"),
            ("x-forwarded-proto", "http"),
            ("host", &scene.upstream.address().to_string()),
            ("accept", "*/*"),
            ("authorization", &format!("Bearer {token}")),
        ],
    );
    assert_eq!(seen.header("x-request-id").map(str::to_owned), reply.header("x-request-id"));
    assert!(seen.header("via").unwrap().starts_with("1.1 writ-"), "{}", seen.head);
    assert_eq!((seen.header("connection"), seen.header("content-length")), (None, None));
}

/// Everything in here claims something that only the gateway may say.
const CLAIMS: &str = "X-Writ-Client: root\r\nx_writ_client: root\r\nX.Writ.Client: root\r\nX-WRIT-SCOPE: all\r\n\
    x-writ-anything: 1\r\nX-User: root\r\nX_User: root\r\nX.User: root\r\nx-user: root\r\nx-user: root\r\nx~user: root\r\n\
    X-User-Id: 0\r\nx-userinfo: e30\r\nX-Client-Id: root\r\nx_client_cert: pem\r\nX-Auth-Request-User: root\r\n\
    x-auth-request-groups: root\r\nX-Forwarded-User: root\r\nX_FORWARDED_USER: root\r\nX-Remote-User: root\r\n\
    Remote-User: root\r\nX-Original-URL: /any/admin\r\nX-Rewrite-URL: /any/admin\r\nX-HTTP-Method-Override: DELETE\r\n\
    X-Http-Method: DELETE\r\nX-Method-Override: DELETE\r\nTrue-Client-IP: 10.0.0.1\r\nX-Real-IP: 10.0.0.1\r\n\
    X-Cluster-Client-IP: 10.0.0.1\r\nCF-Connecting-IP: 10.0.0.1\r\nx-request-id: mine\r\nvia: 1.0 mine\r\n";

/// Proofs of a certificate that nobody has checked: RFC 9440 and its relatives.
const CERTIFICATES: &str = "Client-Cert: :MIIB:\r\nclient_cert: :MIIB:\r\nClient-Cert-Chain: :MIIB:\r\n\
    X-SSL-Client-DN: CN=root\r\nX_SSL_Client_Verify: SUCCESS\r\nX-SSL-Cert: pem\r\nSSL-Client-Cert: pem\r\n\
    X-Forwarded-Client-Cert: By=spiffe://a\r\nx-forwarded-client-cert: By=spiffe://b\r\nX-Forwarded-Tls-Client-Cert: pem\r\n";

const FORWARDING: &str = "X-Forwarded-For: 10.9.9.9\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n\
    X-Forwarded-Port: 443\r\nX-Forwarded-Prefix: /admin\r\nX-Forwarded-Uri: /any/admin\r\nX-Forwarded-Method: DELETE\r\n\
    X-Forwarded-Scheme: https\r\nX-Forwarded-Server: evil\r\nForwarded: for=10.9.9.9;host=evil.example;proto=https\r\n";

/// Ends the test unless the upstream saw nothing but what is expected of an innocent request.
#[track_caller]
fn is_innocent(scene: &Scene, extra: &[&str]) {
    let seen = scene.upstream.only();
    let mut names: Vec<_> = seen.head.lines().skip(1).map(|line| line.split_once(':').unwrap().0).collect();
    names.sort_unstable();
    let mut expected = vec![
        "authorization",
        "host",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-request-id",
        "x-writ-client",
        "x-writ-issuer",
        "x-writ-scope",
        "x-writ-subject",
    ];
    expected.extend(extra);
    expected.sort_unstable();
    assert_eq!(names, expected, "{}", seen.head);
    tells(&seen, &[("x-writ-client", "partner"), ("x-writ-scope", &format!("{READ} {GROWTH}"))]);
    assert_ne!(seen.header("x-request-id"), Some("mine"));
}

#[test]
fn case_95_and_40_identity_is_never_taken_from_the_caller() {
    let scene = Scene::new();
    let token = scene.token("partner");
    scene.send(&token, &format!("GET /any HTTP/1.1\r\n{CLAIMS}{CERTIFICATES}{FORWARDING}")).ok();
    is_innocent(&scene, &["via"]);
    assert_eq!(scene.upstream.only().header("x-forwarded-for"), Some("127.0.0.1"));
}

#[test]
fn case_95_and_40_the_same_over_http_2() {
    let scene = Scene::new();
    let mut request = Request::get("http://writ.example/any").header("authorization", scene.bearer("partner"));
    for line in [CLAIMS, CERTIFICATES, FORWARDING].concat().lines() {
        let (name, value) = line.split_once(": ").unwrap();
        request = request.header(name.to_ascii_lowercase(), value);
    }
    let reply = http2::send(scene.wire.gateway, request.body(Body::empty()).unwrap()).unwrap();
    assert_eq!(reply.status, 200);
    is_innocent(&scene, &["via"]);
    let seen = scene.upstream.only();
    assert_eq!(seen.header("x-forwarded-host"), Some("writ.example"));
    assert!(seen.all("via")[1].starts_with("2.0 writ-"), "{}", seen.head);
}

/// > Intermediaries MUST parse a received Connection header field before a message is forwarded
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1>
#[test]
fn case_95_what_connection_names_goes_no_further_and_takes_nothing_of_ours_along() {
    let scene = Scene::new();
    let token = scene.token("partner");
    let lines = "GET /any HTTP/1.1\r\nconnection: X-Hop, x-writ-client, X-Writ-Scope,,\r\nconnection: keep-alive\r\n\
        connection: x-forwarded-for, host\r\nX-Hop: 1\r\nx-hop: 2\r\nkeep-alive: timeout=5\r\nproxy-connection: x\r\n\
        te: trailers, gzip\r\nproxy-authorization: Basic eA==\r\nhttp2-settings: AAMAAABk\r\nupgrade: h2c\r\n";
    scene.send(&token, lines).ok();
    is_innocent(&scene, &["connection", "te"]);
    tells(&scene.upstream.only(), &[("te", "trailers"), ("connection", "te")]);
}

#[test]
fn case_96_forwarding_headers_count_only_from_trusted_proxies() {
    let trusted = |ranges: &[&str]| {
        let trusted_proxies = ranges.iter().map(|range| range.parse().unwrap()).collect();
        Scene::with(Setup { trusted_proxies, ..Setup::default() }, Upstream::plain())
    };
    let lines = format!("GET /any HTTP/1.1\r\n{FORWARDING}");
    for (ranges, address, scheme) in [
        (&[][..], "127.0.0.1", "http"),
        (&["10.0.0.0/8"], "127.0.0.1", "http"),
        (&["127.0.0.1/32"], "10.9.9.9", "https"),
    ] {
        let scene = trusted(ranges);
        scene.send(&scene.token("partner"), &lines).ok();
        is_innocent(&scene, &[]);
        let seen = scene.upstream.only();
        tells(&seen, &[("x-forwarded-for", address), ("x-forwarded-proto", scheme)]);
        // The host is the one that the routes were chosen by, whoever says otherwise.
        tells(&seen, &[("x-forwarded-host", "writ.example")]);
    }
    let scene = trusted(&["127.0.0.1/32"]);
    for odd in ["HTTPS", "https,http", "https\r\nx-forwarded-proto: http", "ftp"] {
        scene.send(&scene.token("partner"), &format!("GET /any HTTP/1.1\r\nx-forwarded-proto: {odd}\r\n")).ok();
        tells(&scene.upstream.only(), &[("x-forwarded-proto", "http")]);
        scene.upstream.forget();
    }
}

#[test]
fn what_concerns_one_connection_does_not_come_back_either() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: x-hop, keep-alive\r\nx-hop: 1\r\n\
        keep-alive: timeout=5\r\nproxy-authenticate: Basic\r\nset-cookie: a=b\r\nset-cookie: c=d\r\nx-own: 1\r\n\r\nok";
    let scene = Scene::before(Upstream::answering(|_, stream| {
        std::io::Write::write_all(stream, answer.as_bytes()).unwrap();
    }));
    let reply = scene.get(&scene.token("partner"), "/any").ok();
    for gone in ["x-hop", "keep-alive", "proxy-authenticate"] {
        assert_eq!(reply.header(gone), None, "{}", reply.head);
    }
    assert_eq!(reply.header("x-own").as_deref(), Some("1"));
    assert_eq!(reply.head.matches("set-cookie").count(), 2);
}
