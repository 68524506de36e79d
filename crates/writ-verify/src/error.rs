//! Why a token is not accepted.

use writ_oauth::jose::JwtFault;

use crate::FetchFault;

/// Why a token is not accepted: one variant a rule, those of JWTs in [`JwtFault`]. For your log; a caller is told no more
/// than that the token is invalid. Holds nothing of the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// A rule of JWTs: form, signature, algorithm, key, type, issuer, audience, dates, required claims.
    #[error(transparent)]
    Jwt(#[from] JwtFault),
    /// The token is for the resource server of another application.
    #[error("the token is for another application")]
    Application,
    /// The client that it was issued to is none of the accepted ones.
    #[error("the token was issued to a client that is not accepted here")]
    Caller,
    /// It is bound to something that this crate cannot check.
    #[error("the token is bound by a confirmation method that is not understood")]
    ConfirmationUnsupported,
    /// It is bound to a certificate, and the request came without one.
    #[error("the token is bound to a certificate, and none was presented")]
    CertificateMissing,
    /// It is bound to another certificate than the one of the connection.
    #[error("the token is bound to another certificate")]
    CertificateMismatch,
    /// It was taken back.
    #[error("the token was revoked")]
    Revoked,
    /// What was taken back is not known, or not lately enough: nobody can tell.
    #[error("the revocations are not up to date")]
    RevocationsStale,
    /// There are no keys: nobody can tell.
    #[error("the issuer's keys are not at hand: {0}")]
    Keys(FetchFault),
}

impl VerifyError {
    /// The status to answer with: 401, or 503 where the token may well be good and cannot be verified now.
    ///
    /// > invalid_token: The access token provided is expired, revoked, malformed, or invalid for other reasons. The
    /// > resource SHOULD respond with the HTTP 401 (Unauthorized) status code.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc6750#section-3.1>
    pub const fn status(&self) -> u16 {
        match self {
            Self::Jwt(_)
            | Self::Application
            | Self::Caller
            | Self::ConfirmationUnsupported
            | Self::CertificateMissing
            | Self::CertificateMismatch
            | Self::Revoked => 401,
            Self::RevocationsStale | Self::Keys(_) => 503,
        }
    }
}
