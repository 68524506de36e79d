//! What a decision over many rules costs by itself.

use std::path::Path;

use anyhow::{Context, Result};

use super::server::on_core;
use crate::process;

/// Microseconds of CPU one kind of question takes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Decision {
    pub(super) question: String,
    pub(super) micros: f64,
}

pub(super) fn costs(example: &Path) -> Result<Vec<Decision>> {
    let text = process::output(on_core(0, example).arg("decisions"))?;
    let decisions = parse(&text)?;
    for Decision { question, micros } in &decisions {
        println!("a decision over 10,000 rules, {question}: {micros:.2} us");
    }
    Ok(decisions)
}

fn parse(text: &str) -> Result<Vec<Decision>> {
    let line = |line: &str| {
        let (micros, question) = line.split_once(' ')?;
        Some(Decision { question: question.to_owned(), micros: micros.parse().ok()? })
    };
    text.lines().map(|text| line(text).with_context(|| format!("unexpected: {text}"))).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_number_and_a_question() {
        let read = parse("0.250 one of the rows\n12.5 all").unwrap();
        let first = Decision { question: "one of the rows".into(), micros: 0.25 };
        assert_eq!((read.len(), read.first()), (2, Some(&first)));
        assert!(parse("one of the rows").is_err());
    }
}
