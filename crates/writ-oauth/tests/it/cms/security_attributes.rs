//! What the signed attributes must say: case 33 and its neighbours.

use writ_oauth::cms::CmsFault;

use super::build::{
    CONTENT_TYPE, DATA, MESSAGE_DIGEST, SIGNING_TIME, Signer, attribute, attributes, content_type, message,
    message_digest, oid, signing_time, tlv,
};
use super::fixture::{CONTENT, fault, pinned, rsa};

fn outcome(attributes: Vec<Vec<u8>>) -> Result<Option<i64>, CmsFault> {
    let document = message(CONTENT, &[], &[Signer::with(&rsa(), attributes).info()]);
    pinned(&document, &[rsa()]).map(|signed| signed.signing_time())
}

#[test]
fn case_33_the_message_digest_is_that_of_the_content() {
    assert_eq!(outcome(attributes(b"other")), Err(CmsFault::MessageDigest));
    let short = attribute(MESSAGE_DIGEST, &[tlv(4, &[])]);
    assert_eq!(outcome(vec![content_type(), short]), Err(CmsFault::MessageDigest));

    let signer = Signer::with(&rsa(), attributes(CONTENT));
    assert_eq!(fault(&message(b"other", &[], &[signer.info()])), CmsFault::MessageDigest);
}

#[test]
fn case_33_unordered_attributes_are_sorted_before_they_are_checked() {
    let mut reversed = attributes(CONTENT);
    reversed.reverse();
    assert_eq!(outcome(reversed.clone()), Ok(Some(1_767_225_600)));

    // Signed in the order in which they were written, which is not DER.
    let signer = Signer { attributes: Some(reversed.clone()), ..Signer::of(&rsa(), &tlv(0x31, &reversed.concat())) };
    assert_eq!(fault(&message(CONTENT, &[], &[signer.info()])), CmsFault::Signature);
}

#[test]
fn case_33_the_signature_is_over_a_set_and_nothing_else() {
    let sorted = attributes(CONTENT).concat();
    for signed in [tlv(0xa0, &sorted), sorted.clone(), CONTENT.to_vec()] {
        let signer = Signer { attributes: Some(attributes(CONTENT)), ..Signer::of(&rsa(), &signed) };
        assert_eq!(fault(&message(CONTENT, &[], &[signer.info()])), CmsFault::Signature);
    }
}

#[test]
fn content_type_and_message_digest_are_there_once() {
    let digest = || message_digest(CONTENT);
    assert_eq!(outcome(vec![content_type(), digest()]), Ok(None));
    for missing in [vec![], vec![content_type()], vec![digest()], vec![signing_time("260101000000Z")]] {
        assert_eq!(outcome(missing), Err(CmsFault::AttributeMissing));
    }
    let time = || signing_time("260101000000Z");
    for repeated in [
        vec![content_type(), content_type(), digest()],
        vec![content_type(), digest(), digest()],
        vec![content_type(), digest(), message_digest(b"other")],
        vec![content_type(), digest(), time(), time()],
        vec![attribute(CONTENT_TYPE, &[oid(DATA), oid(DATA)]), digest()],
        vec![content_type(), digest(), attribute(SIGNING_TIME, &vec![tlv(0x17, b"260101000000Z"); 2])],
    ] {
        assert_eq!(outcome(repeated), Err(CmsFault::AttributeRepeated));
    }
    let other = attribute("1.2.3", &[vec![5, 0], vec![5, 0]]);
    assert_eq!(outcome(vec![content_type(), digest(), other.clone(), other]), Ok(None), "others do not matter");
}

#[test]
fn the_content_type_is_that_of_the_content() {
    let other = attribute(CONTENT_TYPE, &[oid("1.2.840.113549.1.9.16.1.4")]);
    assert_eq!(outcome(vec![other, message_digest(CONTENT)]), Err(CmsFault::ContentTypeAttribute));
}

#[test]
fn malformed_attributes_are_refused() {
    for malformed in [
        attribute(SIGNING_TIME, &[]),
        attribute(SIGNING_TIME, &[tlv(4, &[1])]),
        signing_time("2601010000Z"),
        signing_time("260101000000+0100"),
        signing_time("261301000000Z"),
        tlv(0x30, &oid(SIGNING_TIME)),
        tlv(4, &[]),
    ] {
        let list = vec![content_type(), message_digest(CONTENT), malformed];
        assert_eq!(outcome(list), Err(CmsFault::AttributeForm));
    }
    let not_octets = attribute(MESSAGE_DIGEST, &[vec![5, 0]]);
    assert_eq!(outcome(vec![content_type(), not_octets]), Err(CmsFault::AttributeForm));
    let not_an_oid = attribute(CONTENT_TYPE, &[vec![5, 0]]);
    assert_eq!(outcome(vec![not_an_oid, message_digest(CONTENT)]), Err(CmsFault::AttributeForm));
}

#[test]
fn a_signing_time_has_either_form() {
    let with =
        |value: Vec<u8>| outcome(vec![content_type(), message_digest(CONTENT), attribute(SIGNING_TIME, &[value])]);
    assert_eq!(with(tlv(0x17, b"260101000000Z")), Ok(Some(1_767_225_600)));
    assert_eq!(with(tlv(0x18, b"20260101000000Z")), Ok(Some(1_767_225_600)));
}

#[test]
fn of_several_signing_times_the_earliest_counts() {
    let at = |time| {
        let list = vec![content_type(), message_digest(CONTENT), signing_time(time)];
        Signer::with(&rsa(), list).info()
    };
    let document = message(CONTENT, &[], &[at("260101000001Z"), at("260101000000Z"), at("260101000002Z")]);
    assert_eq!(pinned(&document, &[rsa()]).unwrap().signing_time(), Some(1_767_225_600));
}

/// Both messages have the same signature over the same bytes.
#[test]
fn signed_attributes_cannot_be_made_the_content() {
    let attributes = attributes(CONTENT);
    let encoded = tlv(0x31, &attributes.concat());
    let signer = Signer { attributes: None, ..Signer::with(&rsa(), attributes) };
    assert_eq!(fault(&message(&encoded, &[], &[signer.info()])), CmsFault::ContentIsAttributes);
    // Text that begins with the same octet is just text.
    let text = b"1 is the digit with that code";
    pinned(&message(text, &[], &[Signer::of(&rsa(), text).info()]), &[rsa()]).unwrap();
}
