//! The ways in which a client can prove itself.

use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use writ_oauth::secret::PlainSecret;

use super::{Federated, JwksUri, PublicKey, RegisteredCertificate, Status, wire};

/// What is wrong, and where inside the object that is being checked.
pub(crate) type Fault = (String, String);

/// The longest expression, in bytes.
const LONGEST_EXPRESSION: usize = 4096;

/// One way a client can prove itself.
#[derive(Clone, PartialEq)]
pub struct Credential {
    /// What every credential has.
    pub settings: CredentialSettings,
    /// What is proven, and by what.
    pub proof: Proof,
}

/// What every credential has, whatever its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialSettings {
    /// The id that Writ gave it; printed, and accepted, in place of the name of an unnamed credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The credential's key within its client; an unnamed one is known by its digest or thumbprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A disabled credential is refused.
    #[serde(default)]
    pub status: Status,
    /// Refused before this time. Times are whole seconds; parts of one are left out.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole_seconds")]
    pub not_before: Option<Timestamp>,
    /// Refused from this time on; absent: never expires.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole_seconds")]
    pub expires: Option<Timestamp>,
}

impl CredentialSettings {
    /// The members of a credential's document that are these, whatever its kind.
    const MEMBERS: [&'static str; 5] = ["id", "name", "status", "not_before", "expires"];
}

/// What a client proves that it has.
#[derive(Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Proof {
    /// A secret that both sides know.
    Secret(Secret),
    /// The private key of a registered public key.
    PublicKey(PublicKey),
    /// The private key of a public key that the client publishes.
    Jwks(JwksUri),
    /// What a provider says of it.
    Federated(Federated),
    /// The private key of a certificate, in the handshake of TLS.
    Certificate(RegisteredCertificate),
}

/// A client secret.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// The value; absent keeps the stored one. Never printed.
    #[serde(default, skip_serializing)]
    pub value: Option<SecretValue>,
}

/// Where a secret's value comes from, once the command has resolved `from_env` and `from_file`.
#[derive(Clone)]
pub enum SecretValue {
    /// The value itself.
    Literal(PlainSecret),
    /// Writ makes one, once, and answers it once. Written `{generate: true}`.
    Generate,
}

impl PartialEq for SecretValue {
    /// Values are compared by their keyed digest in the store, never here: two literals count as different.
    fn eq(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Generate, Self::Generate))
    }
}

impl Proof {
    /// The word of its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Secret(_) => "secret",
            Self::PublicKey(_) => "public_key",
            Self::Jwks(_) => "jwks",
            Self::Federated(_) => "federated",
            Self::Certificate(_) => "certificate",
        }
    }

    /// Read by hand, for the sake of what is said when something is wrong.
    fn read(mut members: Map<String, Value>) -> Result<Self, String> {
        match wire::take_tag(&mut members, "kind")?.as_str() {
            "secret" => wire::read(members).map(Self::Secret),
            "public_key" => wire::read(members).map(Self::PublicKey),
            "jwks" => wire::read(members).map(Self::Jwks),
            "federated" => wire::read(members).map(Self::Federated),
            "certificate" => wire::read(members).map(Self::Certificate),
            word => {
                let kinds = "secret, public_key, jwks, federated, certificate";
                Err(format!("unknown kind `{word}` of credential; the kinds are {kinds}"))
            }
        }
    }

    /// The provider it rests on, if it rests on one.
    pub fn provider(&self) -> Option<&str> {
        match self {
            Self::Federated(federated) => Some(&federated.provider),
            Self::Certificate(certificate) => certificate.provider.as_deref(),
            Self::Secret(_) | Self::PublicKey(_) | Self::Jwks(_) => None,
        }
    }

    /// Whether two of one thumbprint mean the same, though their texts may differ.
    pub(crate) fn means(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::PublicKey(a), Self::PublicKey(b)) => a.alg == b.alg && a.key() == b.key(),
            (Self::Certificate(_), Self::Certificate(_)) => true,
            (a, b) => a == b,
        }
    }
}

impl Credential {
    /// Checks what can be said of it by itself, its name and a secret's value aside.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        check_validity(self.settings.not_before, self.settings.expires)?;
        match &self.proof {
            Proof::Secret(_) => Ok(()),
            Proof::PublicKey(key) => key.key().map(drop),
            Proof::Jwks(jwks) => jwks.check(),
            Proof::Federated(federated) => federated.check(self.settings.name.as_deref()),
            Proof::Certificate(certificate) => certificate.identity().map(drop),
        }
    }
}

impl<'de> Deserialize<'de> for Credential {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Map::deserialize(deserializer)?;
        let known = CredentialSettings::MEMBERS.iter().filter_map(|name| members.remove_entry(*name));
        let settings = wire::read(known.collect()).map_err(Error::custom)?;
        Ok(Self { settings, proof: Proof::read(members).map_err(Error::custom)? })
    }
}

impl<'de> Deserialize<'de> for Proof {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(Map::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for Credential {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Members<'a> {
            kind: &'static str,
            #[serde(flatten)]
            settings: &'a CredentialSettings,
            #[serde(flatten)]
            proof: Map<String, Value>,
        }
        let proof = serde_json::to_value(&self.proof).map_err(serde::ser::Error::custom)?;
        let mut proof = proof.as_object().cloned().unwrap_or_default();
        proof.remove("kind");
        Members { kind: self.proof.kind(), settings: &self.settings, proof }.serialize(serializer)
    }
}

pub(super) fn whole_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let time = Option::<Timestamp>::deserialize(deserializer)?;
    time.map(|time| Timestamp::from_second(time.as_second())).transpose().map_err(D::Error::custom)
}

/// Checks that the time in which a credential is valid is not empty.
pub(crate) fn check_validity(not_before: Option<Timestamp>, expires: Option<Timestamp>) -> Result<(), Fault> {
    match (not_before, expires) {
        (Some(from), Some(until)) if from >= until => {
            fault("expires", "the credential would expire before it becomes valid")
        }
        (None | Some(_), _) => Ok(()),
    }
}

/// Checks the text of a condition, a subject or another expression.
pub(crate) fn check_expression(text: &str) -> Result<(), String> {
    match text.len() {
        _ if text.trim().is_empty() => Err("an expression is not empty".to_owned()),
        1..=LONGEST_EXPRESSION => Ok(()),
        length => Err(format!("an expression has at most {LONGEST_EXPRESSION} bytes; this one has {length}")),
    }
}

/// A fault at a place.
pub(super) fn fault<T>(path: impl Into<String>, message: impl Into<String>) -> Result<T, Fault> {
    Err((path.into(), message.into()))
}
