//! Certificates and messages made once by `fixtures/make.sh`.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use writ_oauth::cms::{CmsFault, SignedContent, Trust, verify};
use writ_oauth::x509::Certificate;

/// Within every certificate's validity, and after every signing time.
pub(super) const NOW: i64 = 1_800_000_000;

pub(super) const CONTENT: &[u8] = include_bytes!("fixtures/content.json");

pub(super) fn certificate(pem: &str) -> Certificate {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    Certificate::from_der(&der).unwrap()
}

macro_rules! certificates {
    ($($name:ident $file:literal)*) => {$(
        pub(super) fn $name() -> Certificate {
            certificate(include_str!(concat!("fixtures/", $file)))
        }
    )*};
}

certificates! {
    rsa "rsa.crt"
    second "second.crt"
    rsa1024 "rsa1024.crt"
    p256 "p256.crt"
    p384 "p384.crt"
    p521 "p521.crt"
    leaf "leaf.crt"
    intermediate "intermediate.crt"
    root "root.crt"
}

/// What becomes of a message when exactly these certificates are pinned, SHA-1 not allowed.
pub(super) fn pinned(document: &[u8], signers: &[Certificate]) -> Result<SignedContent, CmsFault> {
    verify(document, &Trust::Pinned { signers, allow_sha1: false }, NOW)
}

/// The rule that a message breaks when `rsa` is pinned.
pub(super) fn fault(document: &[u8]) -> CmsFault {
    pinned(document, &[rsa()]).unwrap_err()
}
