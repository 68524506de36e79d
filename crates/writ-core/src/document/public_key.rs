//! Public keys of clients: registered one by one, or published by the client.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;
use writ_oauth::jose::{Alg, Jwk};

use super::credential::{Fault, fault};
use super::trusted::check_roots;
use crate::key_source::KeySource;
use crate::outbound::{OutboundFault, Roots};

/// The longest text of a key or certificate, in bytes.
pub(super) const LONGEST_PEM: usize = 16 * 1024;
/// The longest URL, in bytes.
const LONGEST_URL: usize = 1024;

/// A registered public key, in exactly one of two forms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicKey {
    /// SubjectPublicKeyInfo in PEM: `BEGIN PUBLIC KEY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pem: Option<String>,
    /// A JWK (RFC 7517), without private members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwk: Option<Map<String, Value>>,
    /// The only algorithm it may be used with; absent: each that fits the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<Alg>,
}

impl PublicKey {
    /// The key itself.
    pub fn key(&self) -> Result<Jwk, Fault> {
        let key = match (&self.pem, &self.jwk) {
            (Some(pem), None) if pem.len() > LONGEST_PEM => {
                return fault("pem", format!("a public key has at most {LONGEST_PEM} bytes"));
            }
            (Some(pem), None) => Jwk::from_spki_pem(pem).map_err(|error| ("pem".to_owned(), error.to_string()))?,
            (None, Some(jwk)) => Jwk::from_members(jwk).map_err(|error| ("jwk".to_owned(), error.to_string()))?,
            (Some(_), Some(_)) | (None, None) => return fault("", "a public key has either `pem` or `jwk`"),
        };
        match self.alg {
            Some(alg) if !key.permits(alg) => fault("alg", format!("{alg} does not fit this key")),
            Some(_) | None => Ok(key),
        }
    }
}

/// Where a client publishes its public keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JwksUri {
    /// An https URL that answers a JWK set (RFC 7517 section 5).
    pub uri: String,
    /// The roots, in PEM, that its host is trusted by beside those of the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
}

impl JwksUri {
    pub(super) fn check(&self) -> Result<(), Fault> {
        check_https("uri", &self.uri)?;
        self.ca.as_deref().map_or(Ok(()), |pem| check_roots("ca", pem))
    }

    /// Where the keys come from. They are the client's: what one publishes never speaks for another, even from one URL.
    pub(crate) fn source(&self, client_id: &str) -> Result<KeySource, OutboundFault> {
        let roots = self.ca.as_deref().map(Roots::parse).transpose()?;
        KeySource::uri(client_id, &self.uri, roots)
    }
}

/// Checks a URL that Writ fetches trust from: only what TLS protects is worth trusting.
pub(super) fn check_https(path: &str, url: &str) -> Result<(), Fault> {
    let plain = |parsed: &Url| {
        parsed.scheme() == "https"
            && parsed.username().is_empty()
            && parsed.password().is_none()
            && parsed.fragment().is_none()
    };
    if url.len() <= LONGEST_URL && Url::parse(url).is_ok_and(|parsed| plain(&parsed)) {
        return Ok(());
    }
    fault(path, format!("`{url}` is not an https URL without user and fragment"))
}
