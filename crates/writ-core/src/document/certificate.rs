//! Client certificates (RFC 8705): registered themselves, or known by their subject under a private CA.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::{Deserialize, Serialize};

use super::credential::{Fault, fault};
use super::public_key::LONGEST_PEM;

/// The longest name, in bytes.
const LONGEST_NAME: usize = 1024;

/// A client certificate: either `pem`, or a `provider` and exactly one name.
///
/// > A client using the "tls_client_auth" authentication method MUST use exactly one of the below metadata parameters
/// > to indicate the certificate subject value that the authorization server is to expect when authenticating the
/// > respective client.
///
/// <https://www.rfc-editor.org/rfc/rfc8705#section-2.1.2>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisteredCertificate {
    /// The certificate itself, for `self_signed_tls_client_auth`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pem: Option<String>,
    /// The private CA, for `tls_client_auth`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The subject's distinguished name (RFC 4514).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_dn: Option<String>,
    /// A dNSName among the subject's alternative names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub san_dns: Option<String>,
    /// A uniformResourceIdentifier there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub san_uri: Option<String>,
    /// An iPAddress there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub san_ip: Option<String>,
    /// An rfc822Name there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub san_email: Option<String>,
}

/// What a certificate is recognised by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateIdentity {
    /// The SHA-256 of its SubjectPublicKeyInfo.
    SelfSigned([u8; 32]),
    /// A name, under a private CA.
    Named {
        /// The provider.
        provider: Box<str>,
        /// The name.
        name: CertificateName,
    },
}

/// The name that a certificate must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateName {
    /// The subject's distinguished name (RFC 4514).
    SubjectDn(Box<str>),
    /// A dNSName.
    Dns(Box<str>),
    /// A uniformResourceIdentifier.
    Uri(Box<str>),
    /// An iPAddress.
    Ip(std::net::IpAddr),
    /// An rfc822Name.
    Email(Box<str>),
}

impl RegisteredCertificate {
    /// What it is recognised by.
    pub fn identity(&self) -> Result<CertificateIdentity, Fault> {
        let names = self.names();
        match (&self.pem, &self.provider, names.as_slice()) {
            (Some(pem), None, []) => spki_sha256("pem", pem).map(CertificateIdentity::SelfSigned),
            (None, Some(provider), [(path, name)]) => {
                let name = certificate_name(path, name)?;
                Ok(CertificateIdentity::Named { provider: provider.as_str().into(), name })
            }
            (None, Some(_), _) => fault(
                "",
                "with a `provider` stands exactly one of `subject_dn`, `san_dns`, `san_uri`, `san_ip` and `san_email`",
            ),
            (Some(_), _, _) | (None, None, _) => {
                fault("", "a certificate has either `pem`, or a `provider` and the name that it has there")
            }
        }
    }

    fn names(&self) -> Vec<(&'static str, &str)> {
        let names = [
            ("subject_dn", &self.subject_dn),
            ("san_dns", &self.san_dns),
            ("san_uri", &self.san_uri),
            ("san_ip", &self.san_ip),
            ("san_email", &self.san_email),
        ];
        names.into_iter().filter_map(|(path, name)| name.as_deref().map(|name| (path, name))).collect()
    }
}

fn certificate_name(path: &str, name: &str) -> Result<CertificateName, Fault> {
    if !(1..=LONGEST_NAME).contains(&name.len()) || name.chars().any(char::is_control) {
        return fault(path, format!("a name has 1 to {LONGEST_NAME} bytes and no control characters"));
    }
    Ok(match path {
        "subject_dn" => CertificateName::SubjectDn(name.into()),
        // A pattern would let in whoever the CA gives a name below it.
        "san_dns" if name.contains('*') => {
            return fault(path, "a star means nothing here: the name is compared as it is");
        }
        "san_dns" => CertificateName::Dns(name.into()),
        "san_uri" => CertificateName::Uri(name.into()),
        "san_email" => CertificateName::Email(name.into()),
        _ => match name.parse() {
            Ok(address) => CertificateName::Ip(address),
            Err(_) => return fault(path, format!("`{name}` is not an IP address")),
        },
    })
}

/// The one certificate of a PEM text.
pub(super) fn certificate_der(path: &str, pem: &str) -> Result<CertificateDer<'static>, Fault> {
    let unreadable = || fault(path, "expected one certificate in PEM: BEGIN CERTIFICATE");
    if pem.len() > LONGEST_PEM || pem.contains("PRIVATE KEY") {
        return unreadable();
    }
    let mut sections = CertificateDer::pem_slice_iter(pem.as_bytes());
    match (sections.next(), sections.next()) {
        (Some(Ok(der)), None) if spki(&der).is_some() => Ok(der),
        _ => unreadable(),
    }
}

fn spki_sha256(path: &str, pem: &str) -> Result<[u8; 32], Fault> {
    let der = certificate_der(path, pem)?;
    let spki = spki(&der).unwrap_or_default();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, spki);
    digest.as_ref().try_into().map_err(|_| (path.to_owned(), "SHA-256 has 32 bytes".to_owned()))
}

/// The SubjectPublicKeyInfo of a certificate: the element after serial number, algorithm, issuer, validity and subject.
///
/// <https://www.rfc-editor.org/rfc/rfc5280#section-4.1>
fn spki(certificate: &[u8]) -> Option<&[u8]> {
    const SEQUENCE: u8 = 0x30;
    const VERSION: u8 = 0xa0;
    let (certificate, rest) = element(certificate, SEQUENCE)?;
    let (to_be_signed, _) = element(certificate.content, SEQUENCE)?;
    let mut left = to_be_signed.content;
    if let Some((_, after)) = element(left, VERSION) {
        left = after;
    }
    for tag in [0x02, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE] {
        (_, left) = element(left, tag)?;
    }
    let (spki, _) = element(left, SEQUENCE)?;
    rest.is_empty().then_some(spki.whole)
}

struct Element<'d> {
    whole: &'d [u8],
    content: &'d [u8],
}

/// The first DER element, which has this tag, and what follows it. Lengths have one or two bytes after the first, which
/// is enough for a certificate of [`LONGEST_PEM`].
fn element(der: &[u8], tag: u8) -> Option<(Element<'_>, &[u8])> {
    let (header, length) = match *der {
        [found, length @ 0..=0x7f, ..] if found == tag => (2, usize::from(length)),
        [found, 0x81, length, ..] if found == tag => (3, usize::from(length)),
        [found, 0x82, high, low, ..] if found == tag => (4, usize::from(u16::from_be_bytes([high, low]))),
        _ => return None,
    };
    let (whole, rest) = der.split_at_checked(header + length)?;
    Some((Element { whole, content: whole.get(header..)? }, rest))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const FIRST: &str = include_str!("../../tests/it/pem/first.crt.pem");

    fn hexadecimal(pem: &str) -> String {
        spki_sha256("pem", pem).unwrap().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }

    /// As `openssl x509 -pubkey -noout | openssl pkey -pubin -outform DER | sha256sum` has it.
    #[test]
    fn a_certificate_is_known_by_its_key() {
        let expected = "7d297a1b44a1c91d430724873c438cce746a2a5d17f951c740e4f9bf55429f0b";
        assert_eq!(hexadecimal(FIRST), expected);
        assert_eq!(hexadecimal(include_str!("../../tests/it/pem/renewed.crt.pem")), expected);
        assert_ne!(hexadecimal(include_str!("../../tests/it/pem/second.crt.pem")), expected);
    }

    #[test]
    fn what_is_cut_short_is_no_certificate() {
        let der = CertificateDer::from_pem_slice(FIRST.as_bytes()).unwrap();
        for length in 0..der.len() {
            assert_eq!(der.get(..length).and_then(spki), None, "{length}");
        }
        assert_eq!(spki(&[&der[..], &[0]].concat()), None);
        assert_eq!(spki(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
    }
}
