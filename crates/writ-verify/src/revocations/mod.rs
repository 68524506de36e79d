//! What was taken back, as Writ's revocation feed tells it.

mod follow;
mod page;

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};

use writ_oauth::jose::Claims;

pub use self::follow::{Feed, follow};
pub use self::page::{PageFault, Revocation, RevocationPage};
use crate::VerifyError;
use crate::recipient::Recipient;

/// How many revocations are kept at most; a tenant has a hundred thousand single tokens, and a few for each client.
const LIMIT: usize = 1_000_000;
/// For how many seconds tokens may be accepted beyond their `exp`: the largest leeway.
const LEEWAY: i64 = 300;
/// How long what is known may be old unless it is said otherwise, in seconds.
const STALE_AFTER: i64 = 300;

/// What was taken back. Filled from pages of the feed, in order; asked by every [`Verifier`](crate::Verifier) that has it.
///
/// Until a page has come that has no more after it, and when none has come for five minutes
/// ([`Revocations::stale_after`]), tokens are refused with [`VerifyError::RevocationsStale`]: what cannot be decided is not
/// allowed.
pub struct Revocations {
    stale_after: i64,
    known: RwLock<Known>,
}

struct Known {
    /// Single tokens by `jti`, and until when they need to be known.
    tokens: HashMap<Box<str>, i64>,
    /// Signing keys by `kid`, the same.
    keys: HashMap<Box<str>, i64>,
    cutoffs: HashMap<Reach, Cutoff>,
    cursor: String,
    /// When everything was known the last time.
    complete_at: Option<i64>,
}

/// Which tokens a cut-off is about: those of a client, for a server; absent: of any, for any.
#[derive(PartialEq, Eq, Hash)]
struct Reach {
    client_id: Option<Box<str>>,
    server: Option<Server>,
}

/// A resource server as tokens name it.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Server {
    Audience(Box<str>),
    Application(Box<str>),
}

#[derive(Default)]
struct Cutoff {
    issued_until: i64,
    exp: i64,
}

/// Why a page was not taken in, or not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyFault {
    /// There are more revocations than are kept; tokens are refused before long.
    #[error("there are more than {LIMIT} revocations")]
    Full,
}

/// What is asked of a token.
pub(crate) struct Facts<'a> {
    pub(crate) claims: &'a Claims,
    pub(crate) kid: Option<&'a str>,
    pub(crate) client_id: &'a str,
}

impl Default for Revocations {
    fn default() -> Self {
        Self::stale_after(STALE_AFTER)
    }
}

impl Revocations {
    /// Nothing known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, with another time than five minutes: so many seconds after the last page, tokens are refused.
    pub fn stale_after(seconds: i64) -> Self {
        let known = Known {
            tokens: HashMap::new(),
            keys: HashMap::new(),
            cutoffs: HashMap::new(),
            cursor: START.to_owned(),
            complete_at: None,
        };
        Self { stale_after: seconds, known: RwLock::new(known) }
    }

    /// What to ask the feed for next: the value of its parameter `after`.
    pub fn cursor(&self) -> String {
        self.read(|known| known.cursor.clone())
    }

    /// The feed does not know the cursor: begin again. What is known stays.
    pub fn start_over(&self) {
        let mut known = self.write();
        START.clone_into(&mut known.cursor);
        known.complete_at = None;
    }

    /// Takes in the page after [`Revocations::cursor`], which came at `now`, in seconds since the epoch.
    pub fn apply(&self, page: RevocationPage, now: i64) -> Result<(), ApplyFault> {
        let mut known = self.write();
        for revocation in page.revocations {
            if known.len() >= LIMIT {
                return Err(ApplyFault::Full);
            }
            known.add(revocation);
        }
        known.cursor = page.next;
        if !page.more {
            known.forget(now);
            known.complete_at = Some(now);
        }
        Ok(())
    }

    /// How many revocations are known.
    pub fn len(&self) -> usize {
        self.read(Known::len)
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn check(&self, token: &Facts<'_>, recipient: &Recipient, now: i64) -> Result<(), VerifyError> {
        self.read(|known| {
            // A clock that was set back makes what is known old, not new.
            let age = known.complete_at.map(|at| now.saturating_sub(at));
            if age.is_none_or(|age| !(-LEEWAY..=self.stale_after).contains(&age)) {
                return Err(VerifyError::RevocationsStale);
            }
            if known.revokes(token, recipient) { Err(VerifyError::Revoked) } else { Ok(()) }
        })
    }

    fn read<T>(&self, read: impl FnOnce(&Known) -> T) -> T {
        read(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The cursor before everything.
const START: &str = "0";

impl Known {
    fn len(&self) -> usize {
        self.tokens.len() + self.keys.len() + self.cutoffs.len()
    }

    fn add(&mut self, revocation: Revocation) {
        let Revocation { jti, kid, client_id, audience, azp, issued_until, exp } = revocation;
        if let Some(jti) = jti {
            self.tokens.insert(jti.into(), exp);
        } else if let Some(kid) = kid {
            self.keys.insert(kid.into(), exp);
        } else {
            let audience = audience.map(|audience| Server::Audience(audience.into()));
            let application = azp.map(|azp| Server::Application(azp.into()));
            let both = [audience, application];
            let servers =
                if both == [None, None] { vec![None] } else { both.into_iter().flatten().map(Some).collect() };
            for server in servers {
                let reach = Reach { client_id: client_id.as_deref().map(Into::into), server };
                let cutoff = self.cutoffs.entry(reach).or_default();
                cutoff.issued_until = cutoff.issued_until.max(issued_until.unwrap_or(i64::MAX));
                cutoff.exp = cutoff.exp.max(exp);
            }
        }
    }

    fn revokes(&self, token: &Facts<'_>, recipient: &Recipient) -> bool {
        let claims = token.claims;
        if claims.jti().is_none_or(|jti| self.tokens.contains_key(jti)) {
            return true;
        }
        if token.kid.is_some_and(|kid| self.keys.contains_key(kid)) {
            return true;
        }
        let Some(issued_at) = claims.iat() else { return true };
        let server = match recipient {
            Recipient::Audience(audience) | Recipient::PlainAudience(audience) => Server::Audience((**audience).into()),
            Recipient::Application(id, _) => Server::Application((**id).into()),
        };
        let client = || Some(Box::from(token.client_id));
        let reaches = [(client(), None), (client(), Some(server.clone())), (None, Some(server)), (None, None)];
        reaches.into_iter().any(|(client_id, server)| {
            self.cutoffs.get(&Reach { client_id, server }).is_some_and(|cutoff| issued_at <= cutoff.issued_until)
        })
    }

    /// Forgets what concerns no token that is still accepted anywhere.
    fn forget(&mut self, now: i64) {
        let lives = |exp: i64| exp.saturating_add(LEEWAY) > now;
        self.tokens.retain(|_, exp| lives(*exp));
        self.keys.retain(|_, exp| lives(*exp));
        self.cutoffs.retain(|_, cutoff| lives(cutoff.exp));
    }
}
