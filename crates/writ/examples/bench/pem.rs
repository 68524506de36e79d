//! The key that a server signs with at present, as PEM, for a peer that verifies with it.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use writ_oauth::jose::{KeyParameters, parse_jwk_set};

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
/// `rsaEncryption` with its NULL, and `id-ecPublicKey` with `prime256v1`, each a whole AlgorithmIdentifier.
const RSA: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
const P256: &[u8] = b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";

pub(crate) async fn print(url: &str) -> anyhow::Result<()> {
    let address = url.strip_prefix("http://").context("not an http URL")?;
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"GET /oauth2/jwks HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (_, body) = answer.split_once("\r\n\r\n").context("no answer")?;
    let keys = parse_jwk_set(body.as_bytes())?;
    // The active one comes first.
    let key = keys.keys().first().context("no key")?;
    let der = match key.parameters() {
        KeyParameters::Rsa { n, e } => spki(RSA, &tlv(SEQUENCE, &[integer(n), integer(e)].concat())),
        KeyParameters::Curve { x, y, .. } => spki(P256, &[&[4], x.as_slice(), y].concat()),
    };
    println!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", STANDARD.encode(der));
    Ok(())
}

/// SubjectPublicKeyInfo: <https://www.rfc-editor.org/rfc/rfc5280#section-4.1>
fn spki(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    tlv(SEQUENCE, &[algorithm, &tlv(BIT_STRING, &[&[0], key].concat())].concat())
}

/// A positive number, with a leading zero so that it stays one.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let zero: &[u8] = if bytes.first().is_some_and(|first| *first > 127) { &[0] } else { &[] };
    tlv(INTEGER, &[zero, bytes].concat())
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let [.., high, low] = content.len().to_be_bytes();
    let length: &[u8] = match content.len() {
        0..128 => &[low],
        128..256 => &[0x81, low],
        _ => &[0x82, high, low],
    };
    [&[tag], length, content].concat()
}
