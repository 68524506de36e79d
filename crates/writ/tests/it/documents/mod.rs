//! Signed documents and the certificates of private CAs, at both doors.

mod certificate;
mod chain;
mod cloud;
mod document;
mod vectors;

use serde_json::{Value, json};
use writ_oauth::Refusal;

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::catalogue::{self, READ};
use crate::support::door::Door;
use crate::support::server::Server;

const PKCS7: &str = "urn:cloud:idaas:params:oauth:client-assertion-type:pkcs7-bearer";
const X509_JWT: &str = "urn:cloud:idaas:params:oauth:client-assertion-type:x509-jwt-bearer";

/// A server with resource servers, and these documents.
fn server(documents: &Value) -> Server {
    let server = Server::new();
    server.apply("default", &catalogue::documents());
    server.apply("default", documents);
    server
}

/// A client with these federated credentials.
fn client(id: &str, credentials: &Value) -> Value {
    catalogue::client(id, json!({ "auth_methods": ["federated"], "credentials": credentials }))
}

/// A federated credential.
fn credential(name: &str, provider: &str, condition: &str) -> Value {
    json!({ "kind": "federated", "name": name, "provider": provider, "condition": condition })
}

/// A request with an assertion for a credential of a client.
fn request(door: Door, kind: &str, (client, credential): (&str, &str), assertion: &str) -> Call {
    door.ask(&[READ])
        .and("client_id", client)
        .and("application_federated_credential_name", credential)
        .and("client_assertion_type", kind)
        .and("client_assertion", assertion)
}

/// Ends the test unless an answer refuses by this rule, with the code that the door has for credentials.
#[track_caller]
fn refused(door: Door, answer: Answer, refusal: Refusal) {
    let answer = answer.is(refusal);
    let (status, error) = match (door, refusal) {
        (_, Refusal::CertificateMissing | Refusal::AssertionClientMissing) => (400, "invalid_request"),
        (Door::Oauth | Door::Authing, _) => (401, "invalid_client"),
        (Door::Idaas, _) => (400, "invalid_client_credential"),
    };
    assert_eq!(answer.error(status), error, "{door:?} {refusal:?}");
}
