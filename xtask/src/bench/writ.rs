//! Writ as it is measured: its folder, its configuration, and tokens of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::Bench;
use super::load::{Run, form, wrk};
use super::server::{Recipe, Server};
use crate::process;

/// The root URL: the same at every port, so that tokens outlive a restart.
pub(super) const ROOT: &str = "http://127.0.0.1";

/// The application that is called, and its client.
pub(super) const CALLED: &str = "bench";

/// A folder with a configuration, which one server at a time can use.
pub(super) struct Folder {
    program: PathBuf,
    pub(super) path: PathBuf,
    /// The URL of its PostgreSQL; `None`: its database is a file in it.
    postgres: Option<String>,
}

/// Which listener is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    Public,
    Gateway,
}

pub(super) fn client_id(n: usize) -> String {
    format!("client{n:05}")
}

pub(super) fn secret(n: usize) -> String {
    format!("bench-secret-of-{n:024}")
}

impl Folder {
    /// A new folder with so many clients, and a route to an upstream, whose issuer signs by an algorithm.
    pub(super) fn new(bench: &Bench, name: &str, clients: usize, upstream: Option<&str>, alg: &str) -> Result<Self> {
        let folder = Self::empty(bench, name, None)?;
        let server = folder.serve(Door::Public)?;
        folder.apply(&documents(clients, upstream))?;
        folder.sign_with(alg)?;
        drop(server);
        Ok(folder)
    }

    /// A new folder with clients that sign, each with the public key that is registered of it.
    pub(super) fn with_keys(
        bench: &Bench,
        name: &str,
        postgres: Option<&str>,
        keys: &[(&str, &Value)],
    ) -> Result<Self> {
        let folder = Self::empty(bench, name, postgres)?;
        let server = folder.serve(Door::Public)?;
        folder.apply(&signing_clients(keys))?;
        drop(server);
        Ok(folder)
    }

    fn empty(bench: &Bench, name: &str, postgres: Option<&str>) -> Result<Self> {
        let postgres = postgres.map(str::to_owned);
        let folder = Self { program: bench.writ.clone(), path: bench.folder.join(name), postgres };
        if folder.path.exists() {
            fs::remove_dir_all(&folder.path)?;
        }
        Ok(folder)
    }

    /// The same configuration once more, for a server beside the first.
    pub(super) fn copy(&self, name: &str) -> Result<Self> {
        let copy = Self { program: self.program.clone(), path: self.path.with_file_name(name), postgres: None };
        if copy.path.exists() {
            fs::remove_dir_all(&copy.path)?;
        }
        fs::create_dir(&copy.path)?;
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            fs::copy(entry.path(), copy.path.join(entry.file_name()))?;
        }
        Ok(copy)
    }

    /// Starts a server on it.
    pub(super) fn serve(&self, door: Door) -> Result<Server> {
        let dir = self.path.to_string_lossy().into_owned();
        let mut arguments =
            vec!["serve".to_owned(), "--dir".to_owned(), dir, "--public-url".to_owned(), ROOT.to_owned()];
        if let Some(url) = &self.postgres {
            arguments.extend(["--database".to_owned(), url.clone()]);
        }
        for listener in ["--public", "--admin", "--gateway"] {
            arguments.extend([listener.to_owned(), "127.0.0.1:0".to_owned()]);
        }
        let before_url = match door {
            Door::Public => "public ",
            Door::Gateway => "gateway ",
        };
        Server::start(Recipe { core: 0, program: self.program.clone(), arguments, before_url, says_ready: true })
    }

    /// Lets the issuer sign with another algorithm, while a server runs.
    pub(super) fn sign_with(&self, alg: &str) -> Result<()> {
        self.apply(&json!([{ "kind": "issuer", "name": "oauth", "dialect": "oauth", "signing": { "alg": alg } }]))
    }

    fn apply(&self, documents: &Value) -> Result<()> {
        let file = self.path.join("bench-documents.json");
        fs::write(&file, documents.to_string())?;
        let mut apply = Command::new(&self.program);
        process::output(apply.arg("apply").arg("--dir").arg(&self.path).arg("-f").arg(&file)).map(drop)
    }

    /// Fetches so many tokens from a server on it, as its clients would.
    pub(super) fn fetch_tokens(&self, server: &Server, count: usize, clients: usize) -> Result<Vec<String>> {
        const SECONDS: u32 = 3;
        let (script, answers) = (self.path.join("fetch.lua"), self.path.join("answers"));
        fs::write(&script, fetching(clients, &answers))?;
        fs::write(&answers, "")?;
        loop {
            wrk(&script, &server.url, Run { connections: 16, seconds: SECONDS, sent: 0 })?;
            let tokens = tokens_in(&answers)?;
            if tokens.len() >= count {
                return Ok(tokens.into_iter().take(count).collect());
            }
            if tokens.is_empty() {
                bail!("the server issued no token");
            }
        }
    }
}

/// A script that notes down every answer.
fn fetching(clients: usize, answers: &Path) -> String {
    let answers = answers.to_string_lossy();
    let forms: Vec<_> = (0..clients).map(|n| format!("{:?}", form(n))).collect();
    format!(
        "local forms, at = {{ {} }}, 0\nlocal out = io.open({answers:?}, \"a\")\n\
         local headers = {{ [\"Content-Type\"] = \"application/x-www-form-urlencoded\" }}\n\
         function request()\n  at = at % #forms + 1\n\
         \x20 return wrk.format(\"POST\", \"/oauth2/token\", headers, forms[at])\nend\n\
         function response(status, headers, body) out:write(body, \"\\n\") end\n",
        forms.join(",\n")
    )
}

fn tokens_in(answers: &Path) -> Result<Vec<String>> {
    let mut tokens = Vec::new();
    for line in BufReader::new(fs::File::open(answers)?).lines() {
        // The last line may be cut off where wrk was ended.
        let Ok(answer) = serde_json::from_str::<Value>(&line?) else { continue };
        let token = answer.get("access_token").and_then(Value::as_str);
        tokens.push(token.with_context(|| format!("no token: {answer}"))?.to_owned());
    }
    Ok(tokens)
}

fn resource_server() -> Value {
    json!({
        "kind": "application",
        "id": CALLED,
        "resource_server": { "audience": "api://bench", "permissions": [{ "id": "read:all" }] },
        "clients": [{ "credentials": [{ "kind": "secret", "value": secret(0) }] }],
    })
}

/// The resource server, and an application for each key.
fn signing_clients(keys: &[(&str, &Value)]) -> Value {
    let application = |(id, jwk): &(&str, &Value)| {
        json!({
            "kind": "application",
            "id": id,
            "clients": [{
                "auth_methods": ["private_key_jwt"],
                "credentials": [{ "kind": "public_key", "jwk": jwk }],
                "authorizations": [{ "audience": "api://bench", "permissions": ["read:all"] }],
            }],
        })
    };
    std::iter::once(resource_server()).chain(keys.iter().map(application)).collect()
}

/// The resource server, an application with a client for each number, and a route.
fn documents(clients: usize, upstream: Option<&str>) -> Value {
    let application = |n: usize| {
        json!({
            "kind": "application",
            "id": client_id(n),
            "clients": [{
                "credentials": [{ "kind": "secret", "value": secret(n) }],
                "authorizations": [{ "audience": "api://bench", "permissions": ["read:all"] }],
            }],
        })
    };
    let route = |url: &str| {
        json!({
            "kind": "route",
            "name": "bench",
            "match": { "path": "/bench/**" },
            "require": { "audience": "api://bench", "permission": "read:all" },
            "upstream": { "url": url },
        })
    };
    std::iter::once(resource_server()).chain((0..clients).map(application)).chain(upstream.map(route)).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_from_answers_and_an_error_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let answers = folder.path().join("answers");
        fs::write(&answers, "{\"access_token\":\"a\"}\n{\"access_token\":\"b\"}\n{\"access_tok").unwrap();
        assert_eq!(tokens_in(&answers).unwrap(), ["a", "b"]);
        fs::write(&answers, "{\"error\":\"invalid_client\"}\n").unwrap();
        assert!(tokens_in(&answers).is_err());
    }

    #[test]
    fn every_number_is_a_client() {
        assert_eq!(documents(3, None).as_array().unwrap().len(), 4);
        assert_eq!(documents(3, Some("http://127.0.0.1:9")).as_array().unwrap().len(), 5);
    }
}
