//! What expressions are given.

use serde_json::{Value, json};

use super::build::{Signer, attributes, good, message};
use super::fixture::{CONTENT, pinned, rsa};

fn facts(content: &[u8]) -> Value {
    pinned(&good(content), &[rsa()]).unwrap().facts()
}

#[test]
fn json_is_data_and_an_object_with_the_audience_opened() {
    let facts = facts(CONTENT);
    assert_eq!(facts["payload"]["data"], std::str::from_utf8(CONTENT).unwrap());
    assert_eq!(facts["signingTime"], 1_767_225_600);
    assert_eq!(
        facts["payload"]["jsonData"],
        json!({
            "instance-id": "i-1", "region-id": "r-1",
            "audience": {"aud": "i-1", "signingTime": 1_800_000_000},
        })
    );
}

#[test]
fn an_audience_that_is_no_object_stays_as_it_is() {
    for audience in [json!("abc"), json!("[1]"), json!("{\"a\":1,\"a\":2}"), json!("{"), json!(7), json!({"a": 1})] {
        let content = json!({"audience": audience}).to_string();
        assert_eq!(facts(content.as_bytes())["payload"]["jsonData"]["audience"], audience);
    }
}

#[test]
fn what_is_not_there_is_absent() {
    let text = facts(b"just text");
    assert_eq!(text["payload"], json!({"data": "just text"}));
    assert_eq!(facts(b"\xff")["payload"], json!({}));
    // Two members of one name: readers would disagree about which one counts.
    let ambiguous = facts(br#"{"instance-id":"a","instance-id":"b"}"#);
    assert!(ambiguous["payload"].get("jsonData").is_none());

    let document = message(CONTENT, &[], &[Signer::of(&rsa(), CONTENT).info()]);
    assert!(pinned(&document, &[rsa()]).unwrap().facts().get("signingTime").is_none());
}

/// Anybody can add a certificate to a message.
#[test]
fn case_34_certificates_that_only_came_along_are_no_facts() {
    let came_along = super::fixture::second().der().to_vec();
    let document = message(CONTENT, &[came_along], &[Signer::with(&rsa(), attributes(CONTENT)).info()]);
    let signed = pinned(&document, &[rsa()]).unwrap();
    assert_eq!(signed.unproven_certificates().len(), 1);
    let facts = signed.facts();
    assert_eq!(facts["certificates"].as_array().unwrap().len(), 1);
    assert_eq!(facts["certificates"][0]["subject"]["CN"], "rsa.example");
}
