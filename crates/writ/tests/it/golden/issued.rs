//! Exchanges that end with a token, and what is published.

use super::check;
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
