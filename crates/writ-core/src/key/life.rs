//! The rules of a key's life: what is due, and what may be done when. Pure, so that every moment can be tested.

use jiff::Timestamp;
use writ_oauth::jose::MAX_SET_KEYS;

use crate::directory::MARGIN;
use crate::document::Issuer;
use crate::store::{KeyState, StoredKey};

/// How long a key is published before it signs, in seconds: verifiers keep what they have fetched for that long.
pub(super) const PUBLISHED_BEFORE_USE: i64 = 600;

/// When a key that stops signing now can be forgotten.
pub(super) fn forget_at(key: &StoredKey, now: i64) -> i64 {
    now + key.longest + MARGIN
}

/// The key in a state that only one key has.
pub(super) fn in_state(keys: &[StoredKey], state: KeyState) -> Option<&StoredKey> {
    keys.iter().find(|key| key.state == state)
}

/// Whether the next key may be used: every verifier can know it. The message says from when on.
pub(super) fn next_is_known(keys: &[StoredKey], now: i64) -> Result<(), String> {
    let Some(next) = in_state(keys, KeyState::Next) else {
        let message =
            "the next key is still to be made, which takes a minute at most; it can be used ten minutes later";
        return Err(message.into());
    };
    let from = next.changed + PUBLISHED_BEFORE_USE;
    if from <= now {
        return Ok(());
    }
    Err(format!(
        "the next key has been published for less than ten minutes, and verifiers that cache keys may not know it yet; \
         rotating is possible from {} on, or with `now` at once, at the price that such verifiers refuse new tokens for a while",
        time(from)
    ))
}

/// Whether another key fits into the published set: verifiers read no more than [`MAX_SET_KEYS`].
pub(super) fn has_room(keys: &[StoredKey]) -> Result<(), String> {
    let used = keys.iter().filter(|key| matches!(key.state, KeyState::Active | KeyState::Retired));
    // A new active one and a new next one.
    if used.clone().count() + 2 <= MAX_SET_KEYS {
        return Ok(());
    }
    let when = match used.filter_map(|key| key.forget_at).min() {
        Some(at) => format!("from {} on", time(at)),
        None => "later".to_owned(),
    };
    Err(format!(
        "the issuer publishes as many keys as verifiers read, {MAX_SET_KEYS}; another fits {when}, when the tokens of an \
         older key have expired, or when one is revoked"
    ))
}

fn time(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| "the end of time".to_owned(), |time| time.to_string())
}

/// What is to be done about the keys of an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing.
    Nothing,
    /// Make the next key.
    Next,
    /// Rotate: the schedule says so.
    Rotation,
    /// Forget these: their last tokens have expired.
    Forgetting(Vec<String>),
}

impl Due {
    /// The first thing that is due at `now`; there may be another after it.
    pub(super) fn of(issuer: &Issuer, keys: &[StoredKey], now: i64) -> Self {
        let gone = keys.iter().filter(|key| key.forget_at.is_some_and(|at| at <= now)).map(|key| key.kid.clone());
        let gone: Vec<_> = gone.collect();
        if !gone.is_empty() {
            return Self::Forgetting(gone);
        }
        if in_state(keys, KeyState::Next).is_none() {
            return Self::Next;
        }
        let active = in_state(keys, KeyState::Active);
        let is_old = issuer
            .signing
            .rotate_every
            .is_some_and(|period| active.is_some_and(|active| active.changed + period.seconds() <= now));
        if is_old && next_is_known(keys, now).is_ok() && has_room(keys).is_ok() {
            return Self::Rotation;
        }
        Self::Nothing
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use writ_oauth::jose::Alg;

    use super::*;
    use crate::document::{IssuerToken, RotationPeriod, Signing};

    const NOW: i64 = 1_800_000_000;

    fn issuer(rotate_every: Option<i64>) -> Issuer {
        let rotate_every = rotate_every.map(|seconds| RotationPeriod::from_seconds(seconds).unwrap());
        Issuer {
            name: "i".into(),
            dialect: "d".into(),
            signing: Signing { alg: Alg::ES256, rotate_every },
            token: IssuerToken::default(),
        }
    }

    fn key(state: KeyState, age: i64, forget_at: Option<i64>) -> StoredKey {
        StoredKey {
            tenant: "t".into(),
            issuer: "i".into(),
            kid: format!("{}-{age}", state.name()),
            alg: Alg::ES256,
            state,
            created: NOW - age,
            changed: NOW - age,
            longest: 3600,
            forget_at,
            sealed: Vec::new(),
        }
    }

    #[test]
    fn a_next_key_is_known_after_ten_minutes() {
        assert!(next_is_known(&[key(KeyState::Next, 600, None)], NOW).is_ok());
        let refused = next_is_known(&[key(KeyState::Next, 599, None)], NOW).unwrap_err();
        assert!(refused.contains(&format!("possible from {} on", time(NOW + 1))), "{refused}");
        let refused = next_is_known(&[key(KeyState::Active, 900, None)], NOW).unwrap_err();
        assert!(refused.contains("still to be made"), "{refused}");
    }

    #[test]
    fn what_is_due_is_found() {
        let keys = |active, next| vec![key(KeyState::Active, active, None), key(KeyState::Next, next, None)];
        for (every, keys, due) in [
            (None, keys(1_000_000, 1_000_000), Due::Nothing),
            (Some(3600), keys(3599, 3599), Due::Nothing),
            (Some(3600), keys(3600, 3600), Due::Rotation),
            (Some(3600), keys(9999, 599), Due::Nothing),
            (Some(3600), keys(9999, 600), Due::Rotation),
            (Some(3600), vec![key(KeyState::Active, 9999, None)], Due::Next),
            (None, vec![key(KeyState::Active, 0, None), key(KeyState::Revoked, 0, Some(NOW + 1))], Due::Next),
        ] {
            assert_eq!(Due::of(&issuer(every), &keys, NOW), due, "{every:?}");
        }
    }

    #[test]
    fn a_key_is_forgotten_at_its_time_and_before_anything_else() {
        for state in [KeyState::Retired, KeyState::Revoked] {
            let later = key(state, 5, Some(NOW + 1));
            let now = key(state, 6, Some(NOW));
            assert_eq!(
                Due::of(&issuer(None), &[later, now], NOW),
                Due::Forgetting(vec![format!("{}-6", state.name())])
            );
        }
    }

    #[test]
    fn a_published_set_never_grows_beyond_what_verifiers_read() {
        let retired = |count: i64| (1..=count).map(|age| key(KeyState::Retired, age, Some(NOW + age)));
        let rest = || [key(KeyState::Active, 9999, None), key(KeyState::Next, 9999, None)];
        let full: Vec<_> = retired(98).chain(rest()).collect();
        assert_eq!(full.len(), MAX_SET_KEYS);
        let refused = has_room(&full).unwrap_err();
        assert!(refused.contains(&format!("fits from {} on", time(NOW + 1))), "{refused}");
        assert_eq!(Due::of(&issuer(Some(3600)), &full, NOW), Due::Nothing);
        let almost: Vec<_> = retired(97).chain(rest()).collect();
        assert!(has_room(&almost).is_ok());
        assert_eq!(Due::of(&issuer(Some(3600)), &almost, NOW), Due::Rotation);
        // Revoked keys are not published.
        let revoked: Vec<_> = (1..=200).map(|age| key(KeyState::Revoked, age, Some(NOW + age))).chain(rest()).collect();
        assert!(has_room(&revoked).is_ok());
    }
}
