//! Every SQL statement is understood by both engines, or by the one that it is for.

use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Executor, SqlSafeStr};
use writ_core::store::Engine;

use crate::support::{Bench, both_engines};

both_engines!(every_statement_is_prepared);

/// What a statement of this store begins with. A string that looks like SQL and begins otherwise fails the test.
const VERBS: [&str; 5] = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];
/// What is for one engine only, by what stands in it: telling others, and the ledger's tables.
const OF_ONE_ENGINE: [(&str, Engine); 3] =
    [("pg_notify", Engine::Postgres), ("spent_assertion", Engine::Postgres), ("spent_batch", Engine::Sqlite)];
/// What is no statement to prepare: how transactions begin, and the settings of SQLite's connections.
const NOT_PREPARED: [&str; 2] = ["BEGIN ", "PRAGMA "];

async fn every_statement_is_prepared(bench: Bench) {
    bench.open().await.close().await;
    let statements = statements();
    assert!(statements.len() > 50, "only {} statements were found", statements.len());
    let mut connection = bench.connect().await;
    for (file, sql) in statements {
        if OF_ONE_ENGINE.iter().any(|(part, engine)| sql.contains(part) && *engine != bench.engine) {
            continue;
        }
        if let Err(error) = connection.prepare(AssertSqlSafe(sql.clone()).into_sql_str()).await {
            panic!("{:?} does not understand a statement of {}: {error}\n{sql}", bench.engine, file.display());
        }
    }
}

/// Every string of the store's sources that is SQL, with its file. There is no other SQL: whatever is not a literal
/// would have to be declared safe, which the sources do not.
fn statements() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut statements = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let source = std::fs::read_to_string(&file).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap().to_owned();
        assert!(!source.contains("AssertSqlSafe"), "{} makes SQL that no test can see", file.display());
        for sql in strings(&source).into_iter().filter(|string| is_sql(string)) {
            statements.push((file.clone(), sql));
        }
    }
    statements
}

fn is_sql(string: &str) -> bool {
    let first = string.split(' ').next().unwrap();
    let shouted = first.len() > 3 && first.bytes().all(|byte| byte.is_ascii_uppercase()) && first != string;
    if !shouted || NOT_PREPARED.iter().any(|start| string.starts_with(start)) {
        return false;
    }
    assert!(VERBS.contains(&first), "is this SQL? {string}");
    true
}

/// The string literals of a Rust source, as the compiler reads them. The store has no raw strings and no characters
/// that are quotation marks.
fn strings(source: &str) -> Vec<String> {
    assert!(!source.contains("r#\"") && !source.contains("'\"'"), "the test's lexer does not know these");
    let mut code: String = String::new();
    for line in source.lines().filter(|line| !line.trim_start().starts_with("//")) {
        code.push_str(line);
        code.push('\n');
    }
    let mut strings = Vec::new();
    let mut rest = code.as_str();
    while let Some(start) = rest.find('"') {
        let mut string = String::new();
        let mut characters = rest[start + 1..].char_indices();
        let end = loop {
            match characters.next().expect("a string ends") {
                (at, '"') => break start + 1 + at + 1,
                (_, '\\') => match characters.next().unwrap().1 {
                    '\n' => {
                        let blanks = characters.as_str().find(|c: char| !c.is_whitespace()).unwrap();
                        characters.by_ref().take(blanks).for_each(drop);
                    }
                    other => string.push(other),
                },
                (_, other) => string.push(other),
            }
        };
        strings.push(string);
        rest = &rest[end..];
    }
    strings
}

#[test]
fn the_lexer_reads_strings_as_the_compiler_does() {
    let source = "// \"no\"\nlet a = \"SELECT 1\";\nlet b = \"SELECT \\\n     2 FROM \\\"x\\\"\";";
    assert_eq!(strings(source), ["SELECT 1", "SELECT 2 FROM \"x\""]);
    assert!(is_sql("SELECT 1") && !is_sql("at+jwt") && !is_sql("SELECT"));
}
