//! `kill -9` while changes are being written: what was acknowledged is there whole, and nothing is there in part.
//!
//! A handful of kills by default; `WRIT_TEST_KILLS` asks for more, and `cargo xtask soak` sets it.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use writ_core::store::{Database, Store};

use super::{application, audience_of, secret_of};
use crate::support::database::Postgres;
use crate::support::process::{Launch, Server};

/// How many write at once.
const WRITERS: usize = 4;
/// Between the first acknowledgement and the kill, in milliseconds.
const LONGEST: u64 = 400;
/// After so many kills a new, empty installation, so that a long run does not become a test of large ones.
const KILLS_PER_INSTALLATION: usize = 10;
/// How many times this test kills when nobody says.
const KILLS: usize = 5;

#[expect(clippy::disallowed_methods, reason = "how long to go on")]
fn kills() -> usize {
    std::env::var("WRIT_TEST_KILLS").map_or(KILLS, |text| text.parse().expect("WRIT_TEST_KILLS is a number"))
}

#[test]
fn what_sqlite_acknowledged_survives() {
    for kills in in_installations(kills()) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(folder.path().join("writ.db"));
        Installation { folder, database: None, acknowledged: BTreeSet::new() }.suffer(kills, database);
    }
}

#[test]
fn what_postgresql_acknowledged_survives() {
    for kills in in_installations(kills()) {
        let postgres = Postgres::new();
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Postgres(postgres.url());
        Installation { folder, database: Some(postgres.url()), acknowledged: BTreeSet::new() }.suffer(kills, database);
    }
}

/// The first start makes a key, a database and a credential: cut off anywhere, the next start goes on from there.
#[test]
fn a_first_start_may_be_cut_off_anywhere() {
    for step in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        Launch::serve(folder.path()).cut_off(Duration::from_millis(step * 15));
        let server = Launch::serve(folder.path()).start();
        server.apply(&application("one").to_string(), &[]).ok();
        server.assert_serves("one");
        server.kill();
    }
}

fn in_installations(kills: usize) -> impl Iterator<Item = usize> {
    (0..kills).step_by(KILLS_PER_INSTALLATION).map(move |done| KILLS_PER_INSTALLATION.min(kills - done))
}

/// An installation that is killed again and again.
struct Installation {
    folder: TempDir,
    /// `None`: in the folder.
    database: Option<String>,
    /// What is known to be stored.
    acknowledged: BTreeSet<String>,
}

/// What came of a stream of writes that was cut off.
#[derive(Default)]
struct Written {
    acknowledged: BTreeSet<String>,
    /// Sent, and not answered.
    in_doubt: BTreeSet<String>,
}

impl Installation {
    fn suffer(mut self, kills: usize, database: Database) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for round in 0..kills {
            let server = self.start();
            let written = runtime.block_on(write_until_killed(server, round));
            let server = self.start();
            self.check(&server, &written);
            runtime.block_on(all_get_tokens(&server, &written.acknowledged));
            server.kill();
        }
        // The last time it ends as it should, and what it leaves is looked at from outside.
        self.start().stop();
        runtime.block_on(self.check_trail(database));
    }

    fn start(&self) -> Server {
        let launch = Launch::serve(self.folder.path());
        match &self.database {
            None => launch.start(),
            Some(url) => launch.env("WRIT_DATABASE", url).start(),
        }
    }

    /// Everything that was acknowledged is there, whole; of what is in doubt some; and nothing else.
    fn check(&mut self, server: &Server, written: &Written) {
        let Written { acknowledged, in_doubt } = written;
        assert!(!acknowledged.is_empty());
        self.acknowledged.extend(acknowledged.iter().cloned());
        let mut stored = documents(server);
        for id in &self.acknowledged {
            let document = stored.remove(id).unwrap_or_else(|| panic!("{id} was acknowledged and is gone"));
            assert_whole(id, &document);
        }
        for (id, document) in stored {
            assert!(in_doubt.contains(&id), "{id} is there, and nobody sent it");
            assert_whole(&id, &document);
            self.acknowledged.insert(id);
        }
    }

    /// Every change sequence has left its audit records, none is missing, and each application was created once.
    async fn check_trail(&self, database: Database) {
        let store = Store::open(database).await.unwrap();
        let records = store.audit_after("default", 0, i64::MAX).await.unwrap();
        let sequences: BTreeSet<_> = records.iter().map(|record| record.sequence).collect();
        let last = store.sequence().await.unwrap();
        assert!(sequences.iter().copied().eq(1..=last), "gaps up to {last} in {sequences:?}");
        let created = records.iter().filter(|record| record.action == "create" && record.kind == "application");
        let mut created: Vec<_> = created.map(|record| &*record.name).filter(|name| *name != "writ-admin").collect();
        created.sort_unstable();
        assert!(created.iter().copied().eq(self.acknowledged.iter().map(String::as_str)), "{created:?}");
        store.close().await;
    }
}

/// The applications by their ids, the built-in one left out.
fn documents(server: &Server) -> BTreeMap<String, Value> {
    let list = server.writ(&["get", "applications", "--output", "json"]).ok().json();
    let documents = list.as_array().unwrap().iter();
    let by_id = documents.map(|document| (document["id"].as_str().unwrap().to_owned(), document.clone()));
    by_id.filter(|(id, _)| id != "writ-admin").collect()
}

fn assert_whole(id: &str, document: &Value) {
    let client = &document["clients"][0];
    let server = &document["resource_server"];
    assert_eq!(server["audience"], audience_of(id), "{document:#}");
    assert_eq!(server["permissions"].as_array().unwrap().len(), 2, "{document:#}");
    assert_eq!(client["credentials"][0]["name"], "first", "{document:#}");
    assert_eq!(client["authorizations"][0]["audience"], audience_of(id), "{document:#}");
    assert_eq!(client["authorizations"][0]["permissions"][0], "read", "{document:#}");
}

/// Writes from several sides, and kills the server at a moment that nobody knows.
async fn write_until_killed(server: Server, round: usize) -> Written {
    let admin = Arc::new(Admin::new(&server).await);
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(Arc::clone(&admin), format!("r{round}w{writer}n")));
    }
    admin.acknowledged.notified().await;
    let delay = RandomState::new().hash_one(round) % LONGEST;
    tokio::time::sleep(Duration::from_millis(delay)).await;
    server.kill();
    let mut all = Written::default();
    while let Some(written) = writers.join_next().await {
        let Written { acknowledged, in_doubt } = written.unwrap();
        all.acknowledged.extend(acknowledged);
        all.in_doubt.extend(in_doubt);
    }
    all
}

/// Applies one application after the other until the connection breaks.
async fn write(admin: Arc<Admin>, prefix: String) -> Written {
    let mut written = Written::default();
    for number in 0.. {
        let id = format!("{prefix}{number}");
        if admin.apply(&application(&id)).await {
            written.acknowledged.insert(id);
        } else {
            written.in_doubt.insert(id);
            break;
        }
    }
    written
}

/// The admin API, without a process for each request.
struct Admin {
    http: reqwest::Client,
    apply: String,
    token: String,
    acknowledged: Notify,
}

impl Admin {
    async fn new(server: &Server) -> Self {
        let http = client();
        let request = http.post(server.said("token_endpoint"));
        let request = request.basic_auth(server.said("client_id"), Some(server.said("client_secret")));
        let form = [("grant_type", "client_credentials"), ("resource", "urn:writ:admin")];
        let answer: Value = request.form(&form).send().await.unwrap().json().await.unwrap();
        let token = answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer:#}")).to_owned();
        let apply = format!("{}/v1/tenants/default/apply", server.said("admin"));
        Self { http, apply, token, acknowledged: Notify::new() }
    }

    /// `false`: no answer came. An answer that refuses ends the test.
    async fn apply(&self, document: &Value) -> bool {
        let answer = self.http.post(&self.apply).bearer_auth(&self.token).json(document).send().await;
        let Ok(answer) = answer else { return false };
        let status = answer.status();
        let Ok(body) = answer.json::<Value>().await else { return false };
        assert!(status.is_success(), "{status}: {body:#}");
        assert_eq!(body["changes"].as_array().unwrap().len(), 1, "{body:#}");
        self.acknowledged.notify_one();
        true
    }
}

async fn all_get_tokens(server: &Server, ids: &BTreeSet<String>) {
    let (http, endpoint) = (client(), format!("{}/token", server.issuer("oauth")));
    for id in ids {
        let request = http.post(&endpoint).basic_auth(id, Some(secret_of(id)));
        let form = [("grant_type", "client_credentials"), ("scope", "read")];
        let answer = request.form(&form).send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert!(status.is_success() && body["access_token"].is_string(), "{id}: {status} {body:#}");
    }
}

/// A client for plain http on this machine.
fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(Duration::from_secs(30)).build().unwrap()
}
