//! Client certificates (RFC 8705): registered themselves, or known by their subject under a private CA.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::{Deserialize, Serialize};
use writ_oauth::x509::{Certificate, SubjectMatch};

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
        name: SubjectMatch,
    },
}

impl RegisteredCertificate {
    /// What it is recognised by.
    pub fn identity(&self) -> Result<CertificateIdentity, Fault> {
        let names = self.names();
        match (&self.pem, &self.provider, names.as_slice()) {
            (Some(pem), None, []) => {
                certificate("pem", pem).map(|certificate| CertificateIdentity::SelfSigned(certificate.spki_sha256()))
            }
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

fn certificate_name(path: &str, name: &str) -> Result<SubjectMatch, Fault> {
    if !(1..=LONGEST_NAME).contains(&name.len()) || name.chars().any(char::is_control) {
        return fault(path, format!("a name has 1 to {LONGEST_NAME} bytes and no control characters"));
    }
    // A pattern would let in whoever the CA gives a name below it.
    if path == "san_dns" && name.contains('*') {
        return fault(path, "a star means nothing here: the name is compared as it is");
    }
    // > tls_client_auth_subject_dn [...] tls_client_auth_san_dns [...] tls_client_auth_san_uri [...]
    // > tls_client_auth_san_ip [...] tls_client_auth_san_email
    // https://www.rfc-editor.org/rfc/rfc8705#section-2.1.2
    let name = SubjectMatch::from_parameter(&format!("tls_client_auth_{path}"), name);
    name.map_err(|problem| (path.to_owned(), problem.to_string()))
}

/// The one certificate of a PEM text.
pub(super) fn certificate(path: &str, pem: &str) -> Result<Certificate, Fault> {
    let unreadable = || fault(path, "expected one certificate in PEM: BEGIN CERTIFICATE");
    if pem.len() > LONGEST_PEM || pem.contains("PRIVATE KEY") {
        return unreadable();
    }
    let mut sections = CertificateDer::pem_slice_iter(pem.as_bytes());
    match (sections.next(), sections.next()) {
        (Some(Ok(der)), None) => match Certificate::from_der(&der) {
            Ok(certificate) => Ok(certificate),
            Err(_) => unreadable(),
        },
        _ => unreadable(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const FIRST: &str = include_str!("../../tests/it/pem/first.crt.pem");

    fn hexadecimal(pem: &str) -> String {
        certificate("pem", pem)
            .unwrap()
            .spki_sha256()
            .iter()
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }

    /// As `openssl x509 -pubkey -noout | openssl pkey -pubin -outform DER | sha256sum` has it.
    #[test]
    fn a_certificate_is_known_by_its_key() {
        let expected = "7d297a1b44a1c91d430724873c438cce746a2a5d17f951c740e4f9bf55429f0b";
        assert_eq!(hexadecimal(FIRST), expected);
        assert_eq!(hexadecimal(include_str!("../../tests/it/pem/renewed.crt.pem")), expected);
        assert_ne!(hexadecimal(include_str!("../../tests/it/pem/second.crt.pem")), expected);
    }
}
