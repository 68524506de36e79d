//! Exchanges of this door, whole, as `golden/authing/` has them.

use super::{SECRET, ask, server};
use crate::golden;
use crate::support::call::Call;

fn exchanges() -> Vec<(&'static str, Call)> {
    let form = [("grant_type", "client_credentials"), ("scope", "announce:read")];
    vec![
        ("issued", ask("contractor-a", "announce:read")),
        ("issued-basic", Call::post("/oidc/token").basic("contractor-a", SECRET).form(&form)),
        ("issued-reduced", ask("contractor-a", "announce:read announce:update revenue:read customer user-growth:read")),
        ("issued-for-nothing", ask("contractor-a", "revenue:read customer")),
        ("metadata", Call::get("/oidc/.well-known/openid-configuration")),
        ("refused-scope-missing", ask("contractor-a", "")),
        ("refused-scope-malformed", ask("contractor-a", "announce:read\trevenue:read")),
        ("refused-client-unknown", ask("nobody", "announce:read")),
        ("refused-secret-wrong", Call::post("/oidc/token").basic("contractor-a", "a-wrong-secret").form(&form)),
        ("refused-grant-unknown", Call::post("/oidc/token").form(&[("grant_type", "password")])),
        ("refused-body-is-json", Call::post("/oidc/token").raw_form(r#"{"grant_type":"client_credentials"}"#)),
        ("refused-method-not-allowed", Call::get("/oidc/token")),
        ("validation-of-nothing", Call::get("/api/v2/oidc/validate_token")),
    ]
}

#[test]
fn every_exchange_is_as_its_golden_file_has_it() {
    let server = server();
    for (name, call) in exchanges() {
        golden::check_in("authing", name, &call, &server.public(&call));
    }
}

#[test]
fn every_golden_file_belongs_to_an_exchange() {
    let mut expected: Vec<_> = exchanges().into_iter().map(|(name, _)| format!("{name}.txt")).collect();
    let files = std::fs::read_dir(golden::folder("authing")).unwrap();
    let mut found: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
}
