//! Certificates as they come in a form parameter: PEM, or base64 without it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::pem::{PemObject as _, SectionKind};
use x509_cert::der::{Decode as _, Encode as _, Header, SliceReader};

use super::certificate::{Certificate, MAX_CERTIFICATE_BYTES};
use super::fault::{CertificateFault, ReadFault};

/// The most certificates that are read from one text.
pub const MAX_CERTIFICATES: usize = 10;
/// The longest text of certificates, in octets.
pub const MAX_TEXT_BYTES: usize = 64 * 1024;

/// Reads one certificate or several, in the order in which they stand: PEM sections, or the base64
/// of each in DER, in as many lines as the sender likes; one after another, or with commas or line
/// breaks between them.
///
/// In PEM everything must be a certificate (a private key is refused, not skipped); text around the
/// sections is allowed, as RFC 7468 section 5.2 has it.
pub fn read_certificates(text: &str) -> Result<Vec<Certificate>, ReadFault> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(ReadFault::TooLarge);
    }
    let certificates = if text.contains("-----BEGIN ") { read_pem(text) } else { read_base64(text) }?;
    if certificates.is_empty() { Err(ReadFault::None) } else { Ok(certificates) }
}

fn read_pem(text: &str) -> Result<Vec<Certificate>, ReadFault> {
    // A comma is never part of base64; a section begins on its own line.
    let text = text.replace(',', "\n");
    let mut certificates = Vec::new();
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(text.as_bytes()) {
        match section {
            Ok((SectionKind::Certificate, der)) => push(&mut certificates, &der)?,
            _ => return Err(ReadFault::Text),
        }
    }
    Ok(certificates)
}

fn read_base64(text: &str) -> Result<Vec<Certificate>, ReadFault> {
    let mut certificates = Vec::new();
    for part in text.split(',') {
        let base64: String = part.split_ascii_whitespace().collect();
        let mut rest = base64.as_str();
        while !rest.is_empty() {
            let (one, after) = rest.split_at_checked(first_len(rest)?).ok_or(ReadFault::Text)?;
            rest = after;
            push(&mut certificates, &decode(one)?)?;
        }
    }
    Ok(certificates)
}

/// How many characters the first certificate takes: DER says at its beginning how long it is.
fn first_len(base64: &str) -> Result<usize, ReadFault> {
    const BEGINNING: usize = 8;
    let beginning = decode(base64.get(..BEGINNING).ok_or(ReadFault::Text)?)?;
    let header = SliceReader::new(&beginning).and_then(|mut reader| Header::decode(&mut reader));
    let header = header.map_err(|_| CertificateFault::Malformed)?;
    let total = header.encoded_len().and_then(|len| len + header.length());
    let total = total.ok().and_then(|len| usize::try_from(len).ok()).ok_or(CertificateFault::Malformed)?;
    if total > MAX_CERTIFICATE_BYTES {
        return Err(CertificateFault::TooLarge.into());
    }
    Ok(total.div_ceil(3) * 4)
}

fn decode(base64: &str) -> Result<Vec<u8>, ReadFault> {
    STANDARD.decode(base64).map_err(|_| ReadFault::Text)
}

/// Counts before it reads, so that a long chain costs no more than a short one.
pub(super) fn push(certificates: &mut Vec<Certificate>, der: &[u8]) -> Result<(), ReadFault> {
    if certificates.len() >= MAX_CERTIFICATES {
        return Err(ReadFault::TooMany);
    }
    certificates.push(Certificate::from_der(der)?);
    Ok(())
}
