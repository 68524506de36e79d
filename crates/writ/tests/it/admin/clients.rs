//! `/v1/tenants/{tenant}/applications/{application}/clients` and `/v1/tenants/{tenant}/clients/{client_id}`

use serde_json::{Value, json};
use writ_oauth::Refusal;

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::catalogue::{BOOKS, DASHBOARD, READ, SECRET, documents};
use crate::support::door::Door;
use crate::support::server::Server;

const CLIENTS: &str = "/v1/tenants/default/applications/dashboard/clients";

fn server() -> Server {
    let server = Server::new();
    server.apply("default", &documents());
    server
}

fn create(server: &Server, body: &Value) -> Answer {
    server.administer(Call::post(CLIENTS).json(body))
}

fn one(id: &str) -> String {
    format!("/v1/tenants/default/clients/{id}")
}

fn reading() -> Value {
    json!([{"audience": DASHBOARD, "permissions": [READ]}])
}

#[test]
fn a_client_is_created_shown_changed_and_stands_in_its_document() {
    let server = server();
    let body =
        json!({"client_id": "hand-made", "name": "Partner", "token_lifetime": "20m", "authorizations": reading()});
    let answer = create(&server, &body);
    assert_eq!(answer.status, 201, "{}", answer.text);
    let mut made = answer.json();
    let secret = made["secret"].take();
    let expected = json!({"client_id": "hand-made", "application": "dashboard", "name": "Partner", "status": "enabled",
        "token_lifetime": "20m", "authorizations": reading(), "created": "2027-01-15T08:00:00Z", "secret": null});
    assert_eq!(made, expected);
    let asked = server.public(&Door::Oauth.ask(&[READ]).basic("hand-made", secret.as_str().unwrap())).ok();
    assert_eq!(asked.json()["expires_in"], 1200);

    let shown = server.administer(Call::get(&one("hand-made"))).ok().json();
    assert_eq!((&shown["name"], &shown["authorizations"]), (&json!("Partner"), &reading()));
    let change = json!({"name": null, "authorizations": [{"audience": DASHBOARD, "permissions": "all"}]});
    let changed = server.administer(Call::new("PATCH", &one("hand-made")).json(&change)).ok().json();
    assert_eq!((&changed["name"], &changed["authorizations"]), (&Value::Null, &change["authorizations"]));
    assert_eq!(server.administer(Call::get(&one("hand-made"))).ok().json(), changed);

    // What `get` prints can be applied again, and changes nothing.
    let document = server.administer(Call::get("/v1/tenants/default/application/dashboard")).ok().json();
    assert_eq!(document["clients"][0]["client_id"], "hand-made");
    assert_eq!(server.apply("default", &document)["unchanged"], 1);
    // A document without it takes it away, as any other client.
    server.apply("default", &documents()[1]);
    assert_eq!(server.administer(Call::get(&one("hand-made"))).error(404), "not_found");
}

#[test]
fn a_list_is_read_page_by_page() {
    let server = server();
    for number in 0..5 {
        assert_eq!(create(&server, &json!({"client_id": format!("c{number}"), "name": "x"})).status, 201);
    }
    let page = |query: &str| server.administer(Call::get(&format!("{CLIENTS}{query}"))).ok().json();
    let ids = |page: &Value| {
        let clients = page["clients"].as_array().unwrap().iter();
        clients.map(|client| client["client_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = page("?limit=2");
    assert_eq!(
        (ids(&first), &first["next"], &first["total"]),
        (vec!["c0".into(), "c1".into()], &json!("c1"), &json!(5))
    );
    let second = page("?limit=2&after=c1");
    assert_eq!((ids(&second), &second["next"]), (vec!["c2".into(), "c3".into()], &json!("c3")));
    let third = page("?limit=2&after=c3");
    assert_eq!((ids(&third), &third["next"]), (vec!["c4".into()], &Value::Null));
    assert_eq!(ids(&page("?after=c4")), Vec::<String>::new());
    let all = page("");
    assert_eq!((ids(&all).len(), &all["next"]), (5, &Value::Null));
    let expected = json!({"client_id": "c0", "application": "dashboard", "name": "x", "status": "enabled",
        "token_lifetime": null, "credentials": 1, "created": "2027-01-15T08:00:00Z", "last_used": null});
    assert_eq!(all["clients"][0], expected);
    for query in ["?limit=0", "?limit=1001", "?limit=-1", "?limit=x", "?page=2"] {
        assert_eq!(server.administer(Call::get(&format!("{CLIENTS}{query}"))).error(400), "invalid_request", "{query}");
    }
}

#[test]
fn what_is_wrong_with_a_client_is_said_and_changes_nothing() {
    let server = server();
    let before = server.administer(Call::get(CLIENTS)).ok().json();
    let rules = json!([{"audience": BOOKS, "rules": [{"resource": "film:*", "actions": ["write"]}]}]);
    for (body, status, told) in [
        (json!({"client_id": "partner"}), 409, "`partner` is already a client id of the application `partner`"),
        (json!({"client_id": "urn.x", "name": ""}), 422, "a name for people has 1 to 200 characters"),
        (json!({"client_id": "a:b"}), 422, "`a:b` is not an id"),
        (json!({"client_id": "a|b"}), 422, "`a|b` is not an id"),
        (json!({"client_id": ""}), 422, "`` is not an id"),
        (json!({"client_id": ".."}), 422, "`..` is not an id"),
        (json!({"client_id": "x".repeat(129)}), 422, "is not an id: 1 to 128"),
        (json!({"name": "x".repeat(201)}), 422, "a name for people has 1 to 200 characters"),
        (json!({"token_lifetime": 0}), 400, "`token_lifetime`: expected a duration between 1s and 30d"),
        (json!({"token_lifetime": -1}), 400, "expected a duration between 1s and 30d"),
        (json!({"token_lifetime": "31d"}), 400, "expected a duration between 1s and 30d"),
        (json!({"token_lifetime": "soon"}), 400, "expected a duration"),
        (json!({"tokenLifetime": 600}), 400, "unknown field `tokenLifetime`"),
        (json!({"secret": "short"}), 422, "a secret has 16 to"),
        (
            json!({"secret": SECRET, "authorizations": [{"audience": "urn:no", "permissions": "all"}]}),
            422,
            "refers to a resource server with the audience `urn:no`, which does not exist",
        ),
        (json!({"authorizations": [{"audience": DASHBOARD, "permissions": ["no"]}]}), 422, "the permission `no`"),
        (json!({"authorizations": rules}), 422, "the action `write` of the resource `film`"),
        (json!([]), 400, "the body is not right"),
    ] {
        let answer = create(&server, &body);
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
        assert!(answer.description().contains(told), "{body}: {}", answer.text);
        assert!(!answer.text.contains(SECRET));
    }
    assert_eq!(server.administer(Call::get(CLIENTS)).ok().json(), before);
    assert_eq!(create(&server, &json!({"client_id": "twice"})).status, 201);
    assert_eq!(create(&server, &json!({"client_id": "twice"})).error(409), "conflict");
    let patch = |body: &Value| server.administer(Call::new("PATCH", &one("twice")).json(body));
    assert_eq!(patch(&json!({"status": "off"})).error(400), "invalid_request");
    assert_eq!(patch(&json!({"token_lifetime": "0s"})).error(400), "invalid_request");
    assert_eq!(patch(&json!({"authorizations": rules})).error(422), "invalid_document");
    assert_eq!(patch(&json!({"client_id": "other"})).error(400), "invalid_request");
    assert_eq!(patch(&json!({})).ok().json()["status"], "enabled");
    for grace in [json!(0), json!("31d"), json!("x")] {
        let call = Call::post(&format!("{}/refresh-secret", one("twice"))).json(&json!({"grace": grace}));
        assert_eq!(server.administer(call).error(400), "invalid_request");
    }
}

#[test]
fn what_is_not_there_is_404_and_what_writ_made_stays() {
    let server = server();
    server.make_tenant("acme");
    for (method, path) in [
        ("GET", "/v1/tenants/default/applications/nothing/clients"),
        ("POST", "/v1/tenants/default/applications/nothing/clients"),
        ("GET", "/v1/tenants/nobody/applications/dashboard/clients"),
        ("POST", "/v1/tenants/nobody/applications/dashboard/clients"),
        ("POST", "/v1/tenants/acme/applications/dashboard/clients"),
        ("GET", "/v1/tenants/acme/clients/partner"),
        ("PATCH", "/v1/tenants/acme/clients/partner"),
        ("DELETE", "/v1/tenants/acme/clients/partner"),
        ("POST", "/v1/tenants/acme/clients/partner/refresh-secret"),
        ("DELETE", &one("nobody")),
        ("PATCH", &one("nobody")),
    ] {
        assert_eq!(server.administer(Call::new(method, path)).error(404), "not_found", "{method} {path}");
    }
    for (method, path) in [
        ("POST", "/v1/tenants/default/applications/writ-admin/clients"),
        ("PATCH", "/v1/tenants/default/clients/writ-admin"),
        ("DELETE", "/v1/tenants/default/clients/writ-admin"),
        ("POST", "/v1/tenants/default/clients/writ-admin/refresh-secret"),
    ] {
        let answer = server.administer(Call::new(method, path));
        assert_eq!(answer.error(409), "conflict", "{method} {path}");
        assert!(answer.description().contains("made by writ itself"), "{}", answer.text);
    }
    assert_eq!(server.administer(Call::new("PUT", &one("partner"))).status, 405);
    assert_eq!(server.administer(Call::new("DELETE", CLIENTS)).status, 405);
}

#[test]
fn a_client_of_a_document_is_managed_like_any_other() {
    let server = server();
    let off = json!({"status": "disabled"});
    server.administer(Call::new("PATCH", &one("partner")).json(&off)).ok();
    let ask = |secret: &str| server.public(&Door::Oauth.ask(&[READ]).basic("partner", secret));
    ask(SECRET).is(Refusal::ClientDisabled);
    server.administer(Call::new("PATCH", &one("partner")).json(&json!({"status": "enabled"}))).ok();
    ask(SECRET).ok();
    let refresh = Call::post(&format!("{}/refresh-secret", one("partner")));
    let secret = server.administer(refresh).ok().json()["secret"].as_str().unwrap().to_owned();
    ask(SECRET).is(Refusal::SecretWrong);
    ask(&secret).ok();
    // The keys of a client that has some stay.
    server.administer(Call::post(&format!("{}/refresh-secret", one("key-signer")))).ok();
    let document = server.administer(Call::get("/v1/tenants/default/application/key-signer")).ok().json();
    let kinds: Vec<_> =
        document["clients"][0]["credentials"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
    assert!(
        kinds.contains(&&json!("public_key")) && kinds.contains(&&json!("secret")) && kinds.len() == 2,
        "{kinds:?}"
    );
}
