//! Keys that are fetched: found, kept, and not at hand.

use serde_json::{Value, json};
use writ_oauth::Refusal;

use crate::support::answer::Answer;
use crate::support::assertion::{Assertion, jwk};
use crate::support::catalogue::READ;
use crate::support::door::Door;
use crate::support::federation::{CI_KEY, ID_TOKEN, OTHER_KEY, WRIT, robot, token_of, workload};
use crate::support::key_host::KeyHost;
use crate::support::server::{Server, Setup};

/// An issuer on this machine.
struct Issuer {
    host: KeyHost,
}

impl Issuer {
    fn new() -> Self {
        let issuer = Self { host: KeyHost::new() };
        issuer.says(&issuer.url(), &json!([jwk(CI_KEY, "first")]));
        issuer
    }

    fn url(&self) -> String {
        self.host.url()
    }

    fn says(&self, issuer: &str, keys: &Value) {
        let discovery = json!({"issuer": issuer, "jwks_uri": format!("{}/keys", self.url())});
        self.host.says("/.well-known/openid-configuration", &discovery.to_string());
        self.host.has(keys);
    }

    fn asked(&self) -> usize {
        self.host.asked()
    }

    fn token(&self) -> Assertion {
        token_of(&self.url(), "robot")
    }

    /// A server that trusts it, and where its keys are.
    fn server(&self, jwks: &Value) -> Server {
        let fetches_from = vec!["127.0.0.0/8".parse().unwrap()];
        let server = Server::open(Setup { fetches_from, ..Setup::default() });
        let provider = json!({
            "kind": "provider", "name": "ci", "type": "oidc", "issuer": self.url(), "audiences": [WRIT],
            "jwks": jwks, "ca": self.host.ca(),
        });
        server.apply("default", &crate::support::catalogue::documents());
        server
            .apply("default", &json!([provider_of(provider), workload("fetching", &json!([robot("robot", "mine")]))]));
        server
    }
}

fn provider_of(mut provider: Value) -> Value {
    provider["name"] = "mine".into();
    provider
}

fn send(server: &Server, door: Door, jwt: &str) -> Answer {
    server.public(&door.ask(&[READ]).federated("fetching", ID_TOKEN, jwt))
}

#[test]
fn keys_that_are_kept_cost_no_fetch() {
    let issuer = Issuer::new();
    for (jwks, fetches) in [(json!({"discover": true}), 2), (json!({"uri": format!("{}/keys", issuer.url())}), 1)] {
        let server = issuer.server(&jwks);
        let before = issuer.asked();
        for door in Door::BOTH {
            for _ in 0..10 {
                send(&server, door, &issuer.token().by_key(CI_KEY)).ok();
                send(&server, door, &issuer.token().by_key(OTHER_KEY)).is(Refusal::FederatedSignature);
                // What is of another issuer, or expired, is not even looked at.
                let other = token_of("https://other.example", "robot").header("kid", "unknown").by_key(CI_KEY);
                send(&server, door, &other).is(Refusal::FederatedIssuer);
            }
        }
        assert_eq!(issuer.asked() - before, fetches, "{jwks}");
    }
}

#[test]
fn a_new_key_is_fetched_when_a_token_names_it() {
    let issuer = Issuer::new();
    let server = issuer.server(&json!({"discover": true}));
    send(&server, Door::Oauth, &issuer.token().by_key(CI_KEY)).ok();
    issuer.says(&issuer.url(), &json!([jwk(OTHER_KEY, "second")]));
    server.advance(31);
    let fresh = issuer.token().header("kid", "second").by_key(OTHER_KEY);
    send(&server, Door::Idaas, &fresh).ok();
    let before = issuer.asked();
    send(&server, Door::Idaas, &issuer.token().by_key(CI_KEY)).is(Refusal::FederatedSignature);
    assert_eq!(issuer.asked(), before, "an unknown key id leads to a fetch now and then only");
}

#[test]
fn case_31_a_document_of_another_issuer_gives_no_keys() {
    let issuer = Issuer::new();
    issuer.says("https://other.example", &json!([jwk(CI_KEY, "first")]));
    let server = issuer.server(&json!({"discover": true}));
    for door in Door::BOTH {
        send(&server, door, &issuer.token().by_key(CI_KEY)).is(Refusal::ProviderUnavailable);
    }
}

#[test]
fn a_host_that_is_down_is_no_fault_of_the_client() {
    let issuer = Issuer::new();
    let server = issuer.server(&json!({"discover": true}));
    let jwt = issuer.token().by_key(CI_KEY);
    drop(issuer);
    for door in Door::BOTH {
        let answer = send(&server, door, &jwt).is(Refusal::ProviderUnavailable);
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
        assert!(!answer.text.contains("127.0.0.1"), "{}", answer.text);
    }
}
