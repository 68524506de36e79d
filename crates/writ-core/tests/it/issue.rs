//! The token: its claims, its id, its size.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing::instrument::WithSubscriber;
use tracing::span;
use writ_core::grant::Grant;
use writ_core::{Core, Settings};
use writ_oauth::Refusal;
use writ_oauth::jose::{Alg, AudienceForm, Expectation, UnverifiedJwt, parse_jwk_set, verify};

use crate::sample::{SECRET, caller, caller_with, dashboard, with};
use crate::support::{Bench, ROOT, START, TENANT, both_engines};
use crate::token::{Steps, TokenRequest, bearer, header, token_id};

both_engines!(
    a_token_says_what_rfc_9068_wants,
    the_published_keys_verify_it,
    the_lifetime_is_the_clients_else_the_issuers,
    a_token_id_opens_to_the_sequence_it_was_decided_under,
    a_token_id_names_the_credential,
    a_mapped_subject_that_is_wanted_is_required,
    case_84_a_token_that_is_too_large_is_refused,
    case_84_a_large_token_is_worth_a_warning,
);

fn request() -> TokenRequest {
    TokenRequest::of("caller", SECRET)
}

async fn a_token_says_what_rfc_9068_wants(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    for (dialect, typ, path) in [("first", "at+jwt", "/oauth2"), ("second", "JWT", "/second")] {
        let issued = core.token(&request().at(dialect)).await.unwrap();
        let claims = bearer(issued.access_token());
        let jti = claims["jti"].as_str().unwrap();
        assert_eq!(jti.len(), 21);
        let expected = json!({
            "iss": format!("{ROOT}{path}"), "sub": "caller", "aud": "api://dashboard", "client_id": "caller",
            "scope": "announce:read", "iat": START, "exp": START + 3600, "jti": jti,
        });
        assert_eq!(claims, expected);
        assert_eq!(header(issued.access_token())["typ"], typ);
        assert_eq!((issued.expires_in, issued.expires_at), (3600, START + 3600));
        assert_eq!((&*issued.scope, &*issued.client_id), ("announce:read", "caller"));
        let again = core.token(&request().at(dialect)).await.unwrap();
        assert_ne!(bearer(again.access_token())["jti"], jti);
    }
}

async fn the_published_keys_verify_it(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    for (dialect, path, typ) in [("first", "/oauth2", "at+jwt"), ("second", "/second", "JWT")] {
        let issued = core.token(&request().at(dialect)).await.unwrap();
        let jwks = core.snapshot().tenant(TENANT).unwrap().issuer(dialect).unwrap().jwks.clone();
        let keys = parse_jwk_set(jwks.as_bytes()).unwrap().verifying_keys(&[Alg::ES256, Alg::EdDSA]).unwrap();
        let expectation = Expectation {
            issuer: Some(&format!("{ROOT}{path}")),
            audiences: &["api://dashboard"],
            audience_form: AudienceForm::OneString,
            types: &[typ],
            typ_optional: false,
            max_lifetime: None,
            leeway: 0,
            required: &["iat", "jti", "sub"],
        };
        let jwt = UnverifiedJwt::parse(issued.access_token()).unwrap();
        assert!(verify(jwt, &keys, &expectation, START).is_ok());
    }
}

async fn the_lifetime_is_the_clients_else_the_issuers(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller_with(json!({ "token": { "lifetime": "10m" } }))])).await;
    assert_eq!(core.token(&request()).await.unwrap().expires_in, 600);
    let issuer = json!({ "kind": "issuer", "name": "first", "dialect": "first", "signing": { "alg": "ES256" },
        "token": { "lifetime": "2h" } });
    core.apply(json!([issuer, caller()])).await;
    assert_eq!(core.token(&request()).await.unwrap().expires_in, 7200);
}

async fn a_token_id_opens_to_the_sequence_it_was_decided_under(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    let issued = core.token(&request()).await.unwrap();
    assert_eq!(i64::try_from(token_id(issued.access_token()).sequence).unwrap(), 2);

    // A change in the middle of a request: the token is one of before it, so that the change can reach the token.
    let (door, asked) = (core.door(&request()), request().asked);
    let authenticated = core.authenticated(&request()).await.unwrap();
    let applied = core.apply(json!([caller_with(json!({ "status": "disabled" }))])).await;
    assert_eq!(applied.sequence, Some(3));
    let permitted = core.permit(&door, authenticated, Grant::ClientCredentials, asked).unwrap();
    let issued = core.issue(&door, permitted).await.unwrap();
    assert_eq!(token_id(issued.access_token()).sequence, 2);

    // And a door that was opened before the change decides as after it, because its token would count as such.
    core.apply(json!([caller()])).await;
    let door = core.door(&request());
    core.apply(json!([with(dashboard(), "", json!({ "status": "disabled" }))])).await;
    let authenticated = core.authenticated(&request()).await.unwrap();
    let refused = core.permit(&door, authenticated, Grant::ClientCredentials, request().asked).err().unwrap();
    assert_eq!(refused.refusal, Refusal::ResourceServerDisabled);
}

async fn a_token_id_names_the_credential(bench: Bench) {
    let core = bench.open().await;
    let other = "another-secret-of-some-length";
    let list = json!([{ "kind": "secret", "value": SECRET }, { "kind": "secret", "value": other }]);
    core.apply(json!([dashboard(), caller_with(json!({ "credentials": list }))])).await;
    let mut tags = Vec::new();
    for secret in [SECRET, SECRET, other] {
        let issued = core.token(&TokenRequest::of("caller", secret)).await.unwrap();
        tags.push(token_id(issued.access_token()).credential);
    }
    assert_eq!(tags[0], tags[1]);
    assert_ne!(tags[0], tags[2]);
}

async fn a_mapped_subject_that_is_wanted_is_required(bench: Bench) {
    let core = bench.open().await;
    let server = with(dashboard(), "/resource_server", json!({ "custom_subject": true }));
    core.apply(json!([server, caller()])).await;
    let refused = core.token(&request()).await.err().unwrap();
    assert_eq!((refused.refusal, refused.client_id.as_deref()), (Refusal::SubjectMissing, Some("caller")));
}

/// A client whose token has many kilobytes of scope.
fn large() -> serde_json::Value {
    let permissions: Vec<_> = (0..60).map(|number| json!({ "id": format!("{number}:{}", "x".repeat(60)) })).collect();
    let server = with(dashboard(), "/resource_server", json!({ "permissions": permissions }));
    let given = json!({ "authorizations": [{ "audience": "api://dashboard", "permissions": "all" }] });
    json!([server, caller_with(given)])
}

async fn case_84_a_token_that_is_too_large_is_refused(bench: Bench) {
    let core = bench.open().await;
    core.apply(large()).await;
    let bytes = core.token(&request()).await.unwrap().access_token().len();
    core.close().await;
    for (limit, refusal) in [(bytes, None), (bytes - 1, Some(Refusal::TokenTooLarge))] {
        let core = Core::open(Settings { token_bytes: limit, ..bench.settings() }).await.unwrap();
        assert_eq!(core.token(&request()).await.err().map(|refused| refused.refusal), refusal);
        assert!(core.token(&request().scope(&[&format!("0:{}", "x".repeat(60))])).await.is_ok());
    }
}

async fn case_84_a_large_token_is_worth_a_warning(bench: Bench) {
    let core = bench.open().await;
    core.apply(large()).await;
    for (asked, warned) in [(request(), true), (request().scope(&[&format!("0:{}", "x".repeat(60))]), false)] {
        let door = core.door(&asked);
        let authenticated = core.authenticated(&asked).await.unwrap();
        let permitted = core.permit(&door, authenticated, Grant::ClientCredentials, asked.asked).unwrap();
        let log = Log::default();
        let issued = core.issue(&door, permitted).with_subscriber(log.clone()).await.unwrap();
        assert_eq!(issued.access_token().len() > 4096, warned);
        let lines = log.0.lock().unwrap().clone();
        assert_eq!(lines.len(), usize::from(warned), "{lines:?}");
        assert!(lines.iter().all(|line| line.contains("bytes=") && !line.contains(issued.access_token())));
    }
}

/// What is logged as a warning or worse, an event a line.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::WARN
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        struct Line(String);
        impl tracing::field::Visit for Line {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                use std::fmt::Write as _;
                write!(self.0, "{field}={value:?} ").unwrap();
            }
        }
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
