//! What the issuer `R/oauth2` says about itself.

use serde_json::json;

use crate::support::call::Call;
use crate::support::server::shared;

/// Both documents, in the form that appends to the issuer and the one that inserts before its path.
pub(crate) const PLACES: [&str; 4] = [
    "{issuer}/.well-known/openid-configuration",
    "{issuer}/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration{issuer}",
    "/.well-known/oauth-authorization-server{issuer}",
];

/// > The "issuer" value returned MUST be identical to the authorization server's issuer identifier value into which
/// > the well-known URI string was inserted
///
/// <https://www.rfc-editor.org/rfc/rfc8414#section-3.3>
#[test]
fn every_form_lists_exactly_what_is_served() {
    let methods = json!([
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
        "tls_client_auth",
        "self_signed_tls_client_auth"
    ]);
    let algorithms = json!([
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384",
        "HS512"
    ]);
    let expected = json!({
        "issuer": "https://writ.example/oauth2",
        "token_endpoint": "https://writ.example/oauth2/token",
        "jwks_uri": "https://writ.example/oauth2/jwks",
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint": "https://writ.example/oauth2/introspect",
        "introspection_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint": "https://writ.example/oauth2/revoke",
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "tls_client_certificate_bound_access_tokens": true,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    });
    for place in PLACES {
        let answer = shared().public(&Call::get(&place.replace("{issuer}", "/oauth2"))).ok();
        assert_eq!(answer.json(), expected, "{place}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
        assert!(answer.header("x-request-id").is_some());
    }
}

#[test]
fn what_it_names_is_there() {
    let metadata = shared().public(&Call::get("/oauth2/.well-known/oauth-authorization-server")).ok().json();
    let at = |name: &str| crate::support::server::path_of(metadata[name].as_str().unwrap()).to_owned();
    shared().public(&Call::get(&at("jwks_uri"))).ok();
    assert_eq!(shared().public(&Call::post(&at("token_endpoint")).form(&[])).error(400), "invalid_request");
}

#[test]
fn the_key_set_holds_public_members_only() {
    let answer = shared().public(&Call::get("/oauth2/jwks")).ok();
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let set = answer.json();
    let [key] = set["keys"].as_array().unwrap().as_slice() else { panic!("one key: {set}") };
    let mut members: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    assert_eq!((&key["kty"], &key["crv"], &key["use"]), (&json!("EC"), &json!("P-256"), &json!("sig")));
}
