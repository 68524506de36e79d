//! Which certificate a client of `tls_client_auth` presents (RFC 8705 section 2.1.2).

use std::net::IpAddr;

use super::certificate::Certificate;
use super::fault::SubjectFault;
use super::name::DistinguishedName;

/// The longest expected name, in octets.
const MAX_NAME: usize = 2048;

/// What the subject of a client's certificate must be, parsed when the client is configured.
///
/// > A client using the tls_client_auth authentication method MUST use exactly one of the below
/// > metadata parameters to indicate the certificate subject value that the authorization server is
/// > to expect
///
/// <https://www.rfc-editor.org/rfc/rfc8705#section-2.1.2>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubjectMatch {
    /// `tls_client_auth_subject_dn`: the whole subject, attribute by attribute
    Dn(DistinguishedName),
    /// `tls_client_auth_san_dns`: one `dNSName`, in lower case
    SanDns(String),
    /// `tls_client_auth_san_uri`: one `uniformResourceIdentifier`, octet by octet
    SanUri(String),
    /// `tls_client_auth_san_ip`: one `iPAddress`
    SanIp(IpAddr),
    /// `tls_client_auth_san_email`: one `rfc822Name`, its host in lower case
    SanEmail(String),
}

impl SubjectMatch {
    /// The metadata parameter of this name and value.
    pub fn from_parameter(name: &str, value: &str) -> Result<Self, SubjectFault> {
        match name {
            "tls_client_auth_subject_dn" => Self::dn(value),
            "tls_client_auth_san_dns" => Self::san_dns(value),
            "tls_client_auth_san_uri" => Self::san_uri(value),
            "tls_client_auth_san_ip" => Self::san_ip(value),
            "tls_client_auth_san_email" => Self::san_email(value),
            _ => Err(SubjectFault::UnknownParameter),
        }
    }

    /// > A string representation -- as defined in \[RFC4514\] -- of the expected subject distinguished
    /// > name of the certificate
    pub fn dn(value: &str) -> Result<Self, SubjectFault> {
        Ok(Self::Dn(DistinguishedName::parse(value)?))
    }

    /// A host name. Names are compared whole: there are no wildcards, neither here nor in the
    /// certificate.
    pub fn san_dns(value: &str) -> Result<Self, SubjectFault> {
        let is_label = |label: &str| {
            let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            !label.is_empty() && label.len() <= 63 && label.bytes().all(is_letter)
        };
        let is_name = value.len() <= 253 && value.split('.').all(is_label);
        if is_name { Ok(Self::SanDns(value.to_ascii_lowercase())) } else { Err(SubjectFault::Dns) }
    }

    /// A URI with a scheme.
    pub fn san_uri(value: &str) -> Result<Self, SubjectFault> {
        let is_printable = value.bytes().all(|byte| byte.is_ascii_graphic());
        let has_scheme = value.split_once(':').is_some_and(|(scheme, rest)| {
            scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && !rest.is_empty()
        });
        let is_uri = is_printable && has_scheme && value.len() <= MAX_NAME;
        if is_uri { Ok(Self::SanUri(value.to_owned())) } else { Err(SubjectFault::Uri) }
    }

    /// > A string representation of an IP address in either dotted decimal notation (for IPv4) or
    /// > colon-delimited hexadecimal (for IPv6, as defined in \[RFC5952\])
    ///
    /// Addresses are compared as numbers: one address may be written in several ways.
    pub fn san_ip(value: &str) -> Result<Self, SubjectFault> {
        value.parse().map(Self::SanIp).map_err(|_| SubjectFault::Ip)
    }

    /// An address. Only its host is compared without regard to case.
    pub fn san_email(value: &str) -> Result<Self, SubjectFault> {
        let is_printable = value.bytes().all(|byte| byte.is_ascii_graphic());
        let email = Some(value).filter(|_| is_printable && value.len() <= MAX_NAME).and_then(comparable_email);
        email.map(Self::SanEmail).ok_or(SubjectFault::Email)
    }

    /// Whether the certificate is the expected client's. That it is trusted is another question,
    /// and comes first.
    pub fn matches(&self, certificate: &Certificate) -> bool {
        let names = certificate.alt_names();
        match self {
            Self::Dn(expected) => certificate.subject() == expected,
            Self::SanDns(expected) => names.dns.iter().any(|name| name.eq_ignore_ascii_case(expected)),
            Self::SanUri(expected) => names.uri.contains(expected),
            Self::SanIp(expected) => names.ip.contains(expected),
            Self::SanEmail(expected) => {
                names.email.iter().filter_map(|name| comparable_email(name)).any(|name| name == *expected)
            }
        }
    }
}

/// The address with its host in lower case.
fn comparable_email(address: &str) -> Option<String> {
    let (local, host) = address.rsplit_once('@')?;
    let is_whole = !local.is_empty() && !host.is_empty();
    is_whole.then(|| format!("{local}@{}", host.to_ascii_lowercase()))
}
