//! What a request may cost: sizes, counts and times, over a real socket where the wire matters.

use std::convert::Infallible;
use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::Frame;
use writ::config::Limits;
use writ_oauth::Refusal;

use crate::support::call::Call;
use crate::support::catalogue::{DASHBOARD, READ, SECRET, documents};
use crate::support::door::Door;
use crate::support::server::{Server, Setup, shared};
use crate::support::wire::{Wire, connect, exchange, parse, rest};

/// A server whose limits are reached soon.
fn impatient() -> Server {
    let limits = Limits {
        body_bytes: 1024,
        body_timeout: Duration::from_millis(200),
        header_timeout: Duration::from_millis(400),
        ..Setup::default().limits
    };
    Server::open(Setup { limits, ..Setup::default() })
}

/// A form of so many bytes.
fn form_of(bytes: usize) -> String {
    let start = "grant_type=client_credentials&x=";
    format!("{start}{}", "y".repeat(bytes - start.len()))
}

#[test]
fn case_57_a_body_up_to_the_limit_is_read_and_not_one_byte_more() {
    let server = impatient();
    for door in Door::BOTH {
        let call = |bytes| Call::post(&format!("{}/token", door.path())).raw_form(form_of(bytes));
        server.public(&call(1024)).is(Refusal::AuthenticationMissing);
        let answer = server.public(&call(1025)).is(Refusal::BodyTooLarge);
        assert_eq!(answer.error(413), "invalid_request");
        assert_eq!(answer.json()["request_id"].as_str(), answer.header("x-request-id"));
    }
}

#[test]
fn case_75_a_large_body_is_413_with_json_on_the_wire_announced_or_not() {
    let server = impatient();
    let wire = Wire::of(&server);
    let form = form_of(200_000);
    let announced = Call::post("/oauth2/token").raw_form(form.clone()).bytes();
    let (status, body) = parse(&exchange_partly(&wire, &announced));
    assert_eq!((status, body["error"].as_str()), (413, Some("invalid_request")));

    let mut chunked = b"POST /oauth2/token HTTP/1.1\r\nhost: writ.example\r\nconnection: close\r\n\
        content-type: application/x-www-form-urlencoded\r\ntransfer-encoding: chunked\r\n\r\n"
        .to_vec();
    chunked.extend(format!("{:x}\r\n{form}\r\n0\r\n\r\n", form.len()).into_bytes());
    let (status, body) = parse(&exchange_partly(&wire, &chunked));
    assert_eq!((status, body["error"].as_str()), (413, Some("invalid_request")));
}

/// Sends what the server takes: it answers and closes before the end.
fn exchange_partly(wire: &Wire, bytes: &[u8]) -> String {
    let mut stream = connect(wire.public);
    let (head, tail) = bytes.split_at(8 * 1024);
    stream.write_all(head).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    let answer = rest(&mut stream);
    assert!(!tail.is_empty());
    answer
}

#[test]
fn a_slow_body_is_given_up() {
    let server = impatient();
    let wire = Wire::of(&server);
    for door in Door::BOTH {
        let started = Instant::now();
        let mut stream = connect(wire.public);
        let head = format!(
            "POST {}/token HTTP/1.1\r\nhost: writ.example\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: 100\r\nconnection: close\r\n\r\ngrant_type=",
            door.path()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let (status, body) = parse(&rest(&mut stream));
        assert_eq!((status, body["error"].as_str()), (408, Some("invalid_request")));
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn slow_headers_are_given_up_and_others_are_served_meanwhile() {
    let server = impatient();
    let wire = Wire::of(&server);
    let mut slow = connect(wire.public);
    slow.write_all(b"POST /oauth2/token HTTP/1.1\r\nhost: wr").unwrap();
    let other = exchange(wire.public, &Call::get("/oauth2/jwks").bytes());
    assert!(other.starts_with("HTTP/1.1 200"), "{other}");
    let started = Instant::now();
    let answer = rest(&mut slow);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn large_headers_are_refused() {
    let wire = Wire::of(shared());
    let call = Call::get("/oauth2/jwks").header("x-padding", "p".repeat(64 * 1024));
    let mut stream = connect(wire.public);
    // The server may stop reading before the end.
    let _ = stream.write_all(&call.bytes());
    let answer = rest(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[test]
fn a_form_has_so_many_parameters_and_no_more() {
    let form = |count: usize| {
        let call = Door::Oauth.ask_of(DASHBOARD, &[READ]).basic("partner", SECRET);
        (3..count).fold(call, |call, n| call.and(&format!("p{n}"), "x"))
    };
    shared().public(&form(64)).ok();
    assert_eq!(shared().public(&form(65)).is(Refusal::TooManyParameters).error(400), "invalid_request");
}

#[test]
fn a_scope_has_a_hundred_items_and_no_more() {
    for door in Door::BOTH {
        let ask = |count: usize| {
            let items: Vec<_> = (0..count).map(|n| format!("p{n}")).collect();
            let items: Vec<_> = items.iter().map(String::as_str).collect();
            shared().public(&door.ask(&items).basic("partner", SECRET))
        };
        ask(100).is(Refusal::PermissionUnknown);
        assert_eq!(ask(101).is(Refusal::TooManyScopes).error(400), "invalid_scope");
    }
}

#[test]
fn case_84_a_token_of_more_than_eight_kilobytes_is_refused_with_the_reason() {
    for door in Door::BOTH {
        let call = match door {
            Door::Oauth | Door::Authing => door.grant(),
            Door::Idaas => door.ask_of("urn:huge", &[".all"]),
        };
        let answer = shared().public(&call.basic("for-huge", SECRET)).is(Refusal::TokenTooLarge);
        assert_eq!(answer.error(400), "invalid_scope");
        assert!(answer.description().contains("larger"), "{}", answer.description());
        let few: Vec<_> = (0..40).map(|n| format!("{n:0>128}")).collect();
        let few: Vec<_> = few.iter().map(String::as_str).collect();
        let token = shared().public(&door.ask_of("urn:huge", &few).basic("for-huge", SECRET)).token();
        assert!((4096..8192).contains(&token.len()), "{}", token.len());
    }
}

#[test]
fn more_connections_than_the_limit_wait_for_their_turn() {
    let limits = Limits { connections: 2, header_timeout: Duration::from_millis(500), ..Setup::default().limits };
    let server = Server::open(Setup { limits, ..Setup::default() });
    let wire = Wire::of(&server);
    // One says nothing at all, one begins as HTTP/2 would: neither keeps its place for ever.
    let mut idle = [connect(wire.public), connect(wire.public)];
    idle[1].write_all(b"PRI * HT").unwrap();
    let answer = exchange(wire.public, &Call::get("/oauth2/jwks").bytes());
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(idle.iter_mut().all(|stream| rest(stream).is_empty()));
}

/// The admin API takes many documents at once, but not from strangers.
#[test]
fn a_stranger_cannot_make_the_admin_api_read_a_body() {
    for path in ["/v1/tenants/default/apply", "/v1/tenants/default/clients/x/secrets"] {
        let answer = shared().admin_body(&Call::post(path), Body::new(Unread));
        assert_eq!(answer.is(Refusal::TokenMissing).error(401), "invalid_token");
    }
}

/// A body that fails the test of whoever reads it.
struct Unread;

impl HttpBody for Unread {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        panic!("the body of a stranger is read");
    }
}

#[test]
fn the_catalogue_is_within_every_limit() {
    let server = Server::new();
    let applied = server.apply("default", &documents());
    assert_eq!(applied["changes"].as_array().unwrap().len(), documents().as_array().unwrap().len());
    assert_eq!(server.apply("default", &documents())["unchanged"], documents().as_array().unwrap().len());
}
