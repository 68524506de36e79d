//! Points in time on the command line: an RFC 3339 time, or how long from now.

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

/// A point in time as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    At(Timestamp),
    In(SignedDuration),
}

impl When {
    /// Reads either form.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if let Ok(time) = text.parse() {
            return Ok(Self::At(time));
        }
        Self::parse_duration(text).map(Self::In).map_err(|_| {
            "expected a time such as 2027-06-30T00:00:00Z, or how long from now, such as 90d, 24h or 30m".to_owned()
        })
    }

    /// Reads how long from now; a day is 24 hours.
    pub(crate) fn parse_duration(text: &str) -> Result<SignedDuration, String> {
        let expected = || "expected how long from now, such as 90d, 24h or 30m".to_owned();
        let span: Span = text.parse().map_err(|_| expected())?;
        let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| expected())?;
        if duration.is_negative() { Err(expected()) } else { Ok(duration) }
    }

    /// The time it means at `now`, in whole seconds.
    pub(crate) fn from(self, now: Timestamp) -> Result<Timestamp, String> {
        let time = match self {
            Self::At(time) => Ok(time),
            Self::In(duration) => now.checked_add(duration),
        };
        time.and_then(|time| Timestamp::from_second(time.as_second())).map_err(|_| "is too far away".to_owned())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn at(text: &str) -> Result<String, String> {
        let now: Timestamp = "2026-11-24T08:00:00.75Z".parse().unwrap();
        When::parse(text)?.from(now).map(|time| time.to_string())
    }

    #[test]
    fn a_time_or_how_long_from_now() {
        for (text, expected) in [
            ("2027-06-30T00:00:00Z", "2027-06-30T00:00:00Z"),
            ("2027-06-30T02:00:00+02:00", "2027-06-30T00:00:00Z"),
            ("24h", "2026-11-25T08:00:00Z"),
            ("90d", "2027-02-22T08:00:00Z"),
            ("1h 30m", "2026-11-24T09:30:00Z"),
            ("0s", "2026-11-24T08:00:00Z"),
        ] {
            assert_eq!(at(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_could_mean_several_times_is_refused() {
        for text in ["", "soon", "2027-06-30", "2027-06-30T00:00:00", "-1h", "1mo", "5", "99999999h", "1h ago"] {
            assert!(at(text).is_err(), "{text}");
        }
    }
}
