//! Exchanges that end with a token, and what is published.

use super::check;
use crate::refusals::golden_names;
use crate::support::assertion::Assertion;
use crate::support::call::Call;
use crate::support::catalogue::{DASHBOARD_URL, ODD_SECRET, READ, REVENUE, SECRET};
use crate::support::door::Door;
use crate::support::server::shared;

fn issued(door: Door) -> Vec<(&'static str, Call)> {
    let post = |call: Call, id: &str| call.and("client_id", id).and("client_secret", SECRET);
    let mut calls = vec![
        ("issued-basic", door.ask(&[READ]).basic("partner", SECRET)),
        ("issued-basic-raw", door.ask(&[READ]).and("client_id", "odd").basic("odd", ODD_SECRET)),
        ("issued-post", post(door.ask(&[READ, REVENUE]), "partner")),
        ("issued-reduced", door.ask(&[READ, "no:such"]).basic("reduces", SECRET)),
        ("issued-secret-jwt", door.ask(&[READ]).assertion(&Assertion::of(door, "secret-signer").by_secret(SECRET))),
        ("issued-private-key-jwt", door.ask(&[READ]).assertion(&Assertion::of(door, "key-signer").by_key(1))),
        ("metadata", Call::get(&format!("{}/.well-known/openid-configuration", door.path()))),
    ];
    calls.extend(match door {
        Door::Oauth => vec![
            ("issued-default", door.grant().basic("defaults", SECRET)),
            ("issued-resource", door.grant().and("scope", READ).and("resource", DASHBOARD_URL).basic("both", SECRET)),
        ],
        Door::Idaas => vec![
            ("issued-all", door.ask(&[".all"]).basic("partner", SECRET)),
            ("issued-other-case", door.ask(&["REVENUE:read:ALL"]).basic("partner", SECRET)),
        ],
        // Its clients are those of the application that is called: `authing::golden`.
        Door::Authing => vec![],
    });
    calls
}

#[test]
fn what_is_issued_and_published_is_as_the_golden_files_have_it() {
    for door in Door::BOTH {
        for (name, call) in issued(door) {
            check(door, name, &call, &shared().public(&call).ok());
        }
    }
}

/// A file that no test compares with anything says nothing about the server.
#[test]
fn every_golden_file_belongs_to_an_exchange() {
    for door in Door::BOTH {
        let names = issued(door).into_iter().map(|(name, _)| name.to_owned());
        let mut expected: Vec<_> = names.chain(golden_names(door)).map(|name| format!("{name}.txt")).collect();
        let files = std::fs::read_dir(super::folder(door.name())).unwrap();
        let mut found: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "{door:?}");
    }
}
