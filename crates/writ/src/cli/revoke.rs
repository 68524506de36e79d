//! `writ revoke`: tokens that are alive end.

use std::io::Read;

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::AdminClient;
use super::failure::Failure;
use super::{Invocation, output, text_of};

/// Arguments of `writ revoke`. No `Debug`: one of them is a token.
#[derive(Args)]
pub(crate) struct RevokeArgs {
    #[command(subcommand)]
    command: RevokeCommand,
}

#[derive(Subcommand)]
enum RevokeCommand {
    /// All tokens of a client; it can get new ones
    Client {
        /// The client's id
        client: String,
    },
    /// All tokens that a client has for one resource server
    Authorization {
        /// The client's id
        client: String,
        /// The resource server's audience
        audience: String,
    },
    /// All tokens of all clients of an application
    Application {
        /// The application's id
        application: String,
    },
    /// All tokens that were got with one secret; the secret stays usable (`writ secret revoke` ends both)
    Credential {
        /// The client's id
        client: String,
        /// The secret's id or name
        secret: String,
    },
    /// One token
    Token {
        /// The whole token; better `-`, which reads it from standard input, where other users do not see it
        token: String,
    },
}

pub(super) async fn run(args: &RevokeArgs, invocation: &Invocation) -> Result<(), Failure> {
    let body = match &args.command {
        RevokeCommand::Client { client } => json!({ "client_id": client }),
        RevokeCommand::Authorization { client, audience } => json!({ "client_id": client, "audience": audience }),
        RevokeCommand::Application { application } => json!({ "application": application }),
        RevokeCommand::Credential { client, secret } => json!({ "client_id": client, "credential": secret }),
        RevokeCommand::Token { token } if token == "-" => json!({ "token": from_stdin()? }),
        RevokeCommand::Token { token } => json!({ "token": token }),
    };
    let admin = AdminClient::connect(invocation).await?;
    let answer = admin.call(Method::POST, &["revocations"], &[], Some(&body)).await?;
    invocation.output.print(&answer, || sentence(answer.get("revoked").unwrap_or(&Value::Null)));
    Ok(())
}

fn from_stdin() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map_err(|error| Failure::usage(format!("standard input cannot be read: {error}")))?;
    Ok(text.trim().to_owned())
}

/// What was revoked, for people.
fn sentence(revoked: &Value) -> String {
    if revoked.is_null() {
        return "There is nothing to revoke: the token is not one of this tenant, or has expired.\n".to_owned();
    }
    let member = |name: &str| output::printable(&text_of(revoked, name));
    let part = |name: &str, words: &str| match member(name) {
        none if none.is_empty() => none,
        known => format!(" {words} {known}"),
    };
    let (what, end) = match member("jti") {
        none if none.is_empty() => ("Revoked all tokens".to_owned(), " that existed until now.\n"),
        jti => (format!("Revoked token {jti}"), ".\n"),
    };
    let parts = [
        part("application", "of application"),
        part("client_id", "of client"),
        part("audience", "for"),
        part("credential", "got with secret"),
    ];
    what + &parts.concat() + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_says_what_was_revoked() {
        for (revoked, expected) in [
            (json!({ "client_id": "c" }), "Revoked all tokens of client c that existed until now.\n"),
            (
                json!({ "client_id": "c", "audience": "a" }),
                "Revoked all tokens of client c for a that existed until now.\n",
            ),
            (json!({ "application": "x" }), "Revoked all tokens of application x that existed until now.\n"),
            (
                json!({ "client_id": "c", "credential": "sec_1" }),
                "Revoked all tokens of client c got with secret sec_1 that existed until now.\n",
            ),
            (json!({ "client_id": "c", "audience": "a", "jti": "j" }), "Revoked token j of client c for a.\n"),
            (json!(null), "There is nothing to revoke: the token is not one of this tenant, or has expired.\n"),
        ] {
            assert_eq!(sentence(&revoked), expected);
        }
    }
}
