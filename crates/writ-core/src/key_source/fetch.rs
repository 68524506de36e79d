//! Fetching the keys of a source, by way of its discovery document where it has one.

use std::sync::Arc;

use url::Url;
use writ_oauth::jose::parse_object;
use writ_oauth::key_cache::FetchedKeys;

use super::{FetchCause, FetchFault, KeySet, KeySource, Place};
use crate::outbound::{Outbound, parse_url};

pub(super) async fn fetch(outbound: &Outbound, source: &KeySource) -> Result<FetchedKeys, FetchFault> {
    match &source.0.place {
        Place::Inline(keys) => Ok(FetchedKeys { keys: Arc::clone(keys), max_age: None }),
        Place::Uri(url) => fetch_set(outbound, source, url).await,
        Place::Discovery(url) => {
            let jwks_uri = discover(outbound, source, url).await?;
            fetch_set(outbound, source, &jwks_uri).await
        }
    }
}

async fn fetch_set(outbound: &Outbound, source: &KeySource, url: &Url) -> Result<FetchedKeys, FetchFault> {
    let answer = outbound.get(url, source.0.roots.as_ref()).await;
    let answer = answer.map_err(|fault| FetchCause::from(fault).at(url))?;
    let keys = KeySet::parse(&answer.body).map_err(|fault| FetchCause::from(fault).at(url))?;
    Ok(FetchedKeys { keys: Arc::new(keys), max_age: answer.max_age })
}

/// The URL of the JWK set. It may be on another host, as it is with large providers; it passes the same guard.
async fn discover(outbound: &Outbound, source: &KeySource, url: &Url) -> Result<Url, FetchFault> {
    let answer = outbound.get(url, source.0.roots.as_ref()).await;
    let answer = answer.map_err(|fault| FetchCause::from(fault).at(url))?;
    jwks_uri(&answer.body, source.issuer()).map_err(|cause| cause.at(url))
}

/// > The "issuer" value returned MUST be identical to the authorization server's issuer identifier value into which the
/// > well-known URI string was inserted to create the URL used to retrieve the metadata. If these values are not
/// > identical, the data contained in the response MUST NOT be used.
///
/// <https://www.rfc-editor.org/rfc/rfc8414#section-3.3>
fn jwks_uri(document: &[u8], issuer: &str) -> Result<Url, FetchCause> {
    let document = parse_object(document).map_err(FetchCause::Document)?;
    let text = |name: &str| document.get(name).and_then(|value| value.as_str());
    if text("issuer") != Some(issuer) {
        return Err(FetchCause::Issuer);
    }
    let uri = text("jwks_uri").ok_or(FetchCause::JwksUriMissing)?;
    parse_url(uri).map_err(FetchCause::JwksUri)
}
