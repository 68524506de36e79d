//! A page of the revocation feed.

use serde::Deserialize;

/// The largest page that is read, in bytes: a thousand revocations with long names.
const MAX_PAGE: usize = 4 * 1024 * 1024;
/// The longest cursor.
const MAX_CURSOR: usize = 64;

/// One entry: tokens that are dead. A token is one of them when everything that stands here is so of it. Times are seconds
/// since the epoch.
#[derive(Clone, Debug, Deserialize)]
pub struct Revocation {
    /// Only the token with this id.
    pub jti: Option<String>,
    /// Those that were signed with the key of this id.
    pub kid: Option<String>,
    /// Those that were issued to this client.
    pub client_id: Option<String>,
    /// Those for this audience.
    pub audience: Option<String>,
    /// The application with that audience, where tokens name that: the same resource server.
    pub azp: Option<String>,
    /// Those whose `iat` is not after this.
    pub issued_until: Option<i64>,
    /// When the last of them has expired.
    pub exp: i64,
}

/// What the feed answers: the entries after a cursor, in the order in which they were made.
#[derive(Clone, Debug, Deserialize)]
pub struct RevocationPage {
    /// The entries.
    pub revocations: Vec<Revocation>,
    /// The cursor after them.
    pub next: String,
    /// Whether there are more.
    pub more: bool,
}

/// Why a page is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PageFault {
    /// More than 4 MiB.
    #[error("the page is too large")]
    TooLarge,
    /// Not the JSON of a page.
    #[error("the page is not one of the revocation feed")]
    Form,
    /// An entry that this crate cannot follow: it says neither which token, nor which key, nor until when.
    #[error("the page has a revocation of an unknown kind")]
    UnknownKind,
}

impl RevocationPage {
    /// Reads the body of an answer of the feed.
    pub fn parse(body: &[u8]) -> Result<Self, PageFault> {
        if body.len() > MAX_PAGE {
            return Err(PageFault::TooLarge);
        }
        let page: Self = serde_json::from_slice(body).map_err(|_| PageFault::Form)?;
        if page.next.len() > MAX_CURSOR {
            return Err(PageFault::Form);
        }
        let is_known = |entry: &Revocation| entry.jti.is_some() || entry.kid.is_some() || entry.issued_until.is_some();
        if page.revocations.iter().all(is_known) { Ok(page) } else { Err(PageFault::UnknownKind) }
    }
}
