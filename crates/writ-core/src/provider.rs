//! Providers, ready to verify with.

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer};
use writ_oauth::expression::Expression;

use crate::document::{self, JwksSource, Oidc, Pkcs7, Status, Trust, expression};
use crate::key_source::{KeySet, KeySource};
use crate::outbound::Roots;
use crate::store::StoreError;

/// A trust anchor outside Writ.
pub struct Provider {
    /// What was configured.
    pub document: document::Provider,
    /// Where the keys of an issuer come from; the other types have none.
    pub keys: Option<KeySource>,
    /// What must hold of everything that it vouches for.
    pub trust_condition: Option<Expression>,
    /// When a PKCS#7 document was signed; absent: the signed attribute says it.
    pub signing_time: Option<Expression>,
    /// Pinned signers.
    pub signers: Box<[CertificateDer<'static>]>,
    /// Roots.
    pub anchors: Box<[CertificateDer<'static>]>,
    /// Revocation lists.
    pub crls: Box<[CertificateRevocationListDer<'static>]>,
}

impl Provider {
    pub(crate) fn new(document: document::Provider) -> Result<Self, StoreError> {
        let (mut signers, mut anchors, mut crls) = <(Box<[_]>, Box<[_]>, Box<[_]>)>::default();
        let (mut keys, mut signing_time) = (None, None);
        match &document.trust {
            Trust::Oidc(oidc) => keys = Some(key_source(oidc).map_err(unreadable)?),
            Trust::Pkcs7(pkcs7) => {
                (signers, anchors) = (sections(&pkcs7.signers)?, sections(&pkcs7.anchors)?);
                if pkcs7.signing_time != Pkcs7::ATTRIBUTE {
                    let model = document.trust.model();
                    let parsed = expression::seconds("signing_time", &pkcs7.signing_time, model);
                    signing_time = Some(parsed.map_err(|(_, message)| unreadable(message))?);
                }
            }
            Trust::PrivateCa(ca) => (anchors, crls) = (sections(&ca.anchors)?, sections(&ca.crls)?),
        }
        let trust_condition = document.trust.condition().map_err(|(_, message)| unreadable(message))?;
        Ok(Self { document, keys, trust_condition, signing_time, signers, anchors, crls })
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

fn key_source(oidc: &Oidc) -> Result<KeySource, String> {
    let roots = oidc.ca.as_deref().map(Roots::parse).transpose().map_err(|fault| fault.to_string())?;
    match &oidc.jwks {
        JwksSource::Discover(_) => KeySource::discover(&oidc.issuer, roots).map_err(|fault| fault.to_string()),
        JwksSource::Uri(uri) => KeySource::uri(&oidc.issuer, uri, roots).map_err(|fault| fault.to_string()),
        JwksSource::Inline(set) => {
            let text = serde_json::to_vec(set).map_err(|error| error.to_string())?;
            let keys = KeySet::parse(&text).map_err(|fault| fault.to_string())?;
            Ok(KeySource::inline(&oidc.issuer, keys))
        }
    }
}

fn unreadable(message: impl std::fmt::Display) -> StoreError {
    StoreError::Unreadable(format!("a provider: {message}"))
}

fn sections<T: PemObject>(texts: &[String]) -> Result<Box<[T]>, StoreError> {
    let section = |text: &String| T::from_pem_slice(text.as_bytes());
    let sections: Result<_, _> = texts.iter().map(section).collect();
    sections.map_err(|error| StoreError::Unreadable(format!("a provider's PEM: {error}")))
}
