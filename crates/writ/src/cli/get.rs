//! `writ get` and `writ delete`: the documents of a tenant as they are.

use clap::Args;
use reqwest::Method;
use serde_json::Value;
use writ_core::document::Kind;

use super::client::AdminClient;
use super::failure::Failure;
use super::output::Format;
use super::{Invocation, apply, output, text_of};

/// Arguments of `writ get`.
#[derive(Args)]
pub(crate) struct GetArgs {
    /// What kind: tenant, issuer, network-zone, provider, application or route, also in the plural
    #[arg(value_parser = kind)]
    kind: Kind,
    /// Which one: an application's id, else the name; without it, all of the kind
    name: Option<String>,
}

/// Arguments of `writ delete`.
#[derive(Args)]
pub(crate) struct DeleteArgs {
    /// What kind: tenant, issuer, network-zone, provider, application or route
    #[arg(value_parser = kind)]
    kind: Kind,
    /// Which one: an application's id, else the name
    name: String,
}

fn kind(word: &str) -> Result<Kind, String> {
    let singular = word.strip_suffix('s').unwrap_or(word);
    Kind::from_name(word).or_else(|| Kind::from_name(singular)).ok_or_else(|| {
        let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        format!("the kinds are {}", known.join(", "))
    })
}

pub(super) async fn get(args: &GetArgs, invocation: &Invocation) -> Result<(), Failure> {
    let admin = AdminClient::connect(invocation).await?;
    if let Some(name) = &args.name {
        let document = admin.get(&[args.kind.name(), name]).await?;
        // For people too: it is the document that `apply` reads.
        let format = if invocation.output == Format::Json { Format::Json } else { Format::Yaml };
        format.print(&document, String::new);
    } else {
        let list = admin.get(&[args.kind.name()]).await?;
        invocation.output.print(&list, || listing(args.kind, &list));
    }
    Ok(())
}

pub(super) async fn delete(args: &DeleteArgs, invocation: &Invocation) -> Result<(), Failure> {
    let admin = AdminClient::connect(invocation).await?;
    let answer = admin.call(Method::DELETE, &[args.kind.name(), &args.name], &[], None).await?;
    let outcome = apply::outcome(&answer)?;
    invocation.output.print(&outcome, || format!("Deleted {} {}.\n", args.kind, output::printable(&args.name)));
    Ok(())
}

fn listing(kind: Kind, list: &Value) -> String {
    let documents = list.as_array().map(Vec::as_slice).unwrap_or_default();
    if documents.is_empty() {
        return format!("There is no {kind}.\n");
    }
    let rows = documents.iter();
    match kind {
        Kind::Tenant => output::table(
            ["NAME", "URL", "HOSTS"],
            rows.map(|document| [text_of(document, "name"), text_of(document, "url"), words(document.get("hosts"))]),
        ),
        Kind::Issuer => output::table(
            ["NAME", "DIALECT", "ALG", "LIFETIME"],
            rows.map(|document| {
                let alg = document.pointer("/signing/alg");
                let lifetime = document.pointer("/token/lifetime");
                [text_of(document, "name"), text_of(document, "dialect"), words(alg), words(lifetime)]
            }),
        ),
        Kind::NetworkZone => output::table(
            ["NAME", "CIDRS"],
            rows.map(|document| [text_of(document, "name"), words(document.get("cidrs"))]),
        ),
        Kind::Provider => output::table(
            ["NAME", "TYPE", "STATUS", "ISSUER", "DESCRIPTION"],
            rows.map(|document| {
                ["name", "type", "status", "issuer", "description"].map(|name| text_of(document, name))
            }),
        ),
        Kind::Route => output::table(
            ["NAME", "PATH", "METHODS", "AUDIENCE", "PERMISSION", "UPSTREAM"],
            rows.map(|document| {
                let at = |pointer: &str| words(document.pointer(pointer));
                let upstream = at("/upstream/url") + &at("/upstream/urls");
                let (audience, permission) = (at("/require/audience"), at("/require/permission"));
                [text_of(document, "name"), at("/match/path"), at("/match/methods"), audience, permission, upstream]
            }),
        ),
        Kind::Application => output::table(
            ["ID", "NAME", "STATUS", "AUDIENCE", "CLIENTS"],
            rows.map(|document| {
                let id = text_of(document, "id");
                let audience = words(document.pointer("/resource_server/audience"));
                let clients = clients(document, &id);
                [id, text_of(document, "name"), text_of(document, "status"), audience, clients]
            }),
        ),
    }
}

/// The client ids of an application; a client without one has the application's.
fn clients(document: &Value, id: &str) -> String {
    let clients = document.get("clients").and_then(Value::as_array).into_iter().flatten();
    let ids: Vec<_> =
        clients.map(|client| client.get("client_id").and_then(Value::as_str).unwrap_or(id).to_owned()).collect();
    ids.join(", ")
}

fn words(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().map(|item| words(Some(item))).collect::<Vec<_>>().join(", "),
        Some(other @ (Value::Bool(_) | Value::Number(_) | Value::Object(_))) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn kinds_are_known_in_singular_and_plural() {
        for word in ["network_zone", "network-zone", "network-zones", "network_zones"] {
            assert_eq!(kind(word), Ok(Kind::NetworkZone), "{word}");
        }
        assert_eq!(kind("applications"), Ok(Kind::Application));
        assert!(kind("app").is_err());
    }

    #[test]
    fn a_listing_shows_what_tells_objects_apart() {
        let list = json!([
            {"kind": "application", "id": "app_x", "status": "enabled", "resource_server": {"audience": "api://x"},
             "clients": [{}, {"client_id": "ak"}]},
        ]);
        let expected = " ID     NAME  STATUS   AUDIENCE  CLIENTS\n app_x        enabled  api://x   app_x, ak\n";
        assert_eq!(listing(Kind::Application, &list), expected);
        assert_eq!(listing(Kind::Tenant, &json!([])), "There is no tenant.\n");
        let list = json!([{"name": "ci", "type": "oidc", "status": "enabled", "issuer": "https://ci.example"}]);
        let text = listing(Kind::Provider, &list);
        assert!(text.contains("ci    oidc  enabled  https://ci.example"), "{text}");
    }
}
