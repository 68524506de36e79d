//! What holds for every input.

use proptest::prelude::*;

use super::build::{Signer, attributes, good, message, streamed, tlv};
use super::fixture::{CONTENT, pinned, rsa};

fn documents() -> Vec<Vec<u8>> {
    vec![
        good(CONTENT),
        streamed(&[CONTENT], &[Signer::with(&rsa(), attributes(CONTENT)).info()]),
        message(CONTENT, &[], &[Signer::of(&rsa(), CONTENT).info()]),
        include_bytes!("fixtures/rsa-sha256.der").to_vec(),
        include_bytes!("fixtures/rsa-keyid.der").to_vec(),
    ]
}

/// Elements of any tag around and beside each other, as in a message.
fn any_ber() -> impl Strategy<Value = Vec<u8>> {
    let tag = prop::sample::select(vec![0x30, 0x31, 0x24, 0x04, 0x02, 0x06, 0xa0, 0xa1, 0x80, 0x05, 0x17, 0x00]);
    let leaf = (tag.clone(), prop::collection::vec(any::<u8>(), 0..12)).prop_map(|(tag, body)| tlv(tag, &body));
    leaf.prop_recursive(8, 40, 5, move |inner| {
        (tag.clone(), prop::collection::vec(inner, 0..5)).prop_map(|(tag, parts)| tlv(tag, &parts.concat()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_arbitrary_bytes_verify(bytes in any::<Vec<u8>>(), text in any::<String>(), ber in any_ber()) {
        let signers = [rsa()];
        prop_assert!(pinned(&bytes, &signers).is_err());
        prop_assert!(pinned(text.as_bytes(), &signers).is_err());
        prop_assert!(pinned(&ber, &signers).is_err());
        prop_assert!(pinned(&[&[0x30, 0x80], &bytes[..]].concat(), &signers).is_err());
    }

    #[test]
    fn no_arbitrary_content_verifies(ber in any_ber(), certificate in any_ber(), signer in any_ber()) {
        let signers = [rsa()];
        let good = Signer::with(&rsa(), attributes(CONTENT)).info();
        prop_assert!(pinned(&message(&ber, &[], std::slice::from_ref(&good)), &signers).is_err());
        prop_assert!(pinned(&message(CONTENT, &[], &[good, signer]), &signers).is_err());
        prop_assert!(pinned(&message(CONTENT, &[certificate], &[ber]), &signers).is_err());
    }

    /// Some bytes mean nothing (a version, a list that is not used, lengths in BER): changing them
    /// changes nothing. Whatever is changed, only what was signed comes out.
    #[test]
    fn nothing_but_what_was_signed_comes_out_of_a_changed_document(
        document in prop::sample::select(documents()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..4),
    ) {
        let mut changed = document;
        for (at, byte, kind) in changes {
            let at = at.index(changed.len());
            match kind {
                0 => changed[at] = byte,
                1 => changed.insert(at, byte),
                _ => drop(changed.remove(at)),
            }
        }
        if let Ok(signed) = pinned(&changed, &[rsa()]) {
            prop_assert_eq!(signed.content(), CONTENT);
            prop_assert_eq!(signed.signers(), [rsa()]);
        }
    }
}
