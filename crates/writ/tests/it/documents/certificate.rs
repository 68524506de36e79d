//! JWTs by the key of a certificate: what is accepted, and what the JWT must be.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use writ_oauth::Refusal;

use super::{PKCS7, X509_JWT, client, credential, request};
use crate::support::answer::Answer;
use crate::support::assertion::{Assertion, issuer, tampered};
use crate::support::call::Call;
use crate::support::catalogue::SECRET;
use crate::support::door::Door;
use crate::support::jwt::part;
use crate::support::private_ca::{Made, authority, client_of};
use crate::support::server::Server;

/// A private CA with an authority between its root and the machines, and a server that trusts it.
struct Scene {
    root: Made,
    between: Made,
    leaf: Made,
    server: Server,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let root = Made::root("Corp Root");
    let between = root.issue(authority("Corp Machines"));
    let leaf = between.issue(client_of("billing"));
    let mut named = json!({ "kind": "federated", "name": "pca", "provider": "corp",
        "profile": { "certificate": { "common_name": "billing" } } });
    named["subject"] = r#"Append("cert:", cert.subject.CN)"#.into();
    let credentials = json!([
        named,
        credential("other-name", "corp", r#"Equals(cert.subject.CN, "shipping")"#),
        { "kind": "secret", "name": "first", "value": SECRET },
    ]);
    let mut strict =
        client("strict-machine", &json!([credential("pca", "corp", r#"Equals(cert.subject.CN, "billing")"#)]));
    strict["clients"][0]["assertions"] = json!({ "profile": "strict", "algs": ["ES256", "ES384"] });
    let server = super::server(&json!([
        { "kind": "provider", "name": "corp", "type": "private_ca", "anchors": [root.pem] },
        client("machine", &credentials),
        strict,
    ]));
    Scene { root, between, leaf, server }
});

/// A good assertion of the machine, whose `jti` is the test's.
fn of(door: Door, id: &str) -> Assertion {
    Assertion::of(door, "machine").id(&format!("{id}-{}", door.name()))
}

impl Scene {
    fn ask(&self, door: Door, jwt: &str) -> Call {
        request(door, X509_JWT, ("machine", "pca"), jwt)
            .and("client_x509", &self.leaf.pem)
            .and("client_x509_chain", &self.between.pem)
    }

    fn send(&self, door: Door, assertion: &Assertion) -> Answer {
        self.server.public(&self.ask(door, &self.leaf.sign(assertion)))
    }

    /// With these certificates, and a good assertion.
    fn present(&self, door: Door, id: &str, leaf: &str, chain: Option<&str>) -> Answer {
        let call = request(door, X509_JWT, ("machine", "pca"), &self.leaf.sign(&of(door, id)));
        let call = if leaf.is_empty() { call } else { call.and("client_x509", leaf) };
        self.server.public(&chain.map_or(call.clone(), |chain| call.and("client_x509_chain", chain)))
    }

    #[track_caller]
    fn refuses(&self, change: impl Fn(Assertion) -> Assertion, refusal: Refusal) {
        for door in Door::BOTH {
            super::refused(door, self.send(door, &change(of(door, "x"))), refusal);
        }
    }
}

#[test]
fn certificates_are_read_in_every_form_that_clients_send() {
    let scene = &*SCENE;
    let (leaf, between, root) = (&scene.leaf, &scene.between, &scene.root);
    let (leaf64, between64, root64) = (leaf.base64(), between.base64(), root.base64());
    let lines = |base64: &str| {
        let lines: Vec<_> = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        lines.join("\n")
    };
    for door in Door::BOTH {
        for (id, certificate, chain) in [
            ("pem", leaf.pem.clone(), between.pem.clone()),
            ("pem and root", leaf.pem.clone(), format!("{}{}", between.pem, root.pem)),
            ("root first", leaf.pem.clone(), format!("{}\n{}", root.pem, between.pem)),
            ("pem and comma", leaf.pem.clone(), format!("{},{}", between.pem, root.pem)),
            ("base64", leaf64.clone(), between64.clone()),
            ("base64 in lines", lines(&leaf64), lines(&between64)),
            ("base64 and comma", leaf64.clone(), format!("{between64},{root64}")),
            ("base64 and line", leaf64.clone(), format!("{between64}\n{root64}\n")),
            ("crlf", leaf.pem.replace('\n', "\r\n"), between.pem.replace('\n', "\r\n")),
        ] {
            let answer = scene.present(door, id, &certificate, Some(&chain));
            assert_eq!(answer.status, 200, "{door:?} {id}: {:?} {}", answer.refusal, answer.text);
            assert_eq!(part(&answer.token(), 1)["client_id"], "machine");
        }
        let whole = format!("{}{}", leaf.pem, between.pem);
        scene.present(door, "all in one", &whole, None).ok();
    }
}

#[test]
fn certificates_that_are_missing_or_cannot_be_read_are_told() {
    let scene = &*SCENE;
    let between = Some(scene.between.pem.as_str());
    for door in Door::BOTH {
        for nothing in ["", " ", "\n"] {
            super::refused(door, scene.present(door, "x", nothing, between), Refusal::CertificateMissing);
        }
        let key = scene.leaf.key.serialize_pem();
        let cut = &scene.leaf.base64()[..100];
        for wrong in ["x", "AAAA", &key, cut, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"] {
            super::refused(door, scene.present(door, "x", wrong, between), Refusal::CertificateUnreadable);
            let leaf = &scene.leaf.pem;
            super::refused(door, scene.present(door, "x", leaf, Some(wrong)), Refusal::CertificateUnreadable);
        }
        let many = scene.between.pem.repeat(11);
        super::refused(door, scene.present(door, "x", &scene.leaf.pem, Some(&many)), Refusal::CertificateUnreadable);
        let nine = scene.between.pem.repeat(9);
        super::refused(door, scene.present(door, "x", &scene.leaf.pem, Some(&nine)), Refusal::CertificateUntrusted);
    }
}

#[test]
fn case_12_issuer_subject_and_client_id_are_the_client() {
    let scene = &*SCENE;
    scene.refuses(|it| it.claim("iss", "partner"), Refusal::AssertionIssuerMismatch);
    scene.refuses(|it| it.without("iss"), Refusal::AssertionIssuerMismatch);
    scene.refuses(|it| it.without("sub"), Refusal::AssertionSubjectMissing);
    scene.refuses(|it| it.claim("iss", "partner").claim("sub", "partner"), Refusal::AssertionClientMismatch);
}

#[test]
fn the_rules_of_assertions_hold() {
    let scene = &*SCENE;
    for door in Door::BOTH {
        let endpoint = format!("{}/token", issuer(door));
        scene.send(door, &of(door, "endpoint").claim("aud", endpoint.as_str())).ok();
    }
    let other = "https://other.example/token";
    scene.refuses(|it| it.claim("aud", other), Refusal::AssertionAudience);
    scene.refuses(
        |it| it.claim("aud", json!([issuer(Door::Oauth), issuer(Door::Idaas), other])),
        Refusal::AssertionAudienceForm,
    );
    scene.refuses(|it| it.without("exp"), Refusal::AssertionExpiryMissing);
    scene.refuses(|it| it.at("exp", -61), Refusal::AssertionExpired);
    scene.refuses(|it| it.at("nbf", 61), Refusal::AssertionNotYetValid);
    scene.refuses(|it| it.at("iat", 61), Refusal::AssertionIssuedInFuture);
    scene.refuses(|it| it.at("exp", 30 * 60 + 61), Refusal::AssertionLifetimeTooLong);
    scene.refuses(|it| it.without("jti"), Refusal::AssertionIdMissing);
    scene.refuses(|it| it.id(&"x".repeat(257)), Refusal::AssertionIdTooLong);
    scene.refuses(|it| it.header("typ", "at+jwt"), Refusal::AssertionTyp);
    scene.refuses(|it| it.claim("exp", "1800000300"), Refusal::AssertionClaimMalformed);
}

#[test]
fn the_clients_policy_holds() {
    let scene = &*SCENE;
    for door in Door::BOTH {
        let send = |assertion: &Assertion| {
            let call = request(door, X509_JWT, ("strict-machine", "pca"), &scene.leaf.sign(assertion));
            scene.server.public(&call.and("client_x509", &scene.leaf.pem).and("client_x509_chain", &scene.between.pem))
        };
        let good = Assertion::of(door, "strict-machine").id(&format!("strict-{}", door.name()));
        send(&good).ok();
        let endpoint = format!("{}/token", issuer(door));
        super::refused(door, send(&good.clone().claim("aud", endpoint.as_str())), Refusal::AssertionAudience);
        super::refused(door, send(&good.at("exp", 5 * 60 + 61)), Refusal::AssertionLifetimeTooLong);
    }
}

#[test]
fn case_13_the_key_of_the_certificate_signs_by_an_algorithm_of_its_own() {
    let scene = &*SCENE;
    let spki = writ_oauth::x509::Certificate::from_der(&scene.leaf.der()).unwrap().spki_der().to_vec();
    for door in Door::BOTH {
        let assertion = of(door, "x");
        for secret in [spki.clone(), scene.leaf.der(), scene.leaf.pem.clone().into_bytes()] {
            let jwt = assertion.sign(Algorithm::HS256, &EncodingKey::from_secret(&secret));
            super::refused(door, scene.server.public(&scene.ask(door, &jwt)), Refusal::AssertionAlgUnknown);
        }
        let none = scene.leaf.sign(&assertion.clone().header("alg", "none"));
        super::refused(door, scene.server.public(&scene.ask(door, &none)), Refusal::AssertionAlgUnknown);
        let other_alg = scene.leaf.sign(&assertion.clone().header("alg", "ES384"));
        super::refused(door, scene.server.public(&scene.ask(door, &other_alg)), Refusal::AssertionSignature);
        super::refused(door, scene.server.public(&scene.ask(door, &assertion.by_key(1))), Refusal::AssertionSignature);
    }
}

/// Nothing in the JWT binds the certificate but the key.
#[test]
fn case_17_the_certificate_is_the_one_whose_key_signed() {
    let scene = &*SCENE;
    let stranger = Made::root("Evil").issue(client_of("billing"));
    let colleague = scene.between.issue(client_of("shipping"));
    for door in Door::BOTH {
        for signer in [&stranger, &colleague] {
            let jwt = signer.sign(&of(door, "x"));
            super::refused(door, scene.server.public(&scene.ask(door, &jwt)), Refusal::AssertionSignature);
        }
        let embedded = of(door, "x").header("x5c", json!([stranger.base64()])).header("kid", "k");
        let embedded = embedded.header("jku", "https://evil.example/jwks").header("x5u", "https://evil.example/crt");
        let jwt = stranger.sign(&embedded);
        super::refused(door, scene.server.public(&scene.ask(door, &jwt)), Refusal::AssertionSignature);
        // Nor does it do any harm.
        let own = of(door, "with a header").header("x5c", json!([stranger.base64()])).header("kid", "k");
        scene.send(door, &own).ok();
    }
}

#[test]
fn what_was_changed_after_it_was_signed_is_refused() {
    let scene = &*SCENE;
    for door in Door::BOTH {
        for jwt in tampered(&scene.leaf.sign(&of(door, "changed"))) {
            super::refused(door, scene.server.public(&scene.ask(door, &jwt)), Refusal::AssertionSignature);
        }
        // The last octets of a certificate are its signature.
        let mut der = scene.leaf.der();
        *der.last_mut().unwrap() ^= 1;
        let (changed, between) = (STANDARD.encode(der), Some(scene.between.pem.as_str()));
        super::refused(door, scene.present(door, "changed", &changed, between), Refusal::CertificateUntrusted);
        scene.present(door, "changed", &scene.leaf.pem, between).ok();
    }
}

#[test]
fn the_certificate_is_that_of_the_credential() {
    let scene = &*SCENE;
    let colleague = scene.between.issue(client_of("shipping"));
    for door in Door::BOTH {
        let send = |name: &str, made: &Made, id: &str| {
            let call = request(door, X509_JWT, ("machine", name), &made.sign(&of(door, id)));
            scene.server.public(&call.and("client_x509", &made.pem).and("client_x509_chain", &scene.between.pem))
        };
        super::refused(door, send("pca", &colleague, "x"), Refusal::FederatedCondition);
        super::refused(door, send("other-name", &scene.leaf, "x"), Refusal::FederatedCondition);
        super::refused(door, send("unknown", &scene.leaf, "x"), Refusal::FederatedCredentialUnknown);
        super::refused(door, send("first", &scene.leaf, "x"), Refusal::FederatedCredentialUnknown);
        send("other-name", &colleague, "colleague").ok();
        // The vendor's own page names the other type for a private CA.
        let call = request(door, PKCS7, ("machine", "pca"), &scene.leaf.sign(&of(door, "x")));
        super::refused(door, scene.server.public(&call), Refusal::AssertionNotOfItsType);
    }
}

#[test]
fn case_5_an_assertion_is_used_once() {
    let scene = &*SCENE;
    for door in Door::BOTH {
        let once = of(door, "once");
        scene.send(door, &once).ok();
        super::refused(door, scene.send(door, &once), Refusal::AssertionSpent);
        // Another signature, and another expiry, do not make it another one.
        super::refused(door, scene.send(door, &once.at("exp", 200)), Refusal::AssertionSpent);
    }
}

/// What was refused for anything else may be sent again.
#[test]
fn case_8_a_refusal_spends_nothing() {
    let scene = &*SCENE;
    for door in Door::BOTH {
        let assertion = of(door, "kept");
        let jwt = scene.leaf.sign(&assertion);
        let other = request(door, X509_JWT, ("machine", "other-name"), &jwt);
        let other = other.and("client_x509", &scene.leaf.pem).and("client_x509_chain", &scene.between.pem);
        super::refused(door, scene.server.public(&other), Refusal::FederatedCondition);
        super::refused(door, scene.present(door, "kept", &scene.leaf.pem, None), Refusal::CertificateUntrusted);
        let wrong = scene.ask(door, &jwt).and("resource", "urn:nothing");
        if door == Door::Oauth {
            assert_ne!(scene.server.public(&wrong).status, 200);
        }
        scene.server.public(&scene.ask(door, &jwt)).ok();
    }
}

#[test]
fn case_44_who_has_proven_nothing_learns_nothing_of_what_is_trusted() {
    let scene = &*SCENE;
    let stranger = Made::root("Evil").issue(client_of("billing"));
    let text = |door: Door, client: &str, made: &Made| -> (u16, Value, String) {
        let assertion = Assertion::of(door, client).id("x");
        let call = request(door, X509_JWT, (client, "pca"), &made.sign(&assertion));
        let answer = scene.server.public(&call.and("client_x509", &made.pem));
        (answer.status, answer.json()["error"].clone(), answer.description())
    };
    for door in Door::BOTH {
        let unknown = text(door, "nobody", &stranger);
        assert_eq!(text(door, "machine", &stranger), unknown);
        assert_eq!(text(door, "partner", &stranger), unknown);
        assert_eq!(text(door, "machine", &scene.leaf), unknown, "without its chain");
    }
}
