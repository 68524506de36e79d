//! Documents that clouds really gave out, from the folder that lies beside every checkout.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use writ_oauth::Refusal;

use super::{PKCS7, client, request, server};
use crate::support::door::Door;
use crate::support::server::START;

/// Without the folder this fails: a run that left it out would pass for one that read the documents.
fn vector(name: &str) -> String {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    assert!(vectors.is_dir(), "the folder `shared` beside the checkout is missing: {}", vectors.display());
    std::fs::read_to_string(vectors.join(name)).unwrap()
}

fn provider(name: &str, settings: &Value) -> Value {
    let mut provider = json!({
        "kind": "provider", "name": name, "type": "pkcs7", "signers": [vector("aliyun_ecs_signer.crt.pem")],
        "allow_sha1": true, "signing_time": "pkcs7.payload.jsonData.audience.signingTime", "max_age": "20m",
    });
    provider.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    provider
}

fn credential(name: &str, instance: &str) -> Value {
    json!({ "kind": "federated", "name": name, "provider": name,
        "profile": { "ecs": { "instance_ids": [instance] } } })
}

/// The published document was made for the audience `abc` and says no time: a provider that looks for one refuses it, and
/// one for which an administrator has written the time down accepts it for as long after that as it accepts any.
#[test]
fn the_document_of_alibaba_ecs() {
    const INSTANCE: &str = "i-8vb9b97xf7msxi4k6tgx";
    let at = |seconds: i64| json!({ "signing_time": (START + seconds).to_string() });
    let server = server(&json!([
        provider("as-documented", &json!({})),
        provider("now", &at(0)),
        provider("old", &at(-1201)),
        provider("sha1", &json!({ "signing_time": START.to_string(), "allow_sha1": false })),
        client(
            "ecs",
            &json!([
                credential("as-documented", INSTANCE),
                credential("now", INSTANCE),
                credential("old", INSTANCE),
                credential("sha1", INSTANCE),
            ])
        ),
        client("neighbour", &json!([credential("now", "i-another")])),
    ]));
    let document = vector("aliyun_ecs_audience_abc.b64");
    for door in Door::BOTH {
        let send = |client: &str, name: &str| server.public(&request(door, PKCS7, (client, name), &document));
        send("ecs", "now").ok();
        super::refused(door, send("ecs", "as-documented"), Refusal::DocumentTimeMissing);
        super::refused(door, send("ecs", "old"), Refusal::DocumentTooOld);
        super::refused(door, send("ecs", "sha1"), Refusal::DocumentSigner);
        super::refused(door, send("neighbour", "now"), Refusal::FederatedCondition);
        let mut der = STANDARD.decode(document.trim()).unwrap();
        let place = der.windows(INSTANCE.len()).position(|window| window == INSTANCE.as_bytes()).unwrap();
        der[place + 2] ^= 1;
        let changed = request(door, PKCS7, ("ecs", "now"), &STANDARD.encode(&der));
        super::refused(door, server.public(&changed), Refusal::DocumentSignature);
    }
    server.advance(1200);
    let send = |name: &str| server.public(&request(Door::Oauth, PKCS7, ("ecs", name), &document));
    send("now").ok();
    server.advance(1);
    send("now").is(Refusal::DocumentTooOld);
}

#[test]
fn the_document_of_aws_with_dsa_is_refused_for_dsa() {
    let pinned = json!({ "signers": [vector("aws_ec2_dsa.crt.pem")], "signing_time": "attribute" });
    let server = server(&json!([provider("aws", &pinned), client("ec2", &json!([credential("aws", "i-1")]))]));
    let document = vector("aws_ec2_dsa.pkcs7.pem");
    for (door, words) in [
        (Door::Oauth, "The signed document is signed by an algorithm that is not supported, such as DSA."),
        (Door::Idaas, "Invalid client_assertion, reasons(s): [unsupported algorithm]"),
    ] {
        let answer = server.public(&request(door, PKCS7, ("ec2", "aws"), &document)).is(Refusal::DocumentAlgorithm);
        assert_eq!(answer.description(), words);
    }
}
