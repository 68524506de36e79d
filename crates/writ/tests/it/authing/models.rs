//! The two permission models beside one another: what is a name in one is a set of instances in the other.

use serde_json::{Value, json};
use writ_oauth::Refusal;

use super::{SECRET, granted};
use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::server::Server;
use crate::support::upstream::Upstream;

const NAMES: &str = "urn:names";
const ROWS: &str = "urn:rows";

/// Everything about users as rows, and of the names all but `user:read:all`.
fn scene(unmet: &str, upstream: &Upstream) -> Server {
    let server = Server::new();
    let client = |id: &str| {
        json!({"client_id": id, "unmet_scopes": unmet, "credentials": [{"kind": "secret", "value": SECRET}],
        "authorizations": [
            {"audience": NAMES, "permissions": ["user", "user:*", "*"]},
            {"audience": ROWS, "rules": [{"resource": "user:*", "actions": ["*"]}]}]})
    };
    let route = |name: &str, audience: &str, permission: &str| {
        json!({"kind": "route", "name": name, "match": {"path": format!("/{name}")},
            "require": {"audience": audience, "permission": permission}, "upstream": {"url": upstream.url()}})
    };
    let names = ["user", "user:*", "*", "user:read:all"].map(|id| json!({"id": id}));
    server.apply(
        "default",
        &json!([
            {"kind": "application", "id": "names", "clients": [client("of-names")],
                "resource_server": {"audience": NAMES, "permissions": names}},
            {"kind": "application", "id": "rows", "clients": [client("of-rows")],
                "resource_server": {"audience": ROWS, "resources": [{"code": "user", "actions": ["read"]}]}},
            route("name", NAMES, "user:read:all"),
            route("row", ROWS, "user:7:read"),
        ]),
    );
    server
}

fn at_this_door(server: &Server, client: &str, scope: &str) -> Answer {
    let form = [("grant_type", "client_credentials"), ("scope", scope)];
    server.public(&Call::post("/oidc/token").basic(client, SECRET).form(&form))
}

fn at_oauth(server: &Server, audience: &str, scope: &str) -> Answer {
    let form = [("grant_type", "client_credentials"), ("scope", scope), ("resource", audience)];
    server.public(&Call::post("/oauth2/token").basic("of-rows", SECRET).form(&form))
}

#[test]
fn case_59_a_name_is_never_satisfied_by_a_rule_nor_by_a_name_with_a_star() {
    let upstream = Upstream::plain();
    let server = scene("refuse", &upstream);
    for answer in
        [at_oauth(&server, NAMES, "user:read:all"), at_this_door(&server, "of-names", "user user:read:all user:*")]
    {
        assert_eq!(answer.is(Refusal::PermissionNotGranted).error(400), "invalid_scope");
    }
    let server = scene("reduce", &upstream);
    let answer = at_this_door(&server, "of-names", "user user:read:all user:read user:*");
    assert_eq!(granted(&answer), ("user user:*".into(), "user:read:all user:read".into()));
    let answer = at_oauth(&server, NAMES, "user user:read:all user:*").ok();
    let body: Value = answer.json();
    assert_eq!((&body["scope"], &body["rejected_scope"]), (&json!("user user:*"), &json!("user:read:all")));
    // In the other model the same letters are rows, and granted.
    assert_eq!(granted(&at_this_door(&server, "of-rows", "user:* user user:all:read")).0, "user:* user user:all:read");
}

#[test]
fn case_101_a_scope_of_rows_is_no_name_at_the_gateway() {
    let upstream = Upstream::plain();
    let server = scene("reduce", &upstream);
    let get = |path: &str, token: &str| server.gateway(&Call::get(path).bearer(token));
    let rows = at_this_door(&server, "of-rows", "user").token();
    assert_eq!(get("/row", &rows).status, 200);
    assert_eq!(get("/name", &rows).is(Refusal::TokenInvalid).status, 401);
    for names in [at_this_door(&server, "of-names", "user user:* *"), at_oauth(&server, NAMES, "user user:* *")] {
        let names = names.token();
        assert_eq!(get("/name", &names).is(Refusal::TokenInsufficient).status, 403);
        assert_eq!(get("/row", &names).is(Refusal::TokenInvalid).status, 401);
    }
}
