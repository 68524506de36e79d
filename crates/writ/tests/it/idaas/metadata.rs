//! What the issuer `R/api/v2/iauths_system/oauth2` says about itself.

use serde_json::json;

use crate::oauth::PLACES;
use crate::support::call::Call;
use crate::support::door::Door::Idaas;
use crate::support::server::shared;

/// The vendor's command line appends `/.well-known/openid-configuration` to the issuer; the path of its OAuth metadata
/// is not known, so both forms are served.
#[test]
fn every_form_lists_exactly_what_is_served() {
    let issuer = format!("https://writ.example{}", Idaas.path());
    for place in PLACES {
        let answer = shared().public(&Call::get(&place.replace("{issuer}", Idaas.path()))).ok();
        let body = answer.json();
        assert_eq!(body["issuer"], issuer, "{place}");
        assert_eq!(body["token_endpoint"], format!("{issuer}/token"));
        assert_eq!(body["jwks_uri"], format!("{issuer}/jwks"));
        assert_eq!(body["id_token_signing_alg_values_supported"], json!(["RS256"]));
        assert_eq!(body["grant_types_supported"], json!(["client_credentials"]));
    }
}

/// The vendor's validator takes RS256 keys with `kid`, `n` and `e`.
#[test]
fn the_key_set_holds_public_members_only() {
    let set = shared().public(&Call::get(&format!("{}/jwks", Idaas.path()))).ok().json();
    let [key] = set["keys"].as_array().unwrap().as_slice() else { panic!("one key: {set}") };
    let mut members: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
    assert_eq!(key["alg"], "RS256");
}

#[test]
fn the_doors_of_a_tenant_sign_with_keys_of_their_own() {
    let set = |path: &str| shared().public(&Call::get(path)).ok().json()["keys"][0]["kid"].clone();
    assert_ne!(set("/oauth2/jwks"), set(&format!("{}/jwks", Idaas.path())));
}
