//! `writ explain`: why a request would be granted or refused, or was.

mod report;

use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::Timestamp;
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use writ_core::explain::{CallExplanation, RequestExplanation};
use writ_core::refused_requests::ExplainedRefusal;

use self::report::Report;
use super::client::AdminClient;
use super::failure::Failure;
use super::{Invocation, output};

/// Arguments of `writ explain`. No token stands among them.
#[derive(Args)]
pub(crate) struct ExplainArgs {
    #[command(subcommand)]
    command: ExplainCommand,
}

#[derive(Subcommand)]
enum ExplainCommand {
    /// Whether a client would get a token, and by which rules; none is made
    Request(RequestArgs),
    /// Whether the gateway would let a token through to a route, and by which rules; nothing is called
    Call(CallArgs),
    /// Why a request was refused, by the id that its caller saw
    Refusal {
        /// The `request_id` of the answer, which is also its header `x-request-id`
        id: String,
    },
    /// The requests that were refused lately, the latest first
    Refusals {
        /// Only those of this client
        #[arg(long, value_name = "ID")]
        client: Option<String>,
        /// At most so many
        #[arg(long, value_name = "NUMBER", default_value_t = 50)]
        limit: u32,
    },
}

#[derive(Args)]
struct RequestArgs {
    /// The client's id
    #[arg(long, value_name = "ID")]
    client: String,
    /// What is asked for, as the door reads it; absent: the client's default
    #[arg(long)]
    scope: Option<String>,
    /// The resource server, by its audience or URL (RFC 8707)
    #[arg(long, value_name = "URI")]
    resource: Option<String>,
    /// The door: oauth, idaas or authing
    #[arg(long, default_value = "oauth")]
    door: String,
    /// The address that the request comes from
    #[arg(long, value_name = "ADDRESS")]
    from: Option<IpAddr>,
    /// When it comes; absent: now
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    #[command(flatten)]
    status: StatusArgs,
}

#[derive(Args)]
struct CallArgs {
    /// The file that holds the token; `-`: standard input
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// The method, such as GET
    method: String,
    /// The address that is called at the gateway; a path alone is one on no host in particular
    url: String,
    /// The address that the call comes from
    #[arg(long, value_name = "ADDRESS")]
    from: Option<IpAddr>,
    #[command(flatten)]
    status: StatusArgs,
}

#[derive(Args)]
struct StatusArgs {
    /// End with status 1 when the answer is that it would be refused
    #[arg(long)]
    exit_status: bool,
}

pub(super) async fn run(args: &ExplainArgs, invocation: &Invocation) -> Result<(), Failure> {
    let report = Report::new(output::colours(&invocation.environment));
    match &args.command {
        ExplainCommand::Request(args) => {
            let (answer, explained) = ask(invocation, &json!({ "request": request(args) })).await?;
            let explained: RequestExplanation = explained;
            invocation.output.print(&answer, || report.request(&explained, &answer));
            args.status.of(explained.granted)
        }
        ExplainCommand::Call(args) => {
            let (answer, explained) = ask(invocation, &json!({ "call": call(args)? })).await?;
            let explained: CallExplanation = explained;
            invocation.output.print(&answer, || report.call(&explained, &answer));
            args.status.of(explained.granted)
        }
        ExplainCommand::Refusal { id } => {
            let admin = AdminClient::connect(invocation).await?;
            let answer = admin.get(&["refusals", id]).await?;
            let refusal: ExplainedRefusal = read(&answer)?;
            invocation.output.print(&answer, || report.refusal(&refusal, &answer));
            Ok(())
        }
        ExplainCommand::Refusals { client, limit } => {
            let limit = limit.to_string();
            let mut query = vec![("limit", &*limit)];
            query.extend(client.iter().map(|client| ("client_id", &**client)));
            let admin = AdminClient::connect(invocation).await?;
            let answer = admin.call(Method::GET, &["refusals"], &query, None).await?;
            let refusals: Vec<ExplainedRefusal> = read(answer.get("refusals").unwrap_or(&Value::Null))?;
            invocation.output.print(&answer, || report::table(&refusals));
            Ok(())
        }
    }
}

impl StatusArgs {
    /// The question was answered either way.
    fn of(&self, granted: bool) -> Result<(), Failure> {
        if self.exit_status && !granted { Err(Failure::shown()) } else { Ok(()) }
    }
}

async fn ask<T: DeserializeOwned>(invocation: &Invocation, question: &Value) -> Result<(Value, T), Failure> {
    let admin = AdminClient::connect(invocation).await?;
    let answer = admin.call(Method::POST, &["explain"], &[], Some(question)).await?;
    let explained = read(&answer)?;
    Ok((answer, explained))
}

fn read<T: DeserializeOwned>(answer: &Value) -> Result<T, Failure> {
    T::deserialize(answer).map_err(|_| Failure::new("unexpected_answer", "the server's answer explains nothing"))
}

fn request(args: &RequestArgs) -> Value {
    let RequestArgs { client, scope, resource, door, from, at, status: _ } = args;
    let mut body = Map::from_iter([("client_id".to_owned(), json!(client)), ("door".to_owned(), json!(door))]);
    let more = [
        ("scope", scope.clone()),
        ("resource", resource.clone()),
        ("from", from.as_ref().map(ToString::to_string)),
        ("at", at.as_ref().map(ToString::to_string)),
    ];
    for (name, value) in more {
        body.extend(value.map(|value| (name.to_owned(), Value::from(value))));
    }
    body.into()
}

fn call(args: &CallArgs) -> Result<Value, Failure> {
    let CallArgs { token_file, method, url, from, status: _ } = args;
    let mut body = json!({ "token": token(token_file)?, "method": method, "url": url });
    if let (Some(from), Some(members)) = (from, body.as_object_mut()) {
        members.insert("from".to_owned(), from.to_string().into());
    }
    Ok(body)
}

/// A token as a file has it, or standard input: what stands on the line is seen by other users.
fn token(path: &Path) -> Result<String, Failure> {
    /// More than any token.
    const LONGEST: u64 = 1 << 20;
    let unreadable = |error: std::io::Error| {
        Failure::new("unreadable", format!("{} cannot be read as text: {error}", path.display()))
    };
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin().take(LONGEST).read_to_string(&mut text).map_err(unreadable)?;
    } else {
        let file = std::fs::File::open(path).map_err(unreadable)?;
        file.take(LONGEST).read_to_string(&mut text).map_err(unreadable)?;
    }
    Ok(text.trim().to_owned())
}
