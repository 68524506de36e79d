//! `writ apply`: make the configuration match documents.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use owo_colors::OwoColorize;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{AdminClient, CallFailure};
use super::document::{Batch, Fault};
use super::failure::{Answer, Failure};
use super::{Invocation, output};

/// Arguments of `writ apply`.
#[derive(Args)]
pub(crate) struct ApplyArgs {
    /// A file, a folder of *.yaml, *.yml and *.json, or `-` for standard input; may be repeated
    #[arg(short = 'f', long = "file", value_name = "PATH", required = true)]
    files: Vec<PathBuf>,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Remove what these documents do not name
    #[arg(long)]
    prune: bool,
}

pub(super) async fn run(args: &ApplyArgs, invocation: &Invocation) -> Result<(), Failure> {
    let batch =
        Batch::load(&args.files, &invocation.environment, &mut std::io::stdin()).map_err(|faults| failure(&faults))?;
    // A template that came out empty must not take the whole configuration away.
    if args.prune && batch.is_empty() {
        return Err(Failure::usage("there is no document here, and --prune would remove everything"));
    }
    let admin = AdminClient::connect(invocation).await?;
    let word = |flag: bool| if flag { "true" } else { "false" };
    let query = [("dry_run", word(args.dry_run)), ("prune", word(args.prune))];
    let answer = admin.call(Method::POST, &["apply"], &query, Some(&batch.to_json())).await;
    let answer = answer.map_err(|failure| refused(failure, &batch))?;
    let outcome = outcome(&answer)?;
    for warning in outcome.get("warnings").and_then(Value::as_array).into_iter().flatten() {
        output::eprint(&format!("warning: {}", warning_line(warning, &batch)));
    }
    let colours = output::colours(&invocation.environment);
    invocation.output.print(&outcome, || report(&outcome, args.dry_run, colours));
    Ok(())
}

/// The members that are promised, and no others.
pub(super) fn outcome(answer: &Value) -> Result<Value, Failure> {
    let (Some(changes), Some(unchanged)) = (answer.get("changes"), answer.get("unchanged")) else {
        return Err(Failure::new("unexpected_answer", "the server's answer does not say what changed"));
    };
    let mut outcome = json!({ "changes": changes, "unchanged": unchanged });
    for name in ["generated", "warnings"] {
        if let (Some(value), Some(members)) = (answer.get(name), outcome.as_object_mut()) {
            members.insert(name.to_owned(), value.clone());
        }
    }
    Ok(outcome)
}

fn failure(faults: &[Fault]) -> Failure {
    let lines: Vec<_> = faults.iter().map(Fault::to_string).collect();
    let description = lines.join("\n");
    let faults = faults.iter().map(Fault::to_json).collect();
    let text = format!("nothing was applied, because of\n{description}");
    Failure::with_object(
        text,
        json!({ "error": "invalid_document", "error_description": description, "faults": Value::Array(faults) }),
    )
}

/// Tells a refusal in terms of the files, when it is about a document.
fn refused(refusal: CallFailure, batch: &Batch) -> Failure {
    let CallFailure::Refused(answer) = refusal else { return refusal.into() };
    let Some(fault) = fault_of(&answer, batch) else {
        // A server that failed says itself whether that is certain.
        let certain = if answer.status < 500 { "nothing was applied: " } else { "" };
        return answer.into_failure(certain);
    };
    let request = answer.member("request_id").unwrap_or_default();
    let text = format!("nothing was applied, because of\n{fault} ({}, request {request})", answer.error());
    let object = Value::Object(answer.body);
    Failure::with_object(text, object).and("faults", json!([fault.to_json()]))
}

/// A warning in terms of the files.
fn warning_line(warning: &Value, batch: &Batch) -> String {
    let document = warning.get("document").and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    let [path, message] = ["path", "message"].map(|member| super::text_of(warning, member));
    let placed = document.and_then(|document| batch.fault(document, &path, &message));
    placed.map_or_else(|| format!("{path}: {message}"), |fault| fault.to_string())
}

fn fault_of(answer: &Answer, batch: &Batch) -> Option<Fault> {
    let document = usize::try_from(answer.body.get("document")?.as_u64()?).ok()?;
    batch.fault(document, answer.member("path").unwrap_or_default(), &answer.description())
}

fn report(outcome: &Value, dry_run: bool, colours: bool) -> String {
    let changes: Vec<_> =
        outcome.get("changes").and_then(Value::as_array).into_iter().flatten().map(Change::read).collect();
    let width = changes.iter().map(|change| change.kind.len()).max().unwrap_or_default();
    let mut text = String::new();
    for change in &changes {
        let line = format!("{} {:width$}  {}", change.sign(), change.kind, output::printable(change.name));
        text.push_str(&if colours { change.coloured(&line) } else { line });
        text.push('\n');
    }
    let count = |op: &str| changes.iter().filter(|change| change.op == op).count();
    let unchanged = outcome.get("unchanged").and_then(Value::as_u64).unwrap_or_default();
    let (create, update, delete) = (count("create"), count("update"), count("delete"));
    // Writing to a String cannot fail.
    let _ = if dry_run {
        writeln!(
            text,
            "Plan: {create} to create, {update} to update, {delete} to delete, {unchanged} unchanged. Nothing was changed."
        )
    } else {
        writeln!(text, "Applied: {create} created, {update} updated, {delete} deleted, {unchanged} unchanged.")
    };
    text.push_str(&generated(outcome));
    text
}

fn generated(outcome: &Value) -> String {
    let rows: Vec<_> = outcome
        .get("generated")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|secret| ["client_id", "name", "secret"].map(|member| super::text_of(secret, member)))
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let table = output::table(["CLIENT", "NAME", "SECRET"], rows);
    format!("\nThese secrets were made now. Keep them: `writ get` does not print them.\n{table}")
}

struct Change<'a> {
    op: &'a str,
    kind: &'a str,
    name: &'a str,
}

impl<'a> Change<'a> {
    fn read(change: &'a Value) -> Self {
        let text = |member: &str| change.get(member).and_then(Value::as_str).unwrap_or_default();
        Self { op: text("op"), kind: text("kind"), name: text("name") }
    }

    fn sign(&self) -> char {
        match self.op {
            "create" => '+',
            "update" => '~',
            "delete" => '-',
            _ => '?',
        }
    }

    fn coloured(&self, line: &str) -> String {
        match self.op {
            "create" => line.green().to_string(),
            "update" => line.yellow().to_string(),
            "delete" => line.red().to_string(),
            _ => line.to_owned(),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;
    use crate::config::Environment;

    fn refusal(body: &Value) -> Failure {
        let text = "kind: network_zone\nname: office\ncidrs: ['::1', '::2']\n";
        let batch = Batch::load(&["-".into()], &Environment::default(), &mut text.as_bytes()).ok().unwrap();
        let answer = Answer { status: 400, body: body.as_object().unwrap().clone() };
        refused(CallFailure::Refused(answer), &batch)
    }

    #[test]
    fn what_the_server_refuses_is_told_in_terms_of_the_files() {
        let body = json!({"error": "conflict", "error_description": "taken", "request_id": "r1", "document": 0, "path": "cidrs[1]"});
        let failure = refusal(&body);
        assert_eq!(
            failure.text(),
            "nothing was applied, because of\n(stdin):3:16: cidrs[1]: taken (conflict, request r1)"
        );
        assert_eq!(failure.object()["faults"][0]["line"], 3);
        assert_eq!(failure.object()["error"], "conflict");
    }

    #[test]
    fn a_refusal_of_the_whole_is_told_as_it_came() {
        let text = refusal(&json!({"error": "conflict", "error_description": "busy", "request_id": "r1"}));
        assert_eq!(text.text(), "nothing was applied: busy (400 conflict, request r1)");
    }

    #[test]
    fn a_report_has_a_sign_a_line_and_a_sum() {
        let outcome = json!({
            "changes": [
                {"op": "create", "kind": "application", "name": "app_x"},
                {"op": "update", "kind": "issuer", "name": "idp\u{1b}[2J"},
                {"op": "delete", "kind": "network_zone", "name": "office"}
            ],
            "unchanged": 4,
            "generated": [{"client_id": "app_x", "name": "first", "secret": "s3cret"}]
        });
        let expected = "\
+ application   app_x
~ issuer        idp\\u{1b}[2J
- network_zone  office
Applied: 1 created, 1 updated, 1 deleted, 4 unchanged.

These secrets were made now. Keep them: `writ get` does not print them.
 CLIENT  NAME   SECRET
 app_x   first  s3cret
";
        assert_eq!(report(&outcome, false, false), expected);
        assert!(report(&outcome, false, true).starts_with("\u{1b}[32m+ application   app_x\u{1b}["));
    }

    #[test]
    fn a_plan_says_that_nothing_was_changed() {
        let text = report(&json!({"changes": [], "unchanged": 2}), true, false);
        assert_eq!(text, "Plan: 0 to create, 0 to update, 0 to delete, 2 unchanged. Nothing was changed.\n");
    }

    #[test]
    fn only_what_is_promised_is_printed() {
        let answer = json!({"changes": [], "unchanged": 2, "sequence": 7});
        assert_eq!(outcome(&answer).ok(), Some(json!({"changes": [], "unchanged": 2})));
        assert!(outcome(&json!({})).is_err());
    }
}
