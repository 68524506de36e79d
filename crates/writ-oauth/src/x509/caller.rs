//! The certificate of the connection that a request came on.

use super::certificate::Certificate;
use super::client_cert_header::{from_client_cert_chain_header, from_client_cert_header};
use super::fault::ReadFault;
use super::read::push;
use crate::binding::{CertificateThumbprint, Confirmation};

/// The certificate of a caller, with those it presented beside it. A handshake has shown that the caller has its key;
/// that anybody vouches for it, nothing has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerCertificate {
    leaf: Certificate,
    intermediates: Vec<Certificate>,
}

impl CallerCertificate {
    /// As TLS tells it: the caller's own certificate in DER, then the others. No more are read than
    /// [`MAX_CERTIFICATES`](super::MAX_CERTIFICATES).
    pub fn from_tls<'d>(chain: impl IntoIterator<Item = &'d [u8]>) -> Result<Self, ReadFault> {
        let mut certificates = Vec::new();
        chain.into_iter().try_for_each(|der| push(&mut certificates, der))?;
        let mut certificates = certificates.into_iter();
        let leaf = certificates.next().ok_or(ReadFault::None)?;
        Ok(Self { leaf, intermediates: certificates.collect() })
    }

    /// As a trusted proxy tells it, in the values of `Client-Cert` and `Client-Cert-Chain`.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc9440#section-2>
    pub fn from_headers(certificate: &str, chain: Option<&str>) -> Result<Self, ReadFault> {
        let leaf = from_client_cert_header(certificate)?;
        let intermediates = chain.map(from_client_cert_chain_header).transpose()?.unwrap_or_default();
        Ok(Self { leaf, intermediates })
    }

    /// The caller's own.
    pub const fn leaf(&self) -> &Certificate {
        &self.leaf
    }

    /// What was presented beside it.
    pub fn intermediates(&self) -> &[Certificate] {
        &self.intermediates
    }

    /// What binds a token to it.
    pub fn confirmation(&self) -> Confirmation {
        Confirmation { certificate: CertificateThumbprint::new(self.leaf.sha256()) }
    }
}
