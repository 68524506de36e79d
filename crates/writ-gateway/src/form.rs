//! Forms in front of APIs: read before they are forwarded, because one of them may carry a token.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use writ_oauth::Refusal;

/// The largest form that is let through, in bytes.
const LIMIT: usize = 1 << 20;

/// Whether a body is a form, in which a token could stand.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let is_form = |label: &[u8]| {
        let kind = label.split(|byte| *byte == b';').next().unwrap_or_default();
        kind.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
    };
    headers.get_all(CONTENT_TYPE).iter().any(|label| is_form(label.as_bytes()))
}

/// Reads a form, and refuses one with a token in it.
///
/// > Clients MUST NOT use more than one method to transmit the token in each request.
///
/// <https://www.rfc-editor.org/rfc/rfc6750#section-2>
pub(crate) async fn read<B>(body: B, patience: Duration) -> Result<Bytes, Refusal>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let reading = tokio::time::timeout(patience, Limited::new(body, LIMIT).collect());
    let bytes = match reading.await {
        Err(_) => return Err(Refusal::BodyTooSlow),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(Refusal::BodyTooLarge),
        Ok(Err(_)) => return Err(Refusal::BodyBroken),
        Ok(Ok(collected)) => collected.to_bytes(),
    };
    if names_a_token(&bytes) { Err(Refusal::TokenInQuery) } else { Ok(bytes) }
}

/// Whether a query or a form has a parameter `access_token`, however its name is escaped and cased.
pub(crate) fn names_a_token(parameters: &[u8]) -> bool {
    url::form_urlencoded::parse(parameters).any(|(name, _)| name.trim().eq_ignore_ascii_case("access_token"))
}
