//! One assertion, several servers: it is used once, wherever.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use writ_core::clock::Clock;

use super::{application, secret_of};
use crate::support::assertion::{Assertion, JWT_BEARER};
use crate::support::database::Postgres;
use crate::support::door::Door;
use crate::support::process::{Launch, Server};
use crate::support::reply::Reply;
use crate::support::server::{ROOT, RUNTIME};
use crate::support::wire::exchange;

const CLIENT: &str = "signer";

/// Servers with one database, which are one to their callers.
struct Servers {
    all: Vec<Server>,
    postgres: Postgres,
    _folders: Vec<tempfile::TempDir>,
}

impl Servers {
    fn start(count: usize) -> Self {
        let postgres = Postgres::new();
        let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        let folders: Vec<_> = (0..count).map(|_| tempfile::tempdir().unwrap()).collect();
        let start = |folder: &tempfile::TempDir| {
            let launch = Launch::serve(folder.path()).env("WRIT_DATABASE", &postgres.url()).env("WRIT_MASTER_KEY", key);
            launch.env("WRIT_PUBLIC_URL", ROOT).start()
        };
        let servers: Vec<_> = folders.iter().map(start).collect();
        let mut signer = application(CLIENT);
        signer["clients"][0]["auth_methods"] = json!(["client_secret_jwt", "client_secret_basic"]);
        servers[0].apply(&signer.to_string(), &[]).ok();
        let servers = Self { all: servers, postgres, _folders: folders };
        servers.wait_until_known();
        servers
    }

    /// Waits until every server has heard of the client's resource server.
    fn wait_until_known(&self) {
        let call = Door::Oauth.grant().and("scope", "read").basic(CLIENT, &secret_of(CLIENT)).bytes();
        for server in &self.all {
            let address = server.said("public").strip_prefix("http://").unwrap().parse().unwrap();
            let started = Instant::now();
            while Reply::parse(&exchange(address, &call)).status != 200 {
                assert!(started.elapsed() < Duration::from_secs(5), "{}", server.log());
            }
        }
    }

    /// Sends one assertion so many times, to one server after the other without waiting; answers the statuses.
    fn send(&self, jwt: &str, times: usize) -> Vec<(u16, Value)> {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", "read"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", jwt),
        ];
        let ask = |turn: usize| {
            let server = &self.all[turn % self.all.len()];
            let url = format!("{}/oauth2/token", server.said("public"));
            let request = http.post(url).header("host", "writ.example").form(&form);
            async move {
                let response = request.send().await.unwrap();
                (response.status().as_u16(), response.json::<Value>().await.unwrap())
            }
        };
        RUNTIME.block_on(async {
            let tasks: Vec<_> = (0..times).map(ask).map(tokio::spawn).collect();
            let mut answers = Vec::new();
            for task in tasks {
                answers.push(task.await.unwrap());
            }
            answers
        })
    }
}

fn jwt(id: &str) -> String {
    let now = Clock::system().now();
    let assertion = Assertion::of(Door::Oauth, CLIENT).id(id).claim("iat", now).claim("exp", now + 300);
    assertion.by_secret(&secret_of(CLIENT))
}

#[test]
fn case_9_of_a_hundred_at_two_servers_one_is_granted() {
    let servers = Servers::start(2);
    for id in ["first", "second", "third"] {
        let answers = servers.send(&jwt(id), 100);
        let granted = answers.iter().filter(|(status, _)| *status == 200).count();
        let refused = answers.iter().filter(|(status, body)| *status == 401 && body["error"] == "invalid_client");
        assert_eq!((granted, refused.count()), (1, 99), "{id}");
    }
    // Neither has met a deadlock or anything else of the kind.
    for server in servers.all {
        assert!(!server.log().contains("could not be noted"), "{}", server.log());
        server.stop();
    }
}

/// What is sent again after a 5xx, unchanged, is granted when it was not granted before.
#[test]
fn what_could_not_be_noted_may_be_sent_again() {
    let servers = Servers::start(1);
    let (before, during) = (jwt("before"), jwt("during"));
    assert_eq!(servers.send(&before, 1)[0].0, 200);
    servers.postgres.set_reachable(false);
    let (status, body) = &servers.send(&during, 1)[0];
    assert_eq!((*status, &body["error"]), (503, &"temporarily_unavailable".into()), "{body:#}");
    servers.postgres.set_reachable(true);
    let started = Instant::now();
    let granted = loop {
        let (status, body) = servers.send(&during, 1).remove(0);
        if status != 503 {
            break (status, body);
        }
        assert!(started.elapsed() < Duration::from_secs(30), "{}", servers.all[0].log());
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(granted.0, 200, "{:#}", granted.1);
    for spent in [&before, &during] {
        assert_eq!(servers.send(spent, 1)[0].0, 401);
    }
}
