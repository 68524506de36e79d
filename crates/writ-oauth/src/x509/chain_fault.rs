//! Why a chain does not hold: one variant per rule.

use thiserror::Error;
use webpki::Error as Webpki;

/// Why a certificate is not vouched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ChainFault {
    /// More intermediates than [`MAX_INTERMEDIATES`](super::MAX_INTERMEDIATES), or so many ways to
    /// put them together that the search was given up.
    #[error("the chain has too many certificates")]
    TooMany,
    /// A certificate, or an extension that must be understood, is not as RFC 5280 has it.
    #[error("a certificate of the chain is malformed or has an unknown critical extension")]
    Malformed,
    /// A certificate of the chain is of version 1, which says nothing of what it is for. This is what
    /// `openssl x509 -req` makes when it is given no extensions.
    #[error("a certificate of the chain is not of version 3")]
    NotVersion3,
    /// No anchor vouches for the certificate.
    #[error("no trusted authority vouches for the certificate")]
    Untrusted,
    /// The certificate vouches for itself.
    #[error("the certificate is self-issued")]
    SelfIssued,
    /// A certificate of the chain has expired, the anchor included.
    #[error("a certificate of the chain has expired")]
    Expired,
    /// A certificate of the chain is not valid yet, the anchor included.
    #[error("a certificate of the chain is not valid yet")]
    NotYetValid,
    /// The certificate is an authority's own.
    #[error("the certificate is an authority's")]
    IsAnAuthority,
    /// A certificate of the chain was issued by something that is not an authority.
    #[error("an issuer in the chain is not an authority")]
    IssuerNotAnAuthority,
    /// The certificate's key may not sign messages.
    #[error("the certificate's key usage does not allow digital signatures")]
    KeyUsage,
    /// The certificate, or an authority on the way, is made for other purposes.
    #[error("the certificate is not made for this purpose")]
    Purpose,
    /// A name is outside what an authority of the chain may vouch for.
    #[error("a name is outside what an authority of the chain may vouch for")]
    NameConstraint,
    /// There are more authorities in a row than one of them allows.
    #[error("the chain is longer than an authority of it allows")]
    PathLength,
    /// A certificate of the chain was revoked.
    #[error("a certificate of the chain was revoked")]
    Revoked,
    /// Whether a certificate of the chain was revoked cannot be told.
    #[error("whether the chain was revoked cannot be told")]
    RevocationUnknown,
    /// The certificate's key, or a signature of the chain, is of a kind or size that is not accepted.
    #[error("a key or signature of the chain is of a kind that is not supported")]
    KeyUnsupported,
}

impl ChainFault {
    /// One word for logs and metrics.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TooMany => "too_many",
            Self::Malformed => "malformed",
            Self::NotVersion3 => "version",
            Self::Untrusted => "untrusted",
            Self::SelfIssued => "self_issued",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::IsAnAuthority => "is_a_ca",
            Self::IssuerNotAnAuthority => "issuer_not_a_ca",
            Self::KeyUsage => "usage",
            Self::Purpose => "purpose",
            Self::NameConstraint => "name_constraint",
            Self::PathLength => "path_length",
            Self::Revoked => "revoked",
            Self::RevocationUnknown => "revocation_unknown",
            Self::KeyUnsupported => "key_unsupported",
        }
    }
}

/// webpki tells the most telling of the faults that it met on all the paths it tried. Its errors
/// may grow; what is not known here is malformed.
#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign non-exhaustive enum, where anything new refuses")]
impl From<Webpki> for ChainFault {
    fn from(error: Webpki) -> Self {
        match error {
            Webpki::UnknownIssuer | Webpki::InvalidSignatureForPublicKey | Webpki::CertDistrusted => Self::Untrusted,
            Webpki::UnsupportedCertVersion => Self::NotVersion3,
            Webpki::CertExpired { .. } => Self::Expired,
            Webpki::CertNotValidYet { .. } => Self::NotYetValid,
            Webpki::CaUsedAsEndEntity => Self::IsAnAuthority,
            Webpki::EndEntityUsedAsCa => Self::IssuerNotAnAuthority,
            Webpki::RequiredEkuNotFoundContext(_) | Webpki::EmptyEkuExtension => Self::Purpose,
            Webpki::NameConstraintViolation => Self::NameConstraint,
            Webpki::PathLenConstraintViolated | Webpki::MaximumPathDepthExceeded => Self::PathLength,
            Webpki::MaximumNameConstraintComparisonsExceeded
            | Webpki::MaximumPathBuildCallsExceeded
            | Webpki::MaximumSignatureChecksExceeded => Self::TooMany,
            Webpki::CertRevoked => Self::Revoked,
            Webpki::UnknownRevocationStatus
            | Webpki::CrlExpired { .. }
            | Webpki::InvalidCrlSignatureForPublicKey
            | Webpki::IssuerNotCrlSigner
            | Webpki::UnsupportedCrlSignatureAlgorithmContext(_)
            | Webpki::UnsupportedCrlSignatureAlgorithmForPublicKeyContext(_) => Self::RevocationUnknown,
            Webpki::UnsupportedSignatureAlgorithmContext(_)
            | Webpki::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => Self::KeyUnsupported,
            _ => Self::Malformed,
        }
    }
}
