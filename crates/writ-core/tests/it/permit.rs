//! What a client may have: every refusal of the step, and what is granted.

use serde_json::{Value, json};
use writ_oauth::Refusal;
use writ_oauth::permission::Spelling;
use writ_oauth::request::{Target, Wanted};

use crate::sample::{SECRET, caller_with, dashboard, office, with};
use crate::support::{Bench, Running, both_engines};
use crate::token::{Steps, TokenRequest};

both_engines!(
    every_refusal_about_who_may_ask,
    case_56_grants_are_allow_listed_for_each_client,
    every_refusal_about_a_scope,
    case_59_what_is_not_granted_is_refused_or_left_out_as_the_client_says,
    case_60_a_permission_of_one_server_is_not_in_a_token_for_another,
    case_61_a_resource_is_compared_exactly,
    every_refusal_about_a_target,
    nothing_asked_for_is_the_default,
    spelling_is_the_doors_and_the_token_has_the_registered_one,
    a_disabled_server_is_not_issued_for,
);

fn request() -> TokenRequest {
    TokenRequest::of("caller", SECRET)
}

fn authorized(authorizations: Value) -> Value {
    caller_with(json!({ "authorizations": authorizations }))
}

/// A second server, with a permission that is spelled like one of the dashboard's.
fn billing() -> Value {
    json!({ "kind": "application", "id": "billing", "resource_server": {
        "audience": "urn:billing", "permissions": [{ "id": "bill:read" }, { "id": "announce:read" }] } })
}

async fn both_servers(bench: &Bench) -> Running {
    let core = bench.open().await;
    let given = authorized(json!([
        { "audience": "api://dashboard", "permissions": ["announce:read", "announce:write"] },
        { "audience": "urn:billing", "permissions": ["bill:read"] },
    ]));
    core.apply(json!([dashboard(), billing(), given])).await;
    core
}

async fn every_refusal_about_who_may_ask(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([office(), dashboard()])).await;
    let branch = json!({ "kind": "network_zone", "name": "branch", "cidrs": ["198.51.100.7", "2001:db8:1::/48"] });
    core.apply(json!([branch, caller_with(json!({ "networks": ["branch", "office"], "issuers": ["first"] }))])).await;
    assert_eq!(core.refusal(&request().at("second")).await, Refusal::IssuerNotAllowed);
    for (origin, inside) in [
        ("192.0.2.255", true),
        ("::ffff:192.0.2.255", true),
        ("198.51.100.7", true),
        ("2001:db8::1", true),
        ("198.51.100.8", false),
        ("2001:db9::1", false),
        ("127.0.0.1", false),
    ] {
        let refusal = core.token(&request().from(origin)).await.err().map(|refused| refused.refusal);
        assert_eq!(refusal, (!inside).then_some(Refusal::AddressNotAllowed), "{origin}");
    }
    core.apply(json!([caller_with(json!({}))])).await;
    assert!(core.token(&request().at("second").from("203.0.113.1")).await.is_ok());
}

async fn case_56_grants_are_allow_listed_for_each_client(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller_with(json!({ "grants": [] }))])).await;
    let refused = core.token(&request()).await.err().unwrap();
    assert_eq!(refused.refusal, Refusal::GrantNotAllowed);
    assert_eq!(
        (refused.subject.as_deref(), refused.client_id.as_deref()),
        (Some("client_credentials"), Some("caller"))
    );
}

async fn every_refusal_about_a_scope(bench: Bench) {
    let core = both_servers(&bench).await;
    let at_dashboard = |items: &[&str]| request().audience("api://dashboard").scope(items);
    for (asked, refusal, subject) in [
        (at_dashboard(&[]), Refusal::ScopeMissing, None),
        (at_dashboard(&["announce:delete"]), Refusal::PermissionUnknown, Some("announce:delete")),
        (at_dashboard(&["announce:read", "ANNOUNCE:READ"]), Refusal::PermissionUnknown, Some("ANNOUNCE:READ")),
        (at_dashboard(&["profile"]), Refusal::PermissionNotGranted, Some("profile")),
        (request().audience("urn:nothing").scope(&["x"]), Refusal::AudienceNotGranted, Some("x")),
        (request().audience("urn:nothing"), Refusal::AudienceNotGranted, Some("urn:nothing")),
        (at_dashboard(&["profile"]).reduce(), Refusal::NothingGranted, Some("profile")),
    ] {
        let refused = core.token(&asked).await.err().unwrap_or_else(|| panic!("not {refusal:?}"));
        assert_eq!((refused.refusal, refused.subject.as_deref()), (refusal, subject));
        assert_eq!(refused.client_id.as_deref(), Some("caller"));
    }
    let whole = authorized(json!([{ "audience": "api://dashboard", "permissions": "all" }]));
    core.apply(json!([whole])).await;
    assert_eq!(core.refusal(&at_dashboard(&["profile"])).await, Refusal::PermissionNotForMachines);
    assert_eq!(core.scope(&request()).await, "announce:read announce:write");
    let only_people = authorized(json!([{ "audience": "api://dashboard", "permissions": ["profile"] }]));
    core.apply(json!([only_people])).await;
    assert_eq!(core.refusal(&request()).await, Refusal::NothingGranted);
    core.apply(json!([authorized(json!([]))])).await;
    assert_eq!(core.refusal(&request()).await, Refusal::NothingGranted);
}

async fn case_59_what_is_not_granted_is_refused_or_left_out_as_the_client_says(bench: Bench) {
    let core = bench.open().await;
    let server = with(
        dashboard(),
        "/resource_server",
        json!({ "permissions": [
        { "id": "a:*" }, { "id": "a:b:*" }, { "id": "*" }, { "id": "a:b" } ] }),
    );
    core.apply(json!([server])).await;
    let asked = request().scope(&["a:b", "a:*", "a:b:c"]);
    for (setting, refuses, reduces) in [
        ("dialect", Some(Refusal::PermissionNotGranted), None),
        ("refuse", Some(Refusal::PermissionNotGranted), Some(Refusal::PermissionNotGranted)),
        ("reduce", None, None),
    ] {
        let given = json!({ "unmet_scopes": setting,
            "authorizations": [{ "audience": "api://dashboard", "permissions": ["a:*"] }] });
        core.apply(json!([caller_with(given)])).await;
        for (request, refusal) in [(asked.clone(), refuses), (asked.clone().reduce(), reduces)] {
            match core.token(&request).await {
                Err(refused) => assert_eq!(Some(refused.refusal), refusal, "{setting}"),
                Ok(issued) => {
                    assert_eq!(refusal, None, "{setting}");
                    assert_eq!(
                        (&*issued.scope, &*issued.rejected),
                        ("a:*", &["a:b".to_owned(), "a:b:c".to_owned()][..])
                    );
                }
            }
        }
    }
}

async fn case_60_a_permission_of_one_server_is_not_in_a_token_for_another(bench: Bench) {
    let core = both_servers(&bench).await;
    for (asked, refusal) in [
        (request().audience("urn:billing").scope(&["announce:write"]), Refusal::PermissionUnknown),
        // Registered at both, granted at one.
        (request().audience("urn:billing").scope(&["announce:read"]), Refusal::PermissionNotGranted),
        (request().audience("urn:billing").scope(&["bill:read", "announce:read"]), Refusal::PermissionNotGranted),
        (request().audience("urn:billing").scope(&["api://dashboard|announce:read"]), Refusal::PermissionUnknown),
        (request().audience("urn:billing").scope(&["urn:billing|bill:read"]), Refusal::PermissionUnknown),
        (request().scope(&["bill:read", "announce:read"]), Refusal::ResourceAmbiguous),
        (request().scope(&["bill:read\u{ff5c}announce:read"]), Refusal::ResourceAmbiguous),
    ] {
        assert_eq!(core.refusal(&asked).await, refusal, "{:?}", asked.asked.wanted);
        assert_eq!(core.refusal(&asked.clone().at("second")).await, refusal);
    }
    let issued = core.token(&request().scope(&["announce:read"])).await.unwrap();
    assert_eq!(crate::token::bearer(issued.access_token())["aud"], "api://dashboard");
    let issued = core.token(&request().audience("urn:billing")).await.unwrap();
    let claims = crate::token::bearer(issued.access_token());
    assert_eq!((claims["aud"].as_str(), claims["scope"].as_str()), (Some("urn:billing"), Some("bill:read")));
}

async fn case_61_a_resource_is_compared_exactly(bench: Bench) {
    let core = both_servers(&bench).await;
    for resource in ["https://dashboard.example", "api://dashboard"] {
        let issued = core.token(&request().resource(resource)).await.unwrap();
        assert_eq!(crate::token::bearer(issued.access_token())["aud"], "api://dashboard", "{resource}");
    }
    for (resource, refusal) in [
        ("https://dashboard.example/", Refusal::ResourceNotGranted),
        ("https://DASHBOARD.example", Refusal::ResourceNotGranted),
        ("https://dashboard.example:443", Refusal::ResourceNotGranted),
        ("https://dashboard.example/../dashboard.example", Refusal::ResourceNotGranted),
        ("urn:writ:admin", Refusal::ResourceNotGranted),
        ("https://dashboard.example#", Refusal::ResourceMalformed),
        ("https://dashboard.example#x", Refusal::ResourceMalformed),
        ("/dashboard", Refusal::ResourceMalformed),
        ("dashboard", Refusal::ResourceMalformed),
        ("", Refusal::ResourceMalformed),
    ] {
        assert_eq!(core.refusal(&request().resource(resource)).await, refusal, "{resource}");
    }
}

async fn every_refusal_about_a_target(bench: Bench) {
    let core = both_servers(&bench).await;
    assert_eq!(core.refusal(&request()).await, Refusal::ResourceAmbiguous);
    assert_eq!(core.refusal(&request().scope(&["unknown"])).await, Refusal::ResourceAmbiguous);
    assert_eq!(core.scope(&request().scope(&["bill:read"])).await, "bill:read");
    let one = authorized(json!([{ "audience": "urn:billing", "permissions": ["bill:read"] }]));
    core.apply(json!([one])).await;
    assert_eq!(core.scope(&request()).await, "bill:read");
    // With one server there is no doubt about which is meant, and the refusal names the item.
    assert_eq!(core.refusal(&request().scope(&["unknown"])).await, Refusal::PermissionUnknown);
}

async fn nothing_asked_for_is_the_default(bench: Bench) {
    let core = bench.open().await;
    let given = json!([{ "audience": "api://dashboard", "permissions": "all" }]);
    for (default, scope) in [
        (json!([]), None),
        (json!("all"), Some("announce:read announce:write")),
        (json!(["announce:write"]), Some("announce:write")),
    ] {
        let caller = caller_with(json!({ "authorizations": given, "default_scopes": default }));
        core.apply(json!([dashboard(), caller])).await;
        for target in [Target::Inferred, Target::Audience("api://dashboard".into())] {
            let mut asked = request().scope(&[]).target(target);
            // A default is in registered spelling, whatever the door's.
            asked.asked.spelling = Spelling::AsciiCaseInsensitive;
            match core.token(&asked).await {
                Ok(issued) => assert_eq!(Some(&*issued.scope), scope),
                Err(refused) => assert_eq!((refused.refusal, scope), (Refusal::ScopeMissing, None)),
            }
        }
    }
}

async fn spelling_is_the_doors_and_the_token_has_the_registered_one(bench: Bench) {
    let core = bench.open().await;
    let server = with(dashboard(), "/resource_server", json!({ "permissions": [{ "id": "User:Read:ALL" }] }));
    let given = authorized(json!([{ "audience": "api://dashboard", "permissions": ["User:Read:ALL"] }]));
    core.apply(json!([server, given])).await;
    let mut asked = request().scope(&["user:read:all", "USER:READ:ALL"]);
    assert_eq!(core.refusal(&asked).await, Refusal::PermissionUnknown);
    asked.asked.spelling = Spelling::AsciiCaseInsensitive;
    assert_eq!(core.scope(&asked).await, "User:Read:ALL");
    // Everything, and something by name as well: each once.
    asked.asked.wanted = Wanted { everything: true, items: asked.asked.wanted.items };
    assert_eq!(core.scope(&asked).await, "User:Read:ALL");
}

async fn a_disabled_server_is_not_issued_for(bench: Bench) {
    let core = both_servers(&bench).await;
    core.apply(json!([with(dashboard(), "", json!({ "status": "disabled" }))])).await;
    for asked in [request().resource("api://dashboard"), request().audience("api://dashboard")] {
        assert_eq!(core.refusal(&asked).await, Refusal::ResourceServerDisabled);
    }
    assert_eq!(core.scope(&request().resource("urn:billing")).await, "bill:read");
}
