//! `writ client`: the clients of an application, without editing its document.

use std::fmt::Write;

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::client::AdminClient;
use super::failure::Failure;
use super::{Invocation, output, text_of};

/// Arguments of `writ client`.
#[derive(Args)]
pub(crate) struct ClientArgs {
    #[command(subcommand)]
    command: ClientCommand,
}

#[derive(Subcommand)]
enum ClientCommand {
    /// Create a client of an application, with a secret that is shown this once
    Create(CreateArgs),
    /// List the clients of an application
    List {
        /// The application's id
        application: String,
    },
    /// Show a client, with what it may be given
    Show {
        /// The client's id
        client: String,
    },
    /// Let a disabled client be used again
    Enable {
        /// The client's id
        client: String,
    },
    /// Refuse a client and its live tokens, but keep it
    Disable {
        /// The client's id
        client: String,
    },
    /// Give a client a new secret in place of those that it has; its id stays
    RefreshSecret {
        /// The client's id
        client: String,
        /// How much longer the old secrets can be used, such as 24h; without it they, and the tokens that were got with
        /// them, end at once
        #[arg(long, value_name = "DURATION")]
        grace: Option<String>,
    },
    /// Delete a client; its live tokens end
    Delete {
        /// The client's id
        client: String,
    },
}

#[derive(Args)]
struct CreateArgs {
    /// The application's id
    application: String,
    /// The client's id; without it, one is made
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// A name for people, such as whom it was given to
    #[arg(long)]
    name: Option<String>,
    /// How long its tokens live, 1s to 30d, such as 600 or 1h; without it, as the issuer has it
    #[arg(long, value_name = "DURATION")]
    token_lifetime: Option<String>,
    /// What it may have on the application's own resource server: a permission, or `RESOURCE=ACTION,ACTION` where that
    /// has resources, such as `announce:*=read`; may be repeated
    #[arg(long, value_name = "WHAT")]
    allow: Vec<String>,
}

pub(super) async fn run(args: &ClientArgs, invocation: &Invocation) -> Result<(), Failure> {
    let clients = Clients { admin: AdminClient::connect(invocation).await?, invocation };
    match &args.command {
        ClientCommand::Create(args) => clients.create(args).await,
        ClientCommand::List { application } => clients.list(application).await,
        ClientCommand::Show { client } => clients.show(client).await,
        ClientCommand::Enable { client } => clients.change(client, json!({ "status": "enabled" })).await,
        ClientCommand::Disable { client } => clients.change(client, json!({ "status": "disabled" })).await,
        ClientCommand::RefreshSecret { client, grace } => clients.refresh_secret(client, grace.as_deref()).await,
        ClientCommand::Delete { client } => clients.delete(client).await,
    }
}

struct Clients<'a> {
    admin: AdminClient,
    invocation: &'a Invocation,
}

impl Clients<'_> {
    async fn create(&self, args: &CreateArgs) -> Result<(), Failure> {
        let mut body = Map::new();
        let text = |given: &Option<String>| given.as_deref().map(Value::from);
        let lifetime = args.token_lifetime.as_deref().map(duration);
        for (member, given) in
            [("client_id", text(&args.client_id)), ("name", text(&args.name)), ("token_lifetime", lifetime)]
        {
            if let Some(value) = given {
                body.insert(member.to_owned(), value);
            }
        }
        if !args.allow.is_empty() {
            let application = self.admin.get(&["application", &args.application]).await?;
            body.insert("authorizations".to_owned(), json!([authorization(&application, &args.allow)?]));
        }
        let path = ["applications", &args.application, "clients"];
        let client = self.admin.call(Method::POST, &path, &[], Some(&Value::Object(body))).await?;
        self.print(&client, || lines(&client) + KEEP);
        Ok(())
    }

    async fn list(&self, application: &str) -> Result<(), Failure> {
        let mut all = Vec::new();
        let mut after = String::new();
        loop {
            let mut query = vec![("limit", "1000")];
            if !after.is_empty() {
                query.push(("after", &after));
            }
            let path = ["applications", application, "clients"];
            let page = self.admin.call(Method::GET, &path, &query, None).await?;
            all.extend(page.get("clients").and_then(Value::as_array).into_iter().flatten().cloned());
            let next = text_of(&page, "next");
            if next <= after {
                break;
            }
            after = next;
        }
        let all = Value::Array(all);
        self.print(&all, || listing(&all));
        Ok(())
    }

    async fn show(&self, client: &str) -> Result<(), Failure> {
        let client = self.admin.get(&["clients", client]).await?;
        self.print(&client, || lines(&client));
        Ok(())
    }

    async fn change(&self, client: &str, change: Value) -> Result<(), Failure> {
        let client = self.admin.call(Method::PATCH, &["clients", client], &[], Some(&change)).await?;
        self.print(&client, || lines(&client));
        Ok(())
    }

    async fn refresh_secret(&self, client: &str, grace: Option<&str>) -> Result<(), Failure> {
        let body = grace.map_or_else(|| json!({}), |grace| json!({ "grace": duration(grace) }));
        let path = ["clients", client, "refresh-secret"];
        let secret = self.admin.call(Method::POST, &path, &[], Some(&body)).await?;
        self.print(&secret, || lines(&secret) + KEEP);
        Ok(())
    }

    async fn delete(&self, client: &str) -> Result<(), Failure> {
        let deleted = self.admin.call(Method::DELETE, &["clients", client], &[], None).await?;
        self.print(&deleted, || format!("Deleted client {}.\n", output::printable(client)));
        Ok(())
    }

    fn print(&self, value: &Value, human: impl FnOnce() -> String) {
        self.invocation.output.print(value, human);
    }
}

/// A duration as documents write it: without a unit, seconds.
fn duration(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| text.into(), Value::from)
}

/// What is said below a secret.
const KEEP: &str = "\nKeep it where only the client can read it; `writ secret show` shows it again.\n";

/// What is allowed on the application's own resource server, in the words of its permission model.
fn authorization(application: &Value, allow: &[String]) -> Result<Value, Failure> {
    let server = application.get("resource_server").unwrap_or(&Value::Null);
    let Some(audience) = server.get("audience") else {
        let message = "--allow is about the application's own resource server, and it has none";
        return Err(Failure::new("no_resource_server", message));
    };
    if server.get("resources").is_none() {
        return Ok(json!({ "audience": audience, "permissions": allow }));
    }
    let rule = |text: &String| {
        let (resource, actions) = text.rsplit_once('=').ok_or_else(|| {
            let message = format!("`{text}` names no actions: write RESOURCE=ACTION,ACTION, such as announce:*=read");
            Failure::usage(message)
        })?;
        Ok(json!({ "resource": resource, "actions": actions.split(',').collect::<Vec<_>>() }))
    };
    let rules = allow.iter().map(rule).collect::<Result<Vec<_>, Failure>>()?;
    Ok(json!({ "audience": audience, "rules": rules }))
}

fn listing(list: &Value) -> String {
    let clients = list.as_array().map(Vec::as_slice).unwrap_or_default();
    if clients.is_empty() {
        return "The application has no client.\n".to_owned();
    }
    let members = ["client_id", "name", "status", "token_lifetime", "created", "last_used"];
    let head = ["CLIENT ID", "NAME", "STATUS", "TOKEN LIFETIME", "CREATED", "LAST USED"];
    output::table(head, clients.iter().map(|client| members.map(|member| text_of(client, member))))
}

/// One client or secret, a line for each thing that is known about it.
fn lines(of: &Value) -> String {
    let members =
        ["client_id", "application", "id", "name", "status", "token_lifetime", "expires", "created", "secret"];
    let known = members.into_iter().map(|member| (member, text_of(of, member))).filter(|(_, text)| !text.is_empty());
    let mut lines = known.fold(String::new(), |mut lines, (member, text)| {
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "{:16}{}", member.replace('_', " "), output::printable(&text));
        lines
    });
    for (audience, what) in allowed(of) {
        let _ = writeln!(lines, "{:16}{}: {}", "allowed", output::printable(&audience), output::printable(&what));
    }
    lines
}

/// Each authorization with what it gives, a line each.
fn allowed(of: &Value) -> Vec<(String, String)> {
    let words = |list: &Value| match list.as_array() {
        Some(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        None => list.as_str().unwrap_or_default().to_owned(),
    };
    let list = |of: &Value, member: &str| of.get(member).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut allowed = Vec::new();
    for authorization in list(of, "authorizations") {
        let audience = text_of(&authorization, "audience");
        if let Some(permissions) = authorization.get("permissions") {
            allowed.push((audience.clone(), words(permissions)));
        }
        for rule in list(&authorization, "rules") {
            let denies = if text_of(&rule, "effect") == "deny" { "not " } else { "" };
            let actions = rule.get("actions").map(words).unwrap_or_default();
            allowed.push((audience.clone(), format!("{denies}{}={actions}", text_of(&rule, "resource"))));
        }
    }
    allowed
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_is_allowed_is_said_in_the_words_of_the_server() {
        let allow = |server: Value, words: &[&str]| {
            let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
            authorization(&json!({ "resource_server": server }), &words)
        };
        let named = json!({ "audience": "a", "permissions": [{ "id": "x=y" }] });
        assert_eq!(allow(named, &["x=y"]).unwrap(), json!({ "audience": "a", "permissions": ["x=y"] }));
        let resources = json!({ "audience": "a", "resources": [{ "code": "book" }] });
        let rules = json!([{ "resource": "book:*", "actions": ["read", "write"] },
            { "resource": "book:1", "actions": ["*"] }]);
        let given = allow(resources.clone(), &["book:*=read,write", "book:1=*"]).unwrap();
        assert_eq!(given, json!({ "audience": "a", "rules": rules }));
        assert_eq!(allow(resources, &["book:*"]).err().unwrap().status(), 2);
        assert_eq!(allow(Value::Null, &["x"]).err().unwrap().status(), 1);
    }

    #[test]
    fn a_duration_without_a_unit_is_seconds() {
        assert_eq!((duration("600"), duration("1h"), duration("soon")), (json!(600), json!("1h"), json!("soon")));
    }

    #[test]
    fn a_client_is_shown_with_what_it_may_have() {
        let client = json!({ "client_id": "c1", "application": "screen", "name": null, "status": "disabled",
            "token_lifetime": "1h", "authorizations": [
                { "audience": "a", "rules": [{ "resource": "book:*", "actions": ["read"], "effect": "deny" }] },
                { "audience": "b", "permissions": "all" }] });
        let expected = "client id       c1\napplication     screen\nstatus          disabled\n\
            token lifetime  1h\nallowed         a: not book:*=read\nallowed         b: all\n";
        assert_eq!(lines(&client), expected);
        assert_eq!(listing(&json!([])), "The application has no client.\n");
    }
}
