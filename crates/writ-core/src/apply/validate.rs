//! What can be said of documents by themselves, before anything is read or written.

use std::collections::HashSet;

use url::Url;
use writ_oauth::client_auth::AuthMethod;
use writ_oauth::scope;
use writ_oauth::secret::PlainSecret;

use super::model;
use crate::document::{
    Application, CLIENT_SECRET_JWT, Client, Credential, CredentialSettings, DefaultScopes, Document, DocumentFault,
    Given, Issuer, Permissions, Proof, ResourceServer, Secret, SecretValue, Tenant,
};
use crate::grant::Grant;
use crate::issuer::Dialect;
use crate::route::Route;
use crate::tenant::is_host;

/// The shortest secret that may be registered, in bytes: 128 bits if it is random.
const SHORTEST_SECRET: usize = 16;
/// The shortest secret that is a key of HMAC with SHA-256, in bytes.
const SHORTEST_SIGNING_SECRET: usize = 32;
/// The longest identifier, in bytes.
const LONGEST_ID: usize = 128;
/// The longest audience or URL, in bytes.
const LONGEST_AUDIENCE: usize = 1024;

/// The longest name for people, in characters.
const LONGEST_TITLE: usize = 200;

/// What is wrong, and where inside the document.
pub(super) type Fault = (String, String);

/// Checks a list of documents.
pub(super) fn documents(documents: &[Document], dialects: &[Dialect]) -> Result<(), DocumentFault> {
    let mut seen = HashSet::new();
    for (index, document) in documents.iter().enumerate() {
        let at = |(path, message): Fault| DocumentFault::at(index, path, message);
        if !seen.insert((document.kind(), document.name())) {
            let message = format!("{} `{}` is described twice", document.kind(), document.name());
            return Err(at((String::new(), message)));
        }
        match document {
            Document::Tenant(tenant) => self::tenant(tenant),
            Document::Issuer(issuer) => self::issuer(issuer, dialects),
            Document::NetworkZone(zone) => name("name", &zone.name).and_then(|()| {
                let empty = zone.cidrs.is_empty();
                if empty { fault("cidrs", "a zone without address ranges would let nobody in") } else { Ok(()) }
            }),
            Document::Provider(provider) => name("name", &provider.settings.name).and_then(|()| provider.check()),
            Document::Application(application) => self::application(application),
            Document::Route(route) => name("name", &route.name).and_then(|()| Route::compile(route).map(drop)),
        }
        .map_err(at)?;
    }
    Ok(())
}

/// The path of a member of something; without a member, of the thing itself.
pub(super) fn below(path: &str, member: &str) -> String {
    if member.is_empty() { path.to_owned() } else { format!("{path}.{member}") }
}

pub(super) fn fault<T>(path: impl Into<String>, message: impl Into<String>) -> Result<T, Fault> {
    Err((path.into(), message.into()))
}

fn tenant(tenant: &Tenant) -> Result<(), Fault> {
    name("name", &tenant.name)?;
    if let Some(url) = &tenant.url {
        let parsed = Url::parse(url).ok().filter(|parsed| matches!(parsed.scheme(), "http" | "https"));
        let plain = parsed.is_some_and(|parsed| {
            parsed.query().is_none() && parsed.fragment().is_none() && parsed.username().is_empty()
        });
        if !plain || url.ends_with('/') {
            return fault("url", "a root URL is http or https, without query, fragment, user or trailing slash");
        }
    }
    for (position, host) in tenant.hosts.iter().enumerate() {
        if !is_host(host) {
            return fault(format!("hosts[{position}]"), format!("`{host}` is not a host name, with or without a port"));
        }
    }
    Ok(())
}

fn issuer(issuer: &Issuer, dialects: &[Dialect]) -> Result<(), Fault> {
    name("name", &issuer.name)?;
    if !dialects.iter().any(|dialect| dialect.key == issuer.dialect) {
        let known: Vec<_> = dialects.iter().map(|dialect| dialect.key).collect();
        return fault("dialect", format!("unknown dialect `{}`; there are {}", issuer.dialect, known.join(", ")));
    }
    if issuer.signing.alg.is_symmetric() {
        return fault("signing.alg", "access tokens are signed with a public key algorithm: RS, PS, ES or EdDSA");
    }
    Ok(())
}

fn application(application: &Application) -> Result<(), Fault> {
    identifier("id", &application.id)?;
    title("name", application.name.as_deref())?;
    if let Some(server) = &application.resource_server {
        resource_server(server).map_err(|(path, message)| (format!("resource_server.{path}"), message))?;
    }
    let mut ids = HashSet::new();
    for (position, client) in application.clients.iter().enumerate() {
        let at = |(path, message): Fault| (format!("clients[{position}].{path}"), message);
        if !ids.insert(client.id(application)) {
            let message = format!("two clients have the client id `{}`", client.id(application));
            return fault(format!("clients[{position}]"), message);
        }
        self::client(client).map_err(at)?;
    }
    Ok(())
}

fn resource_server(server: &ResourceServer) -> Result<(), Fault> {
    audience("audience", &server.audience)?;
    for (position, url) in server.resource_urls.iter().enumerate() {
        let parsed = Url::parse(url).ok().filter(|parsed| parsed.fragment().is_none());
        if parsed.is_none() || url.len() > LONGEST_AUDIENCE {
            let message = format!("`{url}` is not an absolute URL without a fragment (RFC 8707 section 2)");
            return fault(format!("resource_urls[{position}]"), message);
        }
    }
    model::resources(server)?;
    let mut seen = HashSet::new();
    for (position, permission) in server.permissions.iter().enumerate() {
        let path = format!("permissions[{position}].id");
        permission_id(&path, &permission.id)?;
        title(&format!("permissions[{position}].name"), permission.name.as_deref())?;
        if !seen.insert(permission.id.to_ascii_lowercase()) {
            return fault(path, format!("`{}` is there twice (ASCII case does not tell them apart)", permission.id));
        }
    }
    Ok(())
}

/// Checks a client and its credentials.
pub(crate) fn client(client: &Client) -> Result<(), Fault> {
    if let Some(id) = &client.client_id {
        identifier("client_id", id)?;
    }
    title("name", client.name.as_deref())?;
    one_of("grants", &client.grants, |word| Grant::from_name(word).is_some(), &Grant::ALL.map(Grant::name))?;
    let methods = AuthMethod::ALL.map(AuthMethod::name);
    one_of("auth_methods", &client.auth_methods, |word| AuthMethod::from_name(word).is_some(), &methods)?;
    for (position, authorization) in client.authorizations.iter().enumerate() {
        audience(&format!("authorizations[{position}].audience"), &authorization.audience)?;
        match &authorization.given {
            Given::Permissions(Permissions::All) => {}
            Given::Permissions(Permissions::These(list)) => {
                for (at, id) in list.iter().enumerate() {
                    permission_id(&format!("authorizations[{position}].permissions[{at}]"), id)?;
                }
            }
            Given::Rules(rules) => model::rules(rules)
                .map_err(|(path, message)| (format!("authorizations[{position}].{path}"), message))?,
        }
    }
    default_scopes(client)?;
    client.assertions.check().map_err(|(path, message)| (format!("assertions.{path}"), message))?;
    credentials(client)
}

/// Checks the credentials of a client.
fn credentials(client: &Client) -> Result<(), Fault> {
    let signs = client.signs_with_secrets();
    let mut names = HashSet::new();
    for (position, credential) in client.credentials.iter().flatten().enumerate() {
        let at = |(path, message): Fault| (below(&format!("credentials[{position}]"), &path), message);
        if !credential.settings.name.as_ref().is_none_or(|name| names.insert(name)) {
            return fault(format!("credentials[{position}].name"), "two credentials of a client have the same name");
        }
        self::credential(credential, signs).map_err(at)?;
    }
    Ok(())
}

/// A default that the client is not authorized for would refuse every request without a scope.
fn default_scopes(client: &Client) -> Result<(), Fault> {
    let DefaultScopes::These(list) = &client.default_scopes else { return Ok(()) };
    for (position, id) in list.iter().enumerate() {
        let given = client.authorizations.iter().any(|authorization| match &authorization.given {
            Given::Permissions(Permissions::All) => true,
            Given::Permissions(Permissions::These(list)) => list.contains(id),
            Given::Rules(rules) => model::allow(rules, id),
        });
        if !given {
            let message = format!("no authorization of the client gives `{id}`");
            return fault(format!("default_scopes[{position}]"), message);
        }
    }
    Ok(())
}

fn credential(credential: &Credential, signs: bool) -> Result<(), Fault> {
    if let Some(word) = &credential.settings.name {
        name("name", word)?;
    }
    credential.check()?;
    let Proof::Secret(Secret { value: Some(value) }) = &credential.proof else { return Ok(()) };
    match value {
        SecretValue::Literal(value) => secret_value(value, signs),
        SecretValue::Generate if credential.settings.name.is_none() => {
            fault("value", "a generated secret needs a `name`")
        }
        SecretValue::Generate => Ok(()),
    }
}

/// Checks a secret that is to be issued; `signs`: assertions are signed with it.
pub(crate) fn secret(settings: &CredentialSettings, value: &PlainSecret, signs: bool) -> Result<(), Fault> {
    let value = Some(SecretValue::Literal(value.clone()));
    credential(&Credential { settings: settings.clone(), proof: Proof::Secret(Secret { value }) }, signs)
}

/// > A key of the same size as the hash output (for instance, 256 bits for "HS256") or larger MUST be used with this
/// > algorithm.
///
/// <https://www.rfc-editor.org/rfc/rfc7518#section-3.2>
fn secret_value(value: &PlainSecret, signs: bool) -> Result<(), Fault> {
    let bytes = value.expose().len();
    if signs && bytes < SHORTEST_SIGNING_SECRET {
        let message = format!(
            "a secret that assertions are signed with (`{CLIENT_SECRET_JWT}`) has at least {SHORTEST_SIGNING_SECRET} \
             bytes; this one has {bytes}"
        );
        return fault("value", message);
    }
    if !(SHORTEST_SECRET..=PlainSecret::MAX_LENGTH).contains(&bytes) {
        let message =
            format!("a secret has {SHORTEST_SECRET} to {} bytes; this one has {bytes}", PlainSecret::MAX_LENGTH);
        return fault("value", message);
    }
    if value.expose().chars().any(char::is_control) {
        return fault("value", "a secret has no control characters (is there a line break at the end of the file?)");
    }
    Ok(())
}

fn one_of(path: &str, words: &[String], known: impl Fn(&str) -> bool, all: &[&str]) -> Result<(), Fault> {
    match words.iter().position(|word| !known(word)) {
        None => Ok(()),
        Some(position) => {
            let word = words.get(position).map_or("", |word| word);
            fault(format!("{path}[{position}]"), format!("`{word}` is not supported; supported: {}", all.join(", ")))
        }
    }
}

fn identifier(path: &str, id: &str) -> Result<(), Fault> {
    if is_identifier(id) {
        return Ok(());
    }
    fault(path, format!("`{id}` is not an id: 1 to {LONGEST_ID} of A-Z a-z 0-9 - . _ ~"))
}

/// Whether this can be an id: what may stand in paths, Basic headers and `sub`, the same in every encoding.
pub(crate) fn is_identifier(id: &str) -> bool {
    let unreserved = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    unreserved && (1..=LONGEST_ID).contains(&id.len()) && !matches!(id, "." | "..")
}

fn name(path: &str, word: &str) -> Result<(), Fault> {
    identifier(path, word).map_err(|(path, message)| (path, message.replace(" an id", " a name")))
}

/// What people read: in lists, in terminals and in a database that has no NUL in its texts.
pub(super) fn title(path: &str, words: Option<&str>) -> Result<(), Fault> {
    let Some(words) = words else { return Ok(()) };
    if (1..=LONGEST_TITLE).contains(&words.chars().count()) && !words.chars().any(char::is_control) {
        return Ok(());
    }
    fault(path, format!("a name for people has 1 to {LONGEST_TITLE} characters and no control characters"))
}

/// An audience can be the first half of `audience|permission`.
fn audience(path: &str, word: &str) -> Result<(), Fault> {
    if scope::is_token(word) && !word.contains('|') && word.len() <= LONGEST_AUDIENCE {
        return Ok(());
    }
    fault(path, format!("`{word}` is not an audience: printable ASCII without blanks, quotes, backslash and `|`"))
}

fn permission_id(path: &str, id: &str) -> Result<(), Fault> {
    if scope::is_token(id) && !id.contains('|') && id.len() <= LONGEST_ID && id != ".all" {
        return Ok(());
    }
    let rule = format!("1 to {LONGEST_ID} printable ASCII characters without blanks, quotes, backslash and `|`");
    fault(path, format!("`{id}` is not a permission id: {rule}, and not `.all`"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn case_21_a_short_secret_signs_nothing() {
        let check = |length: usize, signs: bool| {
            secret(&CredentialSettings::default(), &PlainSecret::new("x".repeat(length)), signs)
        };
        assert!(check(16, false).is_ok() && check(31, false).is_ok());
        assert!(check(32, true).is_ok());
        let (path, message) = check(31, true).unwrap_err();
        assert_eq!(path, "value");
        assert!(message.contains("at least 32 bytes; this one has 31"), "{message}");
    }

    #[test]
    fn case_21_a_client_with_a_short_secret_is_told_where() {
        let document = |methods: &[&str]| {
            let credentials = serde_json::json!([{ "kind": "secret", "value": "x".repeat(31) }]);
            let client = serde_json::json!({ "auth_methods": methods, "credentials": credentials });
            serde_json::from_value::<Client>(client).unwrap()
        };
        assert!(credentials(&document(&["client_secret_post"])).is_ok());
        let (path, _) = credentials(&document(&["client_secret_post", CLIENT_SECRET_JWT])).unwrap_err();
        assert_eq!(path, "credentials[0].value");
    }
}
