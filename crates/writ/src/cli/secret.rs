//! `writ secret`: the secrets of a client.

use std::fmt::Write;

use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Map, Value, json};
use writ_core::clock::Clock;

use super::client::AdminClient;
use super::failure::Failure;
use super::when::When;
use super::{Invocation, output, text_of};

/// Arguments of `writ secret`.
#[derive(Args)]
pub(crate) struct SecretArgs {
    #[command(subcommand)]
    command: SecretCommand,
}

#[derive(Subcommand)]
enum SecretCommand {
    /// Make a new secret, beside those that are there
    Issue {
        /// The client's id
        client: String,
        /// A name for the secret
        #[arg(long)]
        name: Option<String>,
        /// When it expires: a time such as 2027-06-30T00:00:00Z, or how long from now, such as 90d; default: never
        #[arg(long, value_name = "WHEN", value_parser = When::parse)]
        expires: Option<When>,
    },
    /// List the secrets, without their values
    List {
        /// The client's id
        client: String,
    },
    /// Show a secret again, with its value
    Show(OneSecret),
    /// Set when a secret expires; without --at and --in: now
    Expire {
        #[command(flatten)]
        one: OneSecret,
        /// A time, such as 2027-06-30T00:00:00Z
        #[arg(long, value_name = "WHEN", value_parser = When::parse, conflicts_with = "after")]
        at: Option<When>,
        /// How long from now, such as 24h, for the time in which callers change over
        #[arg(long = "in", id = "after", value_name = "DURATION", value_parser = When::parse_duration)]
        after: Option<SignedDuration>,
    },
    /// Let a disabled secret be used again
    Enable(OneSecret),
    /// Refuse a secret, but keep it
    Disable(OneSecret),
    /// Delete a secret at once; the gateway refuses tokens that were got with it
    Revoke(OneSecret),
}

/// Which secret.
#[derive(Args)]
struct OneSecret {
    /// The client's id
    client: String,
    /// The secret's id or name
    secret: String,
}

pub(super) async fn run(args: &SecretArgs, invocation: &Invocation) -> Result<(), Failure> {
    let secrets = Secrets { admin: AdminClient::connect(invocation).await?, invocation };
    match &args.command {
        SecretCommand::Issue { client, name, expires } => secrets.issue(client, name.as_deref(), *expires).await,
        SecretCommand::List { client } => secrets.list(client).await,
        SecretCommand::Show(one) => secrets.show(one).await,
        SecretCommand::Expire { one, at, after } => {
            let when = at.unwrap_or(When::In(after.unwrap_or_default()));
            secrets.change(one, json!({ "expires": time(when)? })).await
        }
        SecretCommand::Enable(one) => secrets.change(one, json!({ "status": "enabled" })).await,
        SecretCommand::Disable(one) => secrets.change(one, json!({ "status": "disabled" })).await,
        SecretCommand::Revoke(one) => secrets.revoke(one).await,
    }
}

fn time(when: When) -> Result<String, Failure> {
    when.from(now()).map(|time| time.to_string()).map_err(|why| Failure::usage(format!("that time {why}")))
}

struct Secrets<'a> {
    admin: AdminClient,
    invocation: &'a Invocation,
}

impl Secrets<'_> {
    async fn issue(&self, client: &str, name: Option<&str>, expires: Option<When>) -> Result<(), Failure> {
        let mut body = Map::new();
        if let Some(name) = name {
            body.insert("name".to_owned(), name.into());
        }
        if let Some(when) = expires {
            body.insert("expires".to_owned(), time(when)?.into());
        }
        let path = ["clients", client, "secrets"];
        let secret = self.admin.call(Method::POST, &path, &[], Some(&Value::Object(body))).await?;
        self.print(&secret, || {
            format!(
                "{}\nKeep it where only the client can read it; `writ secret show` shows it again.\n",
                lines(&secret)
            )
        });
        Ok(())
    }

    async fn list(&self, client: &str) -> Result<(), Failure> {
        let list = self.admin.get(&["clients", client, "secrets"]).await?;
        self.print(&list, || listing(&list));
        Ok(())
    }

    async fn show(&self, one: &OneSecret) -> Result<(), Failure> {
        let secret = self.admin.get(&["clients", &one.client, "secrets", &one.secret]).await?;
        self.print(&secret, || lines(&secret));
        Ok(())
    }

    async fn change(&self, one: &OneSecret, change: Value) -> Result<(), Failure> {
        let id = self.id_of(one).await?;
        let path = ["clients", &one.client, "secrets", &id];
        let secret = self.admin.call(Method::PATCH, &path, &[], Some(&change)).await?;
        self.print(&secret, || lines(&secret));
        Ok(())
    }

    async fn revoke(&self, one: &OneSecret) -> Result<(), Failure> {
        let id = self.id_of(one).await?;
        self.admin.call(Method::DELETE, &["clients", &one.client, "secrets", &id], &[], None).await?;
        let revoked = json!({ "client_id": one.client, "id": id, "revoked": true });
        self.print(&revoked, || {
            format!("Revoked secret {} of client {}.\n", output::printable(&one.secret), one.client)
        });
        Ok(())
    }

    /// The id behind an id or a name. A change to the wrong secret is an outage, so a name must fit exactly one.
    async fn id_of(&self, one: &OneSecret) -> Result<String, Failure> {
        let list = self.admin.get(&["clients", &one.client, "secrets"]).await?;
        let secrets = || list.as_array().into_iter().flatten();
        if secrets().any(|secret| text_of(secret, "id") == one.secret) {
            return Ok(one.secret.clone());
        }
        let mut named = secrets().filter(|secret| text_of(secret, "name") == one.secret);
        match (named.next(), named.next()) {
            (Some(secret), None) => Ok(text_of(secret, "id")),
            (Some(_), Some(_)) => {
                Err(Failure::new("ambiguous", format!("several secrets are named `{}`; use the id", one.secret)))
            }
            (None, _) => Err(Failure::new(
                "not_found",
                format!(
                    "client {client} has no secret `{}`; see `writ secret list {client}`",
                    one.secret,
                    client = one.client
                ),
            )),
        }
    }

    fn print(&self, value: &Value, human: impl FnOnce() -> String) {
        self.invocation.output.print(value, human);
    }
}

fn listing(list: &Value) -> String {
    let secrets = list.as_array().map(Vec::as_slice).unwrap_or_default();
    if secrets.is_empty() {
        return "The client has no secret.\n".to_owned();
    }
    let members = ["id", "name", "state", "not_before", "expires", "last_used", "created"];
    let head = ["ID", "NAME", "STATE", "NOT BEFORE", "EXPIRES", "LAST USED", "CREATED"];
    output::table(head, secrets.iter().map(|secret| members.map(|member| text_of(secret, member))))
}

/// One secret, a line for each thing that is known about it.
fn lines(secret: &Value) -> String {
    let members = ["id", "name", "state", "not_before", "expires", "last_used", "created", "secret"];
    let known =
        members.into_iter().map(|member| (member, text_of(secret, member))).filter(|(_, text)| !text.is_empty());
    known.fold(String::new(), |mut lines, (member, text)| {
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "{:12}{}", member.replace('_', " "), output::printable(&text));
        lines
    })
}

/// The time of this machine, to the second.
fn now() -> Timestamp {
    Timestamp::from_second(Clock::system().now()).unwrap_or(Timestamp::UNIX_EPOCH)
}
