//! Durations as documents write them.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A duration of whole seconds, written like `90s`, `10m`, `1h`, `2d` or as a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lifetime(u32);

impl Lifetime {
    /// The longest lifetime of an access token: 30 days.
    pub const MAX: Self = Self(30 * 24 * 3600);

    /// One hour.
    pub const fn hour() -> Self {
        Self(3600)
    }

    /// From seconds, when within 1 second and [`Lifetime::MAX`].
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        u32::try_from(seconds).ok().map(Self).filter(|lifetime| lifetime.0 >= 1 && *lifetime <= Self::MAX)
    }

    /// In seconds.
    pub const fn seconds(self) -> i64 {
        self.0 as i64
    }

    /// As a duration.
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a duration such as 90s, 10m, 1h or 2d")]
enum LifetimeWire {
    Seconds(i64),
    Words(String),
}

impl<'de> Deserialize<'de> for Lifetime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = LifetimeWire::deserialize(deserializer)?;
        let seconds = match &wire {
            LifetimeWire::Seconds(seconds) => Some(*seconds),
            LifetimeWire::Words(words) => seconds(words),
        };
        seconds
            .and_then(Self::from_seconds)
            .ok_or_else(|| D::Error::custom("expected a duration between 1s and 30d, such as 90s, 10m, 1h or 2d"))
    }
}

fn seconds(words: &str) -> Option<i64> {
    let unit = words.chars().last()?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    let digits = words.strip_suffix(unit)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
    digits.parse::<i64>().ok()?.checked_mul(factor)
}

impl Serialize for Lifetime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let seconds = self.seconds();
        let (count, unit) = match seconds {
            _ if seconds % 86_400 == 0 => (seconds / 86_400, 'd'),
            _ if seconds % 3600 == 0 => (seconds / 3600, 'h'),
            _ if seconds % 60 == 0 => (seconds / 60, 'm'),
            _ => (seconds, 's'),
        };
        serializer.collect_str(&format_args!("{count}{unit}"))
    }
}
