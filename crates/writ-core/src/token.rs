//! Presented tokens: verified once, remembered by their full digest.

use std::sync::Arc;

use aws_lc_rs::digest;
use quick_cache::sync::Cache;
use serde_json::Value;
use writ_oauth::binding::Confirmation;
use writ_oauth::jose::{AudienceForm, Claims, Expectation, JwtFault, UnverifiedJwt, Verified, verify};
use writ_oauth::token::{ClaimsLayout, TokenId};
use writ_oauth::{Refusal, Refused};

use crate::Core;
use crate::issuer::Issuer;
use crate::tenant::Tenant;

/// How many verified tokens are remembered.
const REMEMBERED: usize = 50_000;
/// How long at most, and until their `exp`, in seconds.
const REMEMBERED_FOR: i64 = 600;

/// What a token of this server says, once its signature and claims have been verified.
pub(crate) struct VerifiedToken {
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) client_id: String,
    /// `None`: the layout of its issuer names none.
    pub(crate) subject: Option<String>,
    pub(crate) scope: String,
    pub(crate) expires_at: i64,
    pub(crate) issued_at: i64,
    /// How its issuer lays its tokens out.
    pub(crate) layout: ClaimsLayout,
    pub(crate) jti: Box<str>,
    pub(crate) id: TokenId,
    /// What whoever uses it has to present.
    pub(crate) confirmation: Option<Confirmation>,
    /// The tenant, the change sequence and the time under which this was found out.
    tenant: String,
    sequence: i64,
    verified_at: i64,
}

impl VerifiedToken {
    fn is_remembered_at(&self, now: i64) -> bool {
        (self.issued_at..self.expires_at.min(self.verified_at + REMEMBERED_FOR)).contains(&now)
    }
}

/// Which resource server a token must be for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum For<'a> {
    /// The one with this audience.
    Audience(&'a str),
    /// Any of the tenant's.
    AnyServer,
}

/// Verified tokens by the SHA-256 of the whole token.
pub(crate) struct VerifiedTokens(Cache<[u8; 32], Arc<VerifiedToken>>);

impl Default for VerifiedTokens {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl VerifiedTokens {
    /// Gives back the room of what is no longer good for anything.
    pub(crate) fn forget_expired(&self, now: i64) {
        self.0.retain(|_, token| token.is_remembered_at(now));
    }
}

impl Core {
    /// Verifies a token of one of a tenant's issuers, for one audience.
    pub(crate) fn verified(&self, tenant: &Tenant, token: &str, audience: &str) -> Result<Arc<VerifiedToken>, Refused> {
        let verified = self.remembered(tenant, token, For::Audience(audience))?;
        if verified.audience == audience {
            Ok(verified)
        } else {
            Err(Refused::from(Refusal::TokenInvalid).because(JwtFault::Audience))
        }
    }

    /// Verifies a token once. What is remembered may be for another audience than is asked for.
    fn remembered(&self, tenant: &Tenant, token: &str, meant: For<'_>) -> Result<Arc<VerifiedToken>, Refused> {
        let sequence = self.directory.sequence();
        let key = token_digest(token)?;
        let known = self.verified_tokens.0.get(&key).filter(|known| {
            known.sequence == sequence && known.tenant == tenant.name && known.is_remembered_at(self.now())
        });
        if let Some(known) = known {
            return Ok(known);
        }
        let (verified, _) = self.verify(&tenant.name, token, meant, 0).map_err(|fault| {
            tracing::debug!(%fault, "a token was refused");
            Refused::from(Refusal::TokenInvalid).because(fault)
        })?;
        let verified = Arc::new(verified);
        self.verified_tokens.0.insert(key, Arc::clone(&verified));
        Ok(verified)
    }

    /// Verifies a token, with clocks that may differ by so many seconds.
    pub(crate) fn verify(
        &self,
        tenant: &str,
        token: &str,
        meant: For<'_>,
        leeway: u32,
    ) -> Result<(VerifiedToken, Verified<Claims>), TokenFault> {
        // The sequence first: keys that are read after it are at least as new, so that nothing is remembered under a
        // sequence in which its key was already revoked.
        let sequence = self.directory.sequence();
        let snapshot = self.directory.snapshot();
        let tenant = snapshot.tenant(tenant).ok_or(TokenFault::Issuer)?;
        let jwt = UnverifiedJwt::parse(token)?;
        let says = jwt.unverified_iss().ok_or(TokenFault::Issuer)?.to_owned();
        let is_it = |issuer: &&Arc<Issuer>| issuer.url == says;
        let issuer = tenant.issuers.iter().find(is_it).ok_or(TokenFault::Issuer)?;
        let types = [issuer.layout.typ()];
        // Where any will do, or its caller stands there, what it says; who it is for is looked at below.
        let says_aud = jwt.unverified_aud().unwrap_or_default().to_owned();
        let in_aud = match (issuer.layout, meant) {
            (ClaimsLayout::Rfc9068 | ClaimsLayout::Plain, For::Audience(audience)) => audience,
            (ClaimsLayout::Rfc9068 | ClaimsLayout::Plain, For::AnyServer) | (ClaimsLayout::CallerAudience, _) => {
                &says_aud
            }
        };
        let in_aud = [in_aud];
        let expectation = expectation(issuer, &in_aud, &types, leeway);
        let keys = issuer.keys.iter().map(|key| &key.verifying);
        let now = self.now();
        let claims = verify(jwt, keys, &expectation, now)?;
        let parties = Parties::of(&claims, issuer.layout, tenant)?;
        let is_meant = match meant {
            For::Audience(audience) => parties.audience == audience,
            For::AnyServer => tenant.servers.contains_key(&parties.audience),
        };
        if !is_meant {
            return Err(JwtFault::Audience.into());
        }
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let verified = VerifiedToken {
            issuer: says,
            audience: parties.audience,
            jti: text(claims.jti()).into(),
            client_id: parties.client_id,
            subject: parties.subject,
            scope: text(claims.scope()?),
            expires_at: claims.exp().unwrap_or_default(),
            issued_at: claims.iat().unwrap_or_default(),
            layout: issuer.layout,
            verified_at: now,
            id: claims.jti().and_then(|jti| self.keyring.token_id().open(jti)).ok_or(TokenFault::Id)?,
            confirmation: confirmation(claims.get("cnf"))?,
            tenant: tenant.name.clone(),
            sequence,
        };
        Ok((verified, claims))
    }
}

impl Core {
    /// A token of a tenant, whichever of its resource servers it is for; `None`: it is not one, or has expired.
    ///
    /// Clocks of several servers differ by a little: a token that is good elsewhere is one here.
    pub(crate) fn own_token(&self, tenant: &Tenant, token: &str) -> Option<VerifiedToken> {
        const LEEWAY: u32 = 60;
        self.of_any_server(tenant, token, LEEWAY).map(|(verified, _)| verified)
    }

    /// The same of one that is valid by the clock of this server, verified once.
    pub(crate) fn own_live_token(&self, tenant: &Tenant, token: &str) -> Option<Arc<VerifiedToken>> {
        self.remembered(tenant, token, For::AnyServer).ok()
    }

    /// The same with all that it says.
    pub(crate) fn own_claims(&self, tenant: &Tenant, token: &str) -> Option<(VerifiedToken, Verified<Claims>)> {
        self.of_any_server(tenant, token, 0)
    }

    fn of_any_server(&self, tenant: &Tenant, token: &str, leeway: u32) -> Option<(VerifiedToken, Verified<Claims>)> {
        let verified = self.verify(&tenant.name, token, For::AnyServer, leeway);
        verified.inspect_err(|fault| tracing::debug!(%fault, "a token is not one of ours")).ok()
    }
}

/// What a token of an issuer must be like, whose `aud` is one of these.
fn expectation<'a>(issuer: &'a Issuer, aud: &'a [&'a str], types: &'a [&'a str], leeway: u32) -> Expectation<'a> {
    Expectation {
        issuer: Some(&issuer.url),
        audiences: aud,
        audience_form: AudienceForm::OneString,
        types,
        typ_optional: false,
        max_lifetime: None,
        leeway,
        required: issuer.layout.required(),
    }
}

/// Who a verified token is for, who it was issued to and whom it is about, each read where its layout has it.
struct Parties {
    audience: String,
    client_id: String,
    subject: Option<String>,
}

impl Parties {
    fn of(claims: &Claims, layout: ClaimsLayout, tenant: &Tenant) -> Result<Self, TokenFault> {
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let client_id = text(layout.client_of(claims)?);
        Ok(match layout {
            ClaimsLayout::Rfc9068 | ClaimsLayout::Plain => {
                Self { audience: text(claims.aud().next()), client_id, subject: claims.sub().map(str::to_owned) }
            }
            ClaimsLayout::CallerAudience => {
                let application = claims.string("azp")?.unwrap_or_default();
                let server = tenant.server_of(application).ok_or(TokenFault::Application)?;
                Self { audience: server.audience.clone(), client_id, subject: None }
            }
        })
    }
}

/// Why a token is not one of ours; for the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenFault {
    #[error(transparent)]
    Jwt(#[from] JwtFault),
    #[error("no issuer of this tenant made it")]
    Issuer,
    #[error("its application has no resource server")]
    Application,
    #[error("its jti is not one that this server makes")]
    Id,
    #[error("its cnf is not one that this server makes")]
    Confirmation,
}

/// A token that is bound to something that cannot be checked here is good for nothing here.
fn confirmation(claim: Option<&Value>) -> Result<Option<Confirmation>, TokenFault> {
    claim.map(|claim| Confirmation::read(claim).ok_or(TokenFault::Confirmation)).transpose()
}

fn token_digest(token: &str) -> Result<[u8; 32], Refusal> {
    digest::digest(&digest::SHA256, token.as_bytes()).as_ref().try_into().map_err(|_| Refusal::Internal)
}
