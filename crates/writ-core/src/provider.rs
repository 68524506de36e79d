//! Providers, ready to verify with.

use writ_oauth::expression::Expression;

use crate::document::credential::Fault;
use crate::document::{self, JwksSource, Oidc, Status, Trust};
use crate::key_source::{KeySet, KeySource};
use crate::outbound::Roots;
use crate::store::StoreError;
pub use crate::trusted::Trusted;

/// A trust anchor outside Writ.
pub struct Provider {
    /// What was configured.
    pub document: document::Provider,
    /// Where the keys of an issuer come from; the other types have none.
    pub keys: Option<KeySource>,
    /// What must hold of everything that it vouches for.
    pub trust_condition: Option<Expression>,
    /// What certificates are trusted by; an issuer has none.
    pub certificates: Option<Trusted>,
}

impl Provider {
    pub(crate) fn new(document: document::Provider) -> Result<Self, StoreError> {
        let keys = match &document.trust {
            Trust::Oidc(oidc) => Some(key_source(oidc).map_err(unreadable)?),
            Trust::Pkcs7(_) | Trust::PrivateCa(_) => None,
        };
        let at = |(path, message): Fault| unreadable(format!("{path}: {message}"));
        let trust_condition = document.trust.condition().map_err(at)?;
        let certificates = Trusted::new(&document.trust).map_err(at)?;
        Ok(Self { document, keys, trust_condition, certificates })
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
