//! Why a document could not be fetched.

use std::error::Error;
use std::sync::Arc;

/// Why a document could not be fetched. For operators and their logs; no caller of an endpoint is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundFault {
    /// Not a URL that can be asked.
    #[error("not an absolute https URL")]
    Url,
    /// A URL with a user or a password, which would stand in logs.
    #[error("the URL holds a user or a password")]
    UserInfo,
    /// A URL of more than 2048 bytes.
    #[error("the URL is too long")]
    UrlTooLong,
    /// http, to an address that the operator has not allowed.
    #[error("plain http is only for addresses that `outbound.allow` names")]
    PlainHttp,
    /// An address of this machine, of a private network, or of no use at all.
    #[error("the address is not on the public internet, and `outbound.allow` does not name it")]
    AddressRefused,
    /// The name resolves to nothing.
    #[error("the name of the host is not known")]
    NameUnknown,
    /// No connection came about, or no agreement on TLS.
    #[error("no connection: {0}")]
    Unreachable(Arc<str>),
    /// It took too long, as a whole.
    #[error("no complete answer in time")]
    Timeout,
    /// A status other than 200; a redirect is not followed.
    #[error("the answer has status {0}")]
    Status(u16),
    /// An answer of more than [`MAX_ANSWER`](super::MAX_ANSWER) bytes.
    #[error("the answer is too large")]
    TooLarge,
    /// The answer is not HTTP, or ended early.
    #[error("the answer is broken: {0}")]
    Broken(Arc<str>),
    /// Roots that are not certificates in PEM.
    #[error("the trusted roots are not certificates in PEM")]
    Roots,
    /// This machine cannot make such requests, for instance because it has no trusted roots.
    #[error("no client can be made: {0}")]
    Client(Arc<str>),
}

impl OutboundFault {
    pub(super) fn of(error: &reqwest::Error) -> Self {
        if let Some(own) = chain(error).find_map(|cause| cause.downcast_ref::<Self>()) {
            return own.clone();
        }
        if error.is_timeout() {
            Self::Timeout
        } else if error.is_connect() {
            Self::Unreachable(innermost_text(error))
        } else {
            Self::Broken(innermost_text(error))
        }
    }
}

/// What happened; the outer errors repeat the URL. Certificates and answers are quoted in some texts, so these are
/// bounded, and on one line.
pub(super) fn innermost_text(error: &(dyn Error + 'static)) -> Arc<str> {
    const MOST: usize = 200;
    let text = chain(error).last().map(ToString::to_string).unwrap_or_default();
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(MOST).collect::<String>().into()
}

fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    let deeper = |error: &&'e (dyn Error + 'static)| -> Option<&'e (dyn Error + 'static)> { (*error).source() };
    std::iter::successors(Some(error), deeper)
}
