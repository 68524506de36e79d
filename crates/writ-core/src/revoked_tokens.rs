//! Tokens that were revoked one by one, in memory: a request that presents a token asks no database.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use writ_oauth::token::CredentialTag;

use crate::store::RevokedToken;

/// How many of a tenant's tokens can be revoked one by one at a time. Forgetting one would bring it back to life, so a
/// tenant that has more has to revoke by client or credential.
pub(crate) const LIMIT: usize = 100_000;

/// How many of them can be of one client when it is clients that revoke: none can use up the room of all.
const LIMIT_OF_CLIENT: usize = LIMIT / 10;

/// By tenant.
#[derive(Default)]
pub(crate) struct RevokedTokens(RwLock<HashMap<String, OfTenant>>);

#[derive(Default)]
struct OfTenant {
    /// By `jti`.
    tokens: HashMap<Box<str>, Revoked>,
    /// How many were got with each credential.
    by_credential: HashMap<CredentialTag, usize>,
}

struct Revoked {
    /// When the token expires, in seconds since the epoch.
    expires: i64,
    /// What it was got with, as its `jti` says.
    credential: Option<CredentialTag>,
}

impl RevokedTokens {
    pub(crate) fn contains(&self, tenant: &str, jti: &str) -> bool {
        let tenants = self.0.read().unwrap_or_else(PoisonError::into_inner);
        tenants.get(tenant).is_some_and(|of| of.tokens.contains_key(jti))
    }

    /// Whether another token of a tenant can be revoked.
    pub(crate) fn has_room(&self, tenant: &str) -> bool {
        let tenants = self.0.read().unwrap_or_else(PoisonError::into_inner);
        tenants.get(tenant).is_none_or(|of| of.tokens.len() < LIMIT)
    }

    /// Whether another token can be revoked that the client with these credentials got.
    pub(crate) fn has_room_for(&self, tenant: &str, credentials: impl Iterator<Item = CredentialTag>) -> bool {
        let tenants = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some(of) = tenants.get(tenant) else { return true };
        let of_client: usize = credentials.filter_map(|credential| of.by_credential.get(&credential)).sum();
        of.tokens.len() < LIMIT && of_client < LIMIT_OF_CLIENT
    }

    /// Adds tokens, whose ids say what they were got with.
    pub(crate) fn add(&self, revoked: Vec<RevokedToken>, credential: impl Fn(&str) -> Option<CredentialTag>) {
        let mut tenants = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for RevokedToken { tenant, jti, expires } in revoked {
            tenants.entry(tenant).or_default().add(jti.into(), expires, &credential);
        }
    }

    /// Forgets tokens that have expired at `now`.
    pub(crate) fn forget(&self, now: i64) {
        let mut tenants = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for of in tenants.values_mut() {
            of.forget(now);
        }
        tenants.retain(|_, of| !of.tokens.is_empty());
    }
}

impl OfTenant {
    fn add(&mut self, jti: Box<str>, expires: i64, credential: impl Fn(&str) -> Option<CredentialTag>) {
        if self.tokens.contains_key(&jti) {
            return;
        }
        let credential = credential(&jti);
        if let Some(credential) = credential {
            *self.by_credential.entry(credential).or_default() += 1;
        }
        self.tokens.insert(jti, Revoked { expires, credential });
    }

    fn forget(&mut self, now: i64) {
        let Self { tokens, by_credential } = self;
        tokens.retain(|_, token| {
            let stays = token.expires > now;
            let count = token.credential.filter(|_| !stays).and_then(|credential| by_credential.get_mut(&credential));
            if let Some(count) = count {
                *count = count.saturating_sub(1);
            }
            stays
        });
        by_credential.retain(|_, count| *count > 0);
    }
}

#[cfg(test)]
mod tests {
    use writ_oauth::token::TokenIdKey;

    use super::*;

    fn token(tenant: &str, number: usize) -> RevokedToken {
        RevokedToken { tenant: tenant.into(), jti: number.to_string(), expires: 100 }
    }

    fn tag(credential: &str) -> CredentialTag {
        TokenIdKey::new(&[3; 32]).tag(credential)
    }

    /// Adds tokens of a tenant that were got with one credential.
    fn add(tokens: &RevokedTokens, numbers: std::ops::Range<usize>, credential: &str) {
        let tag = tag(credential);
        tokens.add(numbers.map(|number| token("a", number)).collect(), |_| Some(tag));
    }

    #[test]
    fn a_token_is_one_of_its_tenant_until_it_expires() {
        let tokens = RevokedTokens::default();
        tokens.add(vec![token("a", 1)], |_| None);
        assert!(tokens.contains("a", "1") && !tokens.contains("a", "2") && !tokens.contains("b", "1"));
        tokens.forget(99);
        assert!(tokens.contains("a", "1"));
        tokens.forget(100);
        assert!(!tokens.contains("a", "1"));
    }

    #[test]
    fn one_tenant_does_not_take_the_room_of_another() {
        let tokens = RevokedTokens::default();
        tokens.add((1..LIMIT).map(|number| token("a", number)).collect(), |_| None);
        assert!(tokens.has_room("a"));
        tokens.add(vec![token("a", 0)], |_| None);
        assert!(!tokens.has_room("a") && tokens.has_room("b"));
    }

    #[test]
    fn case_90_one_client_does_not_take_the_room_of_another() {
        let tokens = RevokedTokens::default();
        let of_one = || [tag("first"), tag("second")].into_iter();
        let of_other = || [tag("another")].into_iter();
        add(&tokens, 0..LIMIT_OF_CLIENT / 2, "first");
        // What was revoked before is not counted again.
        add(&tokens, 0..LIMIT_OF_CLIENT / 2, "first");
        add(&tokens, LIMIT_OF_CLIENT / 2..LIMIT_OF_CLIENT - 1, "second");
        assert!(tokens.has_room_for("a", of_one()));
        add(&tokens, LIMIT_OF_CLIENT..LIMIT_OF_CLIENT + 1, "second");
        assert!(!tokens.has_room_for("a", of_one()), "as many as one client can have, over all its credentials");
        assert!(tokens.has_room_for("a", of_other()) && tokens.has_room_for("b", of_one()));
        assert!(tokens.has_room("a"), "an administrator can revoke more of them");
        tokens.forget(100);
        assert!(tokens.has_room_for("a", of_one()));
    }

    #[test]
    fn when_a_tenant_is_full_no_client_has_room() {
        let tokens = RevokedTokens::default();
        tokens.add((0..LIMIT).map(|number| token("a", number)).collect(), |_| None);
        assert!(!tokens.has_room_for("a", std::iter::empty()));
    }
}
