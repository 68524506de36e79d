//! What is presented: DER, BER, or either as text.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::fault::CmsFault;

/// The longest document that is looked at, as it was presented, in bytes. Instance documents have
/// two to eight thousand, with certificates in them.
pub const MAX_DOCUMENT_BYTES: usize = 64 * 1024;

/// The labels of PEM under which messages are found.
///
/// > PKCS #7 Cryptographic Message Syntax structures are encoded using the "PKCS7" label.
///
/// > Cryptographic Message Syntax structures are encoded using the "CMS" label.
///
/// <https://www.rfc-editor.org/rfc/rfc7468#section-8>
/// <https://www.rfc-editor.org/rfc/rfc7468#section-9>
const LABELS: [&str; 2] = ["PKCS7", "CMS"];

/// The bytes of the message. Text is base64 in the standard alphabet with padding, with or without
/// PEM armour; white space, which forms and shells add and remove, means nothing in it.
pub(super) fn message(document: &[u8]) -> Result<Cow<'_, [u8]>, CmsFault> {
    if document.len() > MAX_DOCUMENT_BYTES {
        return Err(CmsFault::TooLarge);
    }
    // A message begins with the tag of a sequence. Its base64 never begins with this byte.
    if document.first() == Some(&0x30) {
        return Ok(Cow::Borrowed(document));
    }
    let text: Vec<u8> = document.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(without_armour(&text)?).map_err(|_| CmsFault::Base64)?;
    Ok(Cow::Owned(bytes))
}

fn without_armour(text: &[u8]) -> Result<&[u8], CmsFault> {
    if !text.starts_with(b"-----") {
        return Ok(text);
    }
    let within = |label: &str| {
        let begin = format!("-----BEGIN{label}-----");
        let end = format!("-----END{label}-----");
        text.strip_prefix(begin.as_bytes())?.strip_suffix(end.as_bytes())
    };
    LABELS.into_iter().find_map(within).ok_or(CmsFault::Armour)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_one_message_is_read() {
        for text in [
            "MAA=",
            " M\tA\r\nA= ",
            "-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n",
            "-----BEGIN CMS-----MAA=-----END CMS-----",
        ] {
            assert_eq!(*message(text.as_bytes()).unwrap(), [0x30, 0], "{text:?}");
        }
        assert_eq!(*message(&[0x30, 0]).unwrap(), [0x30, 0]);
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["MAA", "MA-_", "MAB=", "MAA=MAA=", "MAA=\0", "not base64"] {
            assert_eq!(message(text.as_bytes()), Err(CmsFault::Base64), "{text:?}");
        }
        for text in [
            "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----",
            "-----BEGIN PKCS7-----\nMAA=\n-----END CMS-----",
            "-----BEGIN PKCS7-----\nMAA=",
        ] {
            assert_eq!(message(text.as_bytes()), Err(CmsFault::Armour), "{text:?}");
        }
        assert_eq!(message(&vec![b' '; MAX_DOCUMENT_BYTES + 1]), Err(CmsFault::TooLarge));
        assert_eq!(message(&vec![0x30; 10 << 20]), Err(CmsFault::TooLarge));
    }
}
