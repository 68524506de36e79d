//! The patterns of `Matches`.
//!
//! A glob and not a regular expression: what people write here are names with parts left open, a dot and a plus are
//! ordinary letters of such names, and the usual mistakes with regular expressions (no anchor, an unescaped dot) let
//! somebody else in. `*` stands for any letters within a segment, `**` also across segments; segments end at `/` and
//! at `:`, the separators of subjects such as `repo:acme/web:ref:refs/heads/main`. All else, also `?`, `[` and `\`,
//! stands for itself. The pattern always covers the whole text. No escape is needed: an actual star is compared with
//! `Equals`.

use super::fault::Problem;

/// A pattern, compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob {
    source: Box<str>,
    tokens: Box<[Token]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Byte(u8),
    /// `*`
    WithinSegment,
    /// `**`
    Anything,
}

impl Glob {
    pub(super) fn parse(source: &str) -> Result<Self, Problem> {
        if source.contains("***") {
            return Err(Problem::PatternStars);
        }
        if source.is_empty() {
            return Err(Problem::PartEmpty);
        }
        if source.bytes().all(|byte| byte == b'*') {
            return Err(Problem::PatternAny);
        }
        let mut tokens = Vec::with_capacity(source.len());
        for byte in source.bytes() {
            let token = if byte == b'*' { Token::WithinSegment } else { Token::Byte(byte) };
            match tokens.last_mut() {
                Some(last) if *last == Token::WithinSegment && token == *last => *last = Token::Anything,
                Some(_) | None => tokens.push(token),
            }
        }
        Ok(Self { source: source.into(), tokens: tokens.into() })
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// The most steps that `matches` takes.
    pub(super) fn cost(&self, text: &str) -> usize {
        text.len().saturating_add(1).saturating_mul(self.tokens.len())
    }

    /// Whether it is open at the beginning.
    pub(super) fn open_start(&self) -> bool {
        self.source.starts_with('*')
    }

    /// Whether anything is open at all.
    pub(super) fn is_open(&self) -> bool {
        self.source.contains('*')
    }

    /// Whether it asks for more than separators.
    pub(super) fn names_something(&self) -> bool {
        self.tokens.iter().any(|token| match token {
            Token::Byte(byte) => !is_separator(*byte) && !byte.is_ascii_punctuation(),
            Token::WithinSegment | Token::Anything => false,
        })
    }

    /// Whether it covers all of `text`. Every byte of the text meets every token once, so nothing can make it slow.
    pub(super) fn matches(&self, text: &str) -> bool {
        // For each token: whether the pattern up to and with it covers the text so far.
        let mut covered = Vec::with_capacity(self.tokens.len());
        let mut before = true;
        for token in &self.tokens {
            before = before && !matches!(token, Token::Byte(_));
            covered.push(before);
        }
        let mut at_start = true;
        for byte in text.bytes() {
            // Of the token to the left: without this byte, and with it.
            let (mut without, mut with) = (at_start, false);
            at_start = false;
            for (cell, token) in covered.iter_mut().zip(&self.tokens) {
                let own = *cell;
                *cell = match token {
                    Token::Byte(wanted) => without && *wanted == byte,
                    Token::WithinSegment => with || own && !is_separator(byte),
                    Token::Anything => with || own,
                };
                (without, with) = (own, *cell);
            }
        }
        covered.last().copied().unwrap_or(false)
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'/' | b':')
}
