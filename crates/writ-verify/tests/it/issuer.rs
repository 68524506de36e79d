//! An issuer, its tokens and its key set.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use writ_oauth::jose::{Alg, SigningKey, sign_jwt};
use writ_verify::{Answer, Builder, FetchFault, Verifier};

pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const ISSUER: &str = "https://writ.example/oauth2";
pub(crate) const AUDIENCE: &str = "https://orders.example";

/// A place of keys: what it answers, and how often it was asked.
#[derive(Clone)]
pub(crate) struct Place {
    answer: Arc<Mutex<Result<Answer, FetchFault>>>,
    asked: Arc<AtomicUsize>,
}

impl Place {
    pub(crate) fn with(keys: &[&SigningKey]) -> Self {
        let place = Self { answer: Arc::new(Mutex::new(Err(FetchFault::Unreachable))), asked: Arc::default() };
        place.publish(keys);
        place
    }

    pub(crate) fn publish(&self, keys: &[&SigningKey]) {
        let keys: Vec<_> = keys.iter().map(|key| json!(key.public_jwk())).collect();
        self.answer(Ok(json!({ "keys": keys }).to_string()));
    }

    pub(crate) fn answer(&self, answer: Result<String, FetchFault>) {
        let answer = answer.map(|body| Answer { body: body.into_bytes(), max_age: Some(300) });
        *self.answer.lock().unwrap() = answer;
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// A verifier that fetches from here.
    pub(crate) fn builder(&self) -> Builder {
        let place = self.clone();
        Verifier::builder(ISSUER).fetch_with(move || {
            place.asked.fetch_add(1, Ordering::SeqCst);
            let answer = place.answer.lock().unwrap().clone();
            async {
                // Long enough for everybody who asks meanwhile to join.
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                answer
            }
        })
    }

    pub(crate) fn verifier(&self) -> Verifier {
        self.builder().audience(AUDIENCE).build().unwrap()
    }
}

pub(crate) fn key() -> SigningKey {
    SigningKey::generate(Alg::ES256).unwrap().0
}

/// The claims of a token that is good for five minutes.
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "partner", "aud": AUDIENCE, "client_id": "partner", "scope": "order:read order:*",
        "iat": NOW, "exp": NOW + 300, "jti": "token-1",
    })
}

/// The same with other members; null takes one out.
pub(crate) fn claims_with(other: &Value) -> Value {
    let mut claims = claims();
    for (name, value) in other.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

pub(crate) fn token(key: &SigningKey, claims: &Value) -> String {
    sign_jwt(key, "at+jwt", claims).unwrap()
}
