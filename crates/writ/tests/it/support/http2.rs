//! HTTP/2 callers: one as programs are, and one that sends whatever it likes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::server::RUNTIME;

/// A connection in the clear, by prior knowledge.
pub(crate) async fn connect(address: SocketAddr) -> SendRequest<Body> {
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// An answer over HTTP/2.
#[derive(Debug)]
pub(crate) struct Http2Reply {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
    pub(crate) trailers: HeaderMap,
}

/// Sends one request; the error when there is no answer.
pub(crate) fn send(address: SocketAddr, request: Request<Body>) -> Result<Http2Reply, hyper::Error> {
    RUNTIME.block_on(async {
        let response = connect(address).await.send_request(request).await?;
        let status = response.status().as_u16();
        let collected = response.into_body().collect().await?;
        let trailers = collected.trailers().cloned().unwrap_or_default();
        Ok(Http2Reply { status, body: collected.to_bytes(), trailers })
    })
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// Sends one request with header fields as they are, legal or not, and a body; answers once the server has answered
/// or hung up, whichever way.
///
/// <https://www.rfc-editor.org/rfc/rfc9113#section-4.1>
pub(crate) fn send_raw(address: SocketAddr, fields: &[(&str, &str)], body: Option<&[u8]>) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut bytes = PREFACE.to_vec();
    bytes.extend(frame(SETTINGS, 0, 0, &[]));
    let flags = if body.is_none() { END_HEADERS | END_STREAM } else { END_HEADERS };
    bytes.extend(frame(HEADERS, flags, 1, &block(fields)));
    if let Some(body) = body {
        bytes.extend(frame(DATA, END_STREAM, 1, body));
    }
    stream.write_all(&bytes).unwrap();
    // Whatever the server does with stream 1 (an answer, RST_STREAM, GOAWAY), it does before it closes.
    while let Some((kind, stream_id)) = read_frame(&mut stream) {
        if kind == GOAWAY || (stream_id == 1 && matches!(kind, HEADERS | RST_STREAM)) {
            return;
        }
    }
}

fn read_frame(stream: &mut TcpStream) -> Option<(u8, u32)> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).ok()?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    std::io::copy(&mut stream.take(length.into()), &mut std::io::sink()).unwrap();
    Some((head[3], u32::from_be_bytes([head[5], head[6], head[7], head[8]])))
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Literal fields, never indexed, without Huffman coding.
///
/// <https://www.rfc-editor.org/rfc/rfc7541#section-6.2.2>
fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            block.extend(length(text.len()));
            block.extend(text.as_bytes());
        }
    }
    block
}

/// An integer with a prefix of seven bits.
///
/// <https://www.rfc-editor.org/rfc/rfc7541#section-5.1>
fn length(length: usize) -> Vec<u8> {
    let low = |number: usize| u8::try_from(number).unwrap();
    let Some(mut rest) = length.checked_sub(127) else { return vec![low(length)] };
    let mut bytes = vec![127];
    while rest >= 128 {
        bytes.push(low(rest % 128) | 128);
        rest /= 128;
    }
    bytes.push(low(rest));
    bytes
}
