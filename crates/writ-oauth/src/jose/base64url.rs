//! base64url as JOSE writes it: no padding, no whitespace, no stray bits.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn encode_onto(bytes: impl AsRef<[u8]>, text: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, text);
}

/// > Base64 encoding using the URL- and filename-safe character set [...] with all trailing '='
/// > characters omitted [...] and without the inclusion of any line breaks, whitespace, or other
/// > additional characters.
///
/// Bits left over in the last character must be zero, so that one value has one spelling: a token
/// whose text was changed is another token.
///
/// <https://www.rfc-editor.org/rfc/rfc7515#section-2>
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_spelling() {
        assert_eq!(decode("Zg"), Some(b"f".to_vec()));
        for other in ["Zh", "Zg==", "Zg=", " Zg", "Zg\n", "Z", "Z+", "Z/"] {
            assert_eq!(decode(other), None, "{other:?}");
        }
    }
}
