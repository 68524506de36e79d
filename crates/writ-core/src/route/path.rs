//! The one normal form of a path: what is matched is what is forwarded, and what could be read in two ways is refused.

/// Why a path has no normal form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathFault {
    /// It does not begin with a slash.
    #[error("the path does not begin with a slash")]
    NotAbsolute,
    /// A percent sign without two hexadecimal digits.
    #[error("a percent sign is not followed by two hexadecimal digits")]
    BrokenEscape,
    /// An escape that some servers decode before they route and others after: slash, backslash, percent, control,
    /// and bytes that are not UTF-8.
    #[error("an escape in the path is read differently by different servers")]
    AmbiguousEscape,
    /// A character that servers disagree about: backslash, semicolon, control, anything beyond ASCII.
    #[error("a character in the path is read differently by different servers")]
    AmbiguousCharacter,
    /// An empty segment, or one of `.` and `..`.
    #[error("the path has an empty segment or a dot segment")]
    AmbiguousSegment,
}

/// A path in normal form.
///
/// Escapes of unreserved characters are decoded, the others are kept in upper case, as RFC 3986 has it; dot segments
/// are not removed but refused, since whoever sends them to an API means to confuse one of two parsers.
///
/// > URIs that differ in the replacement of an unreserved character with its corresponding percent-encoded US-ASCII
/// > octet are equivalent
///
/// <https://www.rfc-editor.org/rfc/rfc3986#section-2.3>
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NormalPath(String);

impl NormalPath {
    /// Brings a path, without its query, into normal form.
    pub fn parse(path: &str) -> Result<Self, PathFault> {
        let normal = decode(path)?;
        // Bytes that are no text, such as a slash written in two bytes, are decoded in more ways than one.
        if percent_encoding::percent_decode_str(&normal).decode_utf8().is_err() {
            return Err(PathFault::AmbiguousEscape);
        }
        let inner = normal.strip_prefix('/').ok_or(PathFault::NotAbsolute)?;
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        let ambiguous = |segment: &str| matches!(segment, "" | "." | "..");
        // The root alone has one empty segment.
        if normal != "/" && inner.split('/').any(ambiguous) {
            return Err(PathFault::AmbiguousSegment);
        }
        Ok(Self(normal))
    }

    /// The path, as it is matched and forwarded.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its segments; a slash at the end makes no further one.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|segment| !segment.is_empty())
    }
}

fn decode(path: &str) -> Result<String, PathFault> {
    let mut normal = String::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'%' => {
                let (digits, after) = rest.split_first_chunk::<2>().ok_or(PathFault::BrokenEscape)?;
                rest = after;
                push_escape(&mut normal, *digits)?;
            }
            b'\\' | b';' => return Err(PathFault::AmbiguousCharacter),
            0x21..=0x7e => normal.push(char::from(*byte)),
            _ => return Err(PathFault::AmbiguousCharacter),
        }
    }
    Ok(normal)
}

fn push_escape(normal: &mut String, digits: [u8; 2]) -> Result<(), PathFault> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    let (Some(high), Some(low)) = (high, low) else { return Err(PathFault::BrokenEscape) };
    let byte = u8::try_from(high * 16 + low).unwrap_or_default();
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => normal.push(char::from(byte)),
        b'/' | b'\\' | b'%' | b';' | 0..=0x1f | 0x7f => return Err(PathFault::AmbiguousEscape),
        _ => {
            normal.push('%');
            normal.extend(digits.map(|digit| char::from(digit).to_ascii_uppercase()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(path: &str) -> Result<String, PathFault> {
        NormalPath::parse(path).map(|path| path.as_str().to_owned())
    }

    #[test]
    fn equivalent_paths_have_one_form() {
        assert_eq!(normal("/"), Ok("/".into()));
        assert_eq!(normal("/a/b/"), Ok("/a/b/".into()));
        assert_eq!(normal("/%61%7Eb/%c3%a4%20x"), Ok("/a~b/%C3%A4%20x".into()));
        assert_eq!(normal("/a:b@c,d+e=f!$&'()*"), Ok("/a:b@c,d+e=f!$&'()*".into()));
    }

    #[test]
    fn case_97_what_two_servers_could_read_differently_is_refused() {
        for path in ["//a", "/a//b", "/a//", "/./a", "/a/.", "/a/../b", "/..", "/%2e%2e/a", "/a/%2E/b", "/.%2e/a"] {
            assert_eq!(normal(path), Err(PathFault::AmbiguousSegment), "{path}");
        }
        for path in ["/a%2fb", "/a%5Cb", "/a%00", "/a%252e", "/a%3bx", "/a%0d%0a", "/%ff", "/%c0%af"] {
            assert_eq!(normal(path), Err(PathFault::AmbiguousEscape), "{path}");
        }
        for path in ["/a\\b", "/a;x/b", "/..;/a", "/\u{e4}", "/a b", "/a\t"] {
            assert_eq!(normal(path), Err(PathFault::AmbiguousCharacter), "{path}");
        }
        for path in ["/a%", "/a%2", "/a%zz"] {
            assert_eq!(normal(path), Err(PathFault::BrokenEscape), "{path}");
        }
        for path in ["", "a", "*"] {
            assert_eq!(normal(path), Err(PathFault::NotAbsolute), "{path}");
        }
    }
}
