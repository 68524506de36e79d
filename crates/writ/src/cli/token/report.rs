//! What `writ token` prints.

use std::fmt::Write;

use serde_json::{Value, json};

use super::decode::Decoded;
use super::verify::Verification;
use crate::cli::output::printable;

/// A token that was got, and what is known about it.
pub(super) struct Report<'a> {
    pub(super) status: u16,
    /// The token response (RFC 6749 section 5.1).
    pub(super) body: &'a Value,
    pub(super) decoded: Option<&'a Decoded>,
    pub(super) verification: &'a Verification,
}

impl Report<'_> {
    pub(super) fn to_json(&self) -> Value {
        let mut report = json!({
            "status": self.status,
            "response": self.body,
            "header": self.decoded.map(|decoded| &decoded.header),
            "claims": self.decoded.map(|decoded| &decoded.claims),
            "verified": match self.verification {
                Verification::Valid { .. } => Some(true),
                Verification::Invalid(_) => Some(false),
                Verification::NotAsked | Verification::Opaque => None,
            },
        });
        if let (Verification::Invalid(why), Some(members)) = (self.verification, report.as_object_mut()) {
            members.insert("verification_error".to_owned(), why.as_str().into());
        }
        report
    }

    pub(super) fn to_text(&self) -> String {
        let mut text = format!("status: {}\n", self.status);
        for (label, member, unit) in MEMBERS {
            match self.body.get(member) {
                None | Some(Value::Null) => {}
                Some(Value::String(value)) => line(&mut text, label, &format!("{}{unit}", printable(value))),
                Some(value @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_))) => {
                    line(&mut text, label, &format!("{value}{unit}"));
                }
            }
        }
        line(&mut text, "signature", &self.signature());
        for (title, part) in [("header", self.decoded.map(|d| &d.header)), ("claims", self.decoded.map(|d| &d.claims))]
        {
            if let Some(part) = part {
                // Writing to a String cannot fail.
                let _ = write!(text, "\n{title}:\n{part:#}\n");
            }
        }
        text
    }

    fn signature(&self) -> String {
        match self.verification {
            Verification::Valid { kid, issuer } => {
                let key = kid.as_deref().map_or("a key without id".to_owned(), |kid| format!("kid {}", printable(kid)));
                format!("valid ({key}, of {})", printable(issuer))
            }
            Verification::Invalid(why) => format!("NOT VALID: {}", printable(why)),
            Verification::NotAsked => "not verified".to_owned(),
            Verification::Opaque => "none: the token is opaque, and only its issuer can read it".to_owned(),
        }
    }
}

const MEMBERS: [(&str, &str, &str); 4] = [
    ("token type", "token_type", ""),
    ("lifetime", "expires_in", " s"),
    ("scope", "scope", ""),
    ("rejected scope", "rejected_scope", ""),
];

fn line(text: &mut String, label: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{label}: {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report<'a>(body: &'a Value, decoded: Option<&'a Decoded>, verification: &'a Verification) -> Report<'a> {
        Report { status: 200, body, decoded, verification }
    }

    #[test]
    fn a_verified_token_is_shown_with_its_claims() {
        let body = json!({"access_token": "t", "token_type": "Bearer", "expires_in": 600, "scope": "a b"});
        let decoded = Decoded { header: json!({"alg": "ES256"}), claims: json!({"sub": "x"}) };
        let valid = Verification::Valid { kid: Some("k1".to_owned()), issuer: "https://a".to_owned() };
        let report = report(&body, Some(&decoded), &valid);
        let expected = "\
status: 200
token type: Bearer
lifetime: 600 s
scope: a b
signature: valid (kid k1, of https://a)

header:
{
  \"alg\": \"ES256\"
}

claims:
{
  \"sub\": \"x\"
}
";
        assert_eq!(report.to_text(), expected);
        let object = json!({"status": 200, "response": body, "header": {"alg": "ES256"}, "claims": {"sub": "x"}, "verified": true});
        assert_eq!(report.to_json(), object);
    }

    #[test]
    fn what_is_not_verified_is_not_called_valid() {
        let body = json!({"access_token": "t"});
        for (verification, verified, told) in [
            (Verification::Invalid("expired".to_owned()), json!(false), "signature: NOT VALID: expired"),
            (Verification::NotAsked, json!(null), "signature: not verified"),
            (Verification::Opaque, json!(null), "signature: none"),
        ] {
            let report = report(&body, None, &verification);
            assert_eq!(report.to_json().get("verified"), Some(&verified));
            assert!(report.to_text().contains(told));
        }
    }
}
