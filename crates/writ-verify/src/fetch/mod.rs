//! Fetching the issuer's JWK set.

#[cfg(feature = "http")]
mod over_http;

use std::pin::Pin;

use writ_oauth::jose::KeyFault;

#[cfg(feature = "http")]
pub(crate) use self::over_http::OverHttp;

/// What came from where the keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The JWK set. One of more than 256 KiB is refused.
    pub body: Vec<u8>,
    /// For how many seconds it may be kept, where that was said.
    pub max_age: Option<u64>,
}

/// Why there are no keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchFault {
    /// Another status than 200; a redirect is not followed.
    #[error("the status is {0}")]
    Status(u16),
    /// More than 256 KiB.
    #[error("the answer is too large")]
    TooLarge,
    /// Nothing, or not all, within five seconds.
    #[error("no answer came in time")]
    Timeout,
    /// No connection, or it broke.
    #[error("the server cannot be reached")]
    Unreachable,
    /// What came is not an acceptable JWK set.
    #[error(transparent)]
    Keys(#[from] KeyFault),
    /// Something else; from a [`FetchKeys`] of your own.
    #[error("{0}")]
    Other(String),
}

/// A way to the issuer's JWK set. A closure that gives a future is one.
///
/// At most one fetch is under way at a time, and none is waited for longer than five seconds.
pub trait FetchKeys: Send + Sync + 'static {
    /// Fetches it once.
    fn fetch(&self) -> Pin<Box<dyn Future<Output = Result<Answer, FetchFault>> + Send + '_>>;
}

impl<F, A> FetchKeys for F
where
    F: Fn() -> A + Send + Sync + 'static,
    A: Future<Output = Result<Answer, FetchFault>> + Send + 'static,
{
    fn fetch(&self) -> Pin<Box<dyn Future<Output = Result<Answer, FetchFault>> + Send + '_>> {
        Box::pin(self())
    }
}
