//! What callers and administrator share: where the server is, who there is, and what went wrong.

use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::support::process::Server;

/// The operator's and two of its tenants.
pub(super) const TENANTS: [&str; 3] = ["default", "north", "south"];
pub(super) const API: &str = "api://soak";
/// Clients that nobody changes, and those that are changed all the time; of each tenant.
pub(super) const STEADY: usize = 8;
pub(super) const CHANGING: usize = 4;
/// How long tokens live: what concerns them is forgotten within a run.
pub(super) const LIFETIME: Duration = Duration::from_secs(8);

/// The kinds of requests whose latency is told apart.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Token,
    Call,
    Admin,
}

const KINDS: [&str; 3] = ["token", "call", "admin"];

/// What is shared.
pub(super) struct World {
    pub(super) public: String,
    pub(super) admin: String,
    pub(super) gateway: String,
    pub(super) bootstrap: (String, String),
    pub(super) http: reqwest::Client,
    over: AtomicBool,
    faults: Mutex<Vec<String>>,
    /// By kind, in microseconds.
    latencies: Mutex<[Vec<u128>; 3]>,
    /// How often something was done, by what it is called.
    done: Mutex<std::collections::BTreeMap<&'static str, u64>>,
}

impl World {
    pub(super) fn of(server: &Server) -> Self {
        let said = |member: &str| server.said(member).to_owned();
        // A connection that the server is about to close for its idleness is not used again.
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).pool_idle_timeout(Duration::from_secs(3));
        Self {
            public: said("public"),
            admin: said("admin"),
            gateway: said("gateway"),
            bootstrap: (said("client_id"), said("client_secret")),
            http: http.timeout(Duration::from_secs(30)).build().unwrap(),
            over: AtomicBool::new(false),
            faults: Mutex::default(),
            latencies: Mutex::default(),
            done: Mutex::default(),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed) || self.has_faults()
    }

    pub(super) fn finish(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_faults(&self) -> bool {
        !self.faults.lock().unwrap().is_empty()
    }

    pub(super) fn fault(&self, fault: String) {
        self.faults.lock().unwrap().push(fault);
    }

    pub(super) fn assert_faultless(&self) {
        assert_eq!(*self.faults.lock().unwrap(), <[String; 0]>::default());
    }

    /// Sends a request, whose answer must have one of the statuses; its body.
    pub(super) async fn send(
        &self,
        (kind, what): (Kind, &'static str),
        request: RequestBuilder,
        expected: &[u16],
    ) -> Option<Value> {
        let started = Instant::now();
        let (status, body) = match self.answer(request).await {
            Ok(answer) => answer,
            Err(error) => {
                self.fault(format!("{what}: {error:?}"));
                return None;
            }
        };
        self.latencies.lock().unwrap()[kind as usize].push(started.elapsed().as_micros());
        *self.done.lock().unwrap().entry(what).or_default() += 1;
        if !expected.contains(&status) {
            self.fault(format!("{what}: {status} and not {expected:?}: {body}"));
            return None;
        }
        Some(serde_json::from_str(&body).unwrap_or_default())
    }

    async fn answer(&self, request: RequestBuilder) -> reqwest::Result<(u16, String)> {
        let answer: Response = request.send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    /// A client's request for a token.
    pub(super) fn ask(&self, tenant: &str, client: &str, secret: &str, scope: &str) -> RequestBuilder {
        let prefix = if tenant == "default" { String::new() } else { format!("/t/{tenant}") };
        let request = self.http.post(format!("{}{prefix}/oauth2/token", self.public));
        let form = [("grant_type", "client_credentials"), ("resource", API), ("scope", scope)];
        request.basic_auth(client, Some(secret)).form(&form)
    }

    /// A call of the API behind the gateway.
    pub(super) fn call(&self, tenant: &str, path: &str, token: &str) -> RequestBuilder {
        let request = self.http.get(format!("{}{path}", self.gateway)).bearer_auth(token);
        request.header("host", format!("{tenant}.example"))
    }

    /// The latencies since the last time.
    pub(super) fn take_latencies(&self) -> String {
        let taken = std::mem::take(&mut *self.latencies.lock().unwrap());
        let mut text = String::new();
        for (kind, mut micros) in KINDS.into_iter().zip(taken) {
            micros.sort_unstable();
            let at = |share: usize| micros.get(micros.len() * share / 100).map_or(0.0, |micros| millis(*micros));
            write!(text, "{kind} {} (p50 {:.1} p99 {:.1} ms)  ", micros.len(), at(50), at(99)).unwrap();
        }
        text
    }

    /// How often what was done.
    pub(super) fn tally(&self) -> String {
        let done = self.done.lock().unwrap();
        done.iter().map(|(what, times)| format!("{what} {times}")).collect::<Vec<_>>().join(", ")
    }
}

fn millis(micros: u128) -> f64 {
    Duration::from_micros(micros.try_into().unwrap()).as_secs_f64() * 1000.0
}

pub(super) fn steady(number: usize) -> String {
    format!("steady-{number}")
}

pub(super) fn changing(number: usize) -> String {
    format!("changing-{number}")
}

pub(super) fn secret_of(client: &str) -> String {
    format!("the-first-secret-of-{client}-is-long-enough")
}

/// A client with some permissions.
pub(super) fn client(id: &str, permissions: &[&str]) -> Value {
    json!({ "kind": "application", "id": id, "clients": [{
        "credentials": [{ "kind": "secret", "name": "first", "value": secret_of(id) }],
        "authorizations": [{ "audience": API, "permissions": permissions }],
    }] })
}

/// What a tenant is set up with, in the order in which it is applied.
pub(super) fn documents(tenant: &str, upstream: &str) -> Vec<Value> {
    let lifetime = format!("{}s", LIFETIME.as_secs());
    let mut documents = vec![
        json!({ "kind": "issuer", "name": "oauth", "dialect": "oauth",
            "signing": { "alg": "ES256" }, "token": { "lifetime": lifetime } }),
        json!({ "kind": "application", "id": "api", "resource_server": {
            "audience": API, "permissions": [{ "id": "read" }, { "id": "write" }] } }),
    ];
    documents.extend((0..STEADY).map(|number| client(&steady(number), &["read"])));
    documents.extend((0..CHANGING).map(|number| client(&changing(number), &["read"])));
    documents.extend(["read", "write"].map(|permission| {
        let mut route = json!({ "kind": "route", "name": permission, "upstream": { "url": upstream } });
        route["match"] = json!({ "hosts": [format!("{tenant}.example")], "path": format!("/{permission}/**") });
        route["require"] = json!({ "audience": API, "permission": permission });
        route
    }));
    let documents = Value::Array(documents);
    if tenant == "default" {
        let others = TENANTS.iter().filter(|tenant| **tenant != "default");
        let others: Value = others.map(|name| json!({ "kind": "tenant", "name": name })).collect();
        return vec![others, documents];
    }
    vec![documents]
}
