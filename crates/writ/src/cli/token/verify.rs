//! Verifies a token with the keys that its issuer publishes, as a resource server would.

use serde_json::Value;
use writ_core::clock::Clock;
use writ_oauth::jose::{self, Alg, AudienceForm, Expectation, JwkSet, UnverifiedJwt};

use super::decode::Decoded;
use crate::cli::{discovery, outbound};

/// How far the clocks of this machine and the issuer may be apart, in seconds.
const LEEWAY: u32 = 60;

/// What is known about a token's signature.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verification {
    /// A published key made it, and the claims hold now.
    Valid {
        /// The id of the key, when the token names one.
        kid: Option<String>,
        /// Whose key it is.
        issuer: String,
    },
    /// It does not hold, or could not be checked; why.
    Invalid(String),
    /// `--no-verify`
    NotAsked,
    /// The token is not a JWT; only its issuer can read it.
    Opaque,
}

/// Verifies with the keys of `issuer`, or else of whoever the token says it is from.
pub(super) async fn verify(token: &str, decoded: &Decoded, issuer: Option<&str>) -> Verification {
    let claimed = decoded.claims.get("iss").and_then(Value::as_str);
    let Some(issuer) = issuer.or(claimed) else { return Verification::Invalid("the token names no issuer".to_owned()) };
    let keys = match published_keys(issuer).await {
        Ok(keys) => keys,
        Err(why) => return Verification::Invalid(why),
    };
    match check(token, decoded, issuer, &keys, Clock::system().now()) {
        Ok(()) => Verification::Valid { kid: decoded.in_header("kid").map(str::to_owned), issuer: issuer.to_owned() },
        Err(why) => Verification::Invalid(why),
    }
}

async fn published_keys(issuer: &str) -> Result<JwkSet, String> {
    let told = |failure: crate::cli::failure::Failure| failure.text().to_owned();
    let metadata = discovery::metadata_of(issuer).await.map_err(told)?;
    let url = metadata.jwks_uri.ok_or_else(|| format!("{issuer} publishes no keys"))?;
    let client = outbound::client(&url).map_err(told)?;
    let response = outbound::send(&url, client.get(url.clone())).await.map_err(told)?;
    if response.status != 200 {
        return Err(format!("the keys at {url} answered with status {}", response.status));
    }
    jose::parse_jwk_set(&response.body).map_err(|fault| format!("the keys at {url}: {fault}"))
}

fn check(token: &str, decoded: &Decoded, issuer: &str, keys: &JwkSet, now: i64) -> Result<(), String> {
    let asymmetric: Vec<_> = Alg::ALL.into_iter().filter(|alg| !alg.is_symmetric()).collect();
    let keys = keys.verifying_keys(&asymmetric).map_err(|fault| fault.to_string())?;
    let jwt = UnverifiedJwt::parse(token).map_err(|fault| fault.to_string())?;
    let audiences = audiences(&decoded.claims);
    let expectation = Expectation {
        issuer: Some(issuer),
        // Whoever fetched it may read it, whomever it is for.
        audiences: &audiences,
        audience_form: AudienceForm::Any,
        types: &["at+jwt", "JWT"],
        typ_optional: true,
        max_lifetime: None,
        leeway: LEEWAY,
        required: &[],
    };
    jose::verify(jwt, &keys, &expectation, now).map(|_| ()).map_err(|fault| fault.to_string())
}

fn audiences(claims: &Value) -> Vec<&str> {
    match claims.get("aud") {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        one => one.and_then(Value::as_str).into_iter().collect(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::cli::stand_in::StandIn;

    #[tokio::test]
    async fn a_token_is_valid_only_with_a_key_of_its_issuer() {
        let (server, other) = (StandIn::start().await, StandIn::start().await);
        let issuer = server.url("oauth2").to_string();
        let outcome =
            async |token: String, issuer: Option<&str>| verify(&token, &Decoded::read(&token).unwrap(), issuer).await;
        let valid = Verification::Valid { kid: Some(server.kid()), issuer: issuer.clone() };
        let token = server.token(&issuer, 600);
        assert_eq!(outcome(token.clone(), Some(&issuer)).await, valid);
        assert_eq!(outcome(token, None).await, valid);
        for (token, why) in [
            (other.token(&issuer, 600), "no key has the JWT's key id"),
            (server.token(&issuer, -600), "the JWT has expired"),
            (server.token("http://localhost/other", 600), "the JWT is from another issuer"),
        ] {
            assert_eq!(outcome(token, Some(&issuer)).await, Verification::Invalid(why.to_owned()));
        }
    }

    #[tokio::test]
    async fn a_changed_token_and_an_unknown_issuer_do_not_verify() {
        let server = StandIn::start().await;
        let issuer = server.url("oauth2").to_string();
        let token = server.token(&issuer, 600);
        let other = server.token(&issuer, 700);
        let (rest, _) = token.rsplit_once('.').unwrap();
        let (_, signature) = other.rsplit_once('.').unwrap();
        let changed = format!("{rest}.{signature}");
        let decoded = Decoded::read(&changed).unwrap();
        let invalid = |why: &str| Verification::Invalid(why.to_owned());
        let outcome = verify(&changed, &decoded, Some(&issuer)).await;
        assert_eq!(outcome, invalid("the JWT's signature does not verify"));
        let elsewhere = server.url("elsewhere").to_string();
        let outcome = verify(&token, &decoded, Some(&elsewhere)).await;
        assert_eq!(
            outcome,
            invalid(&format!("{elsewhere} publishes no metadata; is it an issuer of a running server?"))
        );
    }
}
