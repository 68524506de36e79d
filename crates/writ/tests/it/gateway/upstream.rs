//! Servers behind the gateway that are down, slow, lying or garbled; and several of them for one route.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Scene, get, token};
use crate::support::reply::Reply;
use crate::support::server::Setup;
use crate::support::upstream::{OK, Upstream, nowhere};
use crate::support::wire::{connect, exchange, rest};

/// An upstream whose answer is the bytes that the path names; then it closes.
fn misbehaving() -> Upstream {
    Upstream::answering(|seen, stream| {
        let name = seen.line().rsplit('/').next().unwrap();
        let answer = match name {
            "well" => return drop(stream.write_all(OK.as_bytes())),
            "close" => "",
            "half-line" => "HTTP/1.1 20",
            "half-head" => "HTTP/1.1 200 OK\r\ncontent-len",
            "garbage" => "SSH-2.0-OpenSSH_9.2\r\n\r\n",
            "no-status" => "HTTP/1.1 OK\r\n\r\n",
            "http-2" => "\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64",
            "two-lengths" => "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nokk",
            "bad-length" => "HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nok",
            "both" => "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "gzip-chunked" => "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "fold" => "HTTP/1.1 200 OK\r\nx: y\r\n z\r\ncontent-length: 2\r\n\r\nok",
            "nul" => "HTTP/1.1 200 OK\r\nx: \0\r\ncontent-length: 2\r\n\r\nok",
            "switch" => "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nx",
            "short" => "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nshort",
            "short-chunk" => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nhe",
            "no-last-chunk" => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
            "bad-chunk" => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\nx",
            "long" => {
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhidden"
            }
            other => panic!("{other}"),
        };
        stream.write_all(answer.as_bytes()).unwrap();
        if matches!(name, "short" | "short-chunk" | "no-last-chunk" | "bad-chunk") {
            // So that the beginning has left the gateway before it breaks off.
            std::thread::sleep(Duration::from_millis(200));
        }
        // The gateway may have closed before.
        drop(stream.shutdown(std::net::Shutdown::Both));
    })
}

#[test]
fn an_answer_that_is_none_is_502_in_json() {
    let scene = Scene::before(misbehaving());
    let token = scene.token("partner");
    for name in [
        "close",
        "half-line",
        "half-head",
        "garbage",
        "no-status",
        "http-2",
        "two-lengths",
        "bad-length",
        "both",
        "gzip-chunked",
        "nul",
        "switch",
    ] {
        assert_eq!(scene.get(&token, &format!("/any/{name}")).error(502), "upstream_error", "{name}");
        scene.get(&token, "/any/well").ok();
    }
}

#[test]
fn an_answer_that_breaks_off_does_not_look_complete() {
    let scene = Scene::before(misbehaving());
    let token = scene.token("partner");
    let reply = scene.get(&token, "/any/short");
    assert_eq!((reply.header("content-length").as_deref(), &*reply.rest), (Some("20"), "short"));
    for name in ["short-chunk", "no-last-chunk", "bad-chunk"] {
        let reply = scene.get(&token, &format!("/any/{name}"));
        assert!(reply.rest.contains("hello") && !reply.rest.contains("0\r\n\r\n"), "{name}: {reply:?}");
        scene.get(&token, "/any/well").ok();
    }
}

#[test]
fn what_an_upstream_sends_too_much_is_nobodys_answer() {
    let scene = Scene::before(misbehaving());
    let token = scene.token("partner");
    for _ in 0..5 {
        assert_eq!(scene.get(&token, "/any/long").ok().rest, "ok");
        assert_eq!(scene.get(&token, "/any/well").ok().rest, "ok");
    }
    let folded = scene.get(&token, "/any/fold");
    assert!(folded.status == 502 || folded.header("x").is_some_and(|value| !value.contains('\n')), "{folded:?}");
}

#[test]
fn an_upstream_that_is_down_is_502_at_once_and_one_that_is_silent_504_in_time() {
    let (server, wire) = Scene::of_one_route(Setup::default(), json!({"url": format!("http://{}", nowhere())}));
    let started = Instant::now();
    assert_eq!(get(&wire, &token(&server, "partner"), "/").error(502), "upstream_error");
    assert!(started.elapsed() < Duration::from_secs(2));

    let silent = Upstream::answering(|seen, stream| match seen.line() {
        "GET /well" => drop(stream.write_all(OK.as_bytes())),
        _ => std::thread::sleep(Duration::from_secs(5)),
    });
    let (server, wire) = Scene::of_one_route(Setup::default(), json!({"url": silent.url(), "timeout": "1s"}));
    let token = token(&server, "partner");
    let started = Instant::now();
    let others = std::thread::scope(|scope| {
        let slow = scope.spawn(|| get(&wire, &token, "/"));
        for _ in 0..20 {
            get(&wire, &token, "/well").ok();
        }
        let others = started.elapsed();
        assert_eq!(slow.join().unwrap().error(504), "upstream_timeout");
        others
    });
    let took = started.elapsed();
    assert!((Duration::from_secs(1)..Duration::from_secs(3)).contains(&took), "{took:?}");
    assert!(others < took, "others had to wait: {others:?}");
}

#[test]
fn an_upstream_that_stops_inside_its_body_is_given_up() {
    let upstream = Upstream::answering(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello").unwrap();
        std::thread::sleep(Duration::from_secs(5));
    });
    let (server, wire) = Scene::of_one_route(Setup::default(), json!({"url": upstream.url(), "timeout": "1s"}));
    let started = Instant::now();
    let reply = get(&wire, &token(&server, "partner"), "/");
    assert_eq!((reply.status, &*reply.rest), (200, "hello"));
    assert!((Duration::from_secs(1)..Duration::from_secs(3)).contains(&started.elapsed()));
}

#[test]
fn a_caller_that_stops_inside_its_body_is_told_so_and_one_that_is_slow_is_not() {
    let upstream = Upstream::plain();
    let (server, wire) = Scene::of_one_route(Setup::default(), json!({"url": upstream.url(), "timeout": "1s"}));
    let head = format!(
        "POST / HTTP/1.1\r\nhost: writ.example\r\nauthorization: Bearer {}\r\ncontent-length: 10\r\nconnection: close\r\n\r\n",
        token(&server, "partner")
    );
    let mut stream = connect(wire.gateway);
    stream.write_all(format!("{head}hello").as_bytes()).unwrap();
    assert_eq!(Reply::parse(&rest(&mut stream)).error(408), "invalid_request");
    // Half a second each is slower than a second in all.
    let mut stream = connect(wire.gateway);
    stream.write_all(head.as_bytes()).unwrap();
    for two in ["he", "ll", "ow", "or", "ld"] {
        std::thread::sleep(Duration::from_millis(500));
        stream.write_all(two.as_bytes()).unwrap();
    }
    Reply::parse(&rest(&mut stream)).ok();
    let whole: Vec<_> = upstream.seen().into_iter().filter(|seen| !seen.broken).collect();
    assert_eq!(whole.iter().map(|seen| &*seen.body).collect::<Vec<_>>(), [b"helloworld"]);
}

#[test]
fn a_caller_that_breaks_off_inside_its_body_is_not_the_upstreams_failure() {
    let upstream = Upstream::plain();
    let (server, wire) = Scene::of_one_route(Setup::default(), json!({"url": upstream.url()}));
    let mut stream = connect(wire.gateway);
    let token = token(&server, "partner");
    let head = format!("POST / HTTP/1.1\r\nhost: writ.example\r\nauthorization: Bearer {token}\r\n");
    stream.write_all(format!("{head}content-length: 10\r\n\r\nhello").as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(Reply::parse(&rest(&mut stream)).error(400), "invalid_request");
}

#[test]
fn a_redirect_is_the_callers_to_follow() {
    let upstream = Upstream::answering(|_, stream| {
        let location = "HTTP/1.1 302 Found\r\nlocation: /any/again\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(location.as_bytes()).unwrap();
    });
    let scene = Scene::before(upstream);
    let reply = scene.get(&scene.token("partner"), "/any");
    assert_eq!((reply.status, reply.header("location").as_deref()), (302, Some("/any/again")));
    scene.upstream.only();
}

#[test]
fn a_route_that_leads_back_to_the_gateway_ends_at_once() {
    let scene = Scene::new();
    let token = scene.token("partner");
    scene.server.apply("default", &json!({"kind": "tenant", "name": "default", "hosts": ["127.0.0.1"]}));
    let gateway = format!("http://{}", scene.wire.gateway);
    scene.server.apply("default", &super::route("loop", json!({"path": "/loop"}), super::READ, &gateway));
    let started = Instant::now();
    let reply = scene.get(&token, "/loop");
    // The answer is that of the second time round.
    assert_eq!((reply.status, &reply.json()["error"]), (502, &"upstream_error".into()));
    assert!(reply.json()["error_description"].as_str().unwrap().contains("leads back"), "{reply:?}");
    assert!(started.elapsed() < Duration::from_secs(2));
}

/// A POST with a body; what the caller gets.
fn post(wire: &crate::support::wire::Wire, token: &str) -> Reply {
    let head = format!("POST / HTTP/1.1\r\nhost: writ.example\r\nauthorization: Bearer {token}\r\n");
    let request = format!("{head}content-length: 5\r\nconnection: close\r\n\r\nhello");
    Reply::parse(&exchange(wire.gateway, request.as_bytes()))
}

#[test]
fn another_server_is_tried_only_when_nothing_was_sent() {
    let well = Upstream::plain();
    let dead = format!("http://{}", nowhere());
    let (server, wire) = Scene::of_one_route(Setup::default(), json!({"urls": [dead, well.url()]}));
    let token_ = token(&server, "partner");
    for _ in 0..4 {
        get(&wire, &token_, "/").ok();
        post(&wire, &token_).ok();
    }
    let seen = well.seen();
    assert_eq!(seen.len(), 8);
    assert!(seen.iter().filter(|seen| seen.line() == "POST /").all(|seen| seen.body == b"hello"));

    // This one has read the request: nobody knows what it did, so it is not sent again, whatever its method.
    let closing = Upstream::answering(|_, stream| stream.shutdown(std::net::Shutdown::Both).unwrap());
    let well = Upstream::plain();
    let (server, wire) = Scene::of_one_route(Setup::default(), json!({"urls": [closing.url(), well.url()]}));
    let token_ = token(&server, "partner");
    let statuses: Vec<_> =
        (0..4).flat_map(|_| [get(&wire, &token_, "/").status, post(&wire, &token_).status]).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 502).count(), 4, "{statuses:?}");
    assert_eq!((closing.seen().len(), well.seen().len()), (4, 4));
}

#[test]
fn a_connection_that_the_server_closed_while_it_was_idle_harms_nobody() {
    let upstream = Upstream::answering(|_, stream| {
        stream.write_all(OK.as_bytes()).unwrap();
        // The gateway may have closed before.
        drop(stream.shutdown(std::net::Shutdown::Both));
    });
    let (server, wire) = Scene::of_one_route(Setup::default(), json!({"url": upstream.url()}));
    let token = token(&server, "partner");
    for _ in 0..20 {
        post(&wire, &token).ok();
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(upstream.seen().len(), 20);
}

#[test]
fn one_connection_carries_one_request_after_the_other() {
    let upstream = Upstream::answering(|seen, stream| {
        let body = "x".repeat(100_000);
        // In two pieces, of which the second comes when the first has long been passed on.
        let answer = match seen.line().rsplit('/').next().unwrap() {
            "chunks" => {
                ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n", "0\r\n\r\n"].map(str::to_owned)
            }
            "long" => ["HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n".to_owned() + &body, body],
            "empty" => ["HTTP/1.1 204 No ".to_owned(), "Content\r\n\r\n".to_owned()],
            other => panic!("{other}"),
        };
        for piece in answer {
            stream.write_all(piece.as_bytes()).unwrap();
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let scene = Scene::before(upstream);
    let token = scene.token("partner");
    for _ in 0..3 {
        for (name, status) in [("chunks", 200), ("long", 200), ("empty", 204)] {
            assert_eq!(scene.get(&token, &format!("/any/{name}")).status, status, "{name}");
        }
    }
    assert_eq!(scene.upstream.connections(), 1);
}

#[test]
fn servers_take_turns_and_a_dead_one_is_left_out_until_it_is_back() {
    let (first, second) = (Upstream::plain(), Upstream::plain());
    let (server, wire) = Scene::of_one_route(Setup::default(), json!({"urls": [first.url(), second.url()]}));
    let token = token(&server, "partner");
    let send = |count: usize| (0..count).for_each(|_| drop(get(&wire, &token, "/").ok()));
    send(10);
    assert_eq!((first.seen().len(), second.seen().len()), (5, 5));
    // Connections are kept: there was never more than one at a time.
    assert!(first.connections() < 3 && second.connections() < 3);
    let address = first.address();
    drop(first);
    send(10);
    assert_eq!(second.seen().len(), 15);
    let first = Upstream::at(address, |_, stream| stream.write_all(OK.as_bytes()).unwrap());
    std::thread::sleep(Duration::from_millis(5200));
    send(10);
    assert_eq!((first.seen().len(), second.seen().len()), (5, 20));
}

#[test]
fn a_server_that_says_that_it_is_not_well_is_left_out() {
    let well = Arc::new(AtomicBool::new(true));
    let says = Arc::clone(&well);
    let moody = Upstream::answering(move |seen, stream| {
        let answer = if seen.line() == "GET /status" && !says.load(Ordering::SeqCst) {
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"
        } else {
            OK
        };
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let other = Upstream::plain();
    let upstream = json!({"urls": [moody.url(), other.url()], "health_path": "/status"});
    let (server, wire) = Scene::of_one_route(Setup { watches: true, ..Setup::default() }, upstream);
    let token = token(&server, "partner");
    let requests = |of: &Upstream| of.seen().iter().filter(|seen| seen.line() == "GET /").count();
    let send = || (0..10).for_each(|_| drop(get(&wire, &token, "/").ok()));
    let asked = |of: &Upstream| of.seen().iter().filter(|seen| seen.line() == "GET /status").count();
    let wait_for_a_round = || {
        let (before, started) = (asked(&moody), Instant::now());
        while asked(&moody) == before {
            assert!(started.elapsed() < Duration::from_secs(12), "nobody asks");
            std::thread::sleep(Duration::from_millis(50));
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    wait_for_a_round();
    send();
    assert_eq!((requests(&moody), requests(&other)), (5, 5));
    well.store(false, Ordering::SeqCst);
    wait_for_a_round();
    send();
    assert_eq!((requests(&moody), requests(&other)), (5, 15));
    well.store(true, Ordering::SeqCst);
    wait_for_a_round();
    send();
    assert_eq!((requests(&moody), requests(&other)), (10, 20));
    // A health check is no caller: nothing is said of one.
    let check = moody.seen().into_iter().find(|seen| seen.line() == "GET /status").unwrap();
    assert!(!check.head.contains("x-writ") && !check.head.contains("authorization"), "{}", check.head);
    // Without the route, nobody asks.
    let deleted = crate::support::call::Call::new("DELETE", "/v1/tenants/default/route/all");
    assert_eq!(server.administer(deleted).status / 100, 2);
    let before = asked(&moody);
    std::thread::sleep(Duration::from_secs(6));
    assert!(asked(&moody) <= before + 1);
}
