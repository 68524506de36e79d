//! Each reason once, and what would have to change.

use serde_json::{Value, json};

use super::{EXPLAIN, broken, item, of_request, step};
use crate::support::call::Call;
use crate::support::catalogue::{BOOKS, DASHBOARD, READ, REVENUE, SCREEN};
use crate::support::server::{Server, shared};

#[track_caller]
fn asked(client: &str, scope: &str) -> Value {
    of_request(shared(), &json!({ "client_id": client, "scope": scope }))
}

#[test]
fn every_question_about_a_client_has_its_answer_and_what_to_change() {
    for (client, door, name, rule, change) in [
        ("nobody", "oauth", "client", "ClientUnknown", "create a client with the id `nobody`, or correct the id"),
        ("client-off", "oauth", "status", "ClientDisabled", "enable the client `client-off`: `status: enabled`"),
        (
            "application-off",
            "oauth",
            "status",
            "ApplicationDisabled",
            "enable its application `application-off`: `status: enabled`",
        ),
        (
            "secrets",
            "oauth",
            "credentials",
            "CredentialExpired",
            "none of its 3 credentials can be used: enable or prolong one, or give it another",
        ),
        ("oauth-only", "idaas", "issuer", "IssuerNotAllowed", "ask at `oauth`, or add `idaas` to its `issuers`"),
        ("no-grant", "oauth", "grant", "GrantNotAllowed", "add `client_credentials` to its `grants`"),
        (
            "office",
            "oauth",
            "network",
            "AddressNotAllowed",
            "call from one of the zones `office`: `203.0.113.0/24`, `2001:db8::/32`; or widen them. The request is from \
             no address that was given",
        ),
        ("partner", "oauth", "scope", "ScopeMissing", "ask for a scope, or give the client `default_scopes`"),
        (
            "for-films",
            "authing",
            "resource_server",
            "OwnServerMissing",
            "give the application `for-films` a `resource_server`",
        ),
        (
            "for-people",
            "oauth",
            "subject",
            "SubjectMissing",
            "give the client a federated credential with a `subject`, and let it use that one",
        ),
    ] {
        let mut request = json!({ "client_id": client, "door": door });
        match client {
            "partner" => {}
            "for-people" => request["scope"] = "person:read".into(),
            _ if door == "idaas" => request["scope"] = format!("{DASHBOARD}|{READ}").into(),
            _ => request["scope"] = READ.into(),
        }
        let explained = of_request(shared(), &request);
        assert_eq!(broken(&explained), Some((name, rule)), "{explained:#}");
        assert_eq!(step(&explained, name)["change"], change, "{explained:#}");
        assert_eq!(explained["granted"], false);
    }
}

#[test]
fn everything_that_can_be_asked_is_asked_whatever_was_not_met_before() {
    let explained = asked("client-off", &format!("{READ} nothing"));
    let outcomes: Vec<_> =
        explained["steps"].as_array().unwrap().iter().map(|step| step["outcome"].as_str().unwrap()).collect();
    let (held, not) = ("held", "did_not_hold");
    assert_eq!(outcomes, [held, held, not, held, held, held, held, held, held, not, "not_reached"], "{explained:#}");
    assert_eq!(explained["refusal"]["rule"], "ClientDisabled");
    assert_eq!(item(&explained, READ)["granted"], READ);
    assert_eq!(item(&explained, "nothing")["refusal"]["rule"], "PermissionUnknown");
    let nobody = asked("nobody", READ);
    assert!(nobody["steps"].as_array().unwrap()[1..].iter().all(|step| step["outcome"] == "not_reached"), "{nobody:#}");
}

/// The rule of an item, what was weighed for it (standing and rule), and what would have to change.
fn told(item: &Value) -> (Option<&str>, Vec<(&str, &str)>, &str) {
    let weighed = item["weighed"].as_array().unwrap().iter();
    let weighed = weighed.map(|rule| (rule["standing"].as_str().unwrap(), rule["rule"].as_str().unwrap()));
    (item["refusal"]["rule"].as_str(), weighed.collect(), item["change"].as_str().unwrap_or_default())
}

#[test]
fn every_reason_of_named_permissions() {
    let these = "permissions: `announce:read:all`, `Revenue:Read:ALL`, `announce:*`";
    for (client, scope, expected) in [
        ("partner", READ, (None, vec![("decided", these)], "")),
        ("whole", READ, (None, vec![("decided", "permissions: all")], "")),
        (
            "partner",
            "revenue:read:all",
            (Some("PermissionUnknown"), vec![("apart", these)], "write it `Revenue:Read:ALL`: case counts here"),
        ),
        (
            "partner",
            "nothing",
            (
                Some("PermissionUnknown"),
                vec![("apart", these)],
                "ask for a permission that `api://dashboard.example` has (`announce:read:all`, `Revenue:Read:ALL`, \
                 `announce:*`, `profile`), or register `nothing` there",
            ),
        ),
        (
            "partner",
            "profile",
            (
                Some("PermissionNotGranted"),
                vec![("apart", these)],
                "add `profile` to the client's authorization for `api://dashboard.example`",
            ),
        ),
        (
            "for-personal",
            "profile",
            (
                Some("PermissionNotForMachines"),
                vec![("apart", "permissions: all")],
                "register `profile` on `urn:personal` with `type: machine`; it is `user` now",
            ),
        ),
    ] {
        let explained = asked(client, scope);
        assert_eq!(told(item(&explained, scope)), expected, "{explained:#}");
    }
    // At a door where case does not count, the token has the registered spelling.
    let request = json!({ "client_id": "partner", "door": "idaas", "scope": format!("{DASHBOARD}|revenue:read:all") });
    let explained = of_request(shared(), &request);
    assert_eq!(item(&explained, &format!("{DASHBOARD}|revenue:read:all"))["granted"], REVENUE, "{explained:#}");
}

#[test]
fn what_is_granted_on_another_audience_is_found_there() {
    let request = json!({ "client_id": "both", "resource": DASHBOARD, "scope": "screen:update" });
    let explained = of_request(shared(), &request);
    let item = item(&explained, "screen:update");
    assert_eq!(item["granted_on"], json!([SCREEN]), "{explained:#}");
    assert!(item["change"].as_str().unwrap().starts_with("ask for it on `urn:screen`, where it is granted; or: "));
    // Where no resource server is named and several could be meant, each says what it would.
    let explained = asked("both", READ);
    assert_eq!(broken(&explained), Some(("resource_server", "ResourceAmbiguous")), "{explained:#}");
    let audiences: Vec<_> = explained["items"].as_array().unwrap().iter().map(|item| &item["audience"]).collect();
    assert_eq!(audiences, [DASHBOARD, SCREEN]);
    let change = "name one as `resource`: the client is authorized for `api://dashboard.example`, `urn:screen`";
    assert_eq!(step(&explained, "resource_server")["change"], change);
}

/// A client with a rule of every kind on a server with books and films.
fn librarian() -> Server {
    let server = Server::new();
    server.apply(
        "default",
        &json!([
            {"kind": "application", "id": "books", "resource_server": {"audience": BOOKS, "resources": [
                {"code": "book", "actions": ["read", "write", "burn"]}, {"code": "film", "actions": ["read"]}]}},
            {"kind": "application", "id": "librarian", "clients": [{
                "credentials": [{"kind": "secret", "value": "a secret of some length"}],
                "authorizations": [{"audience": BOOKS, "rules": [
                    {"resource": "book:*", "actions": ["read"]},
                    {"resource": "book:7", "actions": ["read"], "effect": "deny"},
                    {"resource": "book:8", "actions": ["write"], "networks": ["203.0.113.0/24"]},
                    {"resource": "book:9", "actions": ["write"], "not_before": "2027-03-01T00:00:00Z"},
                    {"resource": "film:*", "actions": ["read"], "expires": "2027-01-01T00:00:00Z"}]}]}]},
        ]),
    );
    server
}

#[test]
fn every_reason_of_rules_about_resources() {
    let server = librarian();
    let (read, deny) = ("allow book:* [read]", "deny book:7 [read]");
    let (eight, nine, film) = ("allow book:8 [write]", "allow book:9 [write]", "allow film:* [read]");
    let others = |rules: &[&'static str]| rules.iter().map(|rule| ("apart", *rule)).collect::<Vec<_>>();
    let weighed =
        |first: &[(&'static str, &'static str)], rest: &[&'static str]| [first.to_vec(), others(rest)].concat();
    for (scope, rule, weighed, change) in [
        ("book:1:read", None, weighed(&[("decided", read)], &[deny, eight, nine, film]), ""),
        (
            "book:7:read",
            Some("PermissionDenied"),
            [&[("decided", deny), ("not_weighed", read)][..], &others(&[eight, nine, film])].concat(),
            "end or narrow the rule `deny book:7 [read]`",
        ),
        (
            "book:read",
            Some("PermissionDenied"),
            [&[("decided", deny), ("not_weighed", read)][..], &others(&[eight, nine, film])].concat(),
            "end or narrow the rule `deny book:7 [read]`",
        ),
        (
            "film:read",
            Some("PermissionExpired"),
            weighed(&[("ended", film)], &[read, deny, eight, nine]),
            "give the rule `allow film:* [read]` a later `expires`, or none",
        ),
        (
            "book:8:write",
            Some("PermissionNotGranted"),
            weighed(&[("elsewhere", eight), ("apart", read)], &[deny, nine, film]),
            "call from `203.0.113.0/24`, or widen `networks` of the rule `allow book:8 [write]`",
        ),
        (
            "book:9:write",
            Some("PermissionNotGranted"),
            weighed(&[("not_begun", nine), ("apart", read)], &[deny, eight, film]),
            "wait until 2027-03-01T00:00:00Z, when the rule `allow book:9 [write]` begins",
        ),
        (
            "book:1:burn",
            Some("PermissionNotGranted"),
            weighed(&[("apart", read)], &[deny, eight, nine, film]),
            "add the rule `{ resource: \"book:1\", actions: [\"burn\"], effect: allow }` to the client's authorization \
             for `urn:books`",
        ),
        (
            "book:write",
            Some("PermissionNotGranted"),
            weighed(&[("apart", read)], &[deny, eight, nine, film]),
            "ask only for what the rule `allow book:8 [write]` allows, or add the rule `{ resource: \"book:*\", \
             actions: [\"write\"], effect: allow }` to the client's authorization for `urn:books`",
        ),
        (
            "book:drive",
            Some("PermissionUnknown"),
            vec![],
            "ask for an action that the resource has on `urn:books`, or register it; there are `book:burn`, \
             `book:read`, `book:write`, `film:read`",
        ),
        (
            "car",
            Some("PermissionUnknown"),
            vec![],
            "ask for a resource that `urn:books` has, or register it; it has `book:burn`, `book:read`, `book:write`, \
             `film:read`",
        ),
        ("a:b:c:d", Some("PermissionUnknown"), vec![], "write it as `T`, `T:A` or `T:I:A`, where `*` stands for all"),
    ] {
        let explained = of_request(&server, &json!({ "client_id": "librarian", "scope": scope, "resource": BOOKS }));
        assert_eq!(told(item(&explained, scope)), (rule, weighed, change), "{scope}: {explained:#}");
    }
}

#[test]
fn another_time_and_another_place_are_other_answers() {
    let server = librarian();
    for (scope, more, granted) in [
        ("book:8:write", json!({ "from": "203.0.113.9" }), true),
        ("book:8:write", json!({ "from": "203.0.114.9" }), false),
        ("book:9:write", json!({ "at": "2027-03-01T00:00:00Z" }), true),
        ("film:read", json!({ "at": "2026-12-31T23:59:59Z" }), true),
        ("film:read", json!({ "at": "2027-01-01T00:00:00Z" }), false),
    ] {
        let mut request = json!({ "client_id": "librarian", "scope": scope, "resource": BOOKS });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let explained = of_request(&server, &request);
        assert_eq!(explained["granted"], granted, "{explained:#}");
    }
    let elsewhere =
        of_request(&server, &json!({ "client_id": "librarian", "scope": "book:8:write", "from": "203.0.114.9" }));
    let why = "is for callers from `203.0.113.0/24`, and the request is from 203.0.114.9";
    assert_eq!(item(&elsewhere, "book:8:write")["weighed"][0]["why"], why, "{elsewhere:#}");
}

#[test]
fn only_a_reader_of_the_configuration_may_ask_and_only_one_thing_at_a_time() {
    let request = json!({ "client_id": "partner", "scope": READ });
    let ask = |body: &Value| shared().administer(Call::post(EXPLAIN).json(body));
    assert_eq!(shared().admin(&Call::post(EXPLAIN).json(&json!({ "request": request }))).status, 401);
    for body in [
        json!({}),
        json!({ "request": request, "call": { "token": "x", "method": "GET", "url": "/" } }),
        json!({ "request": { "scope": READ } }),
        json!({ "request": { "client_id": "partner", "secret": "x" } }),
        json!({ "request": { "client_id": "partner", "door": "front" } }),
        json!({ "request": { "client_id": "partner", "grant_type": "password" } }),
        json!({ "request": { "client_id": "partner", "from": "here" } }),
        json!({ "call": { "token": "x", "method": "G T", "url": "/" } }),
        json!({ "call": { "token": "x", "method": "GET", "url": "http://" } }),
    ] {
        assert_eq!(ask(&body).error(400), "invalid_request", "{body}");
    }
    let elsewhere = Call::post("/v1/tenants/nobody/explain").json(&json!({ "request": request }));
    assert_eq!(shared().administer(elsewhere).error(404), "not_found");
}
