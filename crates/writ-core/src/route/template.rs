//! A required permission with captures from the path: `user-growth:{year}:read`.

/// Why a template cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateFault {
    /// A brace without its other half.
    #[error("a brace in `{0}` has no other half")]
    Brace(String),
    /// A capture that the path does not have.
    #[error("`{{{0}}}` is not a capture of the path")]
    UnknownCapture(String),
}

/// A compiled template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Capture(String),
}

impl Template {
    /// Compiles a template whose captures must be among the names given.
    pub(crate) fn parse(text: &str, names: &[&str]) -> Result<Self, TemplateFault> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| TemplateFault::Brace(text.to_owned()))?;
            if !names.contains(&name) {
                return Err(TemplateFault::UnknownCapture(name.to_owned()));
            }
            parts.push(Part::Literal(literal.to_owned()));
            parts.push(Part::Capture(name.to_owned()));
            rest = after;
        }
        parts.push(Part::Literal(rest.to_owned()));
        let stray = parts.iter().any(|part| matches!(part, Part::Literal(text) if text.contains('}')));
        if stray { Err(TemplateFault::Brace(text.to_owned())) } else { Ok(Self(parts)) }
    }

    /// The permission for these captures; `None` when a captured value could change what the permission means.
    pub(crate) fn fill(&self, captures: &[(&str, &str)]) -> Option<String> {
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(text) => filled.push_str(text),
                Part::Capture(name) => {
                    let (_, value) = captures.iter().find(|(known, _)| known == name)?;
                    filled.push_str(plain(value)?);
                }
            }
        }
        Some(filled)
    }
}

/// A value without separators, wildcards and escapes: it can stand for one part of a permission and no more.
fn plain(value: &str) -> Option<&str> {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    value.bytes().all(unreserved).then_some(value)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn captures_fill_whole_parts_only() {
        let template = Template::parse("user-growth:{year}:read", &["year"]).unwrap();
        assert_eq!(template.fill(&[("year", "2019")]).as_deref(), Some("user-growth:2019:read"));
        for value in ["*", "2019:x", "2019|x", "a%20b", "a+b", "a,b"] {
            assert_eq!(template.fill(&[("year", value)]), None, "{value}");
        }
    }

    #[test]
    fn unknown_captures_and_lone_braces_are_refused() {
        let parse = |text| Template::parse(text, &["year"]).err();
        assert_eq!(parse("a:{month}"), Some(TemplateFault::UnknownCapture("month".into())));
        assert_eq!(parse("a:{year"), Some(TemplateFault::Brace("a:{year".into())));
        assert_eq!(parse("a:year}"), Some(TemplateFault::Brace("a:year}".into())));
        assert_eq!(parse("plain"), None);
    }
}
