//! What is explained is what happens: every client of the catalogue, at every door, with every kind of scope, from two
//! places; and every token at every route.

use serde_json::{Value, json};

use super::{broken, of_call, of_request};
use crate::support::call::Call;
use crate::support::catalogue::{BOOKS, CLOSED, DASHBOARD, EXPIRED, PEOPLE, PERSONAL, READ, REVENUE, SCREEN, SECRET};
use crate::support::server::{Server, shared};

const CLIENTS: [&str; 21] = [
    "partner",
    "defaults",
    "whole",
    "both",
    "reduces",
    "refuses",
    "oauth-only",
    "idaas-only",
    "office",
    "unauthorized",
    "for-people",
    "for-closed",
    "for-films",
    "for-books",
    "for-personal",
    "no-grant",
    "client-off",
    "application-off",
    "secrets",
    "screen",
    "nobody",
];

const DOORS: [(&str, &str); 3] =
    [("oauth", "/oauth2/token"), ("idaas", "/api/v2/iauths_system/oauth2/token"), ("authing", "/oidc/token")];

/// Scopes, each with the audience that an item names where the door has it so.
const SCOPES: [(&str, &[&str]); 16] = [
    (DASHBOARD, &[]),
    (DASHBOARD, &[READ]),
    (DASHBOARD, &[READ, REVENUE]),
    (DASHBOARD, &["revenue:read:all"]),
    (DASHBOARD, &[READ, "profile", "nothing"]),
    (DASHBOARD, &["announce:*", "announce:*"]),
    (DASHBOARD, &["a\"b"]),
    (SCREEN, &[READ]),
    (SCREEN, &["screen:update"]),
    (PEOPLE, &["person:read"]),
    (CLOSED, &["door:open"]),
    (BOOKS, &["book:7:read", "book:8:read"]),
    (BOOKS, &["book:read", "film:read", "car", "book:drive", "book:7:*"]),
    (BOOKS, &["*:*", "a:b:c:d"]),
    (PERSONAL, &["profile"]),
    ("urn:nothing", &["x"]),
];

/// A request as a door has it written.
fn scope(door: &str, audience: &str, items: &[&str]) -> Option<String> {
    let item = |item: &&str| match door {
        "idaas" => format!("{audience}|{item}"),
        _ => (*item).to_owned(),
    };
    (!items.is_empty()).then(|| items.iter().map(item).collect::<Vec<_>>().join(" "))
}

/// Asks for a token and for an explanation, which must say the same; answers whether a token was issued.
#[track_caller]
fn agree(server: &Server, client: &str, (door, path): (&str, &str), form: &[(&str, &str)], from: &str) -> bool {
    let secret = if client == "secrets" { EXPIRED } else { SECRET };
    let mut call = Call::post(path).basic(client, secret).form(&[("grant_type", "client_credentials")]).from(from);
    let mut request = json!({ "client_id": client, "door": door, "from": from });
    for (name, value) in form {
        call = call.and(name, value);
        request[*name] = (*value).into();
    }
    let (answer, explained) = (server.public(&call), of_request(server, &request));
    let shown = format!("{request}\n{}\n{explained:#}", answer.text);
    assert_eq!(explained["granted"], answer.status == 200, "{shown}");
    let rule = answer.refusal.map(|refusal| format!("{refusal:?}"));
    assert_eq!(explained["refusal"]["rule"].as_str(), rule.as_deref(), "{shown}");
    assert_eq!(broken(&explained).map(|(_, rule)| rule), rule.as_deref(), "{shown}");
    let mut body = answer.json();
    if answer.status == 200 {
        let rejected = body["rejected_scope"].as_str().unwrap_or_default();
        let explained_rejected: Vec<&str> =
            explained["rejected"].as_array().into_iter().flatten().map(|item| item.as_str().unwrap()).collect();
        assert_eq!(explained_rejected.join(" "), rejected, "{shown}");
        let claims = crate::support::jwt::part(body["access_token"].as_str().unwrap(), 1);
        assert_eq!(explained["scope"], claims["scope"], "{shown}");
        assert_eq!(explained["issuer"], claims["iss"], "{shown}");
    } else {
        body.as_object_mut().unwrap().remove("request_id");
        body["status"] = answer.status.into();
        assert_eq!(explained["caller_is_told"], body, "{shown}");
        let changes = |list: &Value| list.as_array().unwrap().iter().any(|one| one["change"].is_string());
        assert!(changes(&explained["steps"]) || changes(&explained["items"]), "nothing would have to change: {shown}");
    }
    answer.status == 200
}

#[test]
fn what_is_explained_of_a_request_is_what_is_answered_to_it() {
    let mut granted = 0;
    for client in CLIENTS {
        for (door, path) in DOORS {
            for (audience, items) in SCOPES {
                let scope = scope(door, audience, items);
                let mut form: Vec<_> = scope.iter().map(|scope| ("scope", &**scope)).collect();
                granted += u32::from(agree(shared(), client, (door, path), &form, "192.0.2.1"));
                if door == "oauth" {
                    form.push(("resource", audience));
                    granted += u32::from(agree(shared(), client, (door, path), &form, "203.0.113.9"));
                }
            }
        }
    }
    assert!(granted > 50, "{granted} were granted");
}

#[test]
fn the_same_for_resources_that_name_nothing() {
    for resource in ["not a uri", "https://dashboard.example/api", "https://dashboard.example/api#x", "urn:else"] {
        agree(shared(), "partner", DOORS[0], &[("scope", READ), ("resource", resource)], "192.0.2.1");
    }
}

#[test]
fn the_same_where_several_things_are_wrong_with_a_client() {
    let server = Server::new();
    let secret = json!({"kind": "secret", "value": EXPIRED, "expires": "2027-01-01T00:00:00Z"});
    let client = |id: &str, more: &Value| {
        let mut client = json!({ "credentials": [secret], "issuers": ["idaas"], "grants": [] });
        client.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "kind": "application", "id": id, "clients": [client] })
    };
    let off = json!({ "status": "disabled" });
    server.apply("default", &json!([client("secrets", &off)]));
    agree(&server, "secrets", DOORS[0], &[("scope", "a\"b")], "192.0.2.1");
    let good = json!([{"kind": "secret", "value": EXPIRED}]);
    server.apply("default", &json!([client("secrets", &json!({ "credentials": good, "status": "disabled" }))]));
    agree(&server, "secrets", DOORS[0], &[("scope", "a\"b")], "192.0.2.1");
    server.apply("default", &json!([client("secrets", &json!({ "credentials": good }))]));
    agree(&server, "secrets", DOORS[0], &[("scope", "a\"b")], "192.0.2.1");
    agree(&server, "secrets", DOORS[0], &[("scope", "x")], "192.0.2.1");
}

#[test]
fn what_is_explained_of_a_call_is_what_the_gateway_decides() {
    let server = Server::new();
    server.apply("default", &crate::gateway::documents("http://127.0.0.1:9"));
    let token = |client: &str, audience: &str, scope: &str| {
        let form = [("grant_type", "client_credentials"), ("scope", scope), ("resource", audience)];
        server.public(&Call::post("/oauth2/token").basic(client, SECRET).form(&form)).token()
    };
    let api = crate::gateway::API;
    let partner = token("partner", api, "announce:read user-growth:2019:read");
    let tokens = [
        partner.clone(),
        token("writer", api, "announce:write"),
        token("stranger", "urn:other", "announce:read"),
        format!("{partner}x"),
        partner.replace('.', "-"),
        "x".to_owned(),
    ];
    let mut through = 0;
    for token in &tokens {
        for (method, target) in [
            ("GET", "/announcements"),
            ("POST", "/announcements/7"),
            ("DELETE", "/announcements/7"),
            ("TRACE", "/announcements/7"),
            ("GET", "/growth/2019"),
            ("GET", "/growth/2020"),
            ("GET", "/growth/20%2F19"),
            ("GET", "/ANNOUNCEMENTS"),
            ("GET", "/any/admin"),
            ("GET", "/nothing"),
        ] {
            let answer = server.gateway(&Call::new(method, target).bearer(token));
            let url = format!("https://writ.example{target}");
            let explained = of_call(&server, &json!({ "token": token, "method": method, "url": url }));
            // Whatever was let through finds nobody at the upstream.
            let let_through = answer.status == 502;
            let shown = format!("{method} {target}\n{}\n{explained:#}", answer.text);
            assert_eq!(explained["granted"], let_through, "{shown}");
            through += u32::from(let_through);
            if !let_through {
                let rule = format!("{:?}", answer.refusal.unwrap());
                assert_eq!(explained["refusal"]["rule"], *rule, "{shown}");
                assert_eq!(broken(&explained).unwrap().1, rule, "{shown}");
                assert_eq!(explained["caller_is_told"]["status"], answer.status, "{shown}");
                assert_eq!(explained["caller_is_told"]["error"], answer.json()["error"], "{shown}");
            }
        }
    }
    assert_eq!(through, 3);
}
