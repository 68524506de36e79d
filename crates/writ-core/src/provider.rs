//! Providers, ready to verify with.

use writ_oauth::expression::Expression;
use writ_oauth::jose::{JwkSet, parse_jwk_set};
use writ_oauth::x509::{Anchors, Certificate, Purpose};

use crate::document::{self, JwksSource, Status, Trust};
use crate::store::StoreError;

/// A trust anchor outside Writ.
pub struct Provider {
    /// What was configured.
    pub document: document::Provider,
    /// The keys that stand in the document; where they are fetched: none.
    pub keys: JwkSet,
    /// What certificates are trusted by; `None`: it trusts none.
    pub certificates: Option<Trusted>,
}

/// What certificates are trusted by.
pub enum Trusted {
    /// A signer of documents.
    Signer {
        /// Pinned signers; empty: roots are trusted.
        pinned: Box<[Certificate]>,
        /// Roots.
        anchors: Option<Anchors>,
        /// Authorities between roots and signers.
        intermediates: Box<[Certificate]>,
        /// When a document was signed; `None`: its signed attribute says so.
        signing_time: Option<Expression>,
    },
    /// A private CA.
    Ca {
        /// Roots, and what they have taken back.
        anchors: Anchors,
        /// What certificates must be made for.
        purpose: Purpose,
    },
}

impl Provider {
    pub(crate) fn new(document: document::Provider) -> Result<Self, StoreError> {
        let keys = match &document.trust {
            Trust::Oidc(document::Oidc { jwks: JwksSource::Inline(set), .. }) => {
                let text = serde_json::to_vec(set).map_err(|error| StoreError::Unreadable(error.to_string()))?;
                parse_jwk_set(&text).map_err(|error| StoreError::Unreadable(error.to_string()))?
            }
            Trust::Oidc(_) | Trust::Pkcs7(_) | Trust::PrivateCa(_) => JwkSet::default(),
        };
        let certificates = Trusted::new(&document.trust).map_err(|(path, message)| {
            StoreError::Unreadable(format!("the provider `{}`: {path}: {message}", document.settings.name))
        })?;
        Ok(Self { document, keys, certificates })
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

impl Trusted {
    fn new(trust: &Trust) -> Result<Option<Self>, (String, String)> {
        Ok(match trust {
            Trust::Oidc(_) => None,
            Trust::Pkcs7(pkcs7) => Some(Self::Signer {
                pinned: pkcs7.trusted_signers()?,
                anchors: pkcs7.trusted_anchors()?,
                intermediates: pkcs7.trusted_intermediates()?,
                signing_time: pkcs7.signing_time_expression()?,
            }),
            Trust::PrivateCa(ca) => Some(Self::Ca { anchors: ca.trusted_anchors()?, purpose: ca.purpose()? }),
        })
    }
}
