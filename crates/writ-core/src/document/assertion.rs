//! What a client's assertions (RFC 7523) may be like.

use serde::{Deserialize, Serialize};
use writ_oauth::jose::Alg;

use super::Lifetime;

/// The longest life of an assertion that can be allowed, in seconds.
const LONGEST: i64 = 60 * 60;

/// The policy for the JWTs by which a client proves itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assertions {
    /// Which rules they must follow.
    #[serde(default)]
    pub profile: AssertionProfile,
    /// The algorithms they may be signed with; empty: each that the profile and the credential allow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub algs: Vec<Alg>,
    /// How long they may live; absent: as long as the profile has it. Some clients' assertions live an hour: that is the
    /// most, and only where it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_lifetime: Option<Lifetime>,
}

/// Which rules assertions must follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssertionProfile {
    /// As clients make them today: the audience is the door's issuer or its token endpoint, as a string or a list; they
    /// live up to 30 minutes.
    #[default]
    Compatible,
    /// As they should be made: the audience is the issuer alone, as a string; they live up to five minutes; no
    /// RSASSA-PKCS1-v1_5.
    Strict,
}

impl AssertionProfile {
    /// How long assertions may live, in seconds.
    pub const fn longest(self) -> i64 {
        match self {
            Self::Compatible => 30 * 60,
            Self::Strict => 5 * 60,
        }
    }

    /// Whether assertions may be signed with this algorithm.
    pub const fn allows(self, alg: Alg) -> bool {
        match self {
            Self::Compatible => true,
            Self::Strict => !matches!(alg, Alg::RS256 | Alg::RS384 | Alg::RS512),
        }
    }
}

impl Assertions {
    /// How long assertions may live, in seconds.
    pub fn longest(&self) -> i64 {
        let most = match self.profile {
            AssertionProfile::Compatible => LONGEST,
            AssertionProfile::Strict => self.profile.longest(),
        };
        self.max_lifetime.map_or(self.profile.longest(), |lifetime| lifetime.seconds().min(most))
    }

    /// Whether assertions may be signed with this algorithm.
    pub fn allows(&self, alg: Alg) -> bool {
        self.profile.allows(alg) && (self.algs.is_empty() || self.algs.contains(&alg))
    }

    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn check(&self) -> Result<(), super::credential::Fault> {
        match self.algs.iter().position(|alg| !self.profile.allows(*alg)) {
            None => Ok(()),
            Some(position) => {
                let message = "the strict profile has no RSASSA-PKCS1-v1_5 (RS256, RS384, RS512)";
                super::credential::fault(format!("algs[{position}]"), message)
            }
        }
    }
}
