//! The `Authorization` header of a client: the input is the header, and what an encoder would make one of.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::byte_serialize;
use writ_oauth::form::Form;

use super::presented;

pub(super) fn check(input: &[u8]) {
    if let Ok(text) = std::str::from_utf8(input) {
        check_header(text);
    }
    check_header(&basic(input));
}

fn basic(credentials: &[u8]) -> String {
    format!("Basic {}", STANDARD.encode(credentials))
}

fn check_header(header: &str) {
    let Some((id, secrets)) = presented::read(&[header], &form("")) else { return };
    assert!(!id.is_empty() && secrets.iter().all(|secret| !secret.is_empty()));
    let raw = match secrets.as_slice() {
        [raw] => raw,
        [decoded, raw] if decoded != raw => raw,
        _ => panic!("one reading of the secret, or two that differ"),
    };
    check_raw(header, raw);
    // Whoever encodes as RFC 6749 has it is understood in the first reading, and once.
    let [encoded_id, encoded_raw] = [&id, raw].map(|part| byte_serialize(part.as_bytes()).collect::<String>());
    let (same_id, readings) = presented::read(&[&basic(format!("{encoded_id}:{encoded_raw}").as_bytes())], &form(""))
        .expect("an encoded id and secret are read");
    assert_eq!((&same_id, readings.first()), (&id, Some(raw)));
    // Beside the header a form names the same client or none.
    assert!(presented::read(&[header], &form(&format!("client_id={encoded_id}"))).is_some());
    assert!(presented::read(&[header], &form(&format!("client_id={encoded_id}x"))).is_none());
    assert!(presented::read(&[header], &form("client_secret=x")).is_none());
    assert!(presented::read(&[header, header], &form("")).is_none());
}

/// The raw reading is what stands behind the first colon, octet by octet.
fn check_raw(header: &str, raw: &str) {
    let (scheme, credentials) = header.trim().split_once(' ').unwrap();
    assert!(scheme.eq_ignore_ascii_case("basic"));
    let sent = STANDARD.decode(credentials.trim()).unwrap();
    let colon = sent.iter().position(|octet| *octet == b':').unwrap();
    assert_eq!(&sent[colon + 1..], raw.as_bytes());
}

fn form(body: &str) -> Form {
    Form::parse(body.as_bytes(), 4).unwrap()
}
