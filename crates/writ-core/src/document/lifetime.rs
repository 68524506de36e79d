//! Durations as documents write them: whole seconds, like `90s`, `10m`, `1h`, `2d` or as a number of seconds.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How long a token lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lifetime(u32);

impl Lifetime {
    /// The longest lifetime of an access token: 30 days.
    pub const MAX: Self = Self(30 * 24 * 3600);

    /// Ten minutes.
    pub const fn ten_minutes() -> Self {
        Self(600)
    }

    /// One hour.
    pub const fn hour() -> Self {
        Self(3600)
    }

    /// One day.
    pub const fn day() -> Self {
        Self(24 * 3600)
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

/// How long a signing key is used before the next one takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RotationPeriod(u32);

impl RotationPeriod {
    /// The shortest: one hour, so that a new key is known to verifiers well before it is used.
    pub const MIN: Self = Self(3600);
    /// The longest: ten years.
    pub const MAX: Self = Self(3650 * 24 * 3600);

    /// From seconds, when within [`RotationPeriod::MIN`] and [`RotationPeriod::MAX`].
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        u32::try_from(seconds).ok().map(Self).filter(|period| (Self::MIN..=Self::MAX).contains(period))
    }

    /// In seconds.
    pub const fn seconds(self) -> i64 {
        self.0 as i64
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a duration such as 90s, 10m, 1h or 2d")]
enum Wire {
    Seconds(i64),
    Words(String),
}

/// Reads either form as seconds; `None` for other words.
fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Wire::deserialize(deserializer)? {
        Wire::Seconds(seconds) => Some(seconds),
        Wire::Words(words) => seconds(&words),
    })
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

/// Writes seconds in the largest unit that divides them.
fn write<S: Serializer>(seconds: i64, serializer: S) -> Result<S::Ok, S::Error> {
    let (count, unit) = match seconds {
        _ if seconds % 86_400 == 0 => (seconds / 86_400, 'd'),
        _ if seconds % 3600 == 0 => (seconds / 3600, 'h'),
        _ if seconds % 60 == 0 => (seconds / 60, 'm'),
        _ => (seconds, 's'),
    };
    serializer.collect_str(&format_args!("{count}{unit}"))
}

impl<'de> Deserialize<'de> for Lifetime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)?
            .and_then(Self::from_seconds)
            .ok_or_else(|| D::Error::custom("expected a duration between 1s and 30d, such as 90s, 10m, 1h or 2d"))
    }
}

impl Serialize for Lifetime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(self.seconds(), serializer)
    }
}

impl<'de> Deserialize<'de> for RotationPeriod {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(deserializer)?
            .and_then(Self::from_seconds)
            .ok_or_else(|| D::Error::custom("expected a duration between 1h and 3650d, such as 12h or 90d"))
    }
}

impl Serialize for RotationPeriod {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(self.seconds(), serializer)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_period_is_read_and_written_within_its_bounds() {
        for (text, written) in [("\"90d\"", "\"90d\""), ("3600", "\"1h\""), ("\"90m\"", "\"90m\"")] {
            let period: RotationPeriod = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&period).unwrap(), written);
        }
        for text in ["\"59m\"", "\"3651d\"", "0", "-1", "\"d\"", "\"90\"", "\"1w\"", "null"] {
            assert!(serde_json::from_str::<RotationPeriod>(text).is_err(), "{text}");
        }
    }
}
