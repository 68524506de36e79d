//! The revocation feed: what stands in it, in which order, for how long, and that a reader misses nothing.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use writ_core::apply::{ApplyError, Options};
use writ_core::clients::{ClientChange, Optional, SecretRefresh};
use writ_core::document::{Kind, Status};
use writ_core::feed::{Cursor, FeedPage, FeedRequest};
use writ_core::revoke::Revocation;

use crate::sample::{SECRET, caller, dashboard, with};
use crate::support::{Bench, Running, START, TENANT, both_engines, only_on};
use crate::token::{Steps, TokenRequest, bearer};

both_engines!(
    case_90_every_revocation_says_what_others_can_check,
    case_113_what_documents_take_back_is_told,
    case_113_what_is_done_to_one_client_is_told,
    what_gives_more_or_the_same_takes_nothing_back,
    a_reader_that_stops_anywhere_misses_nothing,
    the_same_tokens_stand_once_and_at_the_end,
    an_entry_goes_with_the_last_token_that_it_concerns,
    a_place_that_never_was_means_to_start_over,
    a_reader_that_waits_is_woken,
    no_more_than_some_readers_wait,
    a_tenant_reads_its_own,
    a_database_of_schema_5_has_what_was_revoked,
);
only_on!(Postgres: a_reader_of_another_server_is_woken_too);

/// The latest time at which a token was issued that a write at the start takes back.
const UNTIL: i64 = START + 1;
/// When the last token of that time has expired: thirty days later.
const EXP: i64 = START + 30 * 24 * 3600;

fn from(after: &str) -> FeedRequest {
    FeedRequest { after: after.parse().unwrap(), limit: 1000, wait: Duration::ZERO }
}

async fn page(core: &Running, request: FeedRequest) -> FeedPage {
    core.revocation_feed(TENANT, request).await.unwrap().unwrap()
}

/// The entries after a place, and the place after them.
async fn entries(core: &Running, after: &str) -> (Vec<Value>, String) {
    let page = page(core, from(after)).await;
    assert!(!page.more);
    (page.revocations.iter().map(|entry| json!(entry)).collect(), page.next.to_string())
}

fn two_clients() -> Value {
    let caller = caller()["clients"][0].clone();
    let sibling = with(json!({ "a": caller }), "/a", json!({ "client_id": "sibling" }))["a"].clone();
    json!({ "kind": "application", "id": "caller", "clients": [caller, sibling] })
}

async fn open(bench: &Bench) -> Running {
    let core = bench.open().await;
    core.apply(json!([dashboard(), two_clients()])).await;
    core
}

async fn token(core: &Running) -> String {
    core.token(&TokenRequest::of("caller", SECRET)).await.unwrap().access_token().to_owned()
}

async fn case_90_every_revocation_says_what_others_can_check(bench: Bench) {
    let core = open(&bench).await;
    let by = core.sign_in().await;
    let mut at = "0".to_owned();
    let credential = core.list_secrets(TENANT, "caller").await.unwrap()[0].id.clone();
    let client = |id: &str| json!({ "type": "client", "client_id": id, "issued_until": UNTIL, "exp": EXP });
    for (what, expected) in [
        (Revocation::Client("caller"), vec![client("caller")]),
        (
            Revocation::Authorization { client_id: "caller", audience: "api://dashboard" },
            vec![json!({
                "type": "authorization", "client_id": "caller", "audience": "api://dashboard", "azp": "dashboard",
                "issued_until": UNTIL, "exp": EXP,
            })],
        ),
        (Revocation::Application("caller"), vec![client("caller"), client("sibling")]),
        (
            Revocation::Credential { client_id: "caller", credential: "first" },
            vec![json!({
                "type": "credential", "client_id": "caller", "credential": credential, "issued_until": UNTIL, "exp": EXP,
            })],
        ),
    ] {
        core.revoke(&by, TENANT, what).await.unwrap();
        let (seen, next) = entries(&core, &at).await;
        assert_eq!(seen, expected, "{what:?}");
        at = next;
    }
    let token = token(&core).await;
    core.revoke_token(&by, TENANT, &token).await.unwrap();
    let claims = bearer(&token);
    let (seen, next) = entries(&core, &at).await;
    assert_eq!(seen, [json!({ "type": "token", "jti": claims["jti"], "exp": claims["exp"] })]);
    let kid = core.list_keys(TENANT, "first").await.unwrap()[0].kid.clone();
    core.revoke_key(&by, TENANT, "first", &kid).await.unwrap();
    // Its issuer's tokens live an hour.
    assert_eq!(entries(&core, &next).await.0, [json!({ "type": "signing_key", "kid": kid, "exp": START + 3600 })]);
}

async fn case_113_what_documents_take_back_is_told(bench: Bench) {
    let core = open(&bench).await;
    let by = core.sign_in().await;
    let mut at = "0".to_owned();
    let types = |seen: &[Value]| {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let line = |entry: &Value| ["type", "client_id", "audience"].map(|name| text(&entry[name])).join(" ");
        seen.iter().map(line).collect::<Vec<_>>()
    };
    let off = json!({ "status": "disabled" });
    let nothing = json!({ "authorizations": [] });
    for (document, expected) in [
        (with(two_clients(), "/clients/0", off.clone()), &["client caller -"][..]),
        // It is told once, and what was told is not taken back when the client comes back.
        (with(two_clients(), "/clients/0", off.clone()), &[]),
        (two_clients(), &[]),
        (with(two_clients(), "/clients/1", nothing), &["authorization sibling api://dashboard"]),
        (with(two_clients(), "", off.clone()), &["client caller -", "client sibling -"]),
        (with(dashboard(), "", off), &["resource_server - api://dashboard"]),
        (json!({ "kind": "application", "id": "caller" }), &["client caller -", "client sibling -"]),
        (json!({ "kind": "application", "id": "dashboard" }), &["resource_server - api://dashboard"]),
    ] {
        core.apply(json!([document])).await;
        let (seen, next) = entries(&core, &at).await;
        assert_eq!(types(&seen), expected, "{document}");
        at = next;
    }
    core.apply(json!([dashboard(), two_clients()])).await;
    core.revoke_secret(&by, TENANT, "caller", "first").await.unwrap();
    assert_eq!(types(&entries(&core, &at).await.0), ["credential caller -"]);
    at = entries(&core, &at).await.1;
    core.delete(Kind::Application, "caller").await.unwrap();
    // The cut-off of the credential is not told again.
    assert_eq!(types(&entries(&core, &at).await.0), ["client caller -", "client sibling -"]);
    at = entries(&core, &at).await.1;
    core.delete(Kind::Issuer, "second").await.unwrap();
    assert_eq!(types(&entries(&core, &at).await.0), ["signing_key - -"]);
    // What is only tried is not told.
    at = entries(&core, &at).await.1;
    core.apply(json!([two_clients()])).await;
    let gone = json!([{ "kind": "application", "id": "caller" }]);
    core.apply_with(gone, Options { dry_run: true, ..Options::default() }).await.unwrap();
    assert_eq!(entries(&core, &at).await.0, [json!(null); 0]);
}

/// By a command for one client as by its document.
async fn case_113_what_is_done_to_one_client_is_told(bench: Bench) {
    let core = open(&bench).await;
    let by = core.sign_in().await;
    let mut at = "0".to_owned();
    let status = |status| ClientChange { status: Some(status), ..ClientChange::default() };
    let less = ClientChange { authorizations: Some(Vec::new()), ..ClientChange::default() };
    let named = ClientChange { name: Optional::Set("A".into()), ..ClientChange::default() };
    for (change, expected) in [
        (named, None),
        (status(Status::Disabled), Some("client")),
        (status(Status::Enabled), None),
        (less, Some("authorization")),
    ] {
        core.change_client(&by, TENANT, "caller", change.clone()).await.unwrap();
        let (seen, next) = entries(&core, &at).await;
        let types: Vec<_> = seen.iter().map(|entry| entry["type"].as_str().unwrap()).collect();
        assert_eq!(types, expected.into_iter().collect::<Vec<_>>(), "{change:?}");
        at = next;
    }
    core.refresh_secret(&by, TENANT, "caller", SecretRefresh::default()).await.unwrap();
    core.delete_client(&by, TENANT, "caller").await.unwrap();
    let seen = entries(&core, &at).await.0;
    assert_eq!(seen.iter().map(|entry| &entry["type"]).collect::<Vec<_>>(), ["credential", "client"]);
}

async fn what_gives_more_or_the_same_takes_nothing_back(bench: Bench) {
    let core = open(&bench).await;
    let more = json!({ "authorizations": [{ "audience": "api://dashboard", "permissions": "all" }] });
    core.apply(json!([with(two_clients(), "/clients/0", more)])).await;
    core.apply(json!([with(dashboard(), "", json!({ "name": "Another name" }))])).await;
    let short = json!({ "authorizations": [{ "audience": "api://dashboard", "permissions": "all" }],
        "token": { "lifetime": "5m" } });
    core.apply(json!([with(two_clients(), "/clients/0", short)])).await;
    assert_eq!(entries(&core, "0").await.0, [json!(null); 0]);
}

async fn a_reader_that_stops_anywhere_misses_nothing(bench: Bench) {
    let mut core = open(&bench).await;
    let by = core.sign_in().await;
    let mut expected = Vec::new();
    let mut seen = Vec::new();
    let mut at = Cursor::default();
    for round in 0..6_usize {
        // Two entries of one write, then some of one each.
        core.revoke(&by, TENANT, Revocation::Application("caller")).await.unwrap();
        for _ in 0..3 {
            let token = token(&core).await;
            core.revoke_token(&by, TENANT, &token).await.unwrap();
            expected.push(bearer(&token)["jti"].as_str().unwrap().to_owned());
        }
        // A reader reads a page, of any length, and the server ends.
        let read =
            page(&core, FeedRequest { limit: u16::try_from(round % 3 + 1).unwrap(), ..from(&at.to_string()) }).await;
        at = read.next;
        seen.extend(read.revocations);
        core.close().await;
        drop(core);
        core = bench.open().await;
    }
    loop {
        let read = page(&core, FeedRequest { limit: 2, ..from(&at.to_string()) }).await;
        assert!(!read.more || read.revocations.len() == 2);
        assert!(read.next > at || read.revocations.is_empty());
        at = read.next;
        seen.extend(read.revocations);
        if !read.more {
            break;
        }
    }
    let tokens: Vec<_> = seen.iter().filter_map(|entry| entry.jti.clone()).collect();
    assert_eq!(tokens, expected);
    // The clients were cut off after every token of an earlier round was revoked, also for a reader that was behind.
    let last = |id: &str| seen.iter().rposition(|entry| entry.client_id.as_deref() == Some(id)).unwrap();
    assert!(last("caller") < last("sibling") && last("sibling") + 3 < seen.len() + 1);
    // Whoever begins again has the present state: each client once.
    let all = entries(&core, "0").await.0;
    assert_eq!(all.len(), 2 + expected.len());
}

async fn the_same_tokens_stand_once_and_at_the_end(bench: Bench) {
    let core = open(&bench).await;
    let by = core.sign_in().await;
    for client in ["caller", "sibling", "caller"] {
        core.revoke(&by, TENANT, Revocation::Client(client)).await.unwrap();
    }
    let clients: Vec<_> = entries(&core, "0").await.0.iter().map(|entry| entry["client_id"].clone()).collect();
    assert_eq!(clients, ["sibling", "caller"]);
    // Cut off and deleted in one write, after another client: still one place each.
    let sequence = core.store().sequence().await.unwrap();
    core.apply(json!([{ "kind": "application", "id": "caller" }])).await;
    let read = page(&core, from("0")).await;
    assert_eq!((read.revocations.len(), read.next.to_string()), (2, format!("{}.2", sequence + 1)));
}

async fn an_entry_goes_with_the_last_token_that_it_concerns(bench: Bench) {
    let core = open(&bench).await;
    let by = core.sign_in().await;
    let token = token(&core).await;
    core.revoke_token(&by, TENANT, &token).await.unwrap();
    core.revoke(&by, TENANT, Revocation::Client("caller")).await.unwrap();
    let count = async |seconds: i64| {
        bench.at(&core, seconds).await;
        core.forget_revocations(core.now()).await.unwrap();
        let rows = bench.number("SELECT COUNT(*) FROM revocation").await;
        let kept = i64::try_from(entries(&core, "0").await.0.len()).unwrap();
        assert!(kept <= rows);
        (kept, rows)
    };
    // The token lives an hour; clocks differ by a while.
    assert_eq!(count(3600 + 359).await, (2, 2));
    assert_eq!(count(3600 + 361).await, (1, 2));
    assert_eq!(count(3600 + 421).await, (1, 1));
    assert_eq!(count(30 * 24 * 3600 + 359).await, (1, 1));
    assert_eq!(count(30 * 24 * 3600 + 421).await, (0, 0));
}

async fn a_place_that_never_was_means_to_start_over(bench: Bench) {
    let core = open(&bench).await;
    let sequence = core.store().sequence().await.unwrap();
    let feed = async |after: i64| core.revocation_feed(TENANT, from(&after.to_string())).await.unwrap();
    assert!(feed(sequence).await.is_some());
    assert_eq!(feed(sequence + 1).await, None);
    let unknown = core.revocation_feed("acme", from("0")).await;
    assert_eq!(unknown, Err(ApplyError::NotFound("tenant", "acme".into())));
}

async fn a_reader_that_waits_is_woken(bench: Bench) {
    let core = open(&bench).await;
    let by = core.sign_in().await;
    let request = FeedRequest { wait: Duration::from_secs(30), ..from("0") };
    let begun = Instant::now();
    let (read, ()) = tokio::join!(page(&core, request), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        // A change that takes nothing back wakes nobody for good.
        core.apply(json!([with(dashboard(), "", json!({ "name": "Another name" }))])).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        core.revoke(&by, TENANT, Revocation::Client("caller")).await.unwrap();
    });
    assert_eq!(read.revocations.len(), 1);
    assert!((Duration::from_millis(200)..Duration::from_secs(10)).contains(&begun.elapsed()), "{:?}", begun.elapsed());
    // Nothing comes: an empty page after the time, with the place that was asked for.
    let at = read.next;
    let begun = Instant::now();
    let read = page(&core, FeedRequest { after: at, wait: Duration::from_millis(300), ..request }).await;
    assert_eq!((read.revocations.len(), read.next, read.more), (0, at, false));
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

async fn no_more_than_some_readers_wait(bench: Bench) {
    let core = open(&bench).await;
    let request = FeedRequest { wait: Duration::from_secs(2), ..from("0") };
    let waiting = futures(64, || page(&core, request));
    let late = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let begun = Instant::now();
        page(&core, request).await;
        begun.elapsed()
    };
    let (_, late) = tokio::join!(waiting, late);
    assert!(late < Duration::from_secs(1), "{late:?}");
}

/// Awaits so many at once.
async fn futures<F: Future>(count: usize, make: impl Fn() -> F) -> Vec<F::Output> {
    let mut running: Vec<_> = (0..count).map(|_| Box::pin(make())).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        running.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(output) => {
                done.push(output);
                false
            }
            std::task::Poll::Pending => true,
        });
        if running.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}

async fn a_tenant_reads_its_own(bench: Bench) {
    let core = open(&bench).await;
    core.apply(json!([{ "kind": "tenant", "name": "acme" }])).await;
    let by = core.sign_in().await;
    core.revoke(&by, TENANT, Revocation::Client("caller")).await.unwrap();
    let acme = async || core.revocation_feed("acme", from("0")).await.unwrap().unwrap().revocations.len();
    assert_eq!((acme().await, entries(&core, "0").await.0.len()), (0, 1));
    // Nor does a tenant inherit from one of the same name.
    let documents = writ_core::document::list_from_json(json!([dashboard(), caller()])).unwrap();
    core.apply_to("acme", &by, documents).await;
    core.revoke(&by, "acme", Revocation::Client("caller")).await.unwrap();
    assert_eq!(acme().await, 1);
    for application in ["caller", "dashboard"] {
        writ_core::Core::delete(&core, &by, "acme", Kind::Application, application).await.unwrap();
    }
    core.delete(Kind::Tenant, "acme").await.unwrap();
    core.apply(json!([{ "kind": "tenant", "name": "acme" }])).await;
    assert_eq!(acme().await, 0);
}

async fn a_reader_of_another_server_is_woken_too(bench: Bench) {
    let (core, other) = (open(&bench).await, bench.open().await);
    let by = core.sign_in().await;
    let request = FeedRequest { wait: Duration::from_secs(30), ..from("0") };
    let begun = Instant::now();
    let (read, revoked) = tokio::join!(page(&other, request), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        core.revoke(&by, TENANT, Revocation::Client("caller")).await
    });
    assert!(revoked.is_ok() && begun.elapsed() < Duration::from_secs(10));
    // The place is the same on either.
    assert_eq!((entries(&core, "0").await.1, read.revocations.len()), (read.next.to_string(), 1));
}

/// What was revoked before there was a feed stands at its beginning.
async fn a_database_of_schema_5_has_what_was_revoked(bench: Bench) {
    let core = open(&bench).await;
    let by = core.sign_in().await;
    let token = token(&core).await;
    core.revoke_token(&by, TENANT, &token).await.unwrap();
    let what = Revocation::Authorization { client_id: "caller", audience: "api://dashboard" };
    core.revoke(&by, TENANT, what).await.unwrap();
    let kid = core.list_keys(TENANT, "first").await.unwrap()[0].kid.clone();
    core.revoke_key(&by, TENANT, "first", &kid).await.unwrap();
    core.apply(json!([with(two_clients(), "/clients/1", json!({ "status": "disabled" }))])).await;
    core.close().await;
    drop(core);
    for statement in
        ["DROP TABLE revocation", "DROP INDEX cutoff_by_sequence", "DELETE FROM _sqlx_migrations WHERE version = 6"]
    {
        bench.sql(statement).await;
    }
    let core = bench.open().await;
    let (mut seen, _) = entries(&core, "0").await;
    seen.sort_by_key(|entry| entry["type"].as_str().unwrap().to_owned());
    let of = |index: usize, name: &str| seen[index][name].clone();
    assert_eq!([0, 1, 2].map(|index| of(index, "type")), ["authorization", "signing_key", "token"], "{seen:#?}");
    assert_eq!((of(0, "azp"), of(0, "issued_until"), of(0, "exp")), (json!("dashboard"), json!(UNTIL), json!(EXP)));
    assert_eq!(of(1, "kid"), json!(kid));
    assert_eq!((of(2, "jti"), of(2, "exp")), (bearer(&token)["jti"].clone(), json!(START + 3600)));
    // Since when a client is disabled is not known: its tokens end with the update, by the database's clock, which is not
    // the test's.
    let disabled = "SELECT COUNT(*) FROM revocation WHERE kind = 'client' AND client_id = 'sibling' AND sequence = 0";
    assert_eq!(bench.number(disabled).await, 1);
}
