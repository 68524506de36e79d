//! Where the public keys of somebody else's tokens come from, and keeping them.
//!
//! A [`KeySource`] says where; [`KeySets`] has what was found there. `jku`, `x5u` and their like in a token say
//! nothing here: a token chooses among the keys of its source and never the source.

mod entry;
mod fault;
mod fetch;
mod key_sets;

use std::sync::Arc;

use aws_lc_rs::digest;
use url::Url;
pub use writ_oauth::key_cache::KeySet;

pub use self::fault::{FetchCause, FetchFault};
pub use self::key_sets::{KeySets, SourceStatus};
use crate::outbound::{OutboundFault, Roots, parse_url};

/// Where the keys of one issuer come from. Cheap to clone.
#[derive(Clone, Debug)]
pub struct KeySource(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    issuer: String,
    place: Place,
    roots: Option<Roots>,
    id: SourceId,
}

/// The issuer, the URL and the roots, digested. Keys are kept by it, so that keys of one issuer never speak for
/// another, whatever their ids.
type SourceId = [u8; 32];

#[derive(Debug)]
enum Place {
    /// Written down in the configuration.
    Inline(Arc<KeySet>),
    /// The URL of a JWK set.
    Uri(Url),
    /// The URL of a document that names the URL of the JWK set.
    Discovery(Url),
}

impl KeySource {
    /// Keys that are written down: never fetched.
    pub fn inline(issuer: &str, keys: KeySet) -> Self {
        Self::new(issuer, Place::Inline(Arc::new(keys)), None)
    }

    /// A JWK set at a URL, whose server may be known by further roots.
    pub fn uri(issuer: &str, url: &str, roots: Option<Roots>) -> Result<Self, OutboundFault> {
        Ok(Self::new(issuer, Place::Uri(parse_url(url)?), roots))
    }

    /// What the issuer says about itself names the JWK set.
    ///
    /// > If the Issuer value contains a path component, any terminating `/` MUST be removed before appending
    /// > `/.well-known/openid-configuration`.
    ///
    /// <https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationRequest>
    ///
    /// > The "issuer" [...] is a URL that uses the "https" scheme and has no query or fragment components.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc8414#section-2>
    pub fn discover(issuer: &str, roots: Option<Roots>) -> Result<Self, OutboundFault> {
        if issuer.contains(['?', '#']) {
            return Err(OutboundFault::Url);
        }
        let base = issuer.strip_suffix('/').unwrap_or(issuer);
        let url = parse_url(&format!("{base}/.well-known/openid-configuration"))?;
        Ok(Self::new(issuer, Place::Discovery(url), roots))
    }

    fn new(issuer: &str, place: Place, roots: Option<Roots>) -> Self {
        let kind = match &place {
            Place::Inline(_) => "inline",
            Place::Uri(_) => "uri",
            Place::Discovery(_) => "discovery",
        };
        let url = place.url().map(Url::as_str).unwrap_or_default();
        let id = identity([kind, issuer, url, roots.as_ref().map(Roots::pem).unwrap_or_default()]);
        Self(Arc::new(Inner { issuer: issuer.to_owned(), place, roots, id }))
    }

    /// Whose keys they are.
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The URL that is asked first; none for keys that are written down.
    pub fn url(&self) -> Option<&Url> {
        self.0.place.url()
    }
}

impl Place {
    fn url(&self) -> Option<&Url> {
        match self {
            Self::Inline(_) => None,
            Self::Uri(url) | Self::Discovery(url) => Some(url),
        }
    }
}

/// Each part with its length before it, so that no two lists of parts look alike.
fn identity(parts: [&str; 4]) -> SourceId {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    let mut id = SourceId::default();
    id.iter_mut().zip(context.finish().as_ref()).for_each(|(to, from)| *to = *from);
    id
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn discovery(issuer: &str) -> Result<String, OutboundFault> {
        KeySource::discover(issuer, None).map(|source| source.url().unwrap().to_string())
    }

    #[test]
    fn the_well_known_path_comes_after_the_issuers() {
        for (issuer, url) in [
            ("https://ci.example", "https://ci.example/.well-known/openid-configuration"),
            ("https://ci.example/", "https://ci.example/.well-known/openid-configuration"),
            ("https://ci.example/a/b/", "https://ci.example/a/b/.well-known/openid-configuration"),
            ("https://ci.example:8443/a", "https://ci.example:8443/a/.well-known/openid-configuration"),
        ] {
            assert_eq!(discovery(issuer).as_deref(), Ok(url));
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for issuer in
            ["", "ci.example", "file:///etc/passwd", "ftp://ci.example", "https://ci.example/?a", "https://a#b"]
        {
            assert_eq!(discovery(issuer), Err(OutboundFault::Url), "{issuer}");
        }
        let uri = |url: &str| KeySource::uri("https://ci.example", url, None).map(|_| ());
        assert_eq!(uri("https://user@ci.example/jwks"), Err(OutboundFault::UserInfo));
        assert_eq!(uri("https://:word@ci.example/jwks"), Err(OutboundFault::UserInfo));
        assert_eq!(uri("data:application/json,{}"), Err(OutboundFault::Url));
        assert_eq!(uri(&format!("https://ci.example/{}", "a".repeat(2048))), Err(OutboundFault::UrlTooLong));
    }

    #[test]
    fn case_25_whatever_differs_makes_another_source() {
        let (a, b) = ("https://a.example", "https://b.example");
        let uri = |issuer: &str, url: &str| KeySource::uri(issuer, url, None).unwrap();
        let sources = [
            uri(a, "https://a.example/jwks"),
            uri(b, "https://a.example/jwks"),
            uri(a, "https://a.example/jwks2"),
            uri(a, "https://a.example/.well-known/openid-configuration"),
            KeySource::discover(a, None).unwrap(),
            KeySource::discover("https://a.example/", None).unwrap(),
        ];
        let ids: std::collections::HashSet<_> = sources.iter().map(|source| source.0.id).collect();
        assert_eq!(ids.len(), sources.len());
        assert_eq!(uri(a, "https://a.example/jwks").0.id, sources.first().unwrap().0.id);
        assert_ne!(identity(["a", "bc", "", ""]), identity(["ab", "c", "", ""]));
    }
}
