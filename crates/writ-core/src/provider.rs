//! Providers, ready to verify with.

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer};
use writ_oauth::jose::{JwkSet, parse_jwk_set};
use writ_oauth::x509::Anchors;

use crate::document::{self, JwksSource, Status, Trust};
use crate::store::StoreError;

/// A trust anchor outside Writ.
pub struct Provider {
    /// What was configured.
    pub document: document::Provider,
    /// The keys that stand in the document; where they are fetched: none.
    pub keys: JwkSet,
    /// Pinned signers.
    pub signers: Box<[CertificateDer<'static>]>,
    /// Roots.
    pub anchors: Box<[CertificateDer<'static>]>,
    /// Revocation lists.
    pub crls: Box<[CertificateRevocationListDer<'static>]>,
    /// The roots and revocation lists of a private CA, ready to verify with; `None`: nobody is vouched for.
    pub authority: Option<Anchors>,
}

impl Provider {
    pub(crate) fn new(document: document::Provider) -> Result<Self, StoreError> {
        let (mut keys, mut signers, mut anchors, mut crls) = <(_, Box<[_]>, Box<[_]>, Box<[_]>)>::default();
        match &document.trust {
            Trust::Oidc(oidc) => {
                if let JwksSource::Inline(set) = &oidc.jwks {
                    let text = serde_json::to_vec(set).map_err(|error| StoreError::Unreadable(error.to_string()))?;
                    keys = parse_jwk_set(&text).map_err(|error| StoreError::Unreadable(error.to_string()))?;
                }
            }
            Trust::Pkcs7(pkcs7) => (signers, anchors) = (sections(&pkcs7.signers)?, sections(&pkcs7.anchors)?),
            Trust::PrivateCa(ca) => (anchors, crls) = (sections(&ca.anchors)?, sections(&ca.crls)?),
        }
        let authority = authority(&document.trust);
        Ok(Self { document, keys, signers, anchors, crls, authority })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.document.settings.name
    }

    /// Whether anybody may prove anything by it.
    pub fn enabled(&self) -> bool {
        self.document.settings.status == Status::Enabled
    }
}

fn authority(trust: &Trust) -> Option<Anchors> {
    let Trust::PrivateCa(ca) = trust else { return None };
    let authority = ca.authority();
    authority.inspect_err(|(path, message)| tracing::error!(path, message, "a private CA cannot be used")).ok()
}

fn sections<T: PemObject>(texts: &[String]) -> Result<Box<[T]>, StoreError> {
    let section = |text: &String| T::from_pem_slice(text.as_bytes());
    let sections: Result<_, _> = texts.iter().map(section).collect();
    sections.map_err(|error| StoreError::Unreadable(format!("a provider's PEM: {error}")))
}
