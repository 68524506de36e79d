//! Commands that run to their end, and what they left behind.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// What a command printed, and how it ended.
pub(crate) struct Ran {
    shown: String,
    /// `None`: a signal ended it.
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs a command to its end.
pub(crate) fn run(command: Command) -> Ran {
    run_with_input(command, "")
}

/// Runs a command to its end with something to read on standard input.
pub(crate) fn run_with_input(mut command: Command, input: &str) -> Ran {
    let shown = format!("{command:?}");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{shown}: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // A command that ends without reading is no failure of the test.
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is UTF-8");
    let ran = Ran { shown, status: status.code(), stdout: text(stdout), stderr: text(stderr) };
    ran.assert_calm();
    ran
}

impl Ran {
    /// Ends the test unless the command succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, Some(0), "{self}");
        self
    }

    /// Ends the test unless the command failed, and did so with this status.
    #[track_caller]
    pub(crate) fn failed(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "{self}");
        self
    }

    /// Ends the test unless every piece stands on standard error, in this order.
    #[track_caller]
    pub(crate) fn tells(self, pieces: &[&str]) -> Self {
        assert_in_order(&self.stderr, pieces);
        self
    }

    /// Standard output as one JSON value.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON: {error}\n{self}"))
    }

    fn assert_calm(&self) {
        assert!(!self.stderr.contains("panicked at"), "{self}");
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { shown, status, stdout, stderr } = self;
        write!(f, "{shown}\nstatus: {status:?}\nstdout:\n{stdout}\nstderr:\n{stderr}")
    }
}

/// Ends the test unless every piece stands in the text, each after the one before.
#[track_caller]
pub(crate) fn assert_in_order(text: &str, pieces: &[impl AsRef<str>]) {
    let mut rest = text;
    for piece in pieces {
        let piece = piece.as_ref();
        let Some((_, after)) = rest.split_once(piece) else {
            panic!("`{piece}` is missing, or not in order, in\n{text}")
        };
        rest = after;
    }
}
