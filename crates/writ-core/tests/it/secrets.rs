//! A client's secrets one at a time, and what of them is where.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::json;
use writ_core::apply::ApplyError;
use writ_core::document::Status;
use writ_core::keyring::{Context, Keyring};
use writ_core::secrets::{SecretChange, SecretRequest};
use writ_core::store::Database;
use writ_oauth::Refusal;
use writ_oauth::secret::PlainSecret;

use crate::sample::{SECRET, caller, dashboard};
use crate::support::{Bench, Running, TENANT, both_engines, master_key};
use crate::token::{Steps, TokenRequest};

both_engines!(
    a_secret_is_issued_listed_shown_changed_and_revoked,
    what_cannot_be_issued_is_refused,
    what_is_not_there_is_not_found,
    what_is_done_to_secrets_is_audited,
    case_53_the_database_holds_no_secret_and_no_private_key,
);

fn new(name: Option<&str>, value: Option<&str>) -> SecretRequest {
    let value = value.map(|value| PlainSecret::new(value.into()));
    SecretRequest { name: name.map(Into::into), value, ..SecretRequest::default() }
}

async fn a_secret_is_issued_listed_shown_changed_and_revoked(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    let by = core.sign_in().await;
    let (stored, value) = core.issue_secret(&by, TENANT, "caller", new(Some("second"), None)).await.unwrap();
    let request = TokenRequest::of("caller", value.expose());
    assert!(core.token(&request).await.is_ok());
    let mut names: Vec<_> = list_names(&core).await;
    names.sort();
    assert_eq!(names, [Some("first".to_owned()), Some("second".to_owned())]);
    for known in ["second", &stored.id] {
        let (_, shown) = core.show_secret(&by, TENANT, "caller", known).await.unwrap();
        assert_eq!(shown.expose(), value.expose());
    }
    let switched_off = SecretChange { status: Some(Status::Disabled), expires: None };
    core.change_secret(&by, TENANT, ("caller", "second"), switched_off).await.unwrap();
    assert_eq!(core.refusal(&request).await, Refusal::CredentialDisabled);
    let end = jiff::Timestamp::from_second(core.now()).unwrap();
    let ending = SecretChange { status: Some(Status::Enabled), expires: Some(end) };
    let changed = core.change_secret(&by, TENANT, ("caller", &stored.id), ending).await.unwrap();
    assert_eq!((changed.status, changed.expires), (Status::Enabled, Some(end)));
    assert_eq!(core.refusal(&request).await, Refusal::CredentialExpired);
    core.revoke_secret(&by, TENANT, "caller", "second").await.unwrap();
    assert_eq!(core.refusal(&request).await, Refusal::SecretWrong);
    assert!(core.token(&TokenRequest::of("caller", SECRET)).await.is_ok());
}

async fn what_cannot_be_issued_is_refused(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    let by = core.sign_in().await;
    let before = bench.dump().await;
    for secret in [new(Some("first"), None), new(None, Some(SECRET))] {
        let refused = core.issue_secret(&by, TENANT, "caller", secret).await.err();
        assert!(matches!(refused, Some(ApplyError::Conflict(_))), "{refused:?}");
    }
    for secret in [new(None, Some("short")), new(Some("a name"), None)] {
        let refused = core.issue_secret(&by, TENANT, "caller", secret).await.err();
        assert!(matches!(refused, Some(ApplyError::Document(_))), "{refused:?}");
    }
    assert_eq!(bench.dump().await, before);
}

async fn what_is_not_there_is_not_found(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    let by = core.sign_in().await;
    let before = bench.dump().await;
    let no_client = Some(ApplyError::NotFound("client", "nobody".into()));
    assert_eq!(core.list_secrets(TENANT, "nobody").await.err(), no_client);
    assert_eq!(core.issue_secret(&by, TENANT, "nobody", new(None, None)).await.err(), no_client);
    for (tenant, client) in [(TENANT, "caller"), (TENANT, "nobody"), ("nowhere", "caller")] {
        let no_secret = Some(ApplyError::NotFound("secret", "nothing".into()));
        assert_eq!(core.show_secret(&by, tenant, client, "nothing").await.err(), no_secret);
        assert_eq!(core.revoke_secret(&by, tenant, client, "nothing").await.err(), no_secret);
        let change = SecretChange::default();
        assert_eq!(core.change_secret(&by, tenant, (client, "nothing"), change).await.err(), no_secret);
    }
    assert_eq!(bench.dump().await, before);
}

async fn what_is_done_to_secrets_is_audited(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    let by = core.sign_in().await;
    let (stored, _) = core.issue_secret(&by, TENANT, "caller", new(Some("second"), None)).await.unwrap();
    core.show_secret(&by, TENANT, "caller", "second").await.unwrap();
    core.change_secret(&by, TENANT, ("caller", "second"), SecretChange::default()).await.unwrap();
    core.revoke_secret(&by, TENANT, "caller", "second").await.unwrap();
    let records = core.store().audit_after(TENANT, 2, 100).await.unwrap();
    let said: Vec<_> = records.iter().map(|record| (record.sequence, &*record.action, &*record.name)).collect();
    assert_eq!(
        said,
        [(3, "create", "caller"), (4, "show", "caller"), (5, "update", "caller"), (6, "delete", "caller")]
    );
    for record in records {
        assert_eq!((&*record.actor, &*record.kind, record.at), ("writ-admin", "secret", core.now()));
        assert_eq!((&record.detail["id"], &record.detail["name"]), (&json!(stored.id), &json!("second")));
    }
}

async fn case_53_the_database_holds_no_secret_and_no_private_key(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    let by = core.sign_in().await;
    let (_, issued) = core.issue_secret(&by, TENANT, "caller", new(None, None)).await.unwrap();
    let bootstrap = core.bootstrap_secret().await.unwrap().unwrap();
    let mut hidden: Vec<Vec<u8>> =
        [SECRET, issued.expose(), bootstrap.expose()].map(|secret| secret.as_bytes().to_vec()).into();
    let keyring = Keyring::new(&master_key()).unwrap();
    for key in core.store().signing_keys().await.unwrap() {
        let context = Context(["signing key", &key.tenant, &key.issuer, &key.kid]);
        let private = keyring.open(&context, &key.sealed).unwrap();
        // Any 24 bytes of the key have one of these whole.
        hidden.extend(private.windows(16).step_by(8).map(<[u8]>::to_vec));
    }
    hidden.push(base64::engine::general_purpose::STANDARD.decode(&*master_key().to_text()).unwrap());
    assert!(hidden.len() > 20);

    // Every row as text, bytes in hexadecimal; and on SQLite the files themselves.
    let mut dump = bench.dump().await.join("\n").into_bytes();
    if let Database::Sqlite(file) = &bench.database {
        dump.extend(std::fs::read(file).unwrap());
        dump.extend(std::fs::read(file.with_extension("db-wal")).unwrap());
    }
    let folded = dump.to_ascii_lowercase();
    for value in hidden {
        assert!(!contains(&dump, &value), "in clear");
        assert!(!contains(&folded, hex(&value).as_bytes()), "in hexadecimal");
        // Wherever it stands within a longer value, its middle looks like one of these three.
        for skipped in 0..3 {
            let value = &value[skipped..];
            let whole = &value[..value.len() - value.len() % 3];
            assert!(!contains(&dump, STANDARD_NO_PAD.encode(whole).as_bytes()), "in base64");
            assert!(!contains(&dump, URL_SAFE_NO_PAD.encode(whole).as_bytes()), "in base64url");
        }
    }
    // The search finds what is there.
    assert!(contains(&dump, b"api://dashboard"));
    let digest = core.list_secrets(TENANT, "caller").await.unwrap()[0].digest;
    assert!(contains(&folded, hex(digest.as_bytes()).as_bytes()));
}

async fn list_names(core: &Running) -> Vec<Option<String>> {
    core.list_secrets(TENANT, "caller").await.unwrap().into_iter().map(|secret| secret.name).collect()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return true };
    let starts = haystack.iter().enumerate().filter(|(_, byte)| *byte == first);
    starts.into_iter().any(|(at, _)| haystack[at..].starts_with(needle))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
