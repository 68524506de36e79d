//! What an issuer says about itself: RFC 8414 metadata, and the same document for OpenID Connect discovery.

use serde::Serialize;

use crate::client_auth::AuthMethod;
use crate::jose::Alg;

/// Authorization server metadata. It lists exactly what is there: no endpoint, grant or method that is not served.
///
/// <https://www.rfc-editor.org/rfc/rfc8414#section-2>
#[derive(Debug, Serialize)]
pub struct Metadata {
    /// The issuer's URL.
    pub issuer: String,
    /// Where tokens are issued.
    pub token_endpoint: String,
    /// Where the public keys are.
    pub jwks_uri: String,
    /// Where resource servers ask about tokens (RFC 7662).
    pub introspection_endpoint: String,
    /// Where clients give tokens up (RFC 7009).
    pub revocation_endpoint: String,
    /// > REQUIRED. JSON array containing a list of the OAuth 2.0 "response_type" values [...] supports
    ///
    /// Empty: there is no authorization endpoint.
    pub response_types_supported: Vec<String>,
    /// The grants.
    pub grant_types_supported: Vec<String>,
    /// The client authentication methods at the token endpoint.
    pub token_endpoint_auth_methods_supported: Vec<&'static str>,
    /// > This metadata entry MUST be present if either of these authentication methods [private_key_jwt,
    /// > client_secret_jwt] are specified in the "token_endpoint_auth_methods_supported" entry. [...] The value "none"
    /// > MUST NOT be used.
    pub token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    /// The same at the introspection endpoint: every client proves itself there by what it has.
    pub introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    /// The same.
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    /// The same at the revocation endpoint.
    pub revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    /// The same.
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    /// > Boolean value indicating server support for mutual-TLS client certificate-bound access tokens.
    ///
    /// There are no `mtls_endpoint_aliases`: certificates are asked for at the same endpoints, of which no caller
    /// without one notices anything.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc8705#section-3.3>
    pub tls_client_certificate_bound_access_tokens: bool,
    /// > REQUIRED. JSON array containing a list of the Subject Identifier types that this OP supports.
    ///
    /// <https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata>
    pub subject_types_supported: Vec<&'static str>,
    /// > REQUIRED. JSON array containing a list of the JWS signing algorithms (alg values) supported by the OP for the
    /// > ID Token
    ///
    /// The algorithm of access tokens: no ID tokens are issued yet, and readers of this document insist on a list.
    pub id_token_signing_alg_values_supported: Vec<&'static str>,
}

/// Where an issuer serves what is not at the same place at every front door, each as a path below the issuer.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// Its keys.
    pub jwks: &'static str,
    /// Introspection.
    pub introspection: &'static str,
    /// Revocation.
    pub revocation: &'static str,
}

impl Metadata {
    /// The metadata of an issuer that serves client_credentials.
    pub fn new(issuer: &str, places: Places, grants: &[&str], signing_algorithm: &'static str) -> Self {
        let algorithms = || Alg::ALL.map(Alg::name).to_vec();
        Self {
            issuer: issuer.to_owned(),
            token_endpoint: format!("{issuer}/token"),
            jwks_uri: format!("{issuer}{}", places.jwks),
            introspection_endpoint: format!("{issuer}{}", places.introspection),
            revocation_endpoint: format!("{issuer}{}", places.revocation),
            response_types_supported: Vec::new(),
            grant_types_supported: grants.iter().map(|grant| (*grant).to_owned()).collect(),
            token_endpoint_auth_methods_supported: methods(),
            token_endpoint_auth_signing_alg_values_supported: algorithms(),
            introspection_endpoint_auth_methods_supported: methods(),
            introspection_endpoint_auth_signing_alg_values_supported: algorithms(),
            revocation_endpoint_auth_methods_supported: methods(),
            revocation_endpoint_auth_signing_alg_values_supported: algorithms(),
            tls_client_certificate_bound_access_tokens: true,
            subject_types_supported: vec!["public"],
            id_token_signing_alg_values_supported: vec![signing_algorithm],
        }
    }
}

fn methods() -> Vec<&'static str> {
    AuthMethod::ALL.into_iter().filter(|method| method.is_registered()).map(AuthMethod::name).collect()
}
