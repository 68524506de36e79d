//! What can be wrong with a signed message: one variant per rule.
//!
//! Sentences never repeat what was presented, so that they can be logged.

use thiserror::Error;

use crate::jose::KeyFault;
use crate::x509::{CertificateFault, ChainFault};

/// Why a signed message is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CmsFault {
    /// Longer than [`MAX_DOCUMENT_BYTES`](super::MAX_DOCUMENT_BYTES).
    #[error("the document is too long")]
    TooLarge,
    /// PEM armour that is incomplete or has another label than `PKCS7` or `CMS`.
    #[error("the document's PEM armour is not that of PKCS7 or CMS")]
    Armour,
    /// Text that is not base64 in the standard alphabet with padding.
    #[error("the document is neither binary nor base64")]
    Base64,
    /// Not well-formed BER.
    #[error("the document is not well-formed ASN.1")]
    Ber,
    /// Elements nested deeper than any message needs.
    #[error("the document's ASN.1 is nested too deeply")]
    TooDeep,
    /// Bytes after the message.
    #[error("bytes follow the message")]
    TrailingBytes,
    /// A message of another kind than SignedData.
    #[error("the message is not signed data")]
    NotSignedData,
    /// Well-formed ASN.1, but not the structure of RFC 5652.
    #[error("the message does not have the structure of signed data")]
    Structure,
    /// No content in the message: a detached signature.
    #[error("the signature is detached: the message must contain its content")]
    Detached,
    /// Content of another type than id-data.
    #[error("the content is not of type data")]
    ContentType,
    /// Content, signed without attributes, that has the form of signed attributes.
    #[error("the content has the form of signed attributes")]
    ContentIsAttributes,
    /// More certificates than [`MAX_CERTIFICATES`](super::MAX_CERTIFICATES).
    #[error("the message holds too many certificates")]
    TooManyCertificates,
    /// A certificate in the message cannot be read.
    #[error("a certificate in the message: {0}")]
    Certificate(CertificateFault),
    /// Nobody signed.
    #[error("the message has no signer")]
    NoSigner,
    /// More signers than [`MAX_SIGNERS`](super::MAX_SIGNERS).
    #[error("the message has too many signers")]
    TooManySigners,
    /// A signer that is not one of the certificates in which it may be looked for.
    #[error("the signer is not a known certificate")]
    UnknownSigner,
    /// The pinned certificate has expired.
    #[error("the signer's certificate has expired")]
    SignerExpired,
    /// The pinned certificate is not valid yet.
    #[error("the signer's certificate is not valid yet")]
    SignerNotYetValid,
    /// The signer's key is of a kind or size that Writ does not use.
    #[error("the signer's key: {0}")]
    SignerKey(KeyFault),
    /// No anchor vouches for the signer's certificate, or the chain breaks another rule.
    #[error("the signer's certificate: {0}")]
    Chain(ChainFault),
    /// A digest algorithm that Writ does not know.
    #[error("the digest algorithm is not supported")]
    DigestAlgorithm,
    /// A signature algorithm that Writ does not know, such as DSA.
    #[error("the signature algorithm is not supported")]
    SignatureAlgorithm,
    /// The signature algorithm uses another digest than the signer names.
    #[error("the signature algorithm and the digest algorithm do not fit")]
    AlgorithmMismatch,
    /// The signature algorithm is not for the signer's key.
    #[error("the signature algorithm does not fit the signer's key")]
    KeyMismatch,
    /// SHA-1, which was not allowed for this signer.
    #[error("the signature is made with SHA-1, which is not allowed here")]
    Sha1NotAllowed,
    /// A signed attribute that must be there is not.
    #[error("a required signed attribute is missing")]
    AttributeMissing,
    /// A signed attribute, or its value, is there twice.
    #[error("a signed attribute appears twice")]
    AttributeRepeated,
    /// A signed attribute has the wrong form.
    #[error("a signed attribute is malformed")]
    AttributeForm,
    /// The attribute content-type names another type than the content's.
    #[error("the signed attributes are for content of another type")]
    ContentTypeAttribute,
    /// The attribute message-digest is not the digest of the content.
    #[error("the content is not what was signed")]
    MessageDigest,
    /// The signature is not the signer's.
    #[error("the signature does not verify")]
    Signature,
}

impl CmsFault {
    /// One word for logs and metrics.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Armour => "armour",
            Self::Base64 => "base64",
            Self::Ber => "ber",
            Self::TooDeep => "too_deep",
            Self::TrailingBytes => "trailing_bytes",
            Self::NotSignedData => "not_signed_data",
            Self::Structure => "structure",
            Self::Detached => "detached",
            Self::ContentType => "content_type",
            Self::ContentIsAttributes => "content_is_attributes",
            Self::TooManyCertificates => "too_many_certificates",
            Self::Certificate(_) => "certificate",
            Self::NoSigner => "no_signer",
            Self::TooManySigners => "too_many_signers",
            Self::UnknownSigner => "unknown_signer",
            Self::SignerExpired => "signer_expired",
            Self::SignerNotYetValid => "signer_not_yet_valid",
            Self::SignerKey(_) => "signer_key",
            Self::Chain(_) => "chain",
            Self::DigestAlgorithm => "digest_algorithm",
            Self::SignatureAlgorithm => "signature_algorithm",
            Self::AlgorithmMismatch => "algorithm_mismatch",
            Self::KeyMismatch => "key_mismatch",
            Self::Sha1NotAllowed => "sha1_not_allowed",
            Self::AttributeMissing => "attribute_missing",
            Self::AttributeRepeated => "attribute_repeated",
            Self::AttributeForm => "attribute_form",
            Self::ContentTypeAttribute => "content_type_attribute",
            Self::MessageDigest => "message_digest",
            Self::Signature => "signature",
        }
    }
}
