//! Reading a source from left to right.

use super::fault::{ExpressionFault, Problem};
use super::quote::is_bare;

/// The most digits in `\u{...}`.
const ESCAPE_DIGITS: usize = 6;

/// A place in a source.
pub(super) struct Scanner<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Scanner<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Self { source, at: 0 }
    }

    /// Bytes read so far.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn fault(&self, offset: usize, problem: Problem) -> ExpressionFault {
        ExpressionFault::new(self.source, offset, problem)
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.source.get(self.at..).and_then(|rest| rest.chars().next())
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at = self.at.saturating_add(letter.len_utf8());
        Some(letter)
    }

    pub(super) fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.next();
        }
        there
    }

    /// Passes over spaces, tabs and line ends.
    pub(super) fn blanks(&mut self) {
        self.run(|letter| matches!(letter, ' ' | '\t' | '\r' | '\n'));
    }

    /// Letters, digits and `_`; empty if there are none.
    pub(super) fn bare(&mut self) -> &'s str {
        self.run(is_bare)
    }

    fn run(&mut self, belongs: impl Fn(char) -> bool) -> &'s str {
        let rest = self.source.get(self.at..).unwrap_or_default();
        let length = rest.find(|letter| !belongs(letter)).unwrap_or(rest.len());
        self.at = self.at.saturating_add(length);
        rest.get(..length).unwrap_or_default()
    }

    /// A whole number.
    pub(super) fn integer(&mut self) -> Result<i64, ExpressionFault> {
        let start = self.at;
        // Everything that a number in any notation could go on with, so that `1.5` and `1e3` are told as what they are.
        let written = self.run(|letter| is_bare(letter) || matches!(letter, '-' | '+' | '.'));
        let digits = written.strip_prefix('-').unwrap_or(written);
        let whole = digits.bytes().all(|byte| byte.is_ascii_digit());
        written.parse().ok().filter(|_| whole).ok_or_else(|| self.fault(start, Problem::Number))
    }

    /// What stands between two `mark`s, the first of which comes next.
    pub(super) fn quoted(&mut self, mark: char) -> Result<String, ExpressionFault> {
        let start = self.at;
        self.take(mark);
        let mut text = String::new();
        loop {
            let here = self.at;
            match self.next() {
                None => return Err(self.fault(start, Problem::QuoteUnended)),
                Some(letter) if letter == mark => return Ok(text),
                Some('\\') => match self.escape() {
                    Some(letter) => text.push(letter),
                    None => return Err(self.fault(here, Problem::Escape)),
                },
                Some(letter) if letter.is_control() => return Err(self.fault(here, Problem::Control)),
                Some(letter) => text.push(letter),
            }
        }
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Option<char> {
        match self.next()? {
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            letter @ ('\\' | '"' | '\'') => Some(letter),
            'u' => {
                let digits = if self.take('{') { self.run(|letter| letter.is_ascii_hexdigit()) } else { "" };
                let ended = self.take('}');
                let fits = ended && digits.len() <= ESCAPE_DIGITS;
                u32::from_str_radix(digits, 16).ok().filter(|_| fits).and_then(char::from_u32)
            }
            _ => None,
        }
    }
}
