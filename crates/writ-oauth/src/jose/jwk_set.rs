//! JWK sets: our own, published; and other people's, read with care.

use serde::Serialize;
use serde_json::Value;

use super::alg::Alg;
use super::fault::KeyFault;
use super::json::parse_object;
use super::jwk::Jwk;
use super::jwk_parse::refuse_secrets;
use super::verifying_key::VerifyingKey;

/// The largest JWK set that is read, in octets. Sets with a certificate chain beside each key stay
/// below 64 KiB; four times that is generous.
pub const MAX_SET_BYTES: usize = 256 * 1024;

/// The most keys a set may hold. An issuer that rotates daily and keeps a month of keys needs 30.
pub const MAX_SET_KEYS: usize = 100;

/// A set of public signature keys. Serialises as `{"keys":[...]}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    keys: Vec<Jwk>,
    #[serde(skip)]
    skipped: Vec<SkippedKey>,
}

/// A key of a set that was passed over, and why: for whoever wonders why a key id is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SkippedKey {
    /// Position in the set's `keys`, from 0.
    pub index: usize,
    /// What is wrong with it, or not supported.
    pub fault: KeyFault,
}

impl JwkSet {
    /// The usable keys, in the order of the set.
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// The keys that were passed over when the set was read. A set that an administrator registers
    /// should have none; one that is fetched from elsewhere may.
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// The keys made ready for use, once for each of the `allowed` algorithms that a key permits.
    ///
    /// > Libraries MUST enable the caller to specify a supported set of algorithms and MUST NOT use
    /// > any other algorithms when performing cryptographic operations.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc8725#section-3.1>
    pub fn verifying_keys(&self, allowed: &[Alg]) -> Result<Vec<VerifyingKey>, KeyFault> {
        self.keys
            .iter()
            .flat_map(|jwk| jwk.algs().map(move |alg| (jwk, alg)))
            .filter(|(_, alg)| allowed.contains(alg))
            .map(|(jwk, alg)| VerifyingKey::from_jwk(jwk, alg))
            .collect()
    }
}

impl FromIterator<Jwk> for JwkSet {
    fn from_iter<I: IntoIterator<Item = Jwk>>(keys: I) -> Self {
        Self {
            keys: keys.into_iter().collect(),
            skipped: Vec::new(),
        }
    }
}

/// Reads a JWK set that somebody else wrote.
///
/// > Implementations SHOULD ignore JWKs within a JWK Set that use "kty" (key type) values that are
/// > not understood by them, that are missing required members, or for which values are out of the
/// > supported ranges.
///
/// Such keys are [skipped](JwkSet::skipped), as are keys for encryption. The whole set is refused
/// when it is too large, not strict JSON, or contains a private or a symmetric key.
///
/// <https://www.rfc-editor.org/rfc/rfc7517#section-5>
pub fn parse_jwk_set(json: &[u8]) -> Result<JwkSet, KeyFault> {
    if json.len() > MAX_SET_BYTES {
        return Err(KeyFault::SetTooLarge);
    }
    let set = parse_object(json)?;
    let entries = set.get("keys").and_then(Value::as_array);
    let entries = entries.ok_or(KeyFault::SetWithoutKeys)?;
    if entries.len() > MAX_SET_KEYS {
        return Err(KeyFault::SetTooManyKeys);
    }
    let mut set = JwkSet::default();
    for (index, entry) in entries.iter().enumerate() {
        let members = entry.as_object().ok_or(KeyFault::SetWithoutKeys)?;
        refuse_secrets(members)?;
        match Jwk::from_members(members) {
            Ok(jwk) => set.keys.push(jwk),
            Err(fault) => set.skipped.push(SkippedKey { index, fault }),
        }
    }
    Ok(set)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::jose::JsonFault;

    const GOOD: &str =
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    fn set(entries: &str) -> Result<JwkSet, KeyFault> {
        parse_jwk_set(format!(r#"{{"keys":[{entries}],"other":1}}"#).as_bytes())
    }

    #[test]
    fn keys_of_other_kinds_are_passed_over_and_named() {
        let set = set(&format!(
            r#"{{"kty":"AKP","pub":"AA"}},{GOOD},{{"kty":"RSA","use":"enc","n":"AQ","e":"AQAB"}}"#
        ))
        .unwrap();
        assert_eq!(set.keys().len(), 1);
        let skipped = |index, fault| SkippedKey { index, fault };
        assert_eq!(
            set.skipped(),
            [
                skipped(0, KeyFault::UnknownKty),
                skipped(2, KeyFault::RsaSize)
            ]
        );
    }

    #[test]
    fn a_set_with_secrets_is_refused_whole() {
        let oct = format!(r#"{GOOD},{{"kty":"oct","k":"AAAA"}}"#);
        assert_eq!(set(&oct), Err(KeyFault::SymmetricJwk));
        // Even beside a key type that is not known.
        let private = format!(r#"{GOOD},{{"kty":"new","d":"AAAA"}}"#);
        assert_eq!(set(&private), Err(KeyFault::PrivateMember));
    }

    #[test]
    fn what_is_not_a_set_is_refused() {
        for json in ["{}", r#"{"keys":{}}"#, r#"{"keys":[1]}"#, GOOD] {
            assert_eq!(
                parse_jwk_set(json.as_bytes()),
                Err(KeyFault::SetWithoutKeys),
                "{json}"
            );
        }
        let twice = parse_jwk_set(br#"{"keys":[],"keys":[]}"#);
        assert_eq!(twice, Err(KeyFault::Json(JsonFault::DuplicateMember)));
        assert_eq!(set("").unwrap().keys(), []);
    }

    #[test]
    fn a_published_set_reads_back() {
        let set = set(GOOD).unwrap();
        let json = serde_json::to_string(&set).unwrap();
        assert_eq!(
            json,
            format!(
                r#"{{"keys":[{}]}}"#,
                GOOD.replace(r#","crv""#, r#","use":"sig","crv""#)
            )
        );
        assert_eq!(parse_jwk_set(json.as_bytes()).unwrap(), set);
    }
}
