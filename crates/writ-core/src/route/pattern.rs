//! Path patterns: literal segments, `{captures}`, `*` for one segment, `**` for the rest.

use std::cmp::Ordering;

use super::path::NormalPath;

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PatternFault {
    /// The literal parts are not in normal form.
    #[error("`{0}` is not a path in normal form")]
    NotNormal(String),
    /// `**` stands before the end.
    #[error("`**` can only stand at the end")]
    RestBeforeEnd,
    /// A capture without a proper name.
    #[error("`{0}` is not a capture: a name of letters, digits and `_` in braces")]
    Capture(String),
    /// Two captures of one name.
    #[error("two captures are named `{0}`")]
    CaptureTwice(String),
}

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    segments: Vec<Segment>,
    /// Whether any further segments match.
    rest: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    /// Any one segment; with a name, it can be used in the requirement.
    Any(Option<String>),
}

/// What a pattern found in a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Matched<'p> {
    /// The captured segments, by the pattern's names.
    pub(crate) captures: Vec<(&'p str, &'p str)>,
    /// Whether the literal segments are equal byte by byte, and not only when ASCII case is ignored.
    pub(crate) exact: bool,
}

impl Pattern {
    /// Compiles a pattern.
    pub(crate) fn parse(text: &str) -> Result<Self, PatternFault> {
        let (head, rest) = match text.strip_suffix("/**") {
            Some(head) => (head, true),
            None => (text, false),
        };
        let not_normal = || PatternFault::NotNormal(text.to_owned());
        let head = if head.is_empty() && rest { "/" } else { head };
        let inner = head.strip_prefix('/').ok_or_else(not_normal)?;
        let words = inner.split('/').filter(|word| !(inner.is_empty() && word.is_empty()));
        let segments = words.map(segment).collect::<Result<Vec<_>, _>>()?;
        let mut names = segments.iter().filter_map(Segment::name);
        while let Some(name) = names.next() {
            if names.clone().any(|other| other == name) {
                return Err(PatternFault::CaptureTwice(name.to_owned()));
            }
        }
        Ok(Self { segments, rest })
    }

    /// The names of its captures.
    pub(crate) fn captures(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(Segment::name)
    }

    /// Matches a path, ASCII case ignored: a server behind the gateway may ignore it, so a path in another case
    /// must not slip past this pattern to a laxer one.
    pub(crate) fn matches<'p>(&'p self, path: &'p NormalPath) -> Option<Matched<'p>> {
        let mut given = path.segments();
        let mut matched = Matched { captures: Vec::new(), exact: true };
        for segment in &self.segments {
            let value = given.next()?;
            match segment {
                Segment::Literal(literal) if !literal.eq_ignore_ascii_case(value) => return None,
                Segment::Literal(literal) => matched.exact &= literal == value,
                Segment::Any(Some(name)) => matched.captures.push((name, value)),
                Segment::Any(None) => {}
            }
        }
        (self.rest || given.next().is_none()).then_some(matched)
    }

    /// Orders patterns so that of two that match one path, the more specific comes first.
    pub(crate) fn specificity(&self, other: &Self) -> Ordering {
        let rank = |segment: Option<&Segment>| match segment {
            Some(Segment::Literal(_)) => 0,
            Some(Segment::Any(_)) => 1,
            None => 2,
        };
        let longest = self.segments.len().max(other.segments.len());
        let ranks = |pattern: &Self| (0..longest).map(|at| rank(pattern.segments.get(at))).collect::<Vec<_>>();
        ranks(self).cmp(&ranks(other)).then(self.rest.cmp(&other.rest))
    }

    /// Whether the same paths match both, whatever their captures are called.
    pub(crate) fn same_paths(&self, other: &Self) -> bool {
        let same = |(a, b): (&Segment, &Segment)| match (a, b) {
            (Segment::Literal(a), Segment::Literal(b)) => a.eq_ignore_ascii_case(b),
            (Segment::Any(_), Segment::Any(_)) => true,
            (Segment::Literal(_) | Segment::Any(_), _) => false,
        };
        self.rest == other.rest
            && self.segments.len() == other.segments.len()
            && self.segments.iter().zip(&other.segments).all(same)
    }
}

impl Segment {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Any(name) => name.as_deref(),
            Self::Literal(_) => None,
        }
    }
}

fn segment(word: &str) -> Result<Segment, PatternFault> {
    match word {
        "*" => Ok(Segment::Any(None)),
        "**" => Err(PatternFault::RestBeforeEnd),
        _ if word.contains(['{', '}', '*']) => {
            let name = word.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            let proper =
                |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let name = name.filter(proper).ok_or_else(|| PatternFault::Capture(word.to_owned()))?;
            Ok(Segment::Any(Some(name.to_owned())))
        }
        literal => {
            let path = format!("/{literal}");
            let normal = NormalPath::parse(&path).ok().filter(|normal| normal.as_str() == path && !literal.is_empty());
            normal.map(|_| Segment::Literal(literal.to_owned())).ok_or_else(|| PatternFault::NotNormal(literal.into()))
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn captures(pattern: &str, path: &str) -> Option<(Vec<(String, String)>, bool)> {
        let (pattern, path) = (Pattern::parse(pattern).unwrap(), NormalPath::parse(path).unwrap());
        let Matched { captures, exact } = pattern.matches(&path)?;
        Some((captures.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(), exact))
    }

    #[test]
    fn segments_match_one_each_and_the_rest_any_number() {
        assert_eq!(captures("/growth/{year}", "/growth/2019"), Some((vec![("year".into(), "2019".into())], true)));
        assert_eq!(captures("/growth/{year}", "/growth/2019/"), Some((vec![("year".into(), "2019".into())], true)));
        assert_eq!(captures("/growth/{year}", "/growth"), None);
        assert_eq!(captures("/growth/{year}", "/growth/2019/x"), None);
        assert_eq!(captures("/a/**", "/a"), Some((vec![], true)));
        assert_eq!(captures("/a/**", "/a/b/c"), Some((vec![], true)));
        assert_eq!(captures("/**", "/"), Some((vec![], true)));
        assert_eq!(captures("/", "/"), Some((vec![], true)));
        assert_eq!(captures("/", "/a"), None);
        assert_eq!(captures("/*/b", "/a/b"), Some((vec![], true)));
        assert_eq!(captures("/Admin", "/admin"), Some((vec![], false)));
    }

    #[test]
    fn the_more_specific_pattern_comes_first() {
        let mut patterns: Vec<_> =
            ["/**", "/a/**", "/a/{x}", "/a/b", "/a", "/{x}/b", "/"].map(|text| Pattern::parse(text).unwrap()).into();
        patterns.sort_by(Pattern::specificity);
        let first = |path: &str| {
            let path = NormalPath::parse(path).unwrap();
            let found = patterns.iter().find(|pattern| pattern.matches(&path).is_some());
            found.cloned().unwrap()
        };
        for (path, pattern) in [
            ("/a/b", "/a/b"),
            ("/a/c", "/a/{x}"),
            ("/a/b/c", "/a/**"),
            ("/z/b", "/{x}/b"),
            ("/a", "/a"),
            ("/", "/"),
            ("/z", "/**"),
        ] {
            assert_eq!(first(path), Pattern::parse(pattern).unwrap(), "{path}");
        }
    }

    #[test]
    fn patterns_that_cannot_be_meant_are_refused() {
        for pattern in ["", "a", "/a//b", "/a/", "/**/b", "/a**", "/{}", "/{a b}", "/x{a}", "/{a}/{a}", "/a%2fb", "/.."]
        {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
