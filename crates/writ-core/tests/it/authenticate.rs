//! Which client is this: every refusal of the step, and who learns what.

use serde_json::{Value, json};
use writ_oauth::Refusal;
use writ_oauth::client_auth::AuthMethod;

use crate::sample::{SECRET, caller_with, dashboard, with};
use crate::support::{Bench, START, both_engines, only_on};
use crate::token::{Steps, TokenRequest};

both_engines!(
    every_refusal_of_authentication,
    case_44_nothing_is_said_to_whoever_knows_no_secret,
    case_46_a_long_secret_counts_to_its_last_byte,
    case_48_a_secret_expires_to_the_second,
    case_48_a_revoked_secret_stops_at_once,
    both_readings_of_a_basic_header_are_tried,
    an_id_that_cannot_be_is_unknown,
);
only_on!(Postgres: case_48_a_revoked_secret_stops_on_every_node);

/// Seconds since the epoch as documents write times.
fn at(seconds: i64) -> String {
    jiff::Timestamp::from_second(START + seconds).unwrap().to_string()
}

fn secret(fields: Value) -> Value {
    let mut secret = json!({ "kind": "secret", "value": SECRET });
    secret.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json!({ "credentials": [secret] })
}

async fn every_refusal_of_authentication(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard()])).await;
    let request = TokenRequest::of("caller", SECRET);
    assert_eq!(core.refusal(&request).await, Refusal::ClientUnknown);
    for (document, refusal) in [
        (caller_with(secret(json!({ "status": "disabled" }))), Refusal::CredentialDisabled),
        (caller_with(secret(json!({ "expires": at(0) }))), Refusal::CredentialExpired),
        (caller_with(secret(json!({ "not_before": at(1) }))), Refusal::CredentialNotYetValid),
        (caller_with(json!({ "auth_methods": ["client_secret_basic"] })), Refusal::MethodNotRegistered),
        (caller_with(json!({ "auth_methods": [] })), Refusal::MethodNotRegistered),
        (caller_with(json!({ "status": "disabled" })), Refusal::ClientDisabled),
        (with(caller_with(json!({})), "", json!({ "status": "disabled" })), Refusal::ApplicationDisabled),
        (caller_with(json!({ "credentials": [] })), Refusal::SecretWrong),
    ] {
        let prune = writ_core::apply::Options { dry_run: false, prune: true };
        core.apply_with(json!([dashboard(), document]), prune).await.unwrap();
        let refused = core.authenticated(&request).await.err().unwrap_or_else(|| panic!("not {refusal:?}"));
        assert_eq!((refused.refusal, refused.client_id.as_deref()), (refusal, Some("caller")));
    }
    core.apply(json!([caller_with(json!({}))])).await;
    assert_eq!(core.refusal(&TokenRequest::of("caller", "caller-secret-of-some-lengtH")).await, Refusal::SecretWrong);
    assert_eq!(core.refusal(&TokenRequest::of("Caller", SECRET)).await, Refusal::ClientUnknown);
    let authenticated = core.authenticated(&request).await.unwrap();
    assert_eq!(&*authenticated.client().client_id, "caller");
    assert_eq!((authenticated.method(), authenticated.subject()), (AuthMethod::ClientSecretPost, None));
}

async fn case_44_nothing_is_said_to_whoever_knows_no_secret(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard()])).await;
    let wrong = TokenRequest::of("caller", "not-the-secret-of-the-caller");
    for fields in [
        secret(json!({ "status": "disabled" })),
        secret(json!({ "expires": at(-1) })),
        json!({ "auth_methods": [] }),
        json!({ "status": "disabled" }),
    ] {
        core.apply(json!([with(caller_with(fields), "", json!({ "status": "disabled" }))])).await;
        assert_eq!(core.refusal(&wrong).await, Refusal::SecretWrong);
        assert_eq!(Refusal::SecretWrong.class(), Refusal::ClientUnknown.class());
    }
}

async fn case_46_a_long_secret_counts_to_its_last_byte(bench: Bench) {
    let core = bench.open().await;
    let long = "x".repeat(511);
    let list = json!({ "credentials": [{ "kind": "secret", "value": format!("{long}a") }] });
    core.apply(json!([dashboard(), caller_with(list)])).await;
    assert!(core.token(&TokenRequest::of("caller", &format!("{long}a"))).await.is_ok());
    for near in [format!("{long}b"), long.clone(), format!("{long}aa")] {
        assert_eq!(core.refusal(&TokenRequest::of("caller", &near)).await, Refusal::SecretWrong);
    }
}

async fn case_48_a_secret_expires_to_the_second(bench: Bench) {
    let core = bench.open().await;
    let times = secret(json!({ "not_before": at(50), "expires": at(100) }));
    core.apply(json!([dashboard(), caller_with(times)])).await;
    let request = TokenRequest::of("caller", SECRET);
    for (now, refusal) in [
        (49, Some(Refusal::CredentialNotYetValid)),
        (50, None),
        (99, None),
        (100, Some(Refusal::CredentialExpired)),
        (101, Some(Refusal::CredentialExpired)),
    ] {
        bench.set_time(now);
        assert_eq!(core.token(&request).await.err().map(|refused| refused.refusal), refusal, "at {now}");
    }
}

async fn case_48_a_revoked_secret_stops_at_once(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller_with(json!({}))])).await;
    assert!(core.token(&TokenRequest::of("caller", SECRET)).await.is_ok());
    let by = core.sign_in().await;
    core.revoke_secret(&by, "default", "caller", "first").await.unwrap();
    assert_eq!(core.refusal(&TokenRequest::of("caller", SECRET)).await, Refusal::SecretWrong);
}

async fn case_48_a_revoked_secret_stops_on_every_node(bench: Bench) {
    let (here, there) = (bench.open().await, bench.open().await);
    here.apply(json!([dashboard(), caller_with(json!({}))])).await;
    let request = TokenRequest::of("caller", SECRET);
    assert!(there.wait_until_live(here.store().sequence().await.unwrap()).await);
    assert!(there.token(&request).await.is_ok());
    let by = here.sign_in().await;
    here.revoke_secret(&by, "default", "caller", "first").await.unwrap();
    let began = std::time::Instant::now();
    while there.token(&request).await.is_ok() {
        assert!(began.elapsed().as_millis() < 1000, "a revoked secret still works elsewhere after a second");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(there.refusal(&request).await, Refusal::SecretWrong);
}

async fn both_readings_of_a_basic_header_are_tried(bench: Bench) {
    let core = bench.open().await;
    let list = json!({ "credentials": [
        { "kind": "secret", "value": "a+b/c=d%e:f g-h&i" },
        { "kind": "secret", "value": "long+enough+to+be+a+secret" },
    ] });
    core.apply(json!([dashboard(), caller_with(list)])).await;
    for secret in ["a+b/c=d%e:f g-h&i", "long+enough+to+be+a+secret"] {
        assert!(core.token(&TokenRequest::of("caller", secret).basic()).await.is_ok(), "{secret}");
        assert!(core.token(&TokenRequest::of("caller", secret).basic().raw()).await.is_ok(), "{secret}");
        assert!(core.token(&TokenRequest::of("caller", secret)).await.is_ok(), "{secret}");
    }
    // Nothing is decoded twice, and in the form there is one reading only.
    let encoded = TokenRequest::of("caller", "long%2Benough%2Bto%2Bbe%2Ba%2Bsecret");
    assert!(core.token(&encoded.clone().basic().raw()).await.is_ok());
    assert_eq!(core.refusal(&encoded.clone().basic()).await, Refusal::SecretWrong);
    assert_eq!(core.refusal(&encoded).await, Refusal::SecretWrong);
}

/// PostgreSQL has no NUL in its texts: an id that no client can have must not reach it.
async fn an_id_that_cannot_be_is_unknown(bench: Bench) {
    let core = bench.open().await;
    for id in ["a\u{0}b", "caller\n", "caller|x", "大屏", &"x".repeat(100_000)] {
        assert_eq!(core.refusal(&TokenRequest::of(id, SECRET)).await, Refusal::ClientUnknown, "{id:.20?}");
    }
}
