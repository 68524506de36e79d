//! Bodies stream: their first bytes arrive before their last are sent, nothing is heaped up, and what breaks off on
//! one side breaks off on the other.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::Scene;
use crate::support::reply::Reply;
use crate::support::upstream::{OK, Upstream};
use crate::support::wire::{connect, exchange, rest};

const LARGE: usize = 50 << 20;
/// What sockets and buffers on the way hold, at the very most.
const HELD: usize = 24 << 20;

/// The head of a request, ended.
fn head(scene: &Scene, lines: &str) -> String {
    let client = if lines.starts_with("POST") { "writer" } else { "partner" };
    format!("{lines}host: writ.example\r\nauthorization: {}\r\nconnection: close\r\n\r\n", scene.bearer(client))
}

/// Reads lines up to an empty one.
fn read_head(reader: &mut impl BufRead) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).unwrap(), 0, "{head}");
    }
    head
}

/// An upstream that tells of what it does, and waits for a word before it goes on.
fn stepping(speak: fn(TcpStream, &Sender<usize>, &Receiver<()>)) -> (Upstream, Receiver<usize>, Sender<()>) {
    let (told, tells) = channel();
    let (go, goes) = channel();
    let ends = Mutex::new((told, goes));
    let upstream = Upstream::speaking(move |stream| {
        let ends = ends.lock().unwrap();
        speak(stream, &ends.0, &ends.1);
    });
    (upstream, tells, go)
}

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn an_upload_streams_and_waits_for_the_server_to_read() {
    let (upstream, tells, go) = stepping(|stream, told, goes| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        read_head(&mut reader);
        let mut first = [0; 5];
        reader.read_exact(&mut first).unwrap();
        told.send(5).unwrap();
        goes.recv().unwrap();
        let rest = std::io::copy(&mut reader.take((LARGE - 5) as u64), &mut std::io::sink()).unwrap();
        (&stream).write_all(OK.as_bytes()).unwrap();
        told.send(usize::try_from(rest).unwrap()).unwrap();
    });
    let scene = Scene::before(upstream);
    let mut stream = connect(scene.wire.gateway);
    let head = head(&scene, &format!("POST /announcements HTTP/1.1\r\ncontent-length: {LARGE}\r\n"));
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(b"hello").unwrap();
    assert_eq!(tells.recv_timeout(PATIENCE), Ok(5), "the first bytes have not arrived");

    // As long as the upstream does not read, the caller cannot write: nobody keeps it in between.
    let chunk = vec![b'x'; 1 << 20];
    stream.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    let mut sent = 5;
    while sent < LARGE {
        match stream.write(&chunk[..chunk.len().min(LARGE - sent)]) {
            Ok(count) => sent += count,
            Err(_) => break,
        }
    }
    assert!(sent < HELD, "{sent} bytes are held somewhere");
    go.send(()).unwrap();
    stream.set_write_timeout(None).unwrap();
    while sent < LARGE {
        sent += stream.write(&chunk[..chunk.len().min(LARGE - sent)]).unwrap();
    }
    assert_eq!(tells.recv_timeout(PATIENCE), Ok(LARGE - 5));
    Reply::parse(&rest(&mut stream)).ok();
}

#[test]
fn a_download_streams_and_waits_for_the_caller_to_read() {
    let (upstream, tells, go) = stepping(|mut stream, told, goes| {
        read_head(&mut BufReader::new(stream.try_clone().unwrap()));
        stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {LARGE}\r\n\r\nhello").as_bytes()).unwrap();
        goes.recv().unwrap();
        let chunk = vec![b'x'; 1 << 20];
        stream.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
        let mut sent = 5;
        while let Ok(count @ 1..) = stream.write(&chunk[..chunk.len().min(LARGE - sent)]) {
            sent += count;
        }
        told.send(sent).unwrap();
        goes.recv().unwrap();
        stream.set_write_timeout(None).unwrap();
        while sent < LARGE {
            sent += stream.write(&chunk[..chunk.len().min(LARGE - sent)]).unwrap();
        }
    });
    let scene = Scene::before(upstream);
    let stream = connect(scene.wire.gateway);
    (&stream).write_all(head(&scene, "GET /any HTTP/1.1\r\n").as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    assert!(read_head(&mut reader).contains(&format!("content-length: {LARGE}")));
    let mut first = [0; 5];
    reader.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"hello");
    go.send(()).unwrap();
    let sent = tells.recv_timeout(PATIENCE).unwrap();
    assert!(sent < HELD, "{sent} bytes are held somewhere");
    go.send(()).unwrap();
    assert_eq!(std::io::copy(&mut reader, &mut std::io::sink()).unwrap(), (LARGE - 5) as u64);
}

/// A caller that reads nothing before it has sent everything, and an upstream that answers while it still reads.
#[test]
fn an_upload_goes_on_while_nobody_reads_the_answer() {
    let (upstream, tells, _go) = stepping(|stream, told, _| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        read_head(&mut reader);
        let answer = stream.try_clone().unwrap();
        let answering = std::thread::spawn(move || {
            (&answer).write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {LARGE}\r\n\r\n").as_bytes()).unwrap();
            let chunk = vec![b'x'; 1 << 20];
            (0..LARGE / chunk.len()).for_each(|_| (&answer).write_all(&chunk).unwrap());
        });
        let read = std::io::copy(&mut reader.take(LARGE as u64), &mut std::io::sink()).unwrap();
        told.send(usize::try_from(read).unwrap()).unwrap();
        answering.join().unwrap();
    });
    let scene = Scene::before(upstream);
    let mut stream = connect(scene.wire.gateway);
    let head = head(&scene, &format!("POST /announcements HTTP/1.1\r\ncontent-length: {LARGE}\r\n"));
    stream.write_all(head.as_bytes()).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    let chunk = vec![b'y'; 1 << 20];
    (0..LARGE / chunk.len()).for_each(|_| stream.write_all(&chunk).unwrap());
    assert_eq!(tells.recv_timeout(PATIENCE), Ok(LARGE));
    let mut reader = BufReader::new(stream);
    assert!(read_head(&mut reader).starts_with("HTTP/1.1 200"));
    assert_eq!(std::io::copy(&mut reader, &mut std::io::sink()).unwrap(), LARGE as u64);
}

#[test]
fn a_body_is_waited_for_only_when_the_request_is_let_through() {
    let scene = Scene::new();
    let lines = "POST /announcements HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 5\r\n";
    let stream = connect(scene.wire.gateway);
    (&stream).write_all(head(&scene, lines).as_bytes()).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    assert_eq!(read_head(&mut reader), "HTTP/1.1 100 Continue\r\n\r\n");
    (&stream).write_all(b"hello").unwrap();
    assert!(read_head(&mut reader).starts_with("HTTP/1.1 200"));
    let seen = scene.upstream.only();
    assert_eq!((&*seen.body, seen.header("expect")), (&b"hello"[..], None));
    scene.upstream.forget();
    let mut stream = connect(scene.wire.gateway);
    stream.write_all(format!("{lines}host: writ.example\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
    assert_eq!(Reply::parse(&rest(&mut stream)).error(401), "invalid_token");
    assert!(scene.upstream.seen().is_empty());
}

#[test]
fn answers_without_a_body_have_none_and_keep_their_length() {
    let scene = Scene::before(Upstream::answering(|seen, stream| {
        let answer = match seen.line() {
            "HEAD /any/length" => "HTTP/1.1 200 OK\r\ncontent-length: 1234\r\n\r\n",
            "HEAD /any/chunked" => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "GET /any/204" => "HTTP/1.1 204 No Content\r\n\r\n",
            "GET /any/304" => "HTTP/1.1 304 Not Modified\r\netag: \"a\"\r\ncontent-length: 1234\r\n\r\n",
            "GET /any/hints" => {
                "HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
            }
            other => panic!("{other}"),
        };
        stream.write_all(answer.as_bytes()).unwrap();
    }));
    let token = scene.token("partner");
    for (method, path, status, length) in [
        ("HEAD", "length", 200, Some("1234")),
        ("HEAD", "chunked", 200, None),
        ("GET", "204", 204, None),
        // A length there is of no use to anyone, and left out.
        ("GET", "304", 304, None),
        ("GET", "hints", 200, Some("0")),
    ] {
        let reply = scene.send(&token, &format!("{method} /any/{path} HTTP/1.1\r\n"));
        assert_eq!((reply.status, &*reply.rest), (status, ""), "{path}");
        assert_eq!(reply.header("content-length").as_deref(), length, "{path}: {}", reply.head);
    }
    // They leave the connection to the upstream in order.
    assert_eq!(scene.upstream.connections(), 1);
}

/// An upstream that sends an event every 100 ms without an end.
fn events() -> Upstream {
    Upstream::answering(|_, stream| {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        while stream.write_all(b"9\r\ndata: 1\n\n\r\n").is_ok() {
            std::thread::sleep(Duration::from_millis(100));
        }
        // The gateway has gone, and so does this end.
        stream.shutdown(Shutdown::Both).unwrap_or_default();
    })
}

#[test]
fn case_106_an_answer_without_an_end_ends_with_the_token() {
    let scene = Scene::before(events());
    let head = head(&scene, "GET /any/events HTTP/1.1\r\n");
    scene.server.advance(3600 - 2);
    let started = Instant::now();
    let answer = exchange(scene.wire.gateway, head.as_bytes());
    let took = started.elapsed();
    assert!((Duration::from_millis(1500)..Duration::from_secs(4)).contains(&took), "{took:?}");
    let reply = Reply::parse(&answer).ok();
    assert!(reply.rest.matches("data: 1").count() > 10, "{}", reply.rest);
    // It broke off, and does not look complete.
    assert!(!reply.rest.ends_with("0\r\n\r\n"), "{}", reply.rest);
}

#[test]
fn events_arrive_as_they_are_sent() {
    let scene = Scene::before(events());
    let mut stream = connect(scene.wire.gateway);
    stream.write_all(head(&scene, "GET /any/events HTTP/1.1\r\n").as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    read_head(&mut reader);
    let started = Instant::now();
    let mut first = [0; 9];
    reader.read_exact(&mut first).unwrap();
    assert!(started.elapsed() < Duration::from_secs(1));
}
