//! Literals and keys as they are written in a source.

/// `text` as a literal: in double quotes, with what must be escaped escaped. [`Expression::parse`] reads it back as
/// exactly this text, so a source may be put together from values of any origin.
///
/// [`Expression::parse`]: super::Expression::parse
pub fn quote(text: &str) -> String {
    quoted(text, '"')
}

/// `name` as one segment of a path: bare where it can be, in single quotes where it must be.
pub fn key(name: &str) -> String {
    if !name.is_empty() && name.chars().all(is_bare) { name.to_owned() } else { quoted(name, '\'') }
}

/// What a segment may consist of without quotes.
pub(super) fn is_bare(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

fn quoted(text: &str, mark: char) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(2));
    out.push(mark);
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if letter == mark => out.extend(['\\', mark]),
            _ if letter.is_control() || is_invisible(letter) => out.extend(letter.escape_unicode()),
            _ => out.push(letter),
        }
    }
    out.push(mark);
    out
}

/// Characters that are not seen, or that change the order in which others are seen: a source that was put together,
/// or a value that is shown, must not look like another one.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}
