//! A response: status, headers and body, and which rule the log names for it.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::Value;
use writ::http::Logged;
use writ_oauth::Refusal;

/// A response, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// The rule that was not met, as the log names it; the caller never sees this.
    pub(crate) refusal: Option<Refusal>,
}

impl Answer {
    pub(crate) async fn read(response: Response) -> Self {
        let (mut parts, body) = response.into_parts();
        // Last, wherever along the way it was put in: golden files are not about that.
        if let Some(length) = parts.headers.remove(CONTENT_LENGTH) {
            parts.headers.insert(CONTENT_LENGTH, length);
        }
        let bytes = body.collect().await.unwrap().to_bytes();
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
            refusal: parts.extensions.get::<Logged>().and_then(Logged::refusal),
        }
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text))
    }

    /// A header that occurs at most once.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.get_all(name).iter();
        let first = lines.next().map(|value| value.to_str().unwrap());
        assert!(lines.next().is_none(), "{name} is there twice");
        first
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.text);
        self
    }

    /// The access token of a successful token response.
    #[track_caller]
    pub(crate) fn token(self) -> String {
        self.ok().json()["access_token"].as_str().unwrap().to_owned()
    }

    /// The error code of a refusal with this status.
    #[track_caller]
    pub(crate) fn error(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()["error"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn description(&self) -> String {
        self.json()["error_description"].as_str().unwrap().to_owned()
    }

    /// Asserts which rule was not met.
    #[track_caller]
    pub(crate) fn is(self, refusal: Refusal) -> Self {
        assert_eq!(self.refusal, Some(refusal), "{} {}", self.status, self.text);
        self
    }
}
