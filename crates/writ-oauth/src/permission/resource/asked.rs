//! Scope items of resources: nine forms of one set.

use std::fmt;

/// The longest segment, in bytes.
pub const MAX_SEGMENT: usize = 128;

/// One of the three parts of a set: everything, or this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part<'a> {
    /// Everything. Written `*`.
    Any,
    /// This one, compared byte by byte.
    Only(&'a str),
}

/// A set of (resource, instance, action).
///
/// | written | resource | instance | action |
/// |---|---|---|---|
/// | `T:I:A` | T | I | A |
/// | `T:*:A`, `T:A` | T | all | A |
/// | `T:*:*`, `T:*`, `T` | T | all | all |
/// | `*:*:*`, `*:*`, `*` | all | all | all |
///
/// Two segments are always a resource and an action, never a resource and an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asked<'a> {
    /// The resource.
    pub resource: Part<'a>,
    /// The instance of it.
    pub instance: Part<'a>,
    /// The action on it.
    pub action: Part<'a>,
}

impl<'a> Part<'a> {
    /// Reads a segment: a star, or up to [`MAX_SEGMENT`] characters that a scope can have, without `:` and `*`.
    pub fn parse(segment: &'a str) -> Option<Self> {
        let is_plain = |byte: u8| byte != b':' && byte != b'*';
        match segment {
            "*" => Some(Self::Any),
            _ if segment.len() > MAX_SEGMENT || !crate::scope::is_token(segment) => None,
            _ => segment.bytes().all(is_plain).then_some(Self::Only(segment)),
        }
    }

    /// Whether all of the other is in this.
    pub fn contains(self, other: Part<'_>) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::Only(this), Part::Only(other)) => this == other,
            (Self::Only(_), Part::Any) => false,
        }
    }

    /// Whether something is in both.
    pub fn overlaps(self, other: Part<'_>) -> bool {
        self.contains(other) || other.contains(self)
    }
}

impl<'a> Asked<'a> {
    /// Reads a scope item; `None` for what has an empty or over-long segment, more than three, or a star within one.
    pub fn parse(item: &'a str) -> Option<Self> {
        let mut segments = item.split(':').map(Part::parse);
        let resource = segments.next()??;
        let (instance, action) = match (segments.next(), segments.next(), segments.next()) {
            (None, ..) => (Part::Any, Part::Any),
            (Some(action), None, _) => (Part::Any, action?),
            (Some(instance), Some(action), None) => (instance?, action?),
            (Some(_), Some(_), Some(_)) => return None,
        };
        Some(Self { resource, instance, action })
    }

    /// Whether all of the other is in this.
    pub fn contains(self, other: Asked<'_>) -> bool {
        self.resource.contains(other.resource)
            && self.instance.contains(other.instance)
            && self.action.contains(other.action)
    }
}

impl fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "*",
            Self::Only(this) => this,
        })
    }
}

/// The one spelling with three segments.
impl fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource, instance, action } = self;
        write!(f, "{resource}:{instance}:{action}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(item: &str) -> Option<String> {
        Asked::parse(item).map(|asked| asked.to_string())
    }

    #[test]
    fn the_nine_forms_are_four_sets() {
        for (item, set) in [
            ("book:1:read", "book:1:read"),
            ("book:*:read", "book:*:read"),
            ("book:read", "book:*:read"),
            ("book:*:*", "book:*:*"),
            ("book:*", "book:*:*"),
            ("book", "book:*:*"),
            ("*:*:*", "*:*:*"),
            ("*:*", "*:*:*"),
            ("*", "*:*:*"),
            // Not among the nine, and clear all the same.
            ("*:read", "*:*:read"),
            ("book:1:*", "book:1:*"),
        ] {
            assert_eq!(canonical(item).as_deref(), Some(set), "{item}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_nothing() {
        let long = "b".repeat(MAX_SEGMENT + 1);
        for item in [
            "",
            ":",
            "book:",
            ":read",
            "book::read",
            "book:1:",
            "a:b:c:d",
            "bo*k",
            "book:**",
            "book:1*:read",
            "bü",
            "a b",
        ] {
            assert_eq!(canonical(item), None, "{item}");
        }
        assert_eq!(canonical(&long), None);
        assert!(canonical(&long[1..]).is_some());
        // FULLWIDTH COLON and ASTERISK OPERATOR look like what they are not.
        assert_eq!(canonical("book\u{ff1a}read"), None);
        assert_eq!(canonical("book:\u{2217}"), None);
    }

    #[test]
    fn a_set_contains_what_is_in_it_and_no_more() {
        let contains =
            |outer, inner| Asked::parse(outer).zip(Asked::parse(inner)).map(|(outer, inner)| outer.contains(inner));
        assert_eq!(contains("book:2019:*", "book:2019:read"), Some(true));
        assert_eq!(contains("book:2019:*", "book:2020:read"), Some(false));
        assert_eq!(contains("book:2019:*", "book:read"), Some(false));
        assert_eq!(contains("book:read", "book:7:read"), Some(true));
        assert_eq!(contains("book:read", "book:7:*"), Some(false));
        assert_eq!(contains("*", "book:7:read"), Some(true));
        assert_eq!(contains("book", "books"), Some(false));
    }
}
