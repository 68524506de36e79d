//! `writ key`: the keys that an issuer's tokens are signed with.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::AdminClient;
use super::failure::Failure;
use super::{Invocation, output, text_of};

/// Arguments of `writ key`.
#[derive(Args)]
pub(crate) struct KeyArgs {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Subcommand)]
enum KeyCommand {
    /// List the keys: next (published, not used yet), active, retired (published until its tokens have expired), revoked
    List {
        /// The issuer's name; without it, every issuer of the tenant
        issuer: Option<String>,
    },
    /// Sign with the next key from now on; tokens of the one before stay good
    Rotate {
        /// The issuer's name
        issuer: String,
        /// Also within ten minutes after the next key was published, when verifiers that cache keys may not know it
        #[arg(long)]
        now: bool,
    },
    /// Trust a key no more, at once: its tokens end, and the next key takes its place
    Revoke {
        /// The issuer's name
        issuer: String,
        /// The key's id, as `writ key list` shows it
        kid: String,
    },
}

pub(super) async fn run(args: &KeyArgs, invocation: &Invocation) -> Result<(), Failure> {
    let admin = AdminClient::connect(invocation).await?;
    let (keys, done) = match &args.command {
        KeyCommand::List { issuer } => (list(&admin, issuer.as_deref()).await?, String::new()),
        KeyCommand::Rotate { issuer, now } => {
            let path = ["issuers", issuer, "keys", "rotate"];
            let keys = admin.call(Method::POST, &path, &[], Some(&json!({ "now": now }))).await?;
            (of_issuer(issuer, keys), format!("Rotated the keys of issuer {issuer}.\n"))
        }
        KeyCommand::Revoke { issuer, kid } => {
            let keys = admin.call(Method::POST, &["issuers", issuer, "keys", kid, "revoke"], &[], None).await?;
            let done = format!("Revoked key {} of issuer {issuer}.\n", output::printable(kid));
            (of_issuer(issuer, keys), done)
        }
    };
    invocation.output.print(&keys, || done + &listing(&keys));
    Ok(())
}

async fn list(admin: &AdminClient, issuer: Option<&str>) -> Result<Value, Failure> {
    let names = if let Some(issuer) = issuer {
        vec![issuer.to_owned()]
    } else {
        let issuers = admin.get(&["issuer"]).await?;
        issuers.as_array().into_iter().flatten().map(|issuer| text_of(issuer, "name")).collect()
    };
    let mut all = Vec::new();
    for name in names {
        let keys = of_issuer(&name, admin.get(&["issuers", &name, "keys"]).await?);
        all.extend(keys.as_array().into_iter().flatten().cloned());
    }
    Ok(Value::Array(all))
}

/// The keys with the name of their issuer, so that those of several can stand in one list.
fn of_issuer(issuer: &str, mut keys: Value) -> Value {
    for key in keys.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        key.shift_insert(0, "issuer".to_owned(), issuer.into());
    }
    keys
}

fn listing(keys: &Value) -> String {
    let keys = keys.as_array().map(Vec::as_slice).unwrap_or_default();
    if keys.is_empty() {
        return "There is no key.\n".to_owned();
    }
    let members = ["issuer", "kid", "alg", "state", "created", "changed", "forget_at"];
    let head = ["ISSUER", "KID", "ALG", "STATE", "CREATED", "CHANGED", "FORGOTTEN AT"];
    output::table(head, keys.iter().map(|key| members.map(|member| text_of(key, member))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_names_the_issuer_of_each_key() {
        let keys = json!([{ "kid": "k1", "alg": "ES256", "state": "next", "created": "2026-11-24T08:00:00Z",
            "changed": "2026-11-24T08:00:00Z", "forget_at": null }]);
        let keys = of_issuer("oauth", keys);
        let expected = " ISSUER  KID  ALG    STATE  CREATED               CHANGED               FORGOTTEN AT\n \
            oauth   k1   ES256  next   2026-11-24T08:00:00Z  2026-11-24T08:00:00Z\n";
        assert_eq!(listing(&keys), expected);
        assert_eq!(listing(&json!([])), "There is no key.\n");
    }
}
