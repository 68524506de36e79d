//! The crypto that a request cannot do without, done in the floor's place: what floor and crypto cost together, with the
//! caches as cold and the load as slow as they are for the server, and not each by itself.

use std::sync::Arc;

use anyhow::Context;
use writ_oauth::jose::{Alg, SigningKey, VerifyingKey};

/// What is signed: header and claims of an access token in base64url.
const MESSAGE: [u8; 420] = [b'x'; 420];

/// Operations, one after the other.
#[derive(Clone, Default)]
pub(crate) struct Work(Arc<[Operation]>);

enum Operation {
    Sign(SigningKey),
    Verify(VerifyingKey, Vec<u8>),
}

impl Work {
    /// Of words such as `sign=EdDSA` and `verify=RS256`.
    pub(crate) fn of(words: &[&str]) -> anyhow::Result<Self> {
        words.iter().map(|word| Operation::of(word)).collect::<anyhow::Result<_>>().map(Self)
    }

    /// Whether all of it went well.
    pub(crate) fn is_done(&self) -> bool {
        self.0.iter().all(|operation| match operation {
            Operation::Sign(key) => key.sign(&MESSAGE).is_ok(),
            Operation::Verify(key, signature) => key.verifies(&MESSAGE, signature),
        })
    }
}

impl Operation {
    fn of(word: &str) -> anyhow::Result<Self> {
        let (what, alg) = word.split_once('=').context("not OPERATION=ALG")?;
        let known = [Alg::RS256, Alg::ES256, Alg::EdDSA];
        let alg = known.into_iter().find(|known| known.to_string() == alg).context("an unknown algorithm")?;
        let (key, _) = SigningKey::generate(alg)?;
        match what {
            "sign" => Ok(Self::Sign(key)),
            "verify" => {
                let signature = key.sign(&MESSAGE)?;
                Ok(Self::Verify(VerifyingKey::from_jwk(key.public_jwk(), alg)?, signature))
            }
            _ => anyhow::bail!("neither `sign` nor `verify`"),
        }
    }
}
