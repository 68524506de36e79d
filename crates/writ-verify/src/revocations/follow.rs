//! Keeping up with the feed.

use std::time::Duration;

use tokio::time::sleep;

use super::{RevocationPage, Revocations};

/// Between one look and the next; the feed itself waits for news when it is asked to.
const PAUSE: Duration = Duration::from_secs(1);
/// After a look that failed.
const RETRY: Duration = Duration::from_secs(5);

/// What the feed answered.
#[derive(Clone, Debug)]
pub enum Feed {
    /// 200: a page.
    Page(RevocationPage),
    /// 410: the cursor is none of the feed.
    StartOver,
}

/// Asks the feed for what comes next, for ever. To end it, drop it.
///
/// `fetch` gets the cursor, the value of the parameter `after`, and sends the request with its access token; what goes
/// wrong is for it to log. `now` is the time in seconds since the epoch.
pub async fn follow<E, A>(revocations: &Revocations, mut fetch: impl FnMut(String) -> A, now: impl Fn() -> i64)
where
    A: Future<Output = Result<Feed, E>>,
{
    loop {
        // The page says how it stood when it was asked for, or later.
        let asked_at = now();
        let pause = match fetch(revocations.cursor()).await {
            Ok(Feed::Page(page)) => {
                let more = page.more;
                match revocations.apply(page, asked_at) {
                    Ok(()) if more => continue,
                    Ok(()) => PAUSE,
                    Err(_) => RETRY,
                }
            }
            Ok(Feed::StartOver) => {
                revocations.start_over();
                PAUSE
            }
            Err(_) => RETRY,
        };
        sleep(pause).await;
    }
}
