//! The subject alternative names that Writ reads.

use std::net::IpAddr;

use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::fault::CertificateFault;

/// Alternative names by kind, each list in the order of the certificate. Other kinds (directory
/// names, registered ids and so on) are not told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AltNames {
    /// `dNSName`, as it was written
    pub dns: Vec<String>,
    /// `uniformResourceIdentifier`, as it was written
    pub uri: Vec<String>,
    /// `rfc822Name`, as it was written
    pub email: Vec<String>,
    /// `iPAddress`
    pub ip: Vec<IpAddr>,
}

impl AltNames {
    pub(super) fn read(extension: SubjectAltName) -> Result<Self, CertificateFault> {
        let mut names = Self::default();
        for name in extension.0 {
            match name {
                GeneralName::DnsName(name) => names.dns.push(name.to_string()),
                GeneralName::UniformResourceIdentifier(name) => names.uri.push(name.to_string()),
                GeneralName::Rfc822Name(name) => names.email.push(name.to_string()),
                GeneralName::IpAddress(octets) => names.ip.push(address(octets.as_bytes())?),
                GeneralName::OtherName(_)
                | GeneralName::DirectoryName(_)
                | GeneralName::EdiPartyName(_)
                | GeneralName::RegisteredId(_) => {}
            }
        }
        Ok(names)
    }
}

/// > For IP version 4, \[...\] the octet string MUST contain exactly four octets. For IP version 6,
/// > \[...\] the octet string MUST contain exactly sixteen octets.
///
/// <https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6>
fn address(octets: &[u8]) -> Result<IpAddr, CertificateFault> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    let v6 = <[u8; 16]>::try_from(octets).map(IpAddr::from);
    v4.or(v6).map_err(|_| CertificateFault::Malformed)
}
