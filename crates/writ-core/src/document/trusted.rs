//! What providers trust, read: certificates and revocation lists in PEM.

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer};
use writ_oauth::x509::{Anchors, Certificate};

use super::certificate::certificate;
use super::credential::{Fault, fault};
use crate::outbound::Roots;

/// The most roots that a host is trusted by.
const MOST_ROOTS: usize = 8;
/// The longest revocation list in PEM, in bytes.
const LONGEST_CRL: usize = 1 << 20;

/// Certificates, one in each text; at most so many.
pub(super) fn certificates(path: &str, texts: &[String], most: usize) -> Result<Box<[Certificate]>, Fault> {
    if texts.len() > most {
        return fault(path, format!("there are at most {most}"));
    }
    texts.iter().enumerate().map(|(position, pem)| certificate(&format!("{path}[{position}]"), pem)).collect()
}

/// Checks roots that a host is trusted by, all in one text. What is written here is trusted when it is read again.
pub(super) fn check_roots(path: &str, pem: &str) -> Result<(), Fault> {
    let sections: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).take(MOST_ROOTS + 1).collect();
    let count = sections.map_or(0, |roots| roots.len());
    if (1..=MOST_ROOTS).contains(&count) && !pem.contains("PRIVATE KEY") && Roots::parse(pem).is_ok() {
        return Ok(());
    }
    fault(path, format!("expected 1 to {MOST_ROOTS} certificates in PEM: BEGIN CERTIFICATE"))
}

/// Roots, one in each text, and the lists of what they have taken back.
pub(super) fn anchors(texts: &[String], most: usize, crls: &[String]) -> Result<Anchors, Fault> {
    let roots = certificates("anchors", texts, most)?;
    for (position, root) in roots.iter().enumerate() {
        let alone = Anchors::new(std::slice::from_ref(root), &[]);
        alone.map_err(|error| (format!("anchors[{position}]"), error.to_string()))?;
    }
    let mut lists = Vec::with_capacity(crls.len());
    for (position, pem) in crls.iter().enumerate() {
        if pem.len() > LONGEST_CRL {
            return fault(at(position), format!("a revocation list has at most {LONGEST_CRL} bytes in PEM"));
        }
        lists.push(crl(pem).ok_or_else(|| no_crl(position))?);
    }
    let lists: Vec<&[u8]> = lists.iter().map(|list| &**list).collect();
    // A list can have tens of thousands of entries: only of several that will not do is each read by itself.
    Anchors::new(&roots, &lists).map_err(|error| {
        let culprit = lists.iter().position(|list| Anchors::new(&roots, &[list]).is_err());
        culprit.map_or_else(|| ("anchors".to_owned(), error.to_string()), no_crl)
    })
}

fn at(position: usize) -> String {
    format!("crls[{position}]")
}

fn no_crl(position: usize) -> Fault {
    (at(position), "expected one revocation list in PEM: BEGIN X509 CRL".to_owned())
}

fn crl(pem: &str) -> Option<CertificateRevocationListDer<'static>> {
    let mut sections = CertificateRevocationListDer::pem_slice_iter(pem.as_bytes());
    match (sections.next(), sections.next()) {
        (Some(Ok(list)), None) => Some(list),
        _ => None,
    }
}
