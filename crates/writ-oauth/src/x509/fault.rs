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
