//! Certificates of authorities that are trusted beside those of the system.

use std::sync::Arc;

use reqwest::Certificate;

use super::OutboundFault;

/// The largest bundle, in bytes. One certificate has about two thousand.
const MAX_BUNDLE: usize = 64 * 1024;

/// One or more certificates of authorities, in PEM. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Roots(Arc<str>);

impl Roots {
    /// Reads a bundle; what is no certificate is refused.
    pub fn parse(pem: &str) -> Result<Self, OutboundFault> {
        let roots = Self(pem.into());
        let certificates = roots.certificates()?;
        // Whether they can be trusted is found out by trusting them.
        let trial = reqwest::Client::builder().tls_certs_only(certificates).build();
        trial.map(|_| roots).map_err(|_| OutboundFault::Roots)
    }

    /// The bundle as it was read.
    pub fn pem(&self) -> &str {
        &self.0
    }

    pub(super) fn certificates(&self) -> Result<Vec<Certificate>, OutboundFault> {
        if self.0.len() > MAX_BUNDLE {
            return Err(OutboundFault::Roots);
        }
        let certificates = Certificate::from_pem_bundle(self.0.as_bytes()).map_err(|_| OutboundFault::Roots)?;
        if certificates.is_empty() { Err(OutboundFault::Roots) } else { Ok(certificates) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_refused() {
        let section = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let key = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
        let long = section.repeat(2000);
        for text in ["", "hello", section, key, &long] {
            assert_eq!(Roots::parse(text), Err(OutboundFault::Roots));
        }
    }
}
