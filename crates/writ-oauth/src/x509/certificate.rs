//! One certificate, read once and proven by nothing.

use std::fmt;

use aws_lc_rs::digest;
use x509_cert::der::Decode as _;

use super::alt_names::AltNames;
use super::extensions::Extensions;
use super::fault::CertificateFault;
use super::name::DistinguishedName;
use super::parts::Parts;
use crate::jose::{Alg, Jwk, KeyFault, VerifyingKey};

/// The longest certificate that is read, in octets.
pub const MAX_CERTIFICATE_BYTES: usize = 16 * 1024;

/// A certificate as it was read: whole, well-formed, and trusted by nobody.
///
/// What its parts were signed as is kept as it stood in the input, so that comparing and hashing
/// never depend on encoding it again.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    serial: Vec<u8>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    spki: Vec<u8>,
    validity: (i64, i64),
    issuer_name: DistinguishedName,
    subject_name: DistinguishedName,
    pub(super) extensions: Extensions,
}

impl Certificate {
    /// Reads exactly one certificate in DER.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateFault> {
        if der.len() > MAX_CERTIFICATE_BYTES {
            return Err(CertificateFault::TooLarge);
        }
        let parsed = x509_cert::Certificate::from_der(der).map_err(|_| CertificateFault::Malformed)?;
        let tbs = parsed.tbs_certificate();
        let extensions = tbs.extensions().map(Vec::as_slice).unwrap_or_default();
        let parts = Parts::read(der).map_err(|_| CertificateFault::Malformed)?;
        let validity = tbs.validity();
        let (not_before, not_after) = (validity.not_before.to_unix_duration(), validity.not_after.to_unix_duration());
        Ok(Self {
            der: der.to_vec(),
            serial: parts.serial()?.to_vec(),
            issuer: parts.issuer.to_vec(),
            subject: parts.subject.to_vec(),
            spki: parts.spki.to_vec(),
            validity: (seconds(not_before)?, seconds(not_after)?),
            issuer_name: DistinguishedName::from_name(tbs.issuer())?,
            subject_name: DistinguishedName::from_name(tbs.subject())?,
            extensions: Extensions::read(extensions)?,
        })
    }

    /// The whole certificate.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The SubjectPublicKeyInfo, as it stands in the certificate.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// The SHA-256 digest of the SubjectPublicKeyInfo.
    pub fn spki_sha256(&self) -> [u8; 32] {
        sha256(&self.spki)
    }

    /// The SHA-256 digest of the certificate; in base64url it is `x5t#S256`.
    ///
    /// > The value of the x5t#S256 member is a base64url-encoded \[RFC4648\] SHA-256 \[SHS\] hash
    /// > (a.k.a., thumbprint, fingerprint, or digest) of the DER encoding \[X690\] of the X.509
    /// > certificate
    ///
    /// <https://www.rfc-editor.org/rfc/rfc8705#section-3.1>
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&self.der)
    }

    /// The issuer's Name, as it stands in the certificate.
    pub fn issuer_der(&self) -> &[u8] {
        &self.issuer
    }

    /// The subject's Name, as it stands in the certificate.
    pub fn subject_der(&self) -> &[u8] {
        &self.subject
    }

    /// The content octets of the serial number: big-endian, never negative, so that a number whose
    /// top bit is set begins with a zero octet.
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// The subject key identifier, if there is one.
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.extensions.subject_key_id.as_deref()
    }

    /// `notBefore` and `notAfter`, in seconds since 1970. Both are within the validity.
    pub const fn validity(&self) -> (i64, i64) {
        self.validity
    }

    /// Whether `now` is within the validity.
    pub const fn is_valid_at(&self, now: i64) -> bool {
        self.validity.0 <= now && now <= self.validity.1
    }

    /// The issuer's name.
    pub const fn issuer(&self) -> &DistinguishedName {
        &self.issuer_name
    }

    /// The subject's name.
    pub const fn subject(&self) -> &DistinguishedName {
        &self.subject_name
    }

    /// The subject's alternative names.
    pub const fn alt_names(&self) -> &AltNames {
        &self.extensions.alt_names
    }

    /// The certificate's key for each of `algs` that it can be used with: a certificate does not
    /// bind its key to one algorithm.
    ///
    /// The key proves who signed only as far as the certificate is trusted. None of `algs` fitting is
    /// a fault, so that the result is never empty.
    pub fn verifying_keys(&self, algs: &[Alg]) -> Result<Vec<VerifyingKey>, KeyFault> {
        let jwk = Jwk::from_spki_der(&self.spki)?;
        let fitting = algs.iter().filter(|alg| jwk.permits(**alg));
        let keys = fitting.map(|alg| VerifyingKey::from_jwk(&jwk, *alg)).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(KeyFault::AlgMismatch) } else { Ok(keys) }
    }
}

/// Names the certificate and shows nothing else.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject_name.to_string())
            .field("serial", &hex(&self.serial))
            .finish_non_exhaustive()
    }
}

fn seconds(since_1970: std::time::Duration) -> Result<i64, CertificateFault> {
    i64::try_from(since_1970.as_secs()).map_err(|_| CertificateFault::Malformed)
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// Lower-case hexadecimal, two digits an octet.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}
