//! Looks into a JWT, to show it. Nothing here says that it is genuine; see [`verify`](super::verify).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The readable parts of a JWT.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) header: Value,
    pub(super) claims: Value,
}

impl Decoded {
    /// Reads a signed JWT; `None` when the token is something else, which a client should not look into anyway.
    pub(super) fn read(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let (header, claims) = (object(parts.next()?)?, object(parts.next()?)?);
        let _signature = parts.next()?;
        parts.next().is_none().then_some(Self { header, claims })
    }

    /// A string in the header.
    pub(super) fn in_header(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }
}

fn object(part: &str) -> Option<Value> {
    let value: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()?;
    value.is_object().then_some(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_jwt_is_read_and_an_opaque_token_is_not() {
        let decoded = Decoded::read("eyJhbGciOiJFUzI1NiIsImtpZCI6ImsifQ.eyJzdWIiOiJhIn0.AAAA");
        let expected = Decoded { header: json!({"alg": "ES256", "kid": "k"}), claims: json!({"sub": "a"}) };
        assert_eq!(decoded, Some(expected));
        for opaque in ["", "abc", "a.b.c", "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0", "W10.W10.AAAA"] {
            assert_eq!(Decoded::read(opaque), None, "{opaque}");
        }
    }
}
