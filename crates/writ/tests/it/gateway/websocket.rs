//! WebSocket through the gateway: joined when it is allowed, cut when the token expires, and nothing else is joined.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::Scene;
use crate::support::reply::Reply;
use crate::support::upstream::Upstream;
use crate::support::wire::{connect, rest};

const HANDSHAKE: &str = "GET /any/socket HTTP/1.1\r\nhost: writ.example\r\nconnection: keep-alive, Upgrade\r\n\
    upgrade: WebSocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// A server that switches and then sends back what it gets.
fn echo() -> Upstream {
    Upstream::answering(|seen, stream| {
        if seen.header("upgrade") != Some("websocket") {
            return drop(stream.write_all(b"HTTP/1.1 426 Upgrade Required\r\ncontent-length: 0\r\n\r\n"));
        }
        let head = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
            sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nwelcome";
        stream.write_all(head.as_bytes()).unwrap();
        let mut reader = stream.try_clone().unwrap();
        drop(std::io::copy(&mut reader, stream));
    })
}

/// Sends a handshake and reads the head of its answer.
fn open(scene: &Scene, lines: &str) -> (TcpStream, String) {
    let mut stream = connect(scene.wire.gateway);
    stream.write_all(format!("{lines}\r\n").as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    (stream, String::from_utf8(head).unwrap())
}

fn with_token(scene: &Scene) -> String {
    format!("{HANDSHAKE}authorization: {}\r\n", scene.bearer("partner"))
}

#[track_caller]
fn expect(stream: &mut TcpStream, text: &[u8]) {
    let mut read = vec![0; text.len()];
    stream.read_exact(&mut read).unwrap();
    assert_eq!(read, text);
}

#[test]
fn bytes_go_both_ways() {
    let scene = Scene::before(echo());
    let (mut stream, head) = open(&scene, &with_token(&scene));
    let reply = Reply::parse(&head);
    assert_eq!(reply.status, 101);
    let header = |name| reply.header(name).map(|value| value.to_ascii_lowercase());
    assert_eq!((header("upgrade").as_deref(), header("connection").as_deref()), (Some("websocket"), Some("upgrade")));
    assert_eq!(reply.header("sec-websocket-accept").as_deref(), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    expect(&mut stream, b"welcome");
    // A text frame, masked: RFC 6455 section 5.7.
    let frame = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    stream.write_all(frame).unwrap();
    expect(&mut stream, frame);
    let large = vec![7; 1 << 20];
    let (mut writer, sent) = (stream.try_clone().unwrap(), large.clone());
    let writing = std::thread::spawn(move || writer.write_all(&sent).unwrap());
    expect(&mut stream, &large);
    writing.join().unwrap();
    let seen = scene.upstream.only();
    assert_eq!(seen.header("x-writ-client"), Some("partner"));
    assert_eq!(seen.header("sec-websocket-key"), Some("dGhlIHNhbXBsZSBub25jZQ=="));
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(rest(&mut stream), "");
}

#[test]
fn without_a_token_there_is_no_connection() {
    let scene = Scene::before(echo());
    let (_, head) = open(&scene, HANDSHAKE);
    assert!(head.starts_with("HTTP/1.1 401") && head.contains("www-authenticate: Bearer"), "{head}");
    assert!(scene.upstream.seen().is_empty());
}

#[test]
fn case_106_a_connection_ends_with_its_token() {
    let scene = Scene::before(echo());
    let handshake = with_token(&scene);
    scene.server.advance(3600 - 2);
    let started = Instant::now();
    let (mut stream, _) = open(&scene, &handshake);
    expect(&mut stream, b"welcome");
    stream.write_all(b"ping").unwrap();
    expect(&mut stream, b"ping");
    assert_eq!(rest(&mut stream), "");
    let took = started.elapsed();
    assert!((Duration::from_millis(1500)..Duration::from_secs(4)).contains(&took), "{took:?}");
}

/// Over another protocol, a caller could send requests that nobody decides on.
#[test]
fn case_106_no_other_protocol_is_joined() {
    let scene = Scene::before(echo());
    let bearer = scene.bearer("partner");
    for (method, upgrade) in
        [("GET", "h2c"), ("GET", "websocket, h2c"), ("GET", "TLS/1.0"), ("GET", "connect-udp"), ("POST", "websocket")]
    {
        let lines = format!(
            "{method} /any/socket HTTP/1.1\r\nhost: writ.example\r\nconnection: upgrade, http2-settings\r\n\
             http2-settings: AAMAAABkAAQAAP__\r\nupgrade: {upgrade}\r\nauthorization: {bearer}\r\ncontent-length: 0\r\n"
        );
        let (_, head) = open(&scene, &lines);
        assert!(head.starts_with("HTTP/1.1 426"), "{upgrade}: {head}");
    }
    let seen = scene.upstream.seen();
    assert_eq!(seen.len(), 5);
    assert!(seen.iter().all(|seen| seen.header("upgrade").is_none() && seen.header("http2-settings").is_none()));
}

/// What follows a handshake that was not accepted is no tunnel: it is decided on like any request.
#[test]
fn case_106_a_handshake_that_fails_leaves_nothing_open() {
    let scene = Scene::before(Upstream::answering(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno").unwrap();
    }));
    let hidden = "GET /any/hidden HTTP/1.1\r\nhost: writ.example\r\nconnection: close\r\n\r\n";
    let mut stream = connect(scene.wire.gateway);
    stream.write_all(format!("{}\r\n{hidden}", with_token(&scene)).as_bytes()).unwrap();
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(scene.upstream.only().line() == "GET /any/socket", "{:#?}", scene.upstream.seen());
}
