//! `client_secret_basic`: id and secret in an HTTP Basic header, in every encoding that clients use.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::presented::PresentedSecret;
use crate::form::decode;
use crate::secret::PlainSecret;
use crate::{Refusal, Refused};

/// Reads the credentials after `Basic `.
///
/// RFC 6749 has id and secret form-encoded before they are joined; half of the clients in use send them raw, as
/// RFC 7617 has it. So both readings of the secret are candidates, the decoded one first, each decoded at most once.
/// Client ids are made of characters that are the same in both.
///
/// > The client identifier is encoded using the "application/x-www-form-urlencoded" encoding algorithm per
/// > Appendix B, and the encoded value is used as the username
///
/// <https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1>
pub(super) fn read(credentials: &str) -> Result<PresentedSecret, Refused> {
    let bytes = STANDARD.decode(credentials.trim()).map(Zeroizing::new).map_err(|_| Refusal::BasicMalformed)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Refusal::BasicMalformed)?;
    if text.chars().any(char::is_control) {
        return Err(Refusal::BasicMalformed.into());
    }
    let (id, secret) = text.split_once(':').ok_or(Refusal::BasicMalformed)?;
    if id.is_empty() || secret.is_empty() {
        return Err(Refusal::BasicMalformed.into());
    }
    let raw = PlainSecret::new(secret.to_owned());
    let decoded = decode(secret).ok().filter(|decoded| decoded != secret && !decoded.is_empty()).map(PlainSecret::new);
    let client_id = decode(id).unwrap_or_else(|_| id.to_owned());
    Ok(match decoded {
        None => PresentedSecret::new(client_id, raw, None),
        Some(decoded) => PresentedSecret::new(client_id, decoded, Some(raw)),
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn candidates(credentials: &str) -> (String, Vec<String>) {
        let presented = read(&STANDARD.encode(credentials)).unwrap();
        let secrets = presented.candidates().map(|secret| secret.expose().to_owned()).collect();
        (presented.client_id().to_owned(), secrets)
    }

    #[test]
    fn case_45_the_decoded_form_then_the_raw_form_and_never_a_second_decoding() {
        assert_eq!(candidates("id:plain"), ("id".into(), vec!["plain".into()]));
        assert_eq!(candidates("id:a%2Bb"), ("id".into(), vec!["a+b".into(), "a%2Bb".into()]));
        assert_eq!(candidates("id:a%252Bb"), ("id".into(), vec!["a%2Bb".into(), "a%252Bb".into()]));
        assert_eq!(candidates("id:a+b:c"), ("id".into(), vec!["a b:c".into(), "a+b:c".into()]));
        assert_eq!(candidates("id:100%"), ("id".into(), vec!["100%".into()]));
        assert_eq!(candidates("a%2Db:CS+/=%:é x").0, "a-b");
        assert_eq!(candidates("id:CS+/=%:é x").1, vec!["CS+/=%:é x"]);
    }

    #[test]
    fn malformed_credentials_are_refused() {
        for credentials in ["!!!", "aWQ", "aWQ=", "OnNlY3JldA==", "aWQ6", "/////w=="] {
            assert_eq!(read(credentials).err().unwrap().refusal, Refusal::BasicMalformed, "{credentials}");
        }
    }
}
