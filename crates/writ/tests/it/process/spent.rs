//! An assertion that was answered with a token is used up, whatever becomes of the server; one that was not is not.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use writ_core::clock::Clock;

use super::full_disk::fill;
use super::{application, audience_of};
use crate::support::assertion::{Assertion, JWT_BEARER, public_key};
use crate::support::database::Postgres;
use crate::support::door::Door;
use crate::support::process::{Launch, Server};
use crate::support::server::{ROOT, RUNTIME};

const CLIENT: &str = "signer";
const KEY: u8 = 61;
/// How many clients send at once.
const SENDERS: usize = 4;
/// Between the first token and the kill, in milliseconds.
const LONGEST: u64 = 300;
const ROUNDS: u64 = 3;

/// A client that signs with a key of its own.
fn signer() -> Value {
    let mut signer = application(CLIENT);
    signer["clients"][0]["auth_methods"] = json!(["private_key_jwt"]);
    signer["clients"][0]["credentials"] = json!([{"kind": "public_key", "name": "first", "pem": public_key(KEY)}]);
    signer
}

fn jwt(audience: &str, id: &str) -> String {
    let now = Clock::system().now();
    let assertion = Assertion::of(Door::Oauth, CLIENT).id(id).claim("aud", audience);
    assertion.claim("iat", now).claim("exp", now + 300).by_key(KEY)
}

/// A caller of a server's token endpoint.
#[derive(Clone)]
struct Caller {
    http: reqwest::Client,
    url: String,
    /// By which callers know the server, wherever it listens.
    issuer: String,
}

impl Caller {
    fn of(server: &Server) -> Self {
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(Duration::from_secs(30));
        let url = format!("{}/oauth2/token", server.said("public"));
        Self { http: http.build().unwrap(), url, issuer: server.issuer("oauth").to_owned() }
    }

    /// The status and the body; none when no answer came.
    async fn send(&self, jwt: &str) -> Option<(u16, Value)> {
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", "read"),
            ("resource", &*audience_of(CLIENT)),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", jwt),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let issuer = url::Url::parse(&self.issuer).unwrap();
        let request = self.http.post(&self.url).header("host", issuer.authority()).form(&form);
        let answer = request.send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.json().await.ok()?))
    }

    /// Sends one new assertion after the other until the server is gone; those that were answered with a token.
    async fn send_until_killed(self, prefix: String, has_begun: Arc<AtomicBool>) -> (Vec<String>, String) {
        let mut spent = Vec::new();
        for number in 0.. {
            let jwt = jwt(&self.issuer, &format!("{prefix}-{number}"));
            let Some((status, body)) = self.send(&jwt).await else { return (spent, jwt) };
            assert_eq!(status, 200, "{body:#}");
            has_begun.store(true, Ordering::SeqCst);
            spent.push(jwt);
        }
        unreachable!("the server is killed")
    }
}

/// Starts a server under the one name that it has for its callers, killed or not.
fn start(folder: &std::path::Path, database: Option<&str>) -> Server {
    let launch = Launch::serve(folder).env("WRIT_PUBLIC_URL", ROOT);
    database.iter().fold(launch, |launch, url| launch.env("WRIT_DATABASE", url)).start()
}

/// Kills the server while assertions are used up; afterwards, none of those that were answered is good again.
fn suffer(database: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let mut server = start(folder.path(), database);
    server.apply(&signer().to_string(), &[]).ok();
    for round in 0..ROUNDS {
        let (spent, in_doubt) = RUNTIME.block_on(send_and_kill(server, round));
        assert!(!spent.is_empty());
        server = start(folder.path(), database);
        RUNTIME.block_on(check(&Caller::of(&server), &spent, &in_doubt));
    }
    server.stop();
}

async fn send_and_kill(server: Server, round: u64) -> (Vec<String>, Vec<String>) {
    let (caller, has_begun) = (Caller::of(&server), Arc::new(AtomicBool::new(false)));
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        senders.spawn(caller.clone().send_until_killed(format!("{round}-{sender}"), Arc::clone(&has_begun)));
    }
    while !has_begun.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_millis(RandomState::new().hash_one(round) % LONGEST)).await;
    server.kill();
    let (mut spent, mut in_doubt) = (Vec::new(), Vec::new());
    while let Some(sent) = senders.join_next().await {
        let (of_one, last) = sent.unwrap();
        spent.extend(of_one);
        in_doubt.push(last);
    }
    (spent, in_doubt)
}

/// Of those that nobody answered each is good once more or used up, and nothing else.
async fn check(caller: &Caller, spent: &[String], in_doubt: &[String]) {
    for jwt in spent {
        let (status, body) = caller.send(jwt).await.unwrap();
        assert_eq!((status, &body["error"]), (401, &"invalid_client".into()), "{body:#}");
        assert_eq!(body["error_description"], "The client assertion has been used before.", "{body:#}");
    }
    for jwt in in_doubt {
        let (status, body) = caller.send(jwt).await.unwrap();
        assert!([200, 401].contains(&status), "{status}: {body:#}");
        assert_eq!(caller.send(jwt).await.unwrap().0, 401);
    }
}

#[test]
fn case_5_what_sqlite_noted_as_used_stays_so_after_a_kill() {
    suffer(None);
}

#[test]
fn case_5_what_postgresql_noted_as_used_stays_so_after_a_kill() {
    suffer(Some(&Postgres::new().url()));
}

#[test]
fn case_8_a_full_disk_uses_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let server = Launch::start_on_small_disk(folder.path(), "4m");
    server.apply(&json!([signer(), application("known")]).to_string(), &[]).ok();
    let caller = Caller::of(&server);
    let send = |jwt: &str| RUNTIME.block_on(caller.send(jwt)).unwrap();
    let first = jwt(&caller.issuer, "first");
    assert_eq!(send(&first).0, 200);
    let filler = server.dir().join("filler");
    fill(&filler);

    // What the journal has room for already may succeed.
    let mut spent = vec![first];
    let refused = loop {
        let jwt = jwt(&caller.issuer, &spent.len().to_string());
        match send(&jwt) {
            (200, _) => spent.push(jwt),
            (status, body) => break (jwt, status, body),
        }
        assert!(spent.len() < 5000, "the disk does not fill");
    };
    let (jwt, status, body) = refused;
    assert_eq!((status, &body["error"]), (503, &"temporarily_unavailable".into()), "{body:#}");
    assert_eq!(body["access_token"], Value::Null);
    // Whoever needs nothing written goes on.
    server.assert_serves("known");
    for _ in 0..3 {
        assert_eq!(send(&jwt).0, 503);
    }
    assert!(server.log().contains("an assertion could not be noted as used"), "{}", server.log());

    fs::remove_file(filler).unwrap();
    assert_eq!(send(&jwt).0, 200, "nothing was used up");
    for used in spent.iter().chain([&jwt]) {
        assert_eq!(send(used).0, 401);
    }
    server.stop();
}
