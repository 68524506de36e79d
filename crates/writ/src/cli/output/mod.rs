//! What commands print: for people on a terminal, or JSON or YAML for scripts.

mod yaml;

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};

use comfy_table::{Table, presets};
use serde_json::Value;
pub(crate) use yaml::emit as yaml;

/// The form of what a command prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people: tables and sentences.
    #[default]
    Table,
    /// For scripts: one JSON value; failures too.
    Json,
    /// The same value as YAML.
    Yaml,
}

impl Format {
    /// Prints a value for scripts, or else what `human` makes of it.
    pub(crate) fn print(self, value: &Value, human: impl FnOnce() -> String) {
        match self {
            Self::Table => print(&human()),
            Self::Json => print(&format!("{value}\n")),
            Self::Yaml => print(&yaml(value)),
        }
    }
}

/// Writes to standard output; a reader that has gone away, such as `head`, is no failure.
pub(crate) fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// Writes a line to standard error.
pub(crate) fn eprint(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", printable(text));
}

/// Whether standard output may be coloured: only a terminal, and not against `NO_COLOR` (<https://no-color.org>).
pub(crate) fn colours(environment: &crate::config::Environment) -> bool {
    std::io::stdout().is_terminal() && matches!(environment.get("NO_COLOR"), Ok(None))
}

/// A table without lines, as other commands can read it too.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(head);
    for row in rows {
        table.add_row(row.map(|cell| printable(&cell.replace('\n', " "))));
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned() + "\n");
    lines.collect()
}

/// What a terminal may be shown: control characters, which could steer it, are written as escapes.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() && character != '\n' {
            // Writing to a String cannot fail.
            let _ = write!(shown, "{}", character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_steer_a_terminal_is_shown_instead() {
        assert_eq!(printable("a\u{1b}[2Jb\n大\u{9b}"), "a\\u{1b}[2Jb\n大\\u{9b}");
    }

    #[test]
    fn a_table_is_aligned_and_has_no_trailing_space() {
        let rows = [["office".to_owned(), String::new()], ["x".to_owned(), "a\nb".to_owned()]];
        let lines = table(["NAME", "WHAT"], rows);
        assert_eq!(lines, " NAME    WHAT\n office\n x       a b\n");
    }
}
