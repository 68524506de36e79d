//! What signing and verifying cost by themselves.

use std::path::Path;

use anyhow::{Context, Result};

use super::server::on_core;
use crate::process;

/// Microseconds of CPU an operation, of one algorithm.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Crypto {
    pub(super) alg: String,
    pub(super) sign: f64,
    pub(super) verify: f64,
}

pub(super) fn rates(example: &Path) -> Result<Vec<Crypto>> {
    let text = process::output(on_core(0, example).arg("crypto"))?;
    parse(&text)
}

/// The figures of one algorithm.
pub(super) fn of<'c>(crypto: &'c [Crypto], alg: &str) -> Option<&'c Crypto> {
    crypto.iter().find(|known| known.alg == alg)
}

fn parse(text: &str) -> Result<Vec<Crypto>> {
    let line = |line: &str| {
        let mut words = line.split(' ');
        let (alg, sign, verify) = (words.next()?, words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        words.next().is_none().then(|| Crypto { alg: alg.to_owned(), sign, verify })
    };
    text.lines().map(|text| line(text).with_context(|| format!("unexpected: {text}"))).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_algorithm_and_two_numbers() {
        let read = parse("RS256 252.10 16.10\nES256 16.2 52.5").unwrap();
        assert_eq!(of(&read, "RS256"), Some(&Crypto { alg: "RS256".into(), sign: 252.1, verify: 16.1 }));
        assert_eq!((read.len(), of(&read, "EdDSA")), (2, None));
        assert!(parse("RS256 252").is_err() && parse("RS256 x 1").is_err() && parse("RS256 1 2 3").is_err());
    }
}
