//! Why a command failed: a sentence with what to do next for people, an object for scripts.

use serde_json::{Map, Value, json};

use super::output::{self, Format};

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    status: u8,
    /// What stands before the text on a terminal.
    prefix: &'static str,
    text: String,
    object: Value,
}

impl Failure {
    /// A failure with its word for scripts and its sentence for people; exit status 1.
    pub(crate) fn new(error: &str, description: impl Into<String>) -> Self {
        let description = description.into();
        let object = json!({ "error": error, "error_description": description });
        Self { status: 1, prefix: "error: ", text: description, object }
    }

    /// The command was called wrongly; exit status 2, as for what clap finds.
    pub(crate) fn usage(description: impl Into<String>) -> Self {
        Self { status: 2, ..Self::new("usage", description) }
    }

    /// A failure with an object of its own.
    pub(crate) fn with_object(text: impl Into<String>, object: Value) -> Self {
        Self { status: 1, prefix: "error: ", text: text.into(), object }
    }

    /// A failure that is itself what the command was asked to show, such as another server's refusal.
    pub(crate) fn result(text: impl Into<String>, object: Value) -> Self {
        Self { status: 1, prefix: "", text: text.into(), object }
    }

    /// The command has already printed why, as part of what it was asked to print.
    pub(crate) fn shown() -> Self {
        Self::result("", Value::Null)
    }

    /// Prints it: an object on standard output for scripts, else a sentence on standard error.
    pub(crate) fn tell(&self, format: Format) {
        match format {
            _ if self.text.is_empty() => {}
            Format::Table => output::eprint(&format!("{}{}", self.prefix, self.text)),
            Format::Json | Format::Yaml => format.print(&self.object, String::new),
        }
    }

    /// Adds a member to the object.
    pub(crate) fn and(mut self, name: &str, value: Value) -> Self {
        if let Some(members) = self.object.as_object_mut() {
            members.insert(name.to_owned(), value);
        }
        self
    }

    /// The exit status.
    pub(crate) fn status(&self) -> u8 {
        self.status
    }

    /// For scripts.
    #[cfg(test)]
    pub(crate) fn object(&self) -> &Value {
        &self.object
    }

    /// For people.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new("failed", format!("{error:#}"))
    }
}

/// What a server answered when it refused: the status and the error object of its body.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The members of the body; empty when it was not a JSON object.
    pub(crate) body: Map<String, Value>,
}

impl Answer {
    /// A string member of the body.
    pub(crate) fn member(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }

    /// The error code, or what stands for it.
    pub(crate) fn error(&self) -> &str {
        self.member("error").unwrap_or("unexpected_answer")
    }

    /// `error_description`, or what is known without.
    pub(crate) fn description(&self) -> String {
        let described = self.member("error_description").map(str::to_owned);
        described.unwrap_or_else(|| format!("the server answered with status {}", self.status))
    }

    /// The failure of a command that got this answer; `about` begins the sentence for people.
    pub(crate) fn into_failure(self, about: &str) -> Failure {
        let request = self.member("request_id").map(|id| format!(", request {id}")).unwrap_or_default();
        let next = match self.status {
            401 => {
                ". The server does not accept the credential: use the folder of the server that runs (--dir), or check WRIT_CLIENT_ID and WRIT_CLIENT_SECRET"
            }
            403 => ". The credential lacks the permission for this",
            _ => "",
        };
        let text = format!("{about}{} ({} {}{request}){next}", self.description(), self.status, self.error());
        let mut failure = Failure::new(self.error(), self.description()).and("status", self.status.into());
        for (name, value) in self.body {
            failure = failure.and(&name, value);
        }
        Failure { text, ..failure }
    }
}
