//! From a presented token to a verified one.

use std::sync::Arc;

use serde_json::Value;
use writ_oauth::binding::{CertificateThumbprint, Confirmation};
use writ_oauth::jose::{Alg, Claims, JwtFault, UnverifiedJwt, Verified, VerifyingKey, verify};
use writ_oauth::permission::Model;

use crate::keys::Keys;
use crate::recipient::Recipient;
use crate::revocations::Facts;
use crate::{Builder, Presented, Revocations, VerifiedToken, VerifyError};

/// Verifies the access tokens of one issuer for one resource server. Cheap to clone.
#[derive(Clone)]
pub struct Verifier(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) issuer: String,
    pub(crate) recipient: Recipient,
    pub(crate) algorithms: Box<[Alg]>,
    pub(crate) model: Model,
    pub(crate) leeway: u32,
    pub(crate) keys: Keys,
    pub(crate) revocations: Option<Arc<Revocations>>,
}

impl Verifier {
    /// A verifier of the tokens of an issuer, whose `iss` they have byte for byte.
    pub fn builder(issuer: impl Into<String>) -> Builder {
        Builder::new(issuer.into())
    }

    /// Verifies a token at `now`, in seconds since the epoch.
    ///
    /// A token that is bound to a certificate is refused unless [`Presented`] has that certificate: whoever ignores the
    /// binding lets in whoever stole the token.
    pub async fn verify<'t>(
        &self,
        presented: impl Into<Presented<'t>>,
        now: i64,
    ) -> Result<VerifiedToken, VerifyError> {
        let Presented { token, certificate } = presented.into();
        let (claims, kid) = self.verify_jwt(token, now).await?;
        let client_id = self.0.recipient.check_parties(&claims)?;
        claims.scope()?;
        let confirmation = confirmation(&claims)?;
        check_presenter(confirmation, certificate)?;
        if let Some(revocations) = &self.0.revocations {
            let facts = Facts { claims: &claims, kid: kid.as_deref(), client_id: &client_id };
            revocations.check(&facts, &self.0.recipient, now)?;
        }
        Ok(VerifiedToken { claims, client_id, confirmation, model: self.0.model })
    }

    /// The claims, and the id of the key that signed them.
    async fn verify_jwt(&self, token: &str, now: i64) -> Result<(Verified<Claims>, Option<String>), VerifyError> {
        let jwt = UnverifiedJwt::parse(token)?;
        // What can be told without keys is told before any are fetched.
        if !self.0.algorithms.contains(&jwt.header_alg()) {
            return Err(JwtFault::NoKeyForAlg.into());
        }
        if jwt.unverified_iss() != Some(&*self.0.issuer) {
            return Err(JwtFault::Issuer.into());
        }
        let keys = self.0.keys.get(jwt.kid(), now).await.map_err(VerifyError::Keys)?;
        // > Libraries MUST enable the caller to specify a supported set of algorithms and MUST NOT use any other
        // > algorithms when performing cryptographic operations.
        //
        // https://www.rfc-editor.org/rfc/rfc8725#section-3.1
        let usable = keys.keys().iter().filter(|key| self.0.algorithms.contains(&key.alg()));
        let usable: Vec<&VerifyingKey> = usable.collect();
        let caller = jwt.unverified_aud().unwrap_or_default().to_owned();
        let Inner { issuer, recipient, leeway, .. } = &*self.0;
        let claims =
            recipient.expect(issuer, *leeway, &caller, |expect| verify(jwt, usable.iter().copied(), expect, now))?;
        let kid = usable.get(claims.key_index()).and_then(|key| key.kid()).map(str::to_owned);
        Ok((claims, kid))
    }
}

fn confirmation(claims: &Claims) -> Result<Option<Confirmation>, VerifyError> {
    let read = |claim: &Value| Confirmation::read(claim).ok_or(VerifyError::ConfirmationUnsupported);
    claims.get("cnf").map(read).transpose()
}

/// > The protected resource MUST obtain, from its TLS implementation layer, the client certificate used for mutual TLS and
/// > MUST verify that the certificate matches the certificate associated with the access token.
///
/// <https://www.rfc-editor.org/rfc/rfc8705#section-3>
fn check_presenter(
    confirmation: Option<Confirmation>,
    certificate: Option<CertificateThumbprint>,
) -> Result<(), VerifyError> {
    match (confirmation, certificate) {
        (None, _) => Ok(()),
        (Some(bound), Some(certificate)) if bound.certificate == certificate => Ok(()),
        (Some(_), Some(_)) => Err(VerifyError::CertificateMismatch),
        (Some(_), None) => Err(VerifyError::CertificateMissing),
    }
}
