//! How long files and functions are. What a test needs is not counted: neither the files
//! under `tests/` nor the items under `#[cfg(test)]`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::finding::{Finding, conclude};
use crate::workspace::{Workspace, files, is_rust};
use measure::{Function, measure};

mod measure;

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 40;
const PARAMETERS: usize = 5;
/// Of a hundred functions, so many may be longer.
const LONGER_FUNCTIONS_PERCENT: usize = 5;

/// Files that are longer for a reason: the path and the reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// A file and its length in lines without tests.
struct File {
    path: PathBuf,
    lines: usize,
}

/// Prints the measures; a file that is too long or too many long functions are an error.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut lengths = Vec::new();
    let mut functions = Vec::new();
    for member in &workspace.members {
        for file in files(member.folder())?.iter().filter(|file| is_rust(file)) {
            let path = workspace.relative(file);
            if is_test(&path) {
                continue;
            }
            let measured = measure(&path, &fs::read_to_string(file)?).with_context(|| path.display().to_string())?;
            lengths.push(File { path, lines: measured.lines });
            functions.extend(measured.functions);
        }
    }
    lengths.sort_by_key(|file| file.lines);
    functions.sort_by_key(|function| function.lines);
    report(&lengths, &functions);
    let mut findings = long_files(&lengths, LONG_FILES);
    findings.extend(long_functions(&functions));
    conclude("sizes", &findings)
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs")
}

fn report(lengths: &[File], functions: &[Function]) {
    if let (Some(median), Some(longest)) = (lengths.get(lengths.len() / 2), lengths.last()) {
        println!("{} files: median {} lines, longest:", lengths.len(), median.lines);
        for file in lengths.iter().rev().take(3) {
            println!("  {:4} {}", file.lines, file.path.display());
        }
        debug_assert!(median.lines <= longest.lines, "sorted");
    }
    let long = functions.iter().filter(|function| function.lines > FUNCTION_LINES);
    println!("{} functions, {} longer than {FUNCTION_LINES} lines:", functions.len(), long.clone().count());
    for function in long.rev() {
        println!("  {:4} {}", function.lines, function.place());
    }
    let wide: Vec<_> = functions.iter().filter(|function| function.parameters > PARAMETERS).collect();
    println!("{} functions with more than {PARAMETERS} parameters", wide.len());
    for function in wide {
        println!("  {:4} {}", function.parameters, function.place());
    }
}

fn long_files(lengths: &[File], excused: &[(&str, &str)]) -> Vec<Finding> {
    let finding = |file: &Path, message| Finding { file: file.to_owned(), line: 1, message };
    let mut findings = Vec::new();
    for File { path, lines } in lengths.iter().filter(|file| file.lines > FILE_LINES) {
        if !excused.iter().any(|(excused, _)| path.ends_with(excused)) {
            findings.push(finding(path, format!("{lines} lines; split it, or excuse it in xtask/src/sizes.rs")));
        }
    }
    for (excused, _) in excused {
        if !lengths.iter().any(|file| file.path.ends_with(excused) && file.lines > FILE_LINES) {
            findings.push(finding(Path::new(excused), "excused in xtask/src/sizes.rs without need".into()));
        }
    }
    findings
}

fn long_functions(functions: &[Function]) -> Option<Finding> {
    let long: Vec<_> = functions.iter().filter(|function| function.lines > FUNCTION_LINES).collect();
    let longest = long.last()?;
    let too_many = long.len() * 100 > functions.len() * LONGER_FUNCTIONS_PERCENT;
    too_many.then(|| Finding {
        file: longest.file.clone(),
        line: longest.line,
        message: format!(
            "{} of {} functions are longer than {FUNCTION_LINES} lines, more than {LONGER_FUNCTIONS_PERCENT} %; \
             the longest is here",
            long.len(),
            functions.len(),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn functions(lines: impl IntoIterator<Item = usize>) -> Vec<Function> {
        let function = |lines| Function { file: "a.rs".into(), line: 7, name: "f".into(), lines, parameters: 0 };
        lines.into_iter().map(function).collect()
    }

    #[test]
    fn one_long_function_in_twenty_passes_and_two_do_not() {
        assert_eq!(long_functions(&functions([40; 20])), None);
        assert_eq!(long_functions(&functions((22..=41).collect::<Vec<_>>())), None);
        let finding = long_functions(&functions((23..=42).collect::<Vec<_>>()));
        assert!(finding.is_some_and(|finding| finding.message.starts_with("2 of 20")));
    }

    #[test]
    fn a_long_file_needs_an_excuse_and_an_excuse_a_long_file() {
        let lengths = |lines| [File { path: "crates/x/src/a.rs".into(), lines }];
        assert_eq!(long_files(&lengths(400), &[]), []);
        assert_eq!(long_files(&lengths(401), &[]).len(), 1);
        assert_eq!(long_files(&lengths(401), &[("crates/x/src/a.rs", "a table")]), []);
        assert_eq!(long_files(&lengths(400), &[("crates/x/src/a.rs", "a table")]).len(), 1);
    }
}
