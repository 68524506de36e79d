//! The administrator who changes, issues, revokes and rotates while callers call.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::world::{API, CHANGING, Kind, LIFETIME, TENANTS, World, changing, client, secret_of, steady};

/// Between two things done.
const PAUSE: Duration = Duration::from_millis(100);
/// Between two rotations; of one issuer that is three times as long.
const ROTATION: Duration = Duration::from_secs(8);

pub(super) struct Administrator {
    world: Arc<World>,
    token: Option<(String, Instant)>,
    rotated: Instant,
    rotations: usize,
}

impl Administrator {
    pub(super) fn new(world: Arc<World>) -> Self {
        Self { world, token: None, rotated: Instant::now(), rotations: 0 }
    }

    pub(super) async fn administer(mut self) {
        let mut round = 0;
        while !self.world.is_over() {
            let tenant = TENANTS[round % TENANTS.len()];
            let client = changing(round / TENANTS.len() % CHANGING);
            // What fails has told the world.
            let _ = match round % 5 {
                0 => self.change(tenant, &client, round).await,
                1 => self.issue_and_revoke_a_secret(tenant, &client).await,
                2 => self.revoke_a_token(tenant).await,
                3 => self.revoke_a_client(tenant, &client).await,
                _ => self.apply_what_is_wrong(tenant).await,
            };
            if self.rotated.elapsed() > ROTATION {
                let _ = self.rotate().await;
            }
            round += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn request(&mut self, method: Method, tenant: &str, path: &str) -> Option<RequestBuilder> {
        let token = match &self.token {
            Some((token, since)) if since.elapsed() < LIFETIME / 2 => token.clone(),
            Some(_) | None => {
                let (id, secret) = &self.world.bootstrap;
                let request = self.world.http.post(format!("{}/v1/token", self.world.admin));
                let request = request.basic_auth(id, Some(secret)).form(&[("grant_type", "client_credentials")]);
                let issued = self.world.send((Kind::Token, "an administrator"), request, &[200]).await?;
                let token = issued["access_token"].as_str()?.to_owned();
                self.token = Some((token.clone(), Instant::now()));
                token
            }
        };
        let url = format!("{}/v1/tenants/{tenant}/{path}", self.world.admin);
        Some(self.world.http.request(method, url).bearer_auth(token))
    }

    async fn send(
        &mut self,
        what: &'static str,
        (method, tenant, path): (Method, &str, &str),
        body: Option<Value>,
        expected: u16,
    ) -> Option<Value> {
        let request = self.request(method, tenant, path).await?;
        let request = if let Some(body) = body { request.json(&body) } else { request };
        self.world.send((Kind::Admin, what), request, &[expected]).await
    }

    /// Takes a permission away and gives another, or the other way round.
    async fn change(&mut self, tenant: &str, id: &str, round: usize) -> Option<()> {
        let permissions = if round.is_multiple_of(2) { ["write"] } else { ["read"] };
        let document = client(id, &permissions);
        self.send("permissions changed", (Method::POST, tenant, "apply"), Some(document), 200).await.map(drop)
    }

    async fn apply_what_is_wrong(&mut self, tenant: &str) -> Option<()> {
        let document = json!({ "kind": "application", "id": "new", "clients": [{
            "authorizations": [{ "audience": "api://nowhere", "permissions": "all" }] }] });
        self.send("wrong document", (Method::POST, tenant, "apply"), Some(document), 422).await.map(drop)
    }

    async fn issue_and_revoke_a_secret(&mut self, tenant: &str, id: &str) -> Option<()> {
        let secrets = format!("clients/{id}/secrets");
        let issued = self.send("secret issued", (Method::POST, tenant, &secrets), Some(json!({})), 201).await?;
        let (secret, name) = (issued["secret"].as_str()?, issued["id"].as_str()?);
        // Its client may have no permission at the moment; that it is the client's is sure.
        let request = self.world.ask(tenant, id, secret, "read");
        self.world.send((Kind::Token, "secret tried"), request, &[200, 400]).await?;
        let one = format!("{secrets}/{name}");
        self.send("secret revoked", (Method::DELETE, tenant, &one), None, 200).await?;
        let request = self.world.ask(tenant, id, secret, "read");
        self.world.send((Kind::Token, "revoked secret tried"), request, &[401]).await.map(drop)
    }

    async fn revoke_a_token(&mut self, tenant: &str) -> Option<()> {
        let id = steady(0);
        let request = self.world.ask(tenant, &id, &secret_of(&id), "read");
        let issued = self.world.send((Kind::Token, "issued"), request, &[200]).await?;
        let token = issued["access_token"].as_str()?;
        self.world.send((Kind::Call, "allowed"), self.world.call(tenant, "/read/1", token), &[200]).await?;
        let which = json!({ "token": token });
        self.send("token revoked", (Method::POST, tenant, "revocations"), Some(which), 200).await?;
        let call = self.world.call(tenant, "/read/1", token);
        self.world.send((Kind::Call, "revoked token tried"), call, &[401]).await.map(drop)
    }

    async fn revoke_a_client(&mut self, tenant: &str, id: &str) -> Option<()> {
        let which = json!({ "client_id": id, "audience": API });
        self.send("client revoked", (Method::POST, tenant, "revocations"), Some(which), 200).await.map(drop)
    }

    async fn rotate(&mut self) -> Option<()> {
        let tenant = TENANTS[self.rotations % TENANTS.len()];
        (self.rotated, self.rotations) = (Instant::now(), self.rotations + 1);
        let path = "issuers/oauth/keys/rotate";
        self.send("key rotated", (Method::POST, tenant, path), Some(json!({ "now": true })), 200).await.map(drop)
    }
}
