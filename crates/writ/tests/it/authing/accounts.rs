//! Programmatic access accounts: the vendor's own acceptance flow (create, disable, enable, refresh the secret, delete),
//! with what each step means to a caller and to its live tokens.

use serde_json::{Value, json};
use writ_oauth::Refusal;

use super::{AUDIENCE, granted, screen};
use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::jwt::part;
use crate::support::server::Server;
use crate::support::upstream::Upstream;

const ACCOUNTS: &str = "/v1/tenants/default/applications/screen/clients";

struct Scene {
    server: Server,
    _upstream: Upstream,
}

/// An account as its partner has it.
#[derive(Clone)]
struct Account {
    id: String,
    secret: String,
}

impl Scene {
    fn new() -> Self {
        let (server, upstream) = (Server::new(), Upstream::plain());
        let mut application = screen();
        application["clients"] = json!([]);
        let route = json!({"kind": "route", "name": "all", "match": {"path": "/announcements/**"},
            "require": {"audience": AUDIENCE, "permission": "announce:read"}, "upstream": {"url": upstream.url()}});
        server.apply("default", &json!([application, route]));
        Self { server, _upstream: upstream }
    }

    #[track_caller]
    fn create(&self, mut body: Value) -> (Account, Value) {
        body["authorizations"] =
            json!([{"audience": AUDIENCE, "rules": [{"resource": "announce:*", "actions": ["read"]}]}]);
        let answer = self.server.administer(Call::post(ACCOUNTS).json(&body));
        assert_eq!(answer.status, 201, "{}", answer.text);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let made = answer.json();
        let text = |member: &str| made[member].as_str().unwrap().to_owned();
        (Account { id: text("client_id"), secret: text("secret") }, made)
    }

    fn ask(&self, account: &Account) -> Answer {
        let form = [("client_id", &*account.id), ("client_secret", &account.secret), ("scope", "announce:read")];
        self.server.public(&Call::post("/oidc/token").form(&form).and("grant_type", "client_credentials"))
    }

    /// What the gateway and `validate_token` answer to a token.
    fn live(&self, token: &str) -> (u16, u16) {
        let validation = format!("/api/v2/oidc/validate_token?access_token={token}");
        let gateway = self.server.gateway(&Call::get("/announcements/7").bearer(token));
        assert!(matches!(gateway.refusal, None | Some(Refusal::TokenRevoked)), "{}", gateway.text);
        (gateway.status, self.server.public(&Call::get(&validation)).status)
    }

    #[track_caller]
    fn change(&self, id: &str, change: &Value) -> Value {
        let path = format!("/v1/tenants/default/clients/{id}");
        self.server.administer(Call::new("PATCH", &path).json(change)).ok().json()
    }

    /// The id and status of every account.
    fn list(&self) -> Vec<(String, String)> {
        let list = self.server.administer(Call::get(ACCOUNTS)).ok();
        assert!(!list.text.contains("secret"), "{}", list.text);
        let list = list.json();
        let text = |client: &Value, member: &str| client[member].as_str().unwrap().to_owned();
        let clients = list["clients"].as_array().unwrap();
        assert_eq!(list["total"], clients.len());
        clients.iter().map(|client| (text(client, "client_id"), text(client, "status"))).collect()
    }
}

const LIVE: (u16, u16) = (200, 200);
const DEAD: (u16, u16) = (401, 400);

#[test]
fn an_account_from_its_creation_to_its_end() {
    let scene = Scene::new();
    assert_eq!(scene.list(), []);
    let (account, made) = scene.create(json!({"name": "甲外包公司"}));
    assert_eq!((&made["name"], &made["token_lifetime"]), (&json!("甲外包公司"), &Value::Null));
    assert!(
        account.id.len() >= 24 && account.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    );
    assert!(account.secret.len() >= 32, "{} characters", account.secret.len());
    let of = |status: &str| vec![(account.id.clone(), status.to_owned())];
    assert_eq!(scene.list(), of("enabled"));
    let answer = scene.ask(&account);
    assert_eq!(granted(&answer), ("announce:read".into(), String::new()));
    assert_eq!(answer.json()["expires_in"], 600);
    let token = answer.token();
    let claims = part(&token, 1);
    assert_eq!((&claims["aud"], &claims["azp"]), (&json!(account.id), &json!("screen")));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
    assert_eq!(scene.live(&token), LIVE);

    assert_eq!(scene.change(&account.id, &json!({"status": "disabled"}))["status"], "disabled");
    assert_eq!(scene.ask(&account).is(Refusal::ClientDisabled).error(401), "invalid_client");
    assert_eq!(scene.live(&token), DEAD);
    assert_eq!(scene.list(), of("disabled"));

    scene.change(&account.id, &json!({"status": "enabled"}));
    assert_eq!(scene.list(), of("enabled"));
    assert_eq!((scene.ask(&account).status, scene.live(&token)), (200, LIVE));

    let refresh = format!("/v1/tenants/default/clients/{}/refresh-secret", account.id);
    let made = scene.server.administer(Call::post(&refresh)).ok().json();
    let renewed = Account { secret: made["secret"].as_str().unwrap().to_owned(), ..account.clone() };
    assert_eq!(made["client_id"], *account.id);
    assert_ne!(renewed.secret, account.secret);
    assert_eq!(scene.ask(&account).is(Refusal::SecretWrong).error(401), "invalid_client");
    assert_eq!(scene.live(&token), DEAD, "what was got with the old secret ends with it");
    let token = scene.ask(&renewed).token();
    assert_eq!(part(&token, 1)["aud"], *account.id);
    assert_eq!((scene.live(&token), scene.list()), (LIVE, of("enabled")));

    let deleted = Call::new("DELETE", &format!("/v1/tenants/default/clients/{}", account.id));
    assert_eq!(scene.server.administer(deleted.clone()).ok().json(), json!({"deleted": account.id}));
    assert_eq!(scene.ask(&renewed).is(Refusal::ClientUnknown).error(401), "invalid_client");
    assert_eq!((scene.live(&token), scene.list()), (DEAD, vec![]));
    assert_eq!(scene.server.administer(deleted).error(404), "not_found");
    // One of the same id is another: what the first one had is not its.
    let (again, _) = scene.create(json!({"client_id": account.id, "secret": renewed.secret}));
    assert_eq!((scene.ask(&again).status, scene.live(&token)), (200, DEAD));
}

#[test]
fn an_account_has_a_lifetime_of_its_own() {
    let scene = Scene::new();
    let (account, made) = scene.create(json!({"token_lifetime": "1h"}));
    assert_eq!(made["token_lifetime"], "1h");
    let lifetime = |account: &Account| {
        let answer = scene.ask(account);
        let claims = part(answer.json()["access_token"].as_str().unwrap(), 1);
        let expires_in = answer.json()["expires_in"].as_i64().unwrap();
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), expires_in);
        expires_in
    };
    assert_eq!(lifetime(&account), 3600);
    scene.change(&account.id, &json!({"token_lifetime": 90}));
    assert_eq!(lifetime(&account), 90);
    assert_eq!(scene.change(&account.id, &json!({"name": "x"}))["token_lifetime"], "90s");
    scene.change(&account.id, &json!({"token_lifetime": null}));
    assert_eq!(lifetime(&account), 600);
    let at_once = scene.ask(&account).token();
    scene.server.advance(599);
    assert_eq!(scene.live(&at_once), LIVE);
    scene.server.advance(1);
    let gateway = scene.server.gateway(&Call::get("/announcements/7").bearer(&at_once));
    assert_eq!(gateway.is(Refusal::TokenInvalid).status, 401);
}

#[test]
fn with_a_grace_the_old_secret_and_its_tokens_live_to_its_end() {
    let scene = Scene::new();
    let (account, _) = scene.create(json!({}));
    let token = scene.ask(&account).token();
    let refresh = format!("/v1/tenants/default/clients/{}/refresh-secret", account.id);
    let body = json!({"grace": "5m", "value": "kwxyz2345678kwxyz2345678kwxyz234"});
    let made = scene.server.administer(Call::post(&refresh).json(&body)).ok().json();
    let renewed = Account { secret: made["secret"].as_str().unwrap().to_owned(), ..account.clone() };
    assert_eq!(renewed.secret, body["value"].as_str().unwrap());
    for either in [&account, &renewed] {
        assert_eq!((scene.ask(either).status, scene.live(&token)), (200, LIVE));
    }
    let again = scene.server.administer(Call::post(&refresh).json(&body));
    assert_eq!(again.error(409), "conflict");
    scene.server.advance(300);
    assert_eq!(scene.ask(&account).is(Refusal::CredentialExpired).status, 401);
    assert_eq!((scene.ask(&renewed).status, scene.live(&token)), (200, LIVE));
    // The next one takes away what has expired.
    scene.server.administer(Call::post(&refresh)).ok();
    assert_eq!(scene.ask(&account).is(Refusal::SecretWrong).status, 401);
    assert_eq!(scene.ask(&renewed).is(Refusal::SecretWrong).status, 401);
    assert_eq!(scene.live(&token), DEAD);
}
