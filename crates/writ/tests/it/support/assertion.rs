//! Client assertions, made by hand: header, claims and signature can each be anything.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};
use writ_oauth::jose::{Alg, SigningKey};

use super::call::Call;
use super::door::Door;
use super::key::KeyPair;
use super::server::{ROOT, START};

/// What `client_assertion_type` says of a JWT that the client signed.
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What is in front of the 32 octets of a private Ed25519 key in PKCS#8.
const PRIVATE: [u8; 16] = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";

/// An assertion before it is signed.
#[derive(Clone)]
pub(crate) struct Assertion {
    header: Value,
    claims: Value,
}

impl Assertion {
    /// A good one of a client for the issuer of a door. Its `jti` is the same every time.
    pub(crate) fn of(door: Door, client: &str) -> Self {
        let claims = json!({
            "iss": client, "sub": client, "aud": issuer(door), "jti": format!("first-at-{}", door.name()),
            "iat": START, "exp": START + 300,
        });
        Self { header: json!({}), claims }
    }

    /// With another value of a claim.
    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    /// With these seconds after the start as a date.
    pub(crate) fn at(self, name: &str, seconds: i64) -> Self {
        self.claim(name, START + seconds)
    }

    /// Without a claim.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(name);
        self
    }

    /// With a `jti` of its own.
    pub(crate) fn id(self, id: &str) -> Self {
        self.claim("jti", id)
    }

    /// With a member of the header.
    pub(crate) fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header[name] = value.into();
        self
    }

    /// Signed with a secret, as `client_secret_jwt` has it.
    pub(crate) fn by_secret(&self, secret: &str) -> String {
        self.sign(Algorithm::HS256, &EncodingKey::from_secret(secret.as_bytes()))
    }

    /// Signed with [`private_key`] of a number.
    pub(crate) fn by_key(&self, number: u8) -> String {
        self.sign(Algorithm::EdDSA, &EncodingKey::from_ed_der(&private_key(number)))
    }

    /// Signed by any algorithm; the header says so, unless it says something else already.
    pub(crate) fn sign(&self, alg: Algorithm, key: &EncodingKey) -> String {
        let input = self.input(&format!("{alg:?}"));
        let signature = crypto::sign(input.as_bytes(), key, alg).unwrap();
        format!("{input}.{signature}")
    }

    /// Signed with a key of `openssl`'s; the header says so, unless it says something else already.
    pub(crate) fn by_pair(&self, alg: Alg, key: &KeyPair) -> String {
        let input = self.input(alg.name());
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(key.sign(alg, input.as_bytes())))
    }

    /// What is signed.
    pub(crate) fn input(&self, alg: &str) -> String {
        let mut header = json!({ "alg": alg });
        for (name, value) in self.header.as_object().unwrap() {
            header[name] = value.clone();
        }
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        format!("{}.{}", encode(&header), encode(&self.claims))
    }
}

/// A signed JWT after somebody changed it: a member more in the header, a claim more, another signature.
pub(crate) fn tampered(jwt: &str) -> [String; 3] {
    let parts: Vec<_> = jwt.split('.').collect();
    let with_a_member_more = |part: &str| {
        let mut members: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        members["more"] = true.into();
        URL_SAFE_NO_PAD.encode(members.to_string())
    };
    let mut signature = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
    signature[5] ^= 1;
    [
        format!("{}.{}.{}", with_a_member_more(parts[0]), parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], with_a_member_more(parts[1]), parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode(signature)),
    ]
}

/// The issuer of a door of the operator.
pub(crate) fn issuer(door: Door) -> String {
    format!("{ROOT}{}", door.path())
}

/// An Ed25519 key that is the same in every run, so that its signatures are.
pub(crate) fn private_key(number: u8) -> Vec<u8> {
    [&PRIVATE[..], &[number; 32]].concat()
}

/// Its public half as a JWK.
pub(crate) fn jwk(number: u8, kid: &str) -> Value {
    let key = SigningKey::from_pkcs8(Alg::EdDSA, &private_key(number)).unwrap();
    let mut jwk = serde_json::to_value(key.public_jwk()).unwrap();
    jwk["kid"] = kid.into();
    jwk
}

/// The same in PEM.
pub(crate) fn public_key(number: u8) -> String {
    let x = URL_SAFE_NO_PAD.decode(jwk(number, "")["x"].as_str().unwrap()).unwrap();
    let spki = [&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00][..], &x].concat();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(spki))
}

impl Call {
    /// With an assertion that the client signed, and nothing beside it.
    pub(crate) fn assertion(self, jwt: &str) -> Self {
        self.and("client_assertion_type", JWT_BEARER).and("client_assertion", jwt)
    }
}
