//! Reads `writ.toml` into texts by dotted key, each with its line. Which keys exist is the table's business.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Fault, Origin, SETTINGS, Setting, Shape};

/// One value of the file.
pub(super) struct Entry {
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// The values of a file by dotted key, and everything that is wrong with it.
pub(super) fn read(path: &Path, text: &str) -> (BTreeMap<&'static str, Entry>, Vec<Fault>) {
    let mut reader = Reader { path, text, entries: BTreeMap::new(), faults: Vec::new() };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        reader.fault(error.span(), "", error.message());
    }
    // What was recovered from a broken file is not worth judging.
    if errors.is_empty() {
        reader.table("", table.get_ref());
    }
    (reader.entries, reader.faults)
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    entries: BTreeMap<&'static str, Entry>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let key =
                if prefix.is_empty() { name.get_ref().to_string() } else { format!("{prefix}.{}", name.get_ref()) };
            let setting =
                SETTINGS.iter().find_map(|setting| setting.key.filter(|known| *known == key).map(|k| (k, setting)));
            match (setting, value.get_ref()) {
                (Some((key, setting)), _) => self.entry(key, setting, value),
                (None, DeValue::Table(inner)) if is_group(&key) => self.table(&key, inner),
                (None, _) if is_group(&key) => self.fault(Some(name.span()), &key, "expected a table"),
                (None, _) => self.fault(Some(name.span()), &key, &unknown(&key)),
            }
        }
    }

    fn entry(&mut self, key: &'static str, setting: &Setting, value: &Spanned<DeValue<'_>>) {
        let text = match (setting.shape, value.get_ref()) {
            (Shape::Word | Shape::Path, one) => word(one).ok_or("expected a string or a number"),
            (Shape::List, DeValue::Array(list)) => list
                .iter()
                .map(|item| word(item.get_ref()))
                .collect::<Option<Vec<_>>>()
                .map(|words| words.join(","))
                .ok_or("expected a list of strings"),
            (Shape::List, _) => Err("expected a list of strings"),
        };
        match text {
            Err(expected) => self.fault(Some(value.span()), key, expected),
            Ok(text) => {
                let text = if setting.shape == Shape::Path { self.beside_the_file(&text) } else { text };
                let origin = self.origin(Some(value.span()), key);
                self.entries.insert(key, Entry { text, origin });
            }
        }
    }

    fn beside_the_file(&self, text: &str) -> String {
        self.path.parent().unwrap_or(Path::new("")).join(text).to_string_lossy().into_owned()
    }

    fn fault(&mut self, span: Option<Range<usize>>, key: &str, message: &str) {
        let origin = self.origin(span, key);
        self.faults.push(Fault { origin, message: message.to_owned() });
    }

    fn origin(&self, span: Option<Range<usize>>, key: &str) -> Origin {
        let before = span.and_then(|span| self.text.get(..span.start));
        let line = before.map(|before| before.matches('\n').count() + 1);
        Origin::File { path: self.path.to_owned(), line, key: key.to_owned() }
    }
}

fn word(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number.to_string())
        }
        DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn is_group(key: &str) -> bool {
    SETTINGS
        .iter()
        .filter_map(|setting| setting.key)
        .any(|known| known.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
}

fn unknown(key: &str) -> String {
    let elsewhere = SETTINGS.iter().find(|setting| setting.key.is_none() && setting.flag == Some(key));
    match (elsewhere, key) {
        (Some(_), _) => format!("not a key of this file; use --{key}"),
        (None, "master_key") => "a key does not stand in this file; use WRIT_MASTER_KEY or master_key_file".to_owned(),
        (None, _) => {
            let known: Vec<_> = SETTINGS.iter().filter_map(|setting| setting.key).collect();
            format!("unknown key; the keys are {}", known.join(", "))
        }
    }
}
