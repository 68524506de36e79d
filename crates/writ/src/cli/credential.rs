//! `writ credential`: what a document of somebody else would prove.

use std::fmt::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use reqwest::Method;
use serde_json::{Map, Value};
use writ_core::{CredentialTest, Step, StepOutcome, Tried, TriedStep};

use super::client::AdminClient;
use super::failure::Failure;
use super::{Invocation, output};

/// Arguments of `writ credential`.
#[derive(Args)]
pub(crate) struct CredentialArgs {
    #[command(subcommand)]
    command: CredentialCommand,
}

#[derive(Subcommand)]
enum CredentialCommand {
    /// Show, clause by clause, what held and what did not for a real document; nothing is issued or used up
    Test(TestArgs),
}

#[derive(Args)]
struct TestArgs {
    /// The client's id
    client: String,
    /// The credential's name, as `application_federated_credential_name` would give it
    #[arg(long)]
    name: Option<String>,
    /// The file that holds the document: a token, or PKCS#7
    #[arg(long, value_name = "FILE")]
    assertion: PathBuf,
    /// What it is
    #[arg(long = "type", value_enum, value_name = "TYPE", default_value_t)]
    form: Form,
    /// The file that holds the certificate beside it, in PEM
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// The file that holds the certificates between that one and a root
    #[arg(long, value_name = "FILE", requires = "certificate")]
    chain: Option<PathBuf>,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Form {
    /// A token of an OpenID Connect issuer
    #[default]
    IdToken,
    /// A JWT-SVID
    Spiffe,
    /// Signed data of a cloud's metadata service
    Pkcs7,
    /// A JWT that the key of a certificate signed
    X509Jwt,
}

pub(super) async fn run(args: &CredentialArgs, invocation: &Invocation) -> Result<(), Failure> {
    let CredentialCommand::Test(args) = &args.command;
    let body = body(args)?;
    let admin = AdminClient::connect(invocation).await?;
    let path = ["clients", &args.client, "credentials", "test"];
    let answer = admin.call(Method::POST, &path, &[], Some(&body)).await?;
    let test: CredentialTest = serde_json::from_value(answer.clone())
        .map_err(|_| Failure::new("unexpected_answer", "the server's answer does not say what held"))?;
    invocation.output.print(&answer, || output::printable(&report(&test)));
    if test.accepted { Ok(()) } else { Err(Failure::shown()) }
}

fn body(args: &TestArgs) -> Result<Value, Failure> {
    let mut body = Map::new();
    let form = args.form.to_possible_value().map(|value| value.get_name().to_owned());
    body.insert("type".to_owned(), form.into());
    body.insert("assertion".to_owned(), read(&args.assertion)?.into());
    if let Some(name) = &args.name {
        body.insert("name".to_owned(), name.as_str().into());
    }
    for (member, path) in [("certificate", &args.certificate), ("chain", &args.chain)] {
        if let Some(path) = path {
            body.insert(member.to_owned(), read(path)?.into());
        }
    }
    Ok(body.into())
}

fn read(path: &PathBuf) -> Result<String, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::new("unreadable", format!("{} cannot be read as text: {error}", path.display()))
    };
    std::fs::read_to_string(path).map_err(unreadable)
}

/// What came out, in the end and of each credential. Writing to a String cannot fail.
fn report(of: &CredentialTest) -> String {
    let mut text = String::new();
    for Tried { name, provider, steps } in &of.credentials {
        let _ = writeln!(text, "credential {name}, provider {provider}");
        for step in steps {
            lines(&mut text, step);
        }
        text.push('\n');
    }
    match (&of.refusal, &of.credential) {
        (Some(refusal), _) => {
            let _ = writeln!(text, "Refused ({}): {}", refusal.rule, refusal.meaning);
            if refusal.cause != refusal.meaning {
                let _ = writeln!(text, "{}", refusal.cause);
            }
        }
        (None, credential) => {
            let _ = writeln!(text, "Accepted by {}.", credential.as_deref().unwrap_or_default());
            if let Some(subject) = &of.subject {
                let _ = writeln!(text, "Subject: {subject}");
            }
        }
    }
    text
}

fn lines(text: &mut String, TriedStep { step, outcome, cause, clauses }: &TriedStep) {
    let outcome = match outcome {
        StepOutcome::Held => "held",
        StepOutcome::DidNotHold => "did not hold",
        StepOutcome::NotReached => "not reached",
    };
    let cause = cause.as_ref().map(|cause| format!(": {cause}")).unwrap_or_default();
    let _ = writeln!(text, "  {:16}{outcome}{cause}", words(*step));
    for line in clauses.iter().flat_map(|clause| clause.to_string().lines().map(str::to_owned).collect::<Vec<_>>()) {
        let _ = writeln!(text, "      {line}");
    }
}

fn words(step: Step) -> String {
    step.name().replace('_', " ")
}
