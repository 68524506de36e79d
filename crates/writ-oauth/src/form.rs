//! The form body of a token request: read once, refused once.

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use crate::{Refusal, Refused};

/// The one parameter that may occur several times.
///
/// > Multiple "resource" parameters MAY be used to indicate that the requested token is intended to be used at
/// > multiple resources.
///
/// <https://www.rfc-editor.org/rfc/rfc8707#section-2>
const REPEATABLE: &str = "resource";

/// So many parameters a request usually has at most.
const USUAL: usize = 8;

/// The parameters of one request, in the order sent. No `Debug`: secrets are among them.
pub struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    /// Parses `application/x-www-form-urlencoded` bytes with at most `limit` parameters.
    pub fn parse(body: &[u8], limit: usize) -> Result<Self, Refused> {
        let text = std::str::from_utf8(body).map_err(|_| Refusal::FormMalformed)?;
        // Said of every JSON document, so that no part of one is taken for a parameter and repeated in the answer.
        if text.trim_start().starts_with(['{', '[', '"']) {
            return Err(Refusal::BodyIsJson.into());
        }
        let mut form = Self(Vec::with_capacity(USUAL));
        for (index, pair) in text.split('&').filter(|pair| !pair.is_empty()).enumerate() {
            if index == limit {
                return Err(Refusal::TooManyParameters.into());
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            form.push(decode(name)?, decode(value)?)?;
        }
        Ok(form)
    }

    fn push(&mut self, name: String, value: String) -> Result<(), Refused> {
        let value = Zeroizing::new(value);
        if name.contains(['[', ']']) {
            return Err(Refused::about(Refusal::ParameterNameBracketed, &name));
        }
        // > Request and response parameters MUST NOT be included more than once.
        // https://www.rfc-editor.org/rfc/rfc6749#section-3.2
        if name != REPEATABLE && self.0.iter().any(|(known, _)| *known == name) {
            return Err(Refused::about(Refusal::ParameterRepeated, &name));
        }
        self.0.push((name, value));
        Ok(())
    }

    /// The value of a parameter.
    ///
    /// > Parameters sent without a value MUST be treated as if they were omitted from the request.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc6749#section-3.2>
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Every value of a parameter that may be repeated.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.0.iter().filter(move |(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }
}

/// Decodes one name or value: `+` is a blank, `%XX` a byte, and the bytes are UTF-8.
pub(crate) fn decode(encoded: &str) -> Result<String, Refused> {
    let bytes = encoded.as_bytes();
    if !bytes.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Ok(encoded.to_owned());
    }
    let escapes_are_whole = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%').all(|(at, _)| {
        let digits = bytes.get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    if !escapes_are_whole {
        return Err(Refusal::FormMalformed.into());
    }
    let blanks = encoded.replace('+', " ");
    let decoded = percent_decode_str(&blanks).decode_utf8().map_err(|_| Refusal::FormMalformed)?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn refusal(body: &str) -> Refusal {
        Form::parse(body.as_bytes(), 8).err().unwrap().refusal
    }

    #[test]
    fn parameters_are_decoded_once() {
        let form = Form::parse(b"scope=a%7Cb+c&x=%252B&empty=&flag", 8).unwrap();
        assert_eq!(form.get("scope"), Some("a|b c"));
        assert_eq!(form.get("x"), Some("%2B"));
        assert_eq!(form.get("empty"), None);
        assert_eq!(form.get("flag"), None);
    }

    #[test]
    fn case_57_duplicates_brackets_json_and_broken_escapes_are_refused() {
        assert_eq!(refusal("scope=a&scope=b"), Refusal::ParameterRepeated);
        assert_eq!(refusal("scope=a&%73cope=b"), Refusal::ParameterRepeated);
        assert_eq!(refusal("scope=&scope=b"), Refusal::ParameterRepeated);
        assert_eq!(refusal("scope[0]=a"), Refusal::ParameterNameBracketed);
        for json in [" {\"grant_type\":\"client_credentials\"}", "[{\"client_secret\":\"s\"}]", "\"client_secret\""] {
            assert_eq!(refusal(json), Refusal::BodyIsJson, "{json}");
        }
        assert_eq!(refusal("scope=%4"), Refusal::FormMalformed);
        assert_eq!(refusal("scope=%zz"), Refusal::FormMalformed);
        assert_eq!(refusal("scope=%ff"), Refusal::FormMalformed);
        assert_eq!(refusal("a&b&c&d&e&f&g&h&i"), Refusal::TooManyParameters);
    }

    #[test]
    fn only_resource_may_be_repeated() {
        let form = Form::parse(b"resource=urn:a&resource=urn:b", 8).unwrap();
        assert_eq!(form.all("resource").collect::<Vec<_>>(), ["urn:a", "urn:b"]);
    }
}
