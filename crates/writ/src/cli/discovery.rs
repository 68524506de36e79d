//! Finds endpoints from their published metadata.

use serde_json::Value;
use url::Url;

use super::failure::Failure;
use super::outbound::{self, endpoint, is_loopback};

/// What an authorization server publishes about itself, as far as it is used here.
pub(crate) struct Metadata {
    pub(crate) token_endpoint: Url,
    pub(crate) jwks_uri: Option<Url>,
}

/// The issuer that a protected resource trusts: the first it names.
///
/// > The `authorization_servers` [...] JSON array containing a list of OAuth authorization server issuer identifiers
///
/// <https://www.rfc-editor.org/rfc/rfc9728#section-2>
pub(crate) async fn authorization_server_of(resource: &Url) -> Result<String, Failure> {
    let metadata = fetch(&well_known(resource, "oauth-protected-resource")).await?.ok_or_else(|| {
        unexpected(format!("{resource} publishes no metadata; is it the admin URL of a Writ server?"))
    })?;
    let issuer = metadata.pointer("/authorization_servers/0").and_then(Value::as_str).unwrap_or_default();
    let url =
        endpoint(issuer).map_err(|why| unexpected(format!("{resource} names as its authorization server {why}")))?;
    not_in_clear(resource, &url)?;
    Ok(issuer.to_owned())
}

/// The metadata of an issuer, from the place of RFC 8414 or else that of OpenID Connect Discovery.
pub(crate) async fn metadata_of(issuer: &str) -> Result<Metadata, Failure> {
    let url = endpoint(issuer).map_err(Failure::usage)?;
    let oidc = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let places = [Some(well_known(&url, "oauth-authorization-server")), Url::parse(&oidc).ok()];
    for place in places.into_iter().flatten() {
        if let Some(metadata) = fetch(&place).await? {
            return read_metadata(&metadata, issuer, &url)
                .map_err(|what| unexpected(format!("the metadata at {place} {what}")));
        }
    }
    Err(unexpected(format!("{issuer} publishes no metadata; is it an issuer of a running server?")))
}

/// > The "issuer" value returned MUST be identical to the authorization server's issuer identifier value into which
/// > the well-known URI string was inserted to create the URL used to retrieve the metadata. If these values are not
/// > identical, the data contained in the response MUST NOT be used.
///
/// <https://www.rfc-editor.org/rfc/rfc8414#section-3.3>
fn read_metadata(metadata: &Value, issuer: &str, url: &Url) -> Result<Metadata, String> {
    let text = |member: &str| metadata.get(member).and_then(Value::as_str);
    let published = text("issuer").unwrap_or_default();
    if published != issuer {
        return Err(format!("is of another issuer, `{published}` and not `{issuer}`"));
    }
    let named = |member: &str| match text(member).map(endpoint) {
        None => Ok(None),
        Some(Err(why)) => Err(format!("names as {member} {why}")),
        Some(Ok(to)) => not_in_clear(url, &to).map(|()| Some(to)).map_err(|failure| failure.text().to_owned()),
    };
    let token_endpoint = named("token_endpoint")?.ok_or("names no token endpoint")?;
    Ok(Metadata { token_endpoint, jwks_uri: named("jwks_uri")? })
}

fn unexpected(description: String) -> Failure {
    Failure::new("unexpected_answer", description)
}

/// A credential that was meant for TLS does not follow metadata into the clear.
fn not_in_clear(from: &Url, to: &Url) -> Result<(), Failure> {
    if from.scheme() == "https" && to.scheme() == "http" && !is_loopback(to) {
        return Err(Failure::new(
            "insecure",
            format!("{from} leads to {to}, which is not https; the credential is not sent"),
        ));
    }
    Ok(())
}

/// > [...] the well-known URI string [...] inserted [...] between the host component and the path and/or query
/// > components, if any.
///
/// <https://www.rfc-editor.org/rfc/rfc9728#section-3>, and so in <https://www.rfc-editor.org/rfc/rfc8414#section-3>
fn well_known(identifier: &Url, name: &str) -> Url {
    let mut url = identifier.clone();
    url.set_path(&format!("/.well-known/{name}{}", identifier.path().trim_end_matches('/')));
    url.set_fragment(None);
    url
}

/// The JSON document at a URL; `None` when there is none.
async fn fetch(url: &Url) -> Result<Option<Value>, Failure> {
    let client = outbound::client(url)?;
    let response = outbound::send(url, client.get(url.clone())).await?;
    match response.status {
        200 => Ok(serde_json::from_slice(&response.body).ok()),
        _ => Ok(None),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn the_well_known_part_stands_before_the_path() {
        for (identifier, expected) in [
            ("https://a/oauth2", "https://a/.well-known/x/oauth2"),
            ("https://a", "https://a/.well-known/x"),
            ("http://a:8081/", "http://a:8081/.well-known/x"),
        ] {
            assert_eq!(well_known(&url(identifier), "x").as_str(), expected);
        }
    }

    #[test]
    fn metadata_of_another_issuer_is_not_used() {
        let metadata = serde_json::json!({"issuer": "https://a/oauth2/", "token_endpoint": "https://a/token"});
        let read = |name: &str| read_metadata(&metadata, name, &url("https://a"));
        assert_eq!(read("https://a/oauth2/").unwrap().token_endpoint, url("https://a/token"));
        assert!(read("https://a/oauth2").err().unwrap().contains("is of another issuer"));
    }

    #[test]
    fn a_credential_does_not_leave_tls() {
        assert!(not_in_clear(&url("https://a"), &url("http://b")).is_err());
        assert!(not_in_clear(&url("https://a"), &url("http://127.0.0.1:1")).is_ok());
        assert!(not_in_clear(&url("http://a"), &url("http://b")).is_ok());
    }
}
