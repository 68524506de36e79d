//! The revocation feed: what was taken back, for those who verify tokens elsewhere and know nothing of the configuration.
//!
//! They cannot read the change sequence in a `jti`, so an entry says what they can check: whose tokens, for whom, and
//! until when they were issued. It errs on the side of refusing.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use tokio::time::Instant;

use crate::Core;
use crate::apply::ApplyError;
use crate::directory::MARGIN;
use crate::store::StoredRevocation;

/// How many readers may wait for news at a time; another is answered at once.
pub(crate) const WAITING: usize = 64;
/// The most entries of a page, and how many unless it is said.
pub const MAX_LIMIT: u16 = 1000;
/// How long a reader may wait for news.
pub const MAX_WAIT: Duration = Duration::from_secs(30);

/// A place in the feed: after the entries of a change sequence, or after one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    sequence: i64,
    entry: i64,
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |text: &str| {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| text.parse().ok()).flatten().ok_or(())
        };
        match text.split_once('.') {
            None if number(text)? == 0 => Ok(Self::default()),
            // Everything of a change has been seen.
            None => Ok(Self { sequence: number(text)?, entry: i64::MAX }),
            Some((sequence, entry)) => Ok(Self { sequence: number(sequence)?, entry: number(entry)? }),
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self { sequence: 0, entry: 0 } => f.write_str("0"),
            Self { sequence, entry: i64::MAX } => write!(f, "{sequence}"),
            Self { sequence, entry } => write!(f, "{sequence}.{entry}"),
        }
    }
}

/// What a reader asks for.
#[derive(Clone, Copy, Debug)]
pub struct FeedRequest {
    /// Entries after this place.
    pub after: Cursor,
    /// How many at most; at most [`MAX_LIMIT`].
    pub limit: u16,
    /// How long to wait for the first of them; at most [`MAX_WAIT`].
    pub wait: Duration,
}

/// Entries in the order in which they were made. The same tokens stand in it once: at the last time they were cut off.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FeedPage {
    /// The entries.
    pub revocations: Vec<FeedEntry>,
    /// The place after them.
    #[serde(serialize_with = "as_text")]
    pub next: Cursor,
    /// Whether there are more.
    pub more: bool,
}

/// Tokens that are dead: those of which everything that stands here is so. Times are seconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FeedEntry {
    /// What was taken back.
    pub r#type: String,
    /// The token's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// The key that signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// The client that it was issued to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Its audience.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// The application with that audience, which is what it names where its audience is its caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// The credential that it was got with, which nobody else can see in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// It was issued until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_until: Option<i64>,
    /// When the last of them has expired.
    pub exp: i64,
}

fn as_text<S: serde::Serializer>(cursor: &Cursor, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(cursor)
}

impl From<StoredRevocation> for FeedEntry {
    fn from(stored: StoredRevocation) -> Self {
        let StoredRevocation { kind, client_id, audience, application, name, issued_until, forget_at, place: _ } =
            stored;
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let named = |of: &str| some(if kind == of { name.clone() } else { String::new() });
        Self {
            jti: named("token"),
            kid: named("signing_key"),
            credential: named("credential"),
            client_id: some(client_id),
            audience: some(audience),
            azp: some(application),
            issued_until,
            exp: forget_at - MARGIN,
            r#type: kind,
        }
    }
}

impl Core {
    /// What was taken back in a tenant after a place. `None`: there is no such place (the database is an older one than the
    /// reader has seen); to begin again, at the beginning, is always right.
    pub async fn revocation_feed(&self, tenant: &str, request: FeedRequest) -> Result<Option<FeedPage>, ApplyError> {
        self.snapshot().known_tenant(tenant)?;
        let waits = self.feed_waiting.try_acquire();
        let wait = if waits.is_ok() { request.wait.min(MAX_WAIT) } else { Duration::ZERO };
        let until = Instant::now() + wait;
        loop {
            // The sequence first: an entry that is made in between is found, or waited for.
            let sequence = self.store.sequence().await?;
            if request.after.sequence > sequence {
                return Ok(None);
            }
            let page = self.feed_page(tenant, request).await?;
            let left = until.saturating_duration_since(Instant::now());
            if !page.revocations.is_empty() || left.is_zero() {
                return Ok(Some(page));
            }
            self.directory.wait_for(sequence + 1, left).await;
        }
    }

    async fn feed_page(&self, tenant: &str, request: FeedRequest) -> Result<FeedPage, ApplyError> {
        let FeedRequest { after, limit, .. } = request;
        let limit = limit.clamp(1, MAX_LIMIT);
        // One more, to know whether there are more.
        let one_more = i64::from(limit) + 1;
        let mut rows =
            self.store.revocations_after(tenant, (after.sequence, after.entry), one_more, self.now()).await?;
        let more = rows.len() > usize::from(limit);
        rows.truncate(limit.into());
        let last = rows.last().map(|row| Cursor { sequence: row.place.0, entry: row.place.1 });
        let revocations = rows.into_iter().map(FeedEntry::from).collect();
        Ok(FeedPage { revocations, next: last.unwrap_or(after), more })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_is_written() {
        for text in ["0", "7", "7.1", "123456789.10000"] {
            assert_eq!(text.parse::<Cursor>().map(|cursor| cursor.to_string()).as_deref(), Ok(text));
        }
        assert!(Ok(Cursor::default()) == "0".parse() && "7.2".parse::<Cursor>() < "7".parse());
        for text in ["", ".", "7.", ".1", "-1", "+1", "1.1.1", "a", "99999999999999999999", " 1"] {
            assert_eq!(text.parse::<Cursor>(), Err(()), "{text}");
        }
    }
}
