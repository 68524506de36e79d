//! The certificates that a tenant trusts, and what their authorities have taken back.

use std::fmt;

use rustls_pki_types::pem::{PemObject as _, SectionKind};
use rustls_pki_types::{CertificateDer, TrustAnchor};
use webpki::{CertRevocationList, OwnedCertRevocationList, anchor_from_trusted_cert};
use x509_cert::der::{Decode as _, Reader as _, SliceReader, Tag};
use x509_cert::time::Time;

use super::certificate::Certificate;
use super::fault::AnchorFault;

/// The most anchors in one place.
pub const MAX_ANCHORS: usize = 32;
/// The most revocation lists in one place.
pub const MAX_CRLS: usize = 32;
/// The longest revocation list, in octets as it is given.
pub const MAX_CRL_BYTES: usize = 4 * 1024 * 1024;

/// What chains may end at, parsed once.
pub struct Anchors {
    /// In the same order as `trusted`.
    pub(super) certificates: Vec<Certificate>,
    pub(super) trusted: Vec<TrustAnchor<'static>>,
    /// The newest first.
    pub(super) crls: Vec<CertRevocationList<'static>>,
}

impl Anchors {
    /// Reads the anchors, and revocation lists in DER or PEM, where one text may hold several.
    ///
    /// An anchor must say that it is an authority: what is pinned without a chain is compared, not
    /// built upon. Who signed a revocation list is checked each time that it is used, because it may
    /// be an intermediate. Of the lists of one issuer only the newest is asked. Two authorities of one
    /// name with different keys therefore cannot both have a list: the chains of one are refused.
    pub fn new(certificates: &[Certificate], crls: &[&[u8]]) -> Result<Self, AnchorFault> {
        if certificates.is_empty() {
            return Err(AnchorFault::None);
        }
        if certificates.len() > MAX_ANCHORS {
            return Err(AnchorFault::TooMany);
        }
        let trusted = certificates.iter().map(trust).collect::<Result<_, _>>()?;
        Ok(Self { certificates: certificates.to_vec(), trusted, crls: read_crls(crls)? })
    }

    /// The anchors, in the order in which they were given.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }
}

/// Names the anchors and counts the lists.
impl fmt::Debug for Anchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let crls = self.crls.len();
        f.debug_struct("Anchors").field("certificates", &self.certificates).field("crls", &crls).finish_non_exhaustive()
    }
}

fn trust(certificate: &Certificate) -> Result<TrustAnchor<'static>, AnchorFault> {
    if !certificate.extensions.may_sign_certificates() {
        return Err(AnchorFault::NotAnAuthority);
    }
    let der = CertificateDer::from(certificate.der());
    let anchor = anchor_from_trusted_cert(&der).map_err(|_| AnchorFault::Malformed)?;
    Ok(anchor.to_owned())
}

fn read_crls(given: &[&[u8]]) -> Result<Vec<CertRevocationList<'static>>, AnchorFault> {
    let mut crls = Vec::new();
    for bytes in given {
        if bytes.len() > MAX_CRL_BYTES {
            return Err(AnchorFault::CrlTooLarge);
        }
        for der in sections(bytes)? {
            let crl = OwnedCertRevocationList::from_der(&der).map_err(|_| AnchorFault::CrlMalformed)?;
            let this_update = this_update(&der).map_err(|_| AnchorFault::CrlMalformed)?;
            crls.push((this_update, CertRevocationList::Owned(crl)));
            if crls.len() > MAX_CRLS {
                return Err(AnchorFault::TooManyCrls);
            }
        }
    }
    // Of several lists that speak for a certificate, webpki asks the first.
    crls.sort_by_key(|(this_update, _)| std::cmp::Reverse(*this_update));
    Ok(crls.into_iter().map(|(_, crl)| crl).collect())
}

fn sections(bytes: &[u8]) -> Result<Vec<Vec<u8>>, AnchorFault> {
    if !bytes.trim_ascii_start().starts_with(b"-----BEGIN ") {
        return Ok(vec![bytes.to_vec()]);
    }
    let mut lists = Vec::new();
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(bytes) {
        match section {
            Ok((SectionKind::Crl, der)) => lists.push(der),
            _ => return Err(AnchorFault::CrlMalformed),
        }
    }
    if lists.is_empty() { Err(AnchorFault::CrlMalformed) } else { Ok(lists) }
}

/// When a list was made, in seconds since 1970.
fn this_update(crl: &[u8]) -> x509_cert::der::Result<u64> {
    SliceReader::new(crl)?.sequence(|list| {
        let made = list.sequence(|tbs| {
            if Tag::peek(tbs)? == Tag::Integer {
                tbs.tlv_bytes()?;
            }
            let _signature = tbs.tlv_bytes()?;
            let _issuer = tbs.tlv_bytes()?;
            let this_update = Time::decode(tbs)?.to_unix_duration().as_secs();
            tbs.drain(tbs.remaining_len())?;
            Ok::<_, x509_cert::der::Error>(this_update)
        })?;
        list.drain(list.remaining_len())?;
        Ok(made)
    })
}
