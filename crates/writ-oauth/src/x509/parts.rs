//! Where the parts of a certificate stand.

use x509_cert::der::asn1::AnyRef;
use x509_cert::der::{Decode as _, Reader as _, SliceReader};

use super::fault::CertificateFault;

/// Parts of the signed structure, as they stand in the input.
pub(super) struct Parts<'a> {
    serial: &'a [u8],
    pub(super) issuer: &'a [u8],
    pub(super) subject: &'a [u8],
    pub(super) spki: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Walks a certificate that is known to be well-formed.
    pub(super) fn read(der: &'a [u8]) -> x509_cert::der::Result<Self> {
        const VERSION: u8 = 0xa0;
        SliceReader::new(der)?.sequence(|certificate| {
            let parts = certificate.sequence(|tbs| {
                if tbs.peek_byte() == Some(VERSION) {
                    tbs.tlv_bytes()?;
                }
                let serial = AnyRef::decode(tbs)?.value();
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

    /// > The serial number MUST be a positive integer assigned by the CA to each certificate.
    ///
    /// Zero is let through, as some authorities number their own certificate so.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.2>
    pub(super) fn serial(&self) -> Result<&'a [u8], CertificateFault> {
        match self.serial.first() {
            Some(top) if top & 0x80 == 0 => Ok(self.serial),
            Some(_) => Err(CertificateFault::NegativeSerial),
            None => Err(CertificateFault::Malformed),
        }
    }
}
