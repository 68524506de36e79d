//! Documents of a pinned signer, as Alibaba ECS writes them: what is accepted, and one by one what is not.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use writ_oauth::Refusal;

use super::{PKCS7, client, credential, request};
use crate::support::answer::Answer;
use crate::support::assertion::Assertion;
use crate::support::document::{Document, indefinite};
use crate::support::door::Door;
use crate::support::jwt::part;
use crate::support::private_ca::Made;
use crate::support::server::{START, Server};

const INSTANCE: &str = "i-8vb9b97xf7msxi4k6tgx";

/// A cloud that signs, a server that trusts it, and somebody else who signs.
struct Scene {
    signer: Made,
    stranger: Made,
    server: Server,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let (signer, stranger, ca) = (Made::signer("Unknown"), Made::signer("Unknown"), Made::root("Corp"));
    let provider = |name: &str| {
        json!({
            "kind": "provider", "name": name, "type": "pkcs7", "signers": [signer.pem],
            "signing_time": "pkcs7.payload.jsonData.audience.signingTime", "max_age": "20m",
            "trust_condition": r#"Equals(pkcs7.payload.jsonData.audience.aud, "writ")"#,
        })
    };
    let mut off = provider("ecs-off");
    off["status"] = "disabled".into();
    let corp = json!({ "kind": "provider", "name": "corp", "type": "private_ca", "anchors": [ca.pem] });
    let mut ours = json!({ "kind": "federated", "name": "ours", "provider": "ecs",
        "profile": { "ecs": { "instance_ids": [INSTANCE, "i-2"] } } });
    ours["subject"] = r#"Append("ecs:", pkcs7.payload.jsonData.'instance-id')"#.into();
    let is_ours = format!(r#"Equals(pkcs7.payload.jsonData.'instance-id', "{INSTANCE}")"#);
    let credentials = json!([
        ours,
        credential("off", "ecs-off", &is_ours),
        credential("of-a-ca", "corp", r#"Equals(cert.subject.CN, "machine")"#),
    ]);
    let mut at_home = client("machine-at-home", &credentials);
    at_home["clients"][0]["networks"] = json!(["office"]);
    let documents = json!([provider("ecs"), off, corp, client("machine", &credentials), at_home]);
    Scene { server: super::server(&documents), signer, stranger }
});

/// The content of a document, with an audience as the vendor's client asks for it: JSON in a string.
fn content(instance: &str, audience: &str, signed: i64) -> String {
    let audience = format!(r#"{{"aud": "{audience}", "signingTime": {signed}}}"#);
    json!({ "zone-id": "cn-zhangjiakou-c", "instance-id": instance, "audience": audience }).to_string()
}

fn good() -> String {
    content(INSTANCE, "writ", START)
}

impl Scene {
    fn send(&self, door: Door, document: &str) -> Answer {
        self.server.public(&request(door, PKCS7, ("machine", "ours"), document))
    }

    fn send_der(&self, door: Door, document: &[u8]) -> Answer {
        self.send(door, &STANDARD.encode(document))
    }

    #[track_caller]
    fn refuses(&self, document: &[u8], refusal: Refusal) {
        for door in Door::BOTH {
            super::refused(door, self.send_der(door, document), refusal);
        }
    }
}

#[test]
fn a_document_is_accepted_in_every_spelling_of_its_text() {
    let scene = &*SCENE;
    let base64 = STANDARD.encode(Document::bare(&good()).by(&[&scene.signer]));
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let lines = lines.join("\n");
    for door in Door::BOTH {
        for text in
            [base64.clone(), format!("{lines}\n"), format!("-----BEGIN PKCS7-----\n{lines}\n-----END PKCS7-----\n")]
        {
            let claims = part(&scene.send(door, &text).token(), 1);
            assert_eq!(claims["client_id"], "machine", "{claims:#}");
        }
    }
}

#[test]
fn every_shape_of_a_message_is_accepted() {
    let scene = &*SCENE;
    for document in [
        Document::bare(&good()),
        Document::streamed(&good(), "270115080000Z"),
        Document::with_signer(&good(), "270115080000Z", &scene.signer),
    ] {
        for door in Door::BOTH {
            scene.send_der(door, &document.by(&[&scene.signer])).ok();
        }
    }
}

/// The document says when it was signed; there is nothing else that ends its use.
#[test]
fn case_36_a_document_is_used_again_until_it_is_too_old() {
    let scene = &*SCENE;
    let signed = |at: i64| Document::bare(&content(INSTANCE, "writ", at)).by(&[&scene.signer]);
    for door in Door::BOTH {
        for at in [START, START - 1200, START + 60] {
            for _ in 0..2 {
                scene.send_der(door, &signed(at)).ok();
            }
        }
    }
    scene.refuses(&signed(START - 1201), Refusal::DocumentTooOld);
    scene.refuses(&signed(START + 61), Refusal::DocumentFromFuture);
    scene.refuses(&signed(i64::MIN), Refusal::DocumentTooOld);
    scene.refuses(&signed(i64::MAX), Refusal::DocumentFromFuture);
}

/// Neither the attribute nor the clock stands in for a time where the provider does not look for it.
#[test]
fn a_document_without_a_time_is_refused() {
    let scene = &*SCENE;
    for audience in
        [json!("abc"), json!(null), json!(r#"{"aud": "writ"}"#), json!(r#"{"aud":"writ","signingTime":"now"}"#)]
    {
        let content = json!({ "instance-id": INSTANCE, "audience": audience }).to_string();
        for document in [Document::bare(&content), Document::streamed(&content, "270115080000Z")] {
            scene.refuses(&document.by(&[&scene.signer]), Refusal::DocumentTimeMissing);
        }
    }
}

#[test]
fn case_36_audience_and_instance_must_be_the_ones_meant() {
    let scene = &*SCENE;
    let of = |instance: &str, audience: &str| Document::bare(&content(instance, audience, START)).by(&[&scene.signer]);
    for audience in ["other", "", "Writ", "writ "] {
        scene.refuses(&of(INSTANCE, audience), Refusal::FederatedTrustCondition);
    }
    for instance in ["i-3", "", "I-2", "i-2 "] {
        scene.refuses(&of(instance, "writ"), Refusal::FederatedCondition);
    }
    scene.send_der(Door::Oauth, &of("i-2", "writ")).ok();
}

/// A document that was carried off is no good elsewhere, where the client's addresses are known.
#[test]
fn case_36_a_document_is_good_at_the_addresses_of_its_client() {
    let scene = &*SCENE;
    let document = STANDARD.encode(Document::bare(&good()).by(&[&scene.signer]));
    for door in Door::BOTH {
        let call = request(door, PKCS7, ("machine-at-home", "ours"), &document);
        scene.server.public(&call.clone().from("203.0.113.9")).ok();
        scene.server.public(&call.from("198.51.100.7")).is(Refusal::AddressNotAllowed);
    }
}

#[test]
fn case_32_content_and_signature_are_those_of_the_signer() {
    let scene = &*SCENE;
    let other = content("i-2", "writ", START);
    let swapped = Document::bare(&good()).showing(&other).by(&[&scene.signer]);
    scene.refuses(&swapped, Refusal::DocumentSignature);
    let with_attributes = Document::streamed(&good(), "270115080000Z").showing(&other).by(&[&scene.signer]);
    scene.refuses(&with_attributes, Refusal::DocumentTampered);
    let mut flipped = Document::bare(&good()).by(&[&scene.signer]);
    *flipped.last_mut().unwrap() ^= 1;
    scene.refuses(&flipped, Refusal::DocumentSignature);
}

/// What a message says of its signer is not taken: neither the certificate in it, nor a name that fits.
#[test]
fn case_34_the_signer_is_the_pinned_one() {
    let scene = &*SCENE;
    let forged = Document::with_signer(&good(), "270115080000Z", &scene.stranger);
    scene.refuses(&forged.by(&[&scene.stranger]), Refusal::DocumentSigner);
    scene.refuses(&Document::bare(&good()).by(&[&scene.stranger]), Refusal::DocumentSigner);
    let in_its_name = forged.signed(&[(&scene.signer, &scene.stranger)]);
    scene.refuses(&in_its_name, Refusal::DocumentSignature);
}

#[test]
fn case_35_every_signer_counts() {
    let scene = &*SCENE;
    let document = Document::bare(&good()).carrying(&scene.stranger);
    let (good, bad) = ((&scene.signer, &scene.signer), (&scene.signer, &scene.stranger));
    for pair in [[good, bad], [bad, good]] {
        scene.refuses(&document.signed(&pair), Refusal::DocumentSignature);
    }
    scene.refuses(&document.by(&[&scene.signer, &scene.stranger]), Refusal::DocumentSigner);
    scene.refuses(&document.signed(&[]), Refusal::DocumentUnreadable);
    scene.refuses(&document.signed(&[good; 5]), Refusal::DocumentUnreadable);
}

#[test]
fn case_33_the_content_is_in_the_document() {
    let scene = &*SCENE;
    scene.refuses(&Document::bare(&good()).detached().by(&[&scene.signer]), Refusal::DocumentDetached);
}

#[test]
fn what_is_no_document_is_told_so() {
    let scene = &*SCENE;
    for door in Door::BOTH {
        for text in ["!", "-----BEGIN CERTIFICATE-----", "AAAA", &"A".repeat(30_000)] {
            super::refused(door, scene.send(door, text), Refusal::DocumentUnreadable);
        }
        // The vendor's own page has it for a private CA.
        let jwt = Assertion::of(door, "machine").by_key(1);
        super::refused(door, scene.send(door, &jwt), Refusal::AssertionNotOfItsType);
    }
    let whole = Document::bare(&good()).by(&[&scene.signer]);
    for length in [1, 9, whole.len() / 2, whole.len() - 1] {
        scene.refuses(&whole[..length], Refusal::DocumentUnreadable);
    }
}

#[test]
fn case_81_bombs_are_refused_before_they_cost_anything() {
    let scene = &*SCENE;
    let deep = (0..10_000).fold(vec![5, 0], |inner, _| indefinite_front(inner));
    let long = [&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff][..], &[0; 100]].concat();
    let pieces = indefinite(0x30, &vec![0x24; 20_000]);
    for bomb in [deep, long, pieces] {
        scene.refuses(&bomb, Refusal::DocumentUnreadable);
    }
}

/// Two octets at a time, without copying what is inside each time.
fn indefinite_front(mut inner: Vec<u8>) -> Vec<u8> {
    inner.splice(0..0, [0x30, 0x80]);
    inner
}

#[test]
fn the_credential_is_one_for_documents_and_may_be_used() {
    let scene = &*SCENE;
    let document = STANDARD.encode(Document::bare(&good()).by(&[&scene.signer]));
    for door in Door::BOTH {
        let with = |client: &str, name: &str| scene.server.public(&request(door, PKCS7, (client, name), &document));
        super::refused(door, with("machine", "of-a-ca"), Refusal::FederatedTypeMismatch);
        super::refused(door, with("machine", "off"), Refusal::FederatedProviderDisabled);
        super::refused(door, with("machine", "Ours"), Refusal::FederatedCredentialUnknown);
        super::refused(door, with("nobody", "ours"), Refusal::ClientUnknown);
        super::refused(door, with("partner", "ours"), Refusal::FederatedCredentialUnknown);
        let unnamed = door
            .ask(&[crate::support::catalogue::READ])
            .and("client_assertion_type", PKCS7)
            .and("client_assertion", &document);
        super::refused(door, scene.server.public(&unnamed), Refusal::AssertionClientMissing);
        // One fits, so that it need not be named.
        scene.server.public(&unnamed.and("client_id", "machine")).ok();
    }
}

#[test]
fn case_44_who_has_proven_nothing_learns_nothing_of_what_is_trusted() {
    let scene = &*SCENE;
    let text = |door: Door, client: &str, document: &[u8]| -> (u16, Value, String) {
        let call = request(door, PKCS7, (client, "ours"), &STANDARD.encode(document));
        let answer = scene.server.public(&call);
        (answer.status, answer.json()["error"].clone(), answer.description())
    };
    let bare = |content: &str| Document::bare(content);
    for door in Door::BOTH {
        let unknown = text(door, "nobody", &bare(&good()).by(&[&scene.signer]));
        for document in [
            bare(&good()).by(&[&scene.stranger]),
            bare(&good()).signed(&[(&scene.signer, &scene.stranger)]),
            bare(&content(INSTANCE, "writ", START - 9999)).by(&[&scene.signer]),
            bare(&content(INSTANCE, "other", START)).by(&[&scene.signer]),
            bare(&content("i-3", "writ", START)).by(&[&scene.signer]),
        ] {
            assert_eq!(text(door, "machine", &document), unknown, "{door:?}");
        }
    }
}
