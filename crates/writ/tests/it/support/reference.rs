//! The reference of errors, read as a reader of the page does: what a caller is told at a door when a rule is not met.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::command::run;
use super::process::writ;

/// The rows of `errors.md` by door and rule.
pub(crate) struct Errors(HashMap<(String, String), Told>);

/// What a caller is told.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    status: u16,
    error: String,
    description: String,
}

impl Errors {
    /// Has the program write its reference, and reads the page.
    pub(crate) fn generate() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut docs = writ();
        docs.args(["docs", "--out"]).arg(folder.path());
        run(docs).ok();
        Self::read(&std::fs::read_to_string(folder.path().join("errors.md")).unwrap())
    }

    fn read(page: &str) -> Self {
        let mut rows = HashMap::new();
        let mut door = "";
        for line in page.lines() {
            if let Some(heading) = line.strip_prefix("## `") {
                door = heading.split('`').next().unwrap();
            } else if let Some(row) = line.strip_prefix("| ") {
                let row = row.replace("\\|", "\u{1}");
                let cells: Vec<_> =
                    row.split(" | ").map(|cell| cell.trim_end_matches(" |").replace('\u{1}', "|")).collect();
                let [rule, _, status, error, description] = &cells[..] else { panic!("{line}") };
                let Ok(status) = status.parse() else { continue };
                let told = Told { status, error: error.trim_matches('`').to_owned(), description: description.clone() };
                rows.insert((door.to_owned(), rule.clone()), told);
            }
        }
        Self(rows)
    }

    /// The row of a rule at a door.
    pub(crate) fn at(&self, door: &str, rule: &str) -> Told {
        let row = self.0.get(&(door.to_owned(), rule.to_owned()));
        row.unwrap_or_else(|| panic!("the reference has no row {rule} for the door {door}")).clone()
    }
}

impl Told {
    /// The same about this word of the caller's.
    pub(crate) fn about(mut self, word: &str) -> Self {
        assert!(self.description.contains('…'), "{self:?} is about no word");
        self.description = self.description.replace('…', word);
        self
    }

    /// Ends the test unless a client library understood exactly this; answers the request id that it has to quote.
    #[track_caller]
    pub(crate) fn assert_understood(&self, outcome: &Value) -> String {
        let seen = json!({
            "ok": outcome["ok"],
            "status": outcome["status"],
            "error": outcome["error"],
            "error_description": outcome["error_description"],
        });
        let Self { status, error, description } = self;
        let expected = json!({ "ok": false, "status": status, "error": error, "error_description": description });
        assert_eq!(seen, expected, "{outcome:#}");
        let id = outcome["request_id"].as_str().unwrap_or_else(|| panic!("no request id\n{outcome:#}"));
        assert!(!id.is_empty());
        id.to_owned()
    }
}
