//! The clients of an application, one at a time.

use std::time::{Duration, Instant};

use serde_json::json;
use writ_core::apply::ApplyError;
use writ_core::clients::{ClientChange, NewClient, Optional, SecretRefresh};
use writ_core::document::{Authorization, Lifetime, Status};
use writ_oauth::Refusal;
use writ_oauth::secret::PlainSecret;

use crate::sample::{SECRET, caller, dashboard};
use crate::support::{Bench, TENANT, both_engines, only_on};
use crate::token::{Steps, TokenRequest};

both_engines!(
    a_client_is_created_listed_changed_and_deleted,
    what_cannot_be_created_changes_nothing,
    what_is_done_to_clients_is_audited,
);
only_on!(Postgres: what_is_done_here_counts_on_another_node_within_a_second);

fn new(client_id: &str) -> NewClient {
    let reading = json!([{ "audience": "api://dashboard", "permissions": ["announce:read"] }]);
    let authorizations: Vec<Authorization> = serde_json::from_value(reading).unwrap();
    NewClient { client_id: Some(client_id.into()), authorizations, ..NewClient::default() }
}

fn off() -> ClientChange {
    ClientChange { status: Some(Status::Disabled), ..ClientChange::default() }
}

async fn a_client_is_created_listed_changed_and_deleted(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    let by = core.sign_in().await;
    for id in ["b", "a"] {
        let made = core.create_client(&by, TENANT, "dashboard", new(id)).await.unwrap();
        assert!(core.token(&TokenRequest::of(id, made.secret.expose())).await.is_ok());
    }
    let page = core.list_clients(TENANT, "dashboard", None, 1).await.unwrap();
    assert_eq!((page.total, page.next.as_deref()), (2, Some("a")));
    let page = core.list_clients(TENANT, "dashboard", Some("a"), 1).await.unwrap();
    assert_eq!((page.clients[0].client.client_id.as_deref(), page.next), (Some("b"), None));
    assert_eq!((page.clients[0].credentials, page.clients[0].created), (1, Some(core.now())));
    // In its document they stand in the order in which they were made.
    let documents = core.get_applications().await;
    let ids: Vec<_> = documents[1]["clients"].as_array().unwrap().iter().map(|one| &one["client_id"]).collect();
    assert_eq!(ids, ["b", "a"]);
    let again = core.apply(documents).await;
    assert_eq!((again.unchanged, again.sequence), (2, None));

    let (_, value) = core.refresh_secret(&by, TENANT, "a", SecretRefresh::default()).await.unwrap();
    let request = TokenRequest::of("a", value.expose());
    let lifetime = Lifetime::from_seconds(90).unwrap();
    let name = Optional::Set("A".to_owned());
    let change = ClientChange { lifetime: Optional::Set(lifetime), name, ..ClientChange::default() };
    let changed = core.change_client(&by, TENANT, "a", change).await.unwrap();
    assert_eq!((changed.client.token.lifetime, changed.client.name.as_deref()), (Some(lifetime), Some("A")));
    assert_eq!(core.token(&request).await.map(|issued| issued.expires_in).ok(), Some(90));
    core.change_client(&by, TENANT, "a", off()).await.unwrap();
    assert_eq!(core.refusal(&request).await, Refusal::ClientDisabled);
    let nothing = ClientChange { authorizations: Some(Vec::new()), status: Some(Status::Enabled), ..off() };
    core.change_client(&by, TENANT, "a", nothing).await.unwrap();
    assert_eq!(core.refusal(&request).await, Refusal::NothingGranted);
    core.delete_client(&by, TENANT, "a").await.unwrap();
    assert_eq!(core.refusal(&request).await, Refusal::ClientUnknown);
    assert_eq!(core.stored_client(TENANT, "a").await.err(), Some(ApplyError::NotFound("client", "a".into())));
    // What it had is gone with it.
    for table in ["credential", "client_authorization", "client_reference", "identifier"] {
        let count = match table {
            "identifier" => "SELECT COUNT(*) FROM identifier WHERE value = 'a'",
            "credential" => "SELECT COUNT(*) FROM credential WHERE client_id = 'a'",
            "client_reference" => "SELECT COUNT(*) FROM client_reference WHERE client_id = 'a'",
            _ => "SELECT COUNT(*) FROM client_authorization WHERE client_id = 'a'",
        };
        assert_eq!(bench.number(count).await, 0, "{table}");
    }
}

async fn what_cannot_be_created_changes_nothing(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    let by = core.sign_in().await;
    let before = bench.dump().await;
    for taken in ["caller", "api://dashboard"] {
        let refused = core.create_client(&by, TENANT, "dashboard", new(taken)).await.err();
        assert!(matches!(refused, Some(ApplyError::Conflict(_) | ApplyError::Document(_))), "{taken}: {refused:?}");
    }
    let unknown = json!([{ "audience": "api://dashboard", "permissions": ["no"] }]);
    let unknown = NewClient { authorizations: serde_json::from_value(unknown).unwrap(), ..new("x") };
    let refused = core.create_client(&by, TENANT, "dashboard", unknown).await.err();
    assert!(matches!(refused, Some(ApplyError::Document(_))), "{refused:?}");
    let same = SecretRefresh { value: Some(PlainSecret::new(SECRET.into())), grace: None };
    let refused = core.refresh_secret(&by, TENANT, "caller", same).await.err();
    assert!(matches!(refused, Some(ApplyError::Conflict(_))), "{refused:?}");
    let unchanged = ClientChange { status: Some(Status::Enabled), ..ClientChange::default() };
    core.change_client(&by, TENANT, "caller", unchanged).await.unwrap();
    assert_eq!(bench.dump().await, before);
}

async fn what_is_done_to_clients_is_audited(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard()])).await;
    let by = core.sign_in().await;
    let begun = core.store().sequence().await.unwrap();
    core.create_client(&by, TENANT, "dashboard", new("x")).await.unwrap();
    core.change_client(&by, TENANT, "x", off()).await.unwrap();
    core.refresh_secret(&by, TENANT, "x", SecretRefresh::default()).await.unwrap();
    core.delete_client(&by, TENANT, "x").await.unwrap();
    let records = core.store().audit_after(TENANT, begun, 100).await.unwrap();
    let told: Vec<_> = records.iter().map(|record| (record.sequence - begun, &*record.action, &*record.kind)).collect();
    let expected = [
        (1, "create", "client"),
        (2, "update", "client"),
        (3, "delete", "secret"),
        (3, "create", "secret"),
        (4, "delete", "client"),
    ];
    assert_eq!(told, expected);
    assert!(records.iter().all(|record| record.actor == "writ-admin" && record.name == "x"));
}

async fn what_is_done_here_counts_on_another_node_within_a_second(bench: Bench) {
    let (here, there) = (bench.open().await, bench.open().await);
    here.apply(json!([dashboard()])).await;
    let by = here.sign_in().await;
    // A client that was unknown there a moment ago.
    assert_eq!(there.refusal(&TokenRequest::of("x", SECRET)).await, Refusal::ClientUnknown);
    let secret = Some(PlainSecret::new(SECRET.into()));
    here.create_client(&by, TENANT, "dashboard", NewClient { secret, ..new("x") }).await.unwrap();
    let expect = async |refusal: Option<Refusal>| {
        let began = Instant::now();
        loop {
            let answer = there.token(&TokenRequest::of("x", SECRET)).await.err().map(|refused| refused.refusal);
            if answer == refusal {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(1), "{answer:?} instead of {refusal:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    expect(None).await;
    here.change_client(&by, TENANT, "x", off()).await.unwrap();
    expect(Some(Refusal::ClientDisabled)).await;
    let on = ClientChange { status: Some(Status::Enabled), ..off() };
    here.change_client(&by, TENANT, "x", on).await.unwrap();
    expect(None).await;
    here.refresh_secret(&by, TENANT, "x", SecretRefresh::default()).await.unwrap();
    expect(Some(Refusal::SecretWrong)).await;
    here.delete_client(&by, TENANT, "x").await.unwrap();
    expect(Some(Refusal::ClientUnknown)).await;
}
