//! One certificate, read once and proven by nothing.

use std::collections::HashSet;
use std::fmt;

use aws_lc_rs::digest;
use x509_cert::der::asn1::OctetString;
use x509_cert::der::oid::AssociatedOid;
use x509_cert::der::{Decode as _, Reader as _, SliceReader};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::SubjectKeyIdentifier;

use super::fault::CertificateFault;

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
    subject_text: String,
    subject_key_id: Option<Vec<u8>>,
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
        refuse_duplicates(extensions)?;
        let parts = Parts::read(der).map_err(|_| CertificateFault::Malformed)?;
        let validity = tbs.validity();
        let (not_before, not_after) = (validity.not_before.to_unix_duration(), validity.not_after.to_unix_duration());
        Ok(Self {
            der: der.to_vec(),
            serial: positive(parts.serial)?.to_vec(),
            issuer: parts.issuer.to_vec(),
            subject: parts.subject.to_vec(),
            spki: parts.spki.to_vec(),
            validity: (seconds(not_before)?, seconds(not_after)?),
            subject_text: tbs.subject().to_string(),
            subject_key_id: read_extension::<SubjectKeyIdentifier>(extensions)?.map(|id| octets(id.0)),
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
    /// > the value of the x5t#S256 member MUST be a base64url-encoded \[...\] SHA-256 hash (a.k.a.,
    /// > thumbprint, fingerprint, or digest) of the DER encoding of the X.509 certificate
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
        self.subject_key_id.as_deref()
    }

    /// `notBefore` and `notAfter`, in seconds since 1970. Both are within the validity.
    pub const fn validity(&self) -> (i64, i64) {
        self.validity
    }
}

/// Names the certificate and shows nothing else.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject_text)
            .field("serial", &hex(&self.serial))
            .finish_non_exhaustive()
    }
}

/// Parts of the signed structure, as they stand in the input.
struct Parts<'a> {
    serial: &'a [u8],
    issuer: &'a [u8],
    subject: &'a [u8],
    spki: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Walks a certificate that is known to be well-formed.
    fn read(der: &'a [u8]) -> x509_cert::der::Result<Self> {
        const VERSION: u8 = 0xa0;
        SliceReader::new(der)?.sequence(|certificate| {
            let parts = certificate.sequence(|tbs| {
                if tbs.peek_byte() == Some(VERSION) {
                    tbs.tlv_bytes()?;
                }
                let serial = x509_cert::der::asn1::AnyRef::decode(tbs)?.value();
                let _signature = tbs.tlv_bytes()?;
                let issuer = tbs.tlv_bytes()?;
                let _validity = tbs.tlv_bytes()?;
                let subject = tbs.tlv_bytes()?;
                let spki = tbs.tlv_bytes()?;
                tbs.drain(tbs.remaining_len())?;
                Ok::<_, x509_cert::der::Error>(Self { serial, issuer, subject, spki })
            })?;
            certificate.drain(certificate.remaining_len())?;
            Ok(parts)
        })
    }
}

/// > The serial number MUST be a positive integer assigned by the CA to each certificate.
///
/// Zero is let through, as some authorities number their own certificate so.
///
/// <https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.2>
fn positive(serial: &[u8]) -> Result<&[u8], CertificateFault> {
    match serial.first() {
        Some(top) if top & 0x80 == 0 => Ok(serial),
        Some(_) => Err(CertificateFault::NegativeSerial),
        None => Err(CertificateFault::Malformed),
    }
}

/// > A certificate MUST NOT include more than one instance of a particular extension.
///
/// <https://www.rfc-editor.org/rfc/rfc5280#section-4.2>
fn refuse_duplicates(extensions: &[Extension]) -> Result<(), CertificateFault> {
    let mut seen = HashSet::new();
    let all_new = extensions.iter().all(|extension| seen.insert(extension.extn_id));
    if all_new { Ok(()) } else { Err(CertificateFault::DuplicateExtension) }
}

fn read_extension<T>(extensions: &[Extension]) -> Result<Option<T>, CertificateFault>
where
    T: for<'a> x509_cert::der::Decode<'a> + AssociatedOid,
{
    let found = extensions.iter().find(|extension| extension.extn_id == T::OID);
    found
        .map(|extension| T::from_der(extension.extn_value.as_bytes()))
        .transpose()
        .map_err(|_| CertificateFault::Malformed)
}

fn octets(octets: OctetString) -> Vec<u8> {
    octets.into_bytes().into_vec()
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
