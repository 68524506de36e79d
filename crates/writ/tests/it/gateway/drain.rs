//! A server that is told to stop finishes the calls that are under way.

use std::io::Write;
use std::sync::mpsc::channel;
use std::time::Duration;

use super::change::access_token;
use super::documents;
use crate::support::process::Launch;
use crate::support::reply::Reply;
use crate::support::upstream::{OK, Upstream};
use crate::support::wire::{connect, rest};

#[test]
fn a_call_under_way_is_answered_and_no_other_is_taken() {
    let (told, tells) = channel();
    let told = std::sync::Mutex::new(told);
    let upstream = Upstream::answering(move |_, stream| {
        told.lock().unwrap().send(()).unwrap();
        std::thread::sleep(Duration::from_secs(1));
        stream.write_all(OK.as_bytes()).unwrap();
    });
    let folder = tempfile::tempdir().unwrap();
    let server = Launch::serve(folder.path()).start();
    server.apply(&documents(&upstream.url()).to_string(), &[]).ok();
    let token = access_token(&server);
    let gateway = server.said("gateway").strip_prefix("http://").unwrap().parse().unwrap();
    let mut stream = connect(gateway);
    let head = format!("GET /any HTTP/1.1\r\nhost: {gateway}\r\nauthorization: Bearer {token}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    tells.recv_timeout(Duration::from_secs(10)).unwrap();
    server.signal("TERM");
    assert_eq!(Reply::parse(&rest(&mut stream)).ok().rest, "ok");
    server.ended();
    assert!(std::net::TcpStream::connect(gateway).is_err());
}
