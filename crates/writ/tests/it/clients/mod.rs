//! The clients that programmers really use, against one running server.

mod assertions;
mod authing;
mod curl;
mod documents;
mod express_guard;
mod federated;
mod guide_guard;
mod idaas_core;
mod oauth_door;
mod old_axios;
mod rotation;
mod writ_verify;

use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::process::{Launch, Server};
use crate::support::reference::Errors;

const AUDIENCE: &str = "api://dashboard.example";
const GRANTED: &str = "announce:read:all";
const NOT_GRANTED: &str = "revenue:read:all";

/// A client with nothing special about it.
const PARTNER: &str = "partner";
const SECRET: &str = "Hq3vN8sT2xWb5yKd7mPc9rJf4gLz6tQa";

/// Secrets with the characters that encodings trip over; all are of the client `odd`.
const ODD_SECRETS: [&str; 6] = [
    "a percent % and %41 that is no letter",
    "a plus + that is no blank",
    "colons : divide : nothing",
    "==equals=signs=at=the=ends==",
    "non-ASCII: 大屏展示 пароль é",
    "all of it: %2B+%3A:=&\"\\'~",
];

/// The documents that every client test looks at.
fn documents() -> Value {
    let authorizations = json!([{ "audience": AUDIENCE, "permissions": [GRANTED] }]);
    let caller = |id: &str, secret: &str, more: Value| {
        let mut client = json!({
            "credentials": [{ "kind": "secret", "value": secret }],
            "authorizations": authorizations.clone(),
        });
        client.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "kind": "application", "id": id, "clients": [client] })
    };
    let expired = json!([{ "kind": "secret", "value": SECRET, "expires": "2020-01-01T00:00:00Z" }]);
    let odd: Value = ODD_SECRETS.map(|value| json!({ "kind": "secret", "value": value })).into_iter().collect();
    let [press, articles] = guide_guard::applications();
    json!([
        { "kind": "application", "id": "dashboard", "resource_server": {
            "audience": AUDIENCE, "permissions": [{ "id": GRANTED }, { "id": NOT_GRANTED }] } },
        { "kind": "application", "id": "seed", "resource_server": {
            "audience": curl::AUDIENCE, "permissions": [{ "id": curl::PERMISSION }] } },
        { "kind": "network_zone", "name": "elsewhere", "cidrs": ["203.0.113.0/24", "2001:db8::/32"] },
        caller(PARTNER, SECRET, json!({})),
        caller("expired", SECRET, json!({ "credentials": expired })),
        caller("secret-signer", SECRET, json!({ "auth_methods": ["client_secret_jwt"] })),
        caller("disabled", SECRET, json!({ "status": "disabled" })),
        caller("fenced", SECRET, json!({ "networks": ["elsewhere"] })),
        caller("odd", SECRET, json!({ "credentials": odd })),
        caller(curl::CLIENT, curl::SECRET, json!({
            "authorizations": [{ "audience": curl::AUDIENCE, "permissions": "all" }] })),
        authing::application(),
        press,
        articles,
    ])
}

/// A server with the documents.
struct Scene {
    server: Server,
    errors: Errors,
    _folder: TempDir,
}

/// The scene of all client tests that run at present. The last of them ends the server.
fn scene() -> Arc<Scene> {
    static SHARED: Mutex<Weak<Scene>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let scene = Arc::new(Scene::start());
        *shared = Arc::downgrade(&scene);
        scene
    })
}

impl Scene {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Launch::serve(folder.path()).start();
        server.apply(&documents().to_string(), &[]).ok();
        Self { server, errors: Errors::generate(), _folder: folder }
    }

    /// What the client scripts are told about a front door, for a client and a scope.
    fn config(&self, door: &str, client: &str, secret: &str, scope: &str) -> Value {
        let issuer = self.server.issuer(door);
        json!({
            "issuer": issuer,
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "audience": AUDIENCE,
            "client_id": client,
            "client_secret": secret,
            "scope": scope,
        })
    }

    /// An access token of a door for the granted permission.
    fn token(&self, door: &str, scope: &str) -> String {
        let arguments = ["token", "--raw", "--door", door, "--client-id", PARTNER, "--client-secret", SECRET];
        let ran = self.server.writ(&[&arguments[..], &["--scope", scope]].concat()).ok();
        ran.stdout.trim_end().to_owned()
    }

    /// Ends the test unless the log line of a request names the rule that was not met.
    #[track_caller]
    fn assert_logged(&self, request: &str, rule: &str) {
        let log = self.server.log();
        let line = log.lines().find(|line| line.contains(request));
        assert!(line.is_some_and(|line| line.contains(rule)), "{rule} of request {request} in\n{log}");
    }
}

/// The configuration with another member, or with another value of one.
fn with(mut config: Value, name: &str, value: impl Into<Value>) -> Value {
    config[name] = value.into();
    config
}
