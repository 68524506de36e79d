//! An answer on the wire, taken apart.

use serde_json::Value;

use super::upstream::Seen;

/// Status, headers and body of an answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Everything before the body.
    pub(crate) head: String,
    /// What follows the head, whatever its length was said to be.
    pub(crate) rest: String,
}

impl Reply {
    #[track_caller]
    pub(crate) fn parse(text: &str) -> Self {
        let (head, rest) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or_else(|| panic!("{head}"));
        Self { status, head: head.to_owned(), rest: rest.to_owned() }
    }

    /// A header that is there once at most.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        Seen { head: format!("{}\r\n", self.head), ..Seen::default() }.header(name).map(str::to_owned)
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.rest).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The error code of a refusal with this status: JSON, not cached, with the request's id.
    #[track_caller]
    pub(crate) fn error(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type").as_deref(), Some("application/json"));
        assert_eq!(self.header("cache-control").as_deref(), Some("no-store"));
        let json = self.json();
        assert_eq!(json["request_id"].as_str(), self.header("x-request-id").as_deref());
        json["error"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{self:?}");
        self
    }
}
