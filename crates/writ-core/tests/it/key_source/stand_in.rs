//! A small server that answers what a test wants, byte by byte, and counts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What an answer is made of.
#[derive(Clone)]
pub(super) enum Step {
    Send(Vec<u8>),
    Pause(Duration),
}

type Answer = dyn Fn(&str) -> Vec<Step> + Send + Sync;

pub(super) struct StandIn {
    scheme: &'static str,
    port: u16,
    requests: Arc<AtomicUsize>,
    answer: Arc<Mutex<Arc<Answer>>>,
}

impl StandIn {
    /// Answers each path with what the function says.
    pub(super) async fn start(answer: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::listen("http", None, answer).await
    }

    pub(super) async fn listen(
        scheme: &'static str,
        tls: Option<TlsAcceptor>,
        answer: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let answer: Arc<Answer> = Arc::new(answer);
        let server = Self { scheme, port, requests: Arc::default(), answer: Arc::new(Mutex::new(answer)) };
        let (requests, answer) = (Arc::clone(&server.requests), Arc::clone(&server.answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (requests, answer, tls) = (Arc::clone(&requests), Arc::clone(&answer), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &requests, &answer).await,
                        // A caller that does not trust this server is not served.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &requests, &answer).await;
                            }
                        }
                    }
                });
            }
        });
        server
    }

    /// Answers otherwise from now on.
    pub(super) fn answers(&self, answer: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static) {
        *self.answer.lock().unwrap() = Arc::new(answer);
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}://127.0.0.1:{}{path}", self.scheme, self.port)
    }

    /// How many requests there were.
    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, requests: &AtomicUsize, answer: &Mutex<Arc<Answer>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
        // The first byte of a TLS handshake.
        if head == [0x16] {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            return;
        }
    }
    requests.fetch_add(1, Ordering::SeqCst);
    let head = String::from_utf8(head).unwrap();
    assert!(!head.to_ascii_lowercase().contains("authorization:"), "{head}");
    let path = head.split(' ').nth(1).unwrap();
    let answer = Arc::clone(&answer.lock().unwrap());
    for step in answer(path) {
        match step {
            Step::Send(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Step::Pause(time) => tokio::time::sleep(time).await,
        }
    }
    let _ = stream.shutdown().await;
}

/// A whole answer with status 200.
pub(super) fn ok(json: &Value) -> Vec<Step> {
    ok_with("", json)
}

/// The same with further header lines, each with its line end.
pub(super) fn ok_with(headers: &str, json: &Value) -> Vec<Step> {
    let body = json.to_string();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n", body.len());
    vec![Step::Send(format!("{head}{headers}\r\n{body}").into_bytes())]
}

/// Whatever bytes.
pub(super) fn raw(text: impl Into<Vec<u8>>) -> Vec<Step> {
    vec![Step::Send(text.into())]
}

/// An answer without a body that matters.
pub(super) fn status(line: &str, headers: &str) -> Vec<Step> {
    raw(format!("HTTP/1.1 {line}\r\n{headers}content-length: 2\r\n\r\n{{}}"))
}
