//! Real sockets, where the bytes matter.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use writ::config::Limits;
use writ::http::{self, Tls};

use super::certificate::Certificate;
use super::server::{RUNTIME, Server};

/// A server's public listener and its gateway on sockets, until dropped.
pub(crate) struct Wire {
    pub(crate) public: SocketAddr,
    pub(crate) gateway: SocketAddr,
    _stop: DropGuard,
}

impl Wire {
    pub(crate) fn of(server: &Server) -> Self {
        let stop = CancellationToken::new();
        let serve = |router| on_a_socket(router, None, &server.app.limits, &stop);
        let (public, gateway) = (serve(server.public_router()), serve(server.gateway_router()));
        Self { public, gateway, _stop: stop.drop_guard() }
    }
}

/// Serves a router on a socket of its own until told to stop.
pub(crate) fn on_a_socket(
    router: Router,
    tls: Option<Arc<Tls>>,
    limits: &Limits,
    stop: &CancellationToken,
) -> SocketAddr {
    let listener = RUNTIME.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let (limits, until) = (limits.clone(), stop.clone());
    RUNTIME.spawn(async move { http::serve(listener, tls, router, &limits, until).await });
    address
}

/// What a listener speaks TLS with.
pub(crate) fn tls_of(certificate: &Certificate) -> Arc<Tls> {
    Arc::new(Tls::open(&certificate.chain, &certificate.key).unwrap())
}

/// A connection that gives up after ten seconds.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// Sends bytes and reads what comes until the server closes.
pub(crate) fn exchange(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = connect(address);
    stream.write_all(bytes).unwrap();
    rest(&mut stream)
}

/// The same, when the server may answer and stop reading before the end.
pub(crate) fn exchange_some(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = connect(address);
    let mut writer = stream.try_clone().unwrap();
    let bytes = bytes.to_vec();
    let writing = std::thread::spawn(move || drop(writer.write_all(&bytes)));
    let answer = rest(&mut stream);
    writing.join().unwrap();
    answer
}

/// What comes until the server closes; a reset after the answer is its end.
pub(crate) fn rest(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => read.extend(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset && !read.is_empty() => break,
            Err(error) => panic!("{error} after {:?}", String::from_utf8_lossy(&read)),
        }
    }
    String::from_utf8(read).unwrap()
}

/// The status and the JSON body of an answer on the wire.
#[track_caller]
pub(crate) fn parse(answer: &str) -> (u16, serde_json::Value) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}")))
}
