//! The exchanges, whole, as `golden/introspection/` has them.

use super::{At, about, open, shared};
use crate::golden;
use crate::support::catalogue::SECRET;
use crate::support::jwt::part;

const EXCHANGES: [&str; 6] =
    ["active", "inactive", "refused-authentication-missing", "revoked", "refused-token-missing", "refused-of-another"];

#[test]
fn every_exchange_is_as_its_golden_file_has_it() {
    let server = open();
    for at in At::ALL {
        let token = at.token(&server);
        let ask = || about(&at.introspection(), &token).basic(at.called(), SECRET);
        let give_up = |client: &str| about(&at.revocation(), &token).basic(client, SECRET);
        let calls = [
            ask(),
            about(&at.introspection(), "unknown").basic(at.called(), SECRET),
            about(&at.introspection(), "unknown").and("client_id", at.called()),
            give_up(at.holder()),
            crate::support::call::Call::post(&at.revocation()).basic(at.holder(), SECRET).form(&[("x", "y")]),
            about(&at.revocation(), &at.token(&server)).basic("no-grants", SECRET),
        ];
        let jti = part(&token, 1)["jti"].as_str().unwrap().to_owned();
        for (name, call) in EXCHANGES.into_iter().zip(calls) {
            let answer = server.public(&call);
            golden::check_about("introspection", &format!("{}-{name}", at.name()), (&call, &answer), &jti);
        }
    }
}

#[test]
fn every_golden_file_belongs_to_an_exchange() {
    let names = |at: At| EXCHANGES.map(|name| format!("{}-{name}.txt", at.name()));
    let mut expected: Vec<_> = At::ALL.into_iter().flat_map(names).collect();
    let files = std::fs::read_dir(golden::folder("introspection")).unwrap();
    let mut found: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
}

/// What the metadata names is served.
#[test]
fn the_metadata_names_both_endpoints() {
    for at in At::ALL {
        let place = format!("{}/.well-known/openid-configuration", at.issuer());
        let metadata = shared().public(&crate::support::call::Call::get(&place)).ok().json();
        for (name, path) in [("introspection", at.introspection()), ("revocation", at.revocation())] {
            assert_eq!(metadata[format!("{name}_endpoint")], format!("https://writ.example{path}"), "{at:?}");
            for what in ["auth_methods", "auth_signing_alg_values"] {
                let same = format!("token_endpoint_{what}_supported");
                assert_eq!(metadata[format!("{name}_endpoint_{what}_supported")], metadata[same], "{at:?}");
            }
        }
    }
}
