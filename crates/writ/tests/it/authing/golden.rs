//! Exchanges of this door, whole, as `golden/authing/` has them. Refusals of its token endpoint are those of `refusals`.

use writ_oauth::Refusal;

use super::{SECRET, ask, screen, server};
use crate::golden;
use crate::refusals::golden_names;
use crate::refusals::unhappy::On;
use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::door::Door;
use crate::support::server::{RUNTIME, Server, Setup};

const VALIDATION: &str = "/api/v2/oidc/validate_token";

fn exchanges() -> Vec<(&'static str, Call)> {
    let form = [("grant_type", "client_credentials"), ("scope", "announce:read")];
    vec![
        ("issued", ask("contractor-a", "announce:read")),
        ("issued-basic", Call::post("/oidc/token").basic("contractor-a", SECRET).form(&form)),
        ("issued-reduced", ask("contractor-a", "announce:read announce:update revenue:read customer user-growth:read")),
        ("issued-for-nothing", ask("contractor-a", "revenue:read customer")),
        ("metadata", Call::get("/oidc/.well-known/openid-configuration")),
    ]
}

/// What `validate_token` answers when it answers no claims, and the rule that was not met.
///
/// Whatever is wrong with a token is answered in one way, in which no rule is named (`authing::validation`). A request for
/// it has no body, and proves nobody to be a client.
fn validations() -> Vec<(&'static str, Option<Refusal>, Call, Answer)> {
    let (plain, with) = (Call::get(VALIDATION), Call::get(&format!("{VALIDATION}?access_token=x")));
    let of = |name, refusal, call: Call| {
        let answer = On::Shared.get().public(&call);
        (name, refusal, call, answer)
    };
    let stale = On::Stale.get().public(&with);
    let away = with_the_database_away();
    vec![
        of("validation-of-nothing", None, plain.clone()),
        of("validation-of-no-token", None, with.clone()),
        of("validation-host-malformed", Some(Refusal::HostMalformed), plain.clone().no_host()),
        of("validation-host-unknown", Some(Refusal::HostUnknown), plain.host("unknown.example")),
        of("validation-path-unknown", Some(Refusal::PathUnknown), Call::get(&format!("/t/nobody{VALIDATION}"))),
        of("validation-method-not-allowed", Some(Refusal::MethodNotAllowed), Call::post(VALIDATION)),
        ("validation-configuration-stale", Some(Refusal::ConfigurationStale), with, stale),
        (
            "validation-store-unavailable",
            Some(Refusal::StoreUnavailable),
            Call::get(&format!("{VALIDATION}?access_token=<token>")),
            away,
        ),
    ]
}

/// A token whose client is not in memory, while the database cannot be asked.
fn with_the_database_away() -> Answer {
    let server = Server::open(Setup::default());
    server.apply("default", &serde_json::json!([screen()]));
    let token = server.public(&ask("contractor-a", "announce:read")).token();
    let change = Call::new("PATCH", "/v1/tenants/default/clients/contractor-a");
    server.administer(change.json(&serde_json::json!({"name": "A"}))).ok();
    RUNTIME.block_on(server.app.core.close());
    server.public(&Call::get(&format!("{VALIDATION}?access_token={token}")))
}

#[test]
fn every_exchange_is_as_its_golden_file_has_it() {
    let server = server();
    for (name, call) in exchanges() {
        golden::check_in("authing", name, &call, &server.public(&call));
    }
}

#[test]
fn every_refusal_of_a_validation_is_as_its_golden_file_has_it() {
    for (name, refusal, call, answer) in validations() {
        assert_eq!(answer.refusal, refusal, "{name}: {}", answer.text);
        golden::check_in("authing", name, &call, &answer);
    }
}

#[test]
fn every_golden_file_belongs_to_an_exchange() {
    let names = exchanges().into_iter().map(|(name, _)| name.to_owned());
    let names = names.chain(validations().into_iter().map(|(name, ..)| name.to_owned()));
    let mut expected: Vec<_> = names.chain(golden_names(Door::Authing)).map(|name| format!("{name}.txt")).collect();
    let files = std::fs::read_dir(golden::folder("authing")).unwrap();
    let mut found: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
}
