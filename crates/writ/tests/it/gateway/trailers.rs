//! Trailers cross the gateway both ways, on both versions of HTTP, and claim nothing on their way.

use std::io::Write;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;

use super::Scene;
use crate::support::http2;
use crate::support::reply::Reply;
use crate::support::upstream::Upstream;
use crate::support::wire::exchange;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-sum, keep-alive\r\n\r\n\
    5\r\nhello\r\n0\r\nx-sum: 7\r\nkeep-alive: x\r\n\r\n";

fn scene() -> Scene {
    Scene::before(Upstream::answering(|_, stream| stream.write_all(ANSWER).unwrap()))
}

#[test]
fn over_http_1() {
    let scene = scene();
    let head = format!(
        "POST /announcements HTTP/1.1\r\nhost: writ.example\r\nauthorization: Bearer {}\r\nconnection: close\r\n\
         te: trailers\r\ntransfer-encoding: chunked\r\ntrailer: x-sum, x-writ-client, x-user, host, authorization\r\n\r\n",
        scene.token("writer")
    );
    let trailers = "x-sum: 5\r\nx-writ-client: root\r\nx-user: root\r\nhost: evil\r\nauthorization: Bearer x\r\n";
    let request = format!("{head}5\r\nhello\r\n0\r\n{trailers}\r\n");
    let reply = Reply::parse(&exchange(scene.wire.gateway, request.as_bytes())).ok();
    assert_eq!(reply.header("transfer-encoding").as_deref(), Some("chunked"));
    assert_eq!(reply.rest, "5\r\nhello\r\n0\r\nx-sum: 7\r\n\r\n");
    let seen = scene.upstream.only();
    assert_eq!((&*seen.body, &*seen.trailers), (&b"hello"[..], "x-sum: 5\r\n"));
    // To a caller that does not say that it reads trailers, none are sent.
    let reply = scene.get(&scene.token("partner"), "/any").ok();
    assert_eq!(reply.rest, "5\r\nhello\r\n0\r\n\r\n");
}

#[test]
fn over_http_2() {
    let scene = scene();
    let trailers: HeaderMap = [("x-sum", "5"), ("x-writ-client", "root"), ("x-user", "root")]
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .into_iter()
        .collect();
    let frames = [Frame::data(Bytes::from_static(b"hello")), Frame::trailers(trailers)];
    let frames = frames.map(Ok::<_, std::convert::Infallible>);
    let body = Body::new(StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync());
    let request = Request::post("http://writ.example/announcements")
        .header("authorization", scene.bearer("writer"))
        .header("te", "trailers")
        .header("trailer", "x-sum, x-writ-client, x-user");
    let reply = http2::send(scene.wire.gateway, request.body(body).unwrap()).unwrap();
    assert_eq!((reply.status, &reply.body[..]), (200, &b"hello"[..]));
    let expected: HeaderMap = [("x-sum".parse().unwrap(), "7".parse().unwrap())].into_iter().collect();
    assert_eq!(reply.trailers, expected);
    let seen = scene.upstream.only();
    assert_eq!((&*seen.body, &*seen.trailers), (&b"hello"[..], "x-sum: 5\r\n"));
}
