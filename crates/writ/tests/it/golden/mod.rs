//! Golden exchanges: what goes over the wire, whole, one file an exchange. `UPDATE_GOLDEN=1` writes them anew.

mod issued;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::door::Door;
use crate::support::jwt::part;

/// A body longer than this is cut: its length is what it shows.
const LONGEST_BODY: usize = 2000;

/// Compares an exchange with its file.
#[track_caller]
pub(crate) fn check(door: Door, name: &str, call: &Call, answer: &Answer) {
    check_in(door.name(), name, call, answer);
}

/// The same for a door that is not among those side by side, by the name of its folder.
#[track_caller]
pub(crate) fn check_in(door: &str, name: &str, call: &Call, answer: &Answer) {
    check_text(door, name, &exchange(call, answer));
}

/// The same for an exchange about a token, whose form says it and whose answer may say its id.
#[track_caller]
pub(crate) fn check_about(folder: &str, name: &str, (call, answer): (&Call, &Answer), jti: &str) {
    let text = exchange(call, answer).replace(jti, "<jti>");
    let about = text.split_once("token=").filter(|(_, rest)| rest.starts_with("eyJ"));
    let masked = about.map(|(before, rest)| {
        let end = rest.find(['&', '\n']).unwrap_or(rest.len());
        format!("{before}token=<token>{}", &rest[end..])
    });
    check_text(folder, name, &masked.unwrap_or(text));
}

#[track_caller]
fn check_text(door: &str, name: &str, text: &str) {
    let path = folder(door).join(name).with_extension("txt");
    check_file(&path, text);
}

/// Compares a text with its file.
#[track_caller]
pub(crate) fn check_file(path: &Path, text: &str) {
    if is_update() {
        std::fs::write(path, text).unwrap();
        return;
    }
    let golden = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(text, golden, "{} differs; UPDATE_GOLDEN=1 writes it anew", path.display());
}

pub(crate) fn folder(door: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden").join(door)
}

#[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
fn is_update() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1")
}

/// Request and response, with placeholders for what differs from run to run.
fn exchange(call: &Call, answer: &Answer) -> String {
    let mut request = call.text();
    if request.len() > LONGEST_BODY {
        let length = request.len();
        request.truncate(200);
        write!(request, "... <{length} bytes in all>").unwrap();
    }
    let mut text = format!("{}\n\n=== {}\n", request.trim_end(), answer.status);
    for (name, value) in &answer.headers {
        writeln!(text, "{name}: {}", value.to_str().unwrap()).unwrap();
    }
    if answer.text.is_empty() {
        return text.replace(answer.header("x-request-id").unwrap(), "<request-id>");
    }
    writeln!(text, "\n{:#}", answer.json()).unwrap();
    if let Some(id) = answer.header("x-request-id") {
        text = text.replace(id, "<request-id>");
    }
    if let Some(token) = answer.json()["access_token"].as_str() {
        let (header, claims) = (part(token, 0), part(token, 1));
        text = text.replace(token, "<token>");
        writeln!(text, "\n=== the token\n{header:#}\n{claims:#}").unwrap();
        text = text.replace(header["kid"].as_str().unwrap(), "<kid>").replace(claims["jti"].as_str().unwrap(), "<jti>");
    }
    text
}
