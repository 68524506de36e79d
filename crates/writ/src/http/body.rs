//! Reading the form of a request, within its limits.

use std::pin::pin;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use writ_oauth::form::Form;
use writ_oauth::{Refusal, Refused};

use crate::config::Limits;

/// Reads the body as a form.
///
/// > The client makes a request to the token endpoint by adding the following parameters using the
/// > "application/x-www-form-urlencoded" format per Appendix B with a character encoding of UTF-8 in the HTTP request
/// > entity-body
///
/// <https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2>
pub(crate) async fn form(headers: &HeaderMap, body: Body, limits: &Limits) -> Result<Form, Refused> {
    if !is_form(headers) {
        return Err(Refusal::ContentTypeNotForm.into());
    }
    let mut reading = pin!(bytes(body, limits.body_bytes));
    // Most forms come together with their headers: no time to measure.
    let bytes = match reading.as_mut().now_or_never() {
        Some(read) => read?,
        None => tokio::time::timeout(limits.body_timeout, reading).await.map_err(|_| Refusal::BodyTooSlow)??,
    };
    Form::parse(&bytes, limits.parameters)
}

/// Reads a body of at most so many bytes.
pub(crate) async fn bytes(body: Body, limit: usize) -> Result<Bytes, Refusal> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Refusal::BodyTooLarge),
        Err(_) => Err(Refusal::BodyBroken),
    }
}

/// Whether the body is labelled as a form, once, in UTF-8 if a charset is named at all.
fn is_form(headers: &HeaderMap) -> bool {
    let mut labels = headers.get_all(CONTENT_TYPE).iter();
    let (Some(label), None) = (labels.next(), labels.next()) else { return false };
    let Ok(label) = label.to_str() else { return false };
    let mut parts = label.split(';').map(str::trim);
    let is_form = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    is_form
        && parts.filter(|part| !part.is_empty()).all(|part| {
            part.split_once('=').is_none_or(|(name, value)| {
                !name.trim().eq_ignore_ascii_case("charset")
                    || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            })
        })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn case_57_only_a_form_in_utf_8_is_a_form() {
        let labelled = |label: &'static str| {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(label))]);
            is_form(&headers)
        };
        assert!(labelled("application/x-www-form-urlencoded"));
        assert!(labelled("Application/X-WWW-Form-Urlencoded; charset=\"UTF-8\""));
        assert!(!labelled("application/x-www-form-urlencoded; charset=utf-7"));
        assert!(!labelled("application/json"));
        assert!(!labelled("multipart/form-data; boundary=x"));
        assert!(!is_form(&HeaderMap::new()));
    }
}
