//! The mark that a request gets on its way through, by which one that comes back is known.

use http::header::VIA;
use http::{HeaderMap, HeaderValue, Version};
use writ_core::random;
use writ_oauth::Refusal;

/// The name of this gateway in `Via`, one of its own in every process.
pub(crate) struct Pseudonym {
    name: String,
    /// Its entries, by the version of HTTP that a request came in.
    http_1: HeaderValue,
    http_2: HeaderValue,
}

impl Pseudonym {
    pub(crate) fn new() -> Self {
        let name = random::id("writ-").unwrap_or_else(|_| "writ".to_owned());
        let entry = |received| HeaderValue::try_from(format!("{received} {name}"));
        let entry = |received| entry(received).unwrap_or(HeaderValue::from_static("1.1 writ"));
        Self { http_1: entry("1.1"), http_2: entry("2.0"), name }
    }

    /// Refuses a request that has been here before: a route leads back to the gateway, round and round.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let lines = headers.get_all(VIA).iter().filter_map(|line| line.to_str().ok());
        let mut entries = lines.flat_map(|line| line.split(','));
        let is_mine = |entry: &str| entry.split_ascii_whitespace().nth(1) == Some(&*self.name);
        if entries.any(is_mine) { Err(Refusal::RequestLoops) } else { Ok(()) }
    }

    /// > An HTTP-to-HTTP gateway MUST send an appropriate Via header field in each inbound request message
    ///
    /// <https://www.rfc-editor.org/rfc/rfc9110#section-7.6.3>
    pub(crate) fn put(&self, headers: &mut HeaderMap, version: Version) {
        let entry = if version == Version::HTTP_2 { &self.http_2 } else { &self.http_1 };
        headers.append(VIA, entry.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_comes_back_is_known() {
        let (mine, other) = (Pseudonym::new(), Pseudonym::new());
        let mut headers = HeaderMap::new();
        headers.append(VIA, HeaderValue::from_static("1.0 fred, 1.1 example.com (Apache/1.1)"));
        other.put(&mut headers, Version::HTTP_2);
        assert_eq!(mine.check(&headers), Ok(()));
        mine.put(&mut headers, Version::HTTP_11);
        assert_eq!(mine.check(&headers), Err(Refusal::RequestLoops));
    }
}
