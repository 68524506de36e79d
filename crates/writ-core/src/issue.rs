//! Issuing: the only mint.

use std::borrow::Cow;

use writ_oauth::token::{AccessTokenClaims, CallerAudienceClaims, ClaimsLayout, TokenId};
use writ_oauth::{Refusal, Refused};

use crate::Core;
use crate::permit::{Door, Permitted};

/// From this size on a token is worth a warning: some proxies refuse larger headers.
const LARGE_TOKEN: usize = 4096;

/// An issued token with what the answer says about it. Only [`Core::issue`] makes one. No `Debug`.
pub struct Issued {
    access_token: String,
    /// Seconds from now.
    pub expires_in: i64,
    /// Seconds since the epoch.
    pub expires_at: i64,
    /// What was granted, separated by blanks.
    pub scope: String,
    /// What was asked for and left out.
    pub rejected: Vec<String>,
    /// The client it was issued to, for the log.
    pub client_id: Box<str>,
}

impl Issued {
    /// The token, for the one place that hands it to its client.
    pub fn access_token(&self) -> &str {
        &self.access_token
    }
}

impl Core {
    /// Issues the token that was permitted, and uses up what its client proved itself with.
    pub async fn issue(&self, door: &Door, permitted: Permitted) -> Result<Issued, Refused> {
        let issued = self.mint_and_spend(door, &permitted).await;
        issued.map_err(|refusal| Refused::from(refusal).of_client(&permitted.authenticated().client().client_id))
    }

    /// Spends last: a request that is refused has spent nothing, and nothing behind it can fail.
    async fn mint_and_spend(&self, door: &Door, permitted: &Permitted) -> Result<Issued, Refusal> {
        let issued = self.mint(door, permitted)?;
        self.use_up(permitted.authenticated()).await?;
        Ok(issued)
    }

    fn mint(&self, door: &Door, permitted: &Permitted) -> Result<Issued, Refusal> {
        let authenticated = permitted.authenticated();
        let client = authenticated.client();
        let signer = door.issuer.signer.as_ref().ok_or_else(|| internal("the issuer has no active key"))?;
        let lifetime = client.lifetime.unwrap_or(door.issuer.lifetime);
        let iat = self.now();
        let exp = iat + lifetime.seconds();
        let scope = permitted.granted().join(" ");
        let (iss, jti) = (&*door.issuer.url, &*self.token_id(permitted)?);
        let cnf = authenticated.confirmation();
        let (client_id, server) = (&*client.client_id, permitted.server());
        let access_token = match door.issuer.layout {
            ClaimsLayout::Rfc9068 | ClaimsLayout::Plain => {
                let (sub, aud) = (&*subject(permitted)?, &*server.audience);
                signer.sign(&AccessTokenClaims { iss, sub, aud, client_id, scope: &scope, iat, exp, jti, cnf })
            }
            ClaimsLayout::CallerAudience => {
                let azp = &server.application;
                signer.sign(&CallerAudienceClaims { jti, iat, exp, scope: &scope, iss, aud: client_id, azp, cnf })
            }
        };
        let access_token = access_token.map_err(internal)?;
        self.check_size(&access_token)?;
        Ok(Issued {
            access_token,
            expires_in: lifetime.seconds(),
            expires_at: exp,
            client_id: client.client_id.clone(),
            rejected: permitted.rejected().to_vec(),
            scope,
        })
    }

    fn token_id(&self, permitted: &Permitted) -> Result<String, Refusal> {
        let id = TokenId {
            sequence: u64::try_from(permitted.authenticated().sequence()).map_err(internal)?,
            credential: permitted.authenticated().credential(),
            random: u64::from_be_bytes(crate::random::few().map_err(internal)?),
        };
        Ok(self.keyring.token_id().seal(id))
    }

    fn check_size(&self, token: &str) -> Result<(), Refusal> {
        let bytes = token.len();
        if bytes > self.token_bytes {
            return Err(Refusal::TokenTooLarge);
        }
        if bytes > LARGE_TOKEN {
            tracing::warn!(bytes, "a large token was issued; proxies often refuse headers of this size");
        }
        Ok(())
    }
}

/// The `sub`: the client itself, or with the mapped subject behind it where the resource server wants that.
fn subject(permitted: &Permitted) -> Result<Cow<'_, str>, Refusal> {
    let client_id = &*permitted.authenticated().client().client_id;
    if !permitted.server().custom_subject {
        return Ok(Cow::Borrowed(client_id));
    }
    let subject = permitted.authenticated().subject().ok_or(Refusal::SubjectMissing)?;
    Ok(Cow::Owned(format!("{client_id}:{subject}")))
}

fn internal(cause: impl std::fmt::Display) -> Refusal {
    tracing::error!(%cause, "a token could not be issued");
    Refusal::Internal
}
