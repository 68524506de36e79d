//! Tokens that were revoked one by one, in memory: a request that presents a token asks no database.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crate::store::RevokedToken;

/// How many of a tenant's tokens can be revoked one by one at a time. Forgetting one would bring it back to life, so a
/// tenant that has more has to revoke by client or credential.
pub(crate) const LIMIT: usize = 100_000;

/// By tenant and `jti`, when the token expires, in seconds since the epoch.
#[derive(Default)]
pub(crate) struct RevokedTokens(RwLock<HashMap<String, HashMap<Box<str>, i64>>>);

impl RevokedTokens {
    pub(crate) fn contains(&self, tenant: &str, jti: &str) -> bool {
        let tokens = self.0.read().unwrap_or_else(PoisonError::into_inner);
        tokens.get(tenant).is_some_and(|tokens| tokens.contains_key(jti))
    }

    /// Whether another token of a tenant can be revoked.
    pub(crate) fn has_room(&self, tenant: &str) -> bool {
        let tokens = self.0.read().unwrap_or_else(PoisonError::into_inner);
        tokens.get(tenant).is_none_or(|tokens| tokens.len() < LIMIT)
    }

    pub(crate) fn add(&self, revoked: Vec<RevokedToken>) {
        let mut tokens = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for RevokedToken { tenant, jti, expires } in revoked {
            tokens.entry(tenant).or_default().insert(jti.into(), expires);
        }
    }

    /// Forgets tokens that have expired at `now`.
    pub(crate) fn forget(&self, now: i64) {
        let mut tokens = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for tokens in tokens.values_mut() {
            tokens.retain(|_, expires| *expires > now);
        }
        tokens.retain(|_, tokens| !tokens.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(tenant: &str, number: usize) -> RevokedToken {
        RevokedToken { tenant: tenant.into(), jti: number.to_string(), expires: 100 }
    }

    #[test]
    fn a_token_is_one_of_its_tenant_until_it_expires() {
        let tokens = RevokedTokens::default();
        tokens.add(vec![token("a", 1)]);
        assert!(tokens.contains("a", "1") && !tokens.contains("a", "2") && !tokens.contains("b", "1"));
        tokens.forget(99);
        assert!(tokens.contains("a", "1"));
        tokens.forget(100);
        assert!(!tokens.contains("a", "1"));
    }

    #[test]
    fn one_tenant_does_not_take_the_room_of_another() {
        let tokens = RevokedTokens::default();
        tokens.add((1..LIMIT).map(|number| token("a", number)).collect());
        assert!(tokens.has_room("a"));
        tokens.add(vec![token("a", 0)]);
        assert!(!tokens.has_room("a") && tokens.has_room("b"));
    }
}
