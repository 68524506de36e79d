//! `workload-identity.md`: every document is applied as it is printed. For what is then tried the keys are written down,
//! as the page says it is done where they cannot be fetched.

use serde_json::{Value, json};
use writ_core::clock::Clock;

use super::page::Page;
use super::{Reader, answered};
use crate::support::assertion::{Assertion, jwk};
use crate::support::door::Door;
use crate::support::federation::{CI_KEY, TRUST_DOMAIN_KEY};

/// What the pod's token says, for another audience if need be.
fn pod(audience: &str) -> String {
    let now = Clock::system().now();
    let account = "system:serviceaccount:billing:worker";
    let claims = json!({ "namespace": "billing", "serviceaccount":
        { "name": "worker", "uid": "5a3f9d5e-6f0e-4c1b-9a57-0d3c7c1f2b11" } });
    let token = Assertion::of(Door::Oauth, account).claim("iss", "https://kubernetes.default.svc.cluster.local");
    let token = token.claim("aud", json!([audience])).claim("kubernetes.io", claims);
    token.claim("iat", now).claim("exp", now + 3600).header("kid", "first").by_key(CI_KEY) + "\n"
}

fn svid() -> String {
    let id = "spiffe://prod.example/billing";
    let svid =
        Assertion::of(Door::Oauth, id).without("iss").without("jti").claim("aud", json!(["https://writ.example/"]));
    let now = Clock::system().now();
    svid.claim("iat", now).claim("exp", now + 300).header("kid", "svid").by_key(TRUST_DOMAIN_KEY)
}

/// The provider of a document as it is printed, with its keys written down.
fn with_keys(document: &str, key: &Value) -> String {
    let (provider, _) = document.split_once("- kind: application").unwrap();
    let printed = provider.split_inclusive('\n').filter(|line| !line.trim_start().starts_with("jwks:"));
    let printed: String = printed.collect();
    let set = json!({ "inline": { "keys": [key] } });
    format!("{printed}  jwks: {set}\n")
}

#[test]
fn workloads_that_bring_a_document() {
    let (mut page, reader) = (Page::of("workload-identity"), Reader::new());
    let kubernetes = page.next("yaml");
    reader.apply(&kubernetes);
    let volumes = page.next("yaml");
    assert!(volumes.contains("serviceAccountToken: { audience: \"https://writ.example/\""), "{volumes}");
    for _cloud in ["GitHub", "GitLab", "Google Cloud", "Azure"] {
        let applied = reader.apply(&page.next("yaml"));
        assert!(!applied.stderr.contains("warning"), "{applied}");
    }
    let spiffe = page.next("yaml");
    reader.apply(&spiffe);
    reader.apply(&page.next("yaml"));

    reader.apply(&with_keys(&kubernetes, &jwk(CI_KEY, "first")));
    let mut bundle = jwk(TRUST_DOMAIN_KEY, "svid");
    bundle["use"] = "jwt-svid".into();
    reader.apply(&with_keys(&spiffe, &bundle));
    try_them(&reader, &mut page);
    page.ends();
}

fn try_them(reader: &Reader, page: &mut Page) {
    reader.save("token", pod("https://writ.example/"));
    reader.save("svid.jwt", svid());
    let tests = page.next("sh");
    let ran = reader.sh(&tests).ok();
    assert!(ran.stdout.contains("Accepted by in-cluster."), "{ran}");
    let (_, json) = ran.stdout.split_once("Accepted by in-cluster.\n").unwrap();
    let json: Value = serde_json::from_str(json).unwrap();
    assert_eq!((&json["accepted"], &json["credential"]), (&true.into(), &"svid".into()), "{json:#}");

    // What the page shows is what is printed of a token for somebody else.
    reader.save("token", pod("https://another.example/"));
    let refused = reader.sh(tests.lines().next().unwrap()).failed(1);
    assert_eq!(refused.stdout.trim_end(), page.next("text").trim_end());

    reader.save("token", pod("https://writ.example/"));
    answered(reader.sh(&page.next("sh")));
}
