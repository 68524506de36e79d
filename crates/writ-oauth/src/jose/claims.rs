//! A JWT claims set with the types that RFC 7519 gives the registered claims.

use serde_json::{Map, Value};

use super::fault::JwtFault;

/// Dates beyond this are refused: the largest second that every JSON reader holds exactly.
const MAX_DATE: i64 = 1 << 53;

/// A claims set whose registered claims (RFC 7519 section 4.1) have their registered types.
///
/// A registered claim of another type is refused when the set is read, not taken as absent: "no
/// `nbf`" and "an `nbf` I cannot read" are different statements.
#[derive(Clone, PartialEq)]
pub struct Claims {
    members: Map<String, Value>,
}

impl Claims {
    pub(super) fn from_members(members: Map<String, Value>) -> Result<Self, JwtFault> {
        for (name, value) in &members {
            match (name.as_str(), value) {
                ("iss" | "sub" | "jti" | "aud", Value::String(_)) => {}
                ("aud", Value::Array(list)) if list.iter().all(Value::is_string) => {}
                ("iss" | "sub" | "jti" | "aud", _) => return Err(JwtFault::ClaimType),
                ("exp" | "nbf" | "iat", value) => {
                    date(value, Round::Down)?;
                }
                (_, _) => {}
            }
        }
        Ok(Self { members })
    }

    /// The issuer.
    pub fn iss(&self) -> Option<&str> {
        self.members.get("iss").and_then(Value::as_str)
    }

    /// The subject.
    pub fn sub(&self) -> Option<&str> {
        self.members.get("sub").and_then(Value::as_str)
    }

    /// The token's own identifier.
    pub fn jti(&self) -> Option<&str> {
        self.members.get("jti").and_then(Value::as_str)
    }

    /// The audiences: one for the string form, none when the claim is absent.
    pub fn aud(&self) -> impl Iterator<Item = &str> {
        let (one, many) = match self.members.get("aud") {
            Some(Value::Array(list)) => (None, list.as_slice()),
            other => (other, [].as_slice()),
        };
        one.into_iter().chain(many).filter_map(Value::as_str)
    }

    /// Whether `aud` is a single string and not an array.
    pub fn aud_is_one_string(&self) -> bool {
        self.members.get("aud").is_some_and(Value::is_string)
    }

    /// Expiry, in seconds since 1970. A fraction is cut off: the token ends early, never late.
    pub fn exp(&self) -> Option<i64> {
        self.date("exp", Round::Down)
    }

    /// Start of validity, in seconds since 1970. A fraction counts as a whole second.
    pub fn nbf(&self) -> Option<i64> {
        self.date("nbf", Round::Up)
    }

    /// Time of issue, in seconds since 1970. A fraction is cut off.
    pub fn iat(&self) -> Option<i64> {
        self.date("iat", Round::Down)
    }

    /// The client the token was issued to (RFC 9068 section 2.2).
    ///
    /// # Errors
    /// [`JwtFault::ClaimType`] when it is not a string.
    pub fn client_id(&self) -> Result<Option<&str>, JwtFault> {
        self.string("client_id")
    }

    /// The space-separated scope (RFC 9068 section 2.2.3).
    ///
    /// # Errors
    /// [`JwtFault::ClaimType`] when it is not a string; some issuers write an array.
    pub fn scope(&self) -> Result<Option<&str>, JwtFault> {
        self.string("scope")
    }

    /// A claim that is a string when it is there.
    ///
    /// # Errors
    /// [`JwtFault::ClaimType`] when it is something else.
    pub fn string(&self, name: &str) -> Result<Option<&str>, JwtFault> {
        self.members.get(name).map(|value| value.as_str().ok_or(JwtFault::ClaimType)).transpose()
    }

    /// Any claim.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// All claims.
    pub const fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// All claims, by value.
    pub fn into_members(self) -> Map<String, Value> {
        self.members
    }

    fn date(&self, name: &str, round: Round) -> Option<i64> {
        self.members.get(name).and_then(|value| date(value, round).ok())
    }
}

/// Names the claims; their values can be personal data.
impl std::fmt::Debug for Claims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.members.keys()).finish()
    }
}

#[derive(Clone, Copy)]
enum Round {
    Down,
    Up,
}

/// > NumericDate: A JSON numeric value representing the number of seconds from 1970-01-01T00:00:00Z
/// > UTC until the specified UTC date/time, ignoring leap seconds. [...] non-integer values can be
/// > represented.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-2>
fn date(value: &Value, round: Round) -> Result<i64, JwtFault> {
    let number = value.as_number().ok_or(JwtFault::ClaimType)?;
    let seconds = match (number.as_i64(), number.as_f64()) {
        (Some(seconds), _) => seconds,
        (None, Some(seconds)) => whole(seconds, round),
        (None, None) => return Err(JwtFault::DateRange),
    };
    if (-MAX_DATE..=MAX_DATE).contains(&seconds) { Ok(seconds) } else { Err(JwtFault::DateRange) }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates, and what saturates is out of range for the caller"
)]
fn whole(seconds: f64, round: Round) -> i64 {
    match round {
        Round::Down => seconds.floor() as i64,
        Round::Up => seconds.ceil() as i64,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(value: Value) -> Result<Claims, JwtFault> {
        Claims::from_members(serde_json::from_value(value).unwrap())
    }

    #[test]
    fn case_10_a_claim_of_the_wrong_type_is_refused_and_not_absent() {
        for name in ["iss", "sub", "jti"] {
            for wrong in [json!(null), json!(1), json!(true), json!(["a"]), json!({})] {
                assert_eq!(claims(json!({ name: wrong })), Err(JwtFault::ClaimType), "{name}");
            }
        }
        for name in ["exp", "nbf", "iat"] {
            for wrong in [json!(null), json!("1700000000"), json!(true), json!([1]), json!({})] {
                assert_eq!(claims(json!({ name: wrong })), Err(JwtFault::ClaimType), "{name}");
            }
            for wrong in [json!(1e300), json!(u64::MAX), json!(i64::MIN), json!(-1e300)] {
                assert_eq!(claims(json!({ name: wrong })), Err(JwtFault::DateRange), "{name}");
            }
        }
        for wrong in [json!(null), json!(1), json!(["a", 1]), json!({"a": 1})] {
            assert_eq!(claims(json!({ "aud": wrong })), Err(JwtFault::ClaimType));
        }
        let claims = claims(json!({"client_id": 1, "scope": ["a"]})).unwrap();
        assert_eq!(claims.client_id(), Err(JwtFault::ClaimType));
        assert_eq!(claims.scope(), Err(JwtFault::ClaimType));
    }

    #[test]
    fn fractions_of_a_second_never_lengthen_a_life() {
        let claims = claims(json!({"exp": 10.9, "nbf": 1.1, "iat": 1.9})).unwrap();
        assert_eq!((claims.exp(), claims.nbf(), claims.iat()), (Some(10), Some(2), Some(1)));
    }

    #[test]
    fn the_audience_is_a_list_in_both_forms() {
        let list = |value| {
            let claims = claims(value).unwrap();
            let aud: Vec<String> = claims.aud().map(str::to_owned).collect();
            (aud, claims.aud_is_one_string())
        };
        assert_eq!(list(json!({"aud": "a"})), (vec!["a".to_owned()], true));
        assert_eq!(list(json!({"aud": ["a"]})), (vec!["a".to_owned()], false));
        assert_eq!(list(json!({"aud": []})), (Vec::new(), false));
        assert_eq!(list(json!({})), (Vec::new(), false));
    }
}
