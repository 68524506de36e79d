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
///
/// ```no_run
/// use writ_verify::{Feed, RevocationPage, Revocations, follow};
///
/// # async fn access_token() -> String { String::new() }
/// # async fn f(revocations: &Revocations, now: fn() -> i64) {
/// let client = reqwest::Client::new();
/// let fetch = |after: String| {
///     let url = format!("http://127.0.0.1:8081/v1/tenants/default/revocations?wait=30&after={after}");
///     let request = client.get(url);
///     async move {
///         let answer = request.bearer_auth(access_token().await).send().await?;
///         if answer.status() == 410 {
///             return Ok(Feed::StartOver);
///         }
///         let body = answer.error_for_status()?.bytes().await?;
///         Ok::<_, Box<dyn std::error::Error + Send + Sync>>(Feed::Page(RevocationPage::parse(&body)?))
///     }
/// };
/// follow(revocations, fetch, now).await;
/// # }
/// ```
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
