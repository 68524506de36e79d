//! The `scope` parameter.

use crate::{Refusal, Refused};

/// The most items in one scope.
pub const MAX_ITEMS: usize = 100;

/// Whether a string can be one item of a scope.
///
/// > scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
///
/// <https://www.rfc-editor.org/rfc/rfc6749#section-3.3>
pub fn is_token(item: &str) -> bool {
    !item.is_empty() && item.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

/// Splits a scope into its items, in the order asked for, each once.
///
/// > The value of the scope parameter is expressed as a list of space-delimited, case-sensitive strings. [...] their
/// > order does not matter, and each string adds an additional access range to the requested scope.
///
/// <https://www.rfc-editor.org/rfc/rfc6749#section-3.3>
pub fn items(scope: &str) -> Result<Vec<String>, Refused> {
    items_of(scope, is_token)
}

/// The same for a front door that leaves out what it cannot read: an item may have any characters but control
/// characters, which separate words elsewhere and would be read as one item here.
pub fn words(scope: &str) -> Result<Vec<String>, Refused> {
    items_of(scope, |item| !item.chars().any(char::is_control))
}

fn items_of(scope: &str, is_item: impl Fn(&str) -> bool) -> Result<Vec<String>, Refused> {
    let mut items: Vec<String> = Vec::new();
    for item in scope.split(' ').filter(|item| !item.is_empty()) {
        if !is_item(item) {
            return Err(Refused::about(Refusal::ScopeMalformed, item));
        }
        if items.iter().any(|known| known == item) {
            continue;
        }
        if items.len() == MAX_ITEMS {
            return Err(Refusal::TooManyScopes.into());
        }
        items.push(item.to_owned());
    }
    Ok(items)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn items_keep_their_order_and_occur_once() {
        assert_eq!(items("b a  b").unwrap(), ["b", "a"]);
        assert!(items("  ").unwrap().is_empty());
    }

    #[test]
    fn words_have_any_characters_but_control_characters() {
        assert_eq!(words("b a\" läse b").unwrap(), ["b", "a\"", "läse"]);
        for scope in ["a\tb", "a\nb", "a\u{85}b", "a\0"] {
            assert_eq!(words(scope).err().unwrap().refusal, Refusal::ScopeMalformed, "{scope:?}");
        }
        let many = (0..10_000).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(words(&many).err().unwrap().refusal, Refusal::TooManyScopes);
    }

    #[test]
    fn other_characters_than_the_standards_are_refused() {
        for scope in ["a\tb", "a\nb", "a\"", "a\\b", "läse", "a\u{a0}b", "a\u{ff5c}b"] {
            assert_eq!(items(scope).err().unwrap().refusal, Refusal::ScopeMalformed, "{scope:?}");
        }
        let many = (0..101).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(items(&many).err().unwrap().refusal, Refusal::TooManyScopes);
    }
}
