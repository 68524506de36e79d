//! What can be wrong with a certificate: one variant per rule.
//!
//! Messages never repeat what was presented, so that they can be logged.

use thiserror::Error;

/// Why bytes are not a certificate that Writ reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CertificateFault {
    /// More than [`MAX_CERTIFICATE_BYTES`](super::MAX_CERTIFICATE_BYTES).
    #[error("the certificate is too large")]
    TooLarge,
    /// Not one X.509 certificate in DER, or an extension that Writ reads is malformed.
    #[error("not an X.509 certificate in DER")]
    Malformed,
    /// A negative serial number.
    #[error("the certificate's serial number is negative")]
    NegativeSerial,
    /// An extension stands in the certificate twice.
    #[error("an extension appears twice in the certificate")]
    DuplicateExtension,
}

/// Why text is not a distinguished name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NameFault {
    /// Longer than any name needs.
    #[error("the distinguished name is too long")]
    TooLong,
    /// Not in the form of RFC 4514.
    #[error("not a distinguished name in the form of RFC 4514, such as CN=billing,O=Example")]
    Syntax,
    /// An attribute type that is neither a known short name nor in dotted form.
    #[error("the distinguished name has an unknown attribute type; write it in dotted form")]
    UnknownType,
    /// One relative name has the same attribute twice.
    #[error("the distinguished name repeats an attribute")]
    Repeated,
}

/// Why something cannot be an anchor, or a revocation list beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AnchorFault {
    /// No anchor at all.
    #[error("there is no anchor")]
    None,
    /// More than [`MAX_ANCHORS`](super::MAX_ANCHORS).
    #[error("there are too many anchors")]
    TooMany,
    /// The certificate does not say that it is an authority whose key signs certificates.
    #[error("the anchor is not an authority (basicConstraints CA, keyCertSign)")]
    NotAnAuthority,
    /// The certificate cannot serve as an anchor.
    #[error("the anchor is not a usable certificate")]
    Malformed,
    /// More than [`MAX_CRLS`](super::MAX_CRLS).
    #[error("there are too many revocation lists")]
    TooManyCrls,
    /// More than [`MAX_CRL_BYTES`](super::MAX_CRL_BYTES).
    #[error("the revocation list is too large")]
    CrlTooLarge,
    /// Not a whole X.509 revocation list of version 2, in DER or PEM.
    #[error("not a complete X.509 v2 revocation list")]
    CrlMalformed,
}

/// Why an expected subject cannot be one. The messages are for whoever configures a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SubjectFault {
    /// Not one of the five parameters of RFC 8705.
    #[error("not a parameter that names a certificate's subject")]
    UnknownParameter,
    /// Not a distinguished name.
    #[error(transparent)]
    Name(#[from] NameFault),
    /// Not a host name.
    #[error("not a host name (wildcards are not matched)")]
    Dns,
    /// Not a URI.
    #[error("not a URI with a scheme")]
    Uri,
    /// Not an IP address.
    #[error("not an IP address")]
    Ip,
    /// Not an email address.
    #[error("not an email address")]
    Email,
}

/// Why text does not give a list of certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ReadFault {
    /// Longer than [`MAX_TEXT_BYTES`](super::MAX_TEXT_BYTES).
    #[error("the certificates are too large together")]
    TooLarge,
    /// More than [`MAX_CERTIFICATES`](super::MAX_CERTIFICATES).
    #[error("there are too many certificates")]
    TooMany,
    /// No certificate.
    #[error("there is no certificate")]
    None,
    /// Not PEM with sections `CERTIFICATE` only, and not the base64 of certificates.
    #[error("not certificates in PEM or base64")]
    Text,
    /// Not a structured field of byte sequences.
    #[error("not a byte sequence as RFC 9440 has it")]
    Header,
    /// One of them cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateFault),
}
