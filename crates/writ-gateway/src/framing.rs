//! How long a body is, said in exactly one way on either side of the gateway.

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue};
use http_body::Body;
use writ_oauth::Refusal;

/// Refuses a request whose body another server could see end elsewhere. What the connection has sorted out before
/// (a length that a later `Transfer-Encoding` overrules, equal lengths twice) is not seen here any more.
///
/// > A server that receives a request message with a transfer coding it does not understand SHOULD respond with 501
///
/// <https://www.rfc-editor.org/rfc/rfc9112#section-6.1>
pub(crate) fn check_request(headers: &HeaderMap) -> Result<(), Refusal> {
    if is_plain(headers) { Ok(()) } else { Err(Refusal::FramingAmbiguous) }
}

/// Takes an answer's length only when it says it in one way.
///
/// > Such a message might indicate an attempt to perform request smuggling (Section 11.2) or response splitting
/// > (Section 11.1) and ought to be handled as an error.
///
/// <https://www.rfc-editor.org/rfc/rfc9112#section-6.3>
pub(crate) fn check_answer(headers: &HeaderMap) -> Result<(), Refusal> {
    if is_plain(headers) { Ok(()) } else { Err(Refusal::UpstreamBroken) }
}

/// At most one length, or the one coding `chunked`, and not both.
fn is_plain(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    match (codings.next(), codings.next(), lengths.next(), lengths.next()) {
        (None, _, None, _) => true,
        (None, _, Some(length), None) => !length.is_empty() && length.as_bytes().iter().all(u8::is_ascii_digit),
        (Some(coding), None, None, _) => coding.as_bytes().eq_ignore_ascii_case(b"chunked"),
        (None | Some(_), ..) => false,
    }
}

/// Says how long the body to be sent is: the length that its headers state, else in chunks. Without this, the
/// library would send a GET whose body has no stated length as one without a body.
pub(crate) fn put(headers: &mut HeaderMap, body: &impl Body) {
    if !body.is_end_stream() && !headers.contains_key(CONTENT_LENGTH) {
        headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use http::HeaderName;

    use super::*;

    #[test]
    fn a_length_is_said_in_one_way() {
        let check = |pairs: &[(&str, &str)]| {
            let headers: HeaderMap = pairs
                .iter()
                .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap()))
                .collect();
            check_request(&headers).is_ok()
        };
        assert!(check(&[]));
        assert!(check(&[("content-length", "5")]));
        assert!(check(&[("transfer-encoding", "Chunked")]));
        for ambiguous in [
            &[("content-length", "5"), ("transfer-encoding", "chunked")][..],
            &[("content-length", "5"), ("content-length", "5")],
            &[("content-length", "+5")],
            &[("content-length", "5, 5")],
            &[("content-length", "")],
            &[("transfer-encoding", "gzip, chunked")],
            &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")],
            &[("transfer-encoding", "chunked, identity")],
        ] {
            assert!(!check(ambiguous), "{ambiguous:?}");
        }
    }
}
