//! `writ demo`: sample data through the same API as everyone's, and the commands to try on it.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use reqwest::Method;
use serde_json::Value;

use super::folder::Addresses;
use crate::cli::Invocation;
use crate::cli::client::AdminClient;
use crate::cli::document::Batch;
use crate::cli::failure::Failure;
use crate::config::Environment;

const DOCUMENTS: &str = include_str!("demo.yaml");
const CLIENT: &str = "demo-partner";
const SECRET: &str = "demo";

/// One thing to try: what it shows, the command, and what the command prints among other things.
struct Try {
    shows: &'static str,
    command: String,
    prints: Vec<String>,
}

/// Applies the sample data, unless the folder holds somebody's real configuration, and words the commands.
pub(super) async fn prepare(dir: &Path, addresses: &Addresses) -> anyhow::Result<String> {
    let invocation = Invocation::on_this_machine(dir);
    let admin = AdminClient::connect(&invocation).await.map_err(|failure| failed(&failure))?;
    refuse_real_data(&admin).await?;
    admin.call(Method::POST, &["apply"], &[], Some(&documents()?)).await.map_err(|failure| failed(&failure.into()))?;
    let secret = admin.get(&["clients", CLIENT, "secrets", SECRET]).await.map_err(|failure| failed(&failure.into()))?;
    let secret = secret.get("secret").and_then(Value::as_str).context("the demo's secret cannot be shown")?;
    Ok(page(&commands(dir, addresses, secret)))
}

fn failed(failure: &Failure) -> anyhow::Error {
    anyhow::anyhow!("the sample data could not be applied: {}", failure.text())
}

/// The sample documents, read as `writ apply -f -` reads them.
fn documents() -> anyhow::Result<Value> {
    let batch = Batch::load(&[PathBuf::from("-")], &Environment::default(), &mut DOCUMENTS.as_bytes());
    let faults = |faults: Vec<crate::cli::document::Fault>| faults.iter().map(ToString::to_string).collect::<String>();
    batch.map(|batch| batch.to_json()).map_err(|found| anyhow::anyhow!("{}", faults(found)))
}

/// Sample clients have no place beside real ones.
async fn refuse_real_data(admin: &AdminClient) -> anyhow::Result<()> {
    let applications = admin.get(&["application"]).await.map_err(|failure| failed(&failure.into()))?;
    let ids = applications.as_array().into_iter().flatten().filter_map(|document| document.get("id")?.as_str());
    let mut real = ids.filter(|id| !id.starts_with("demo") && *id != writ_core::admin::CLIENT);
    match real.next() {
        None => Ok(()),
        Some(id) => bail!("this folder holds a real configuration (the application `{id}`); use another --dir"),
    }
}

fn commands(dir: &Path, addresses: &Addresses, secret: &str) -> Vec<Try> {
    let writ = program();
    let dir = if dir == Path::new(crate::cli::DEFAULT_DIR) { String::new() } else { format!(" --dir {}", quoted(dir)) };
    let token = format!("{writ} token{dir} --client-id {CLIENT} --client-secret");
    let root = &addresses.root;
    vec![
        Try {
            shows: "a token at the oauth door, decoded and verified",
            command: format!("{token} {secret} --scope announce:read:all"),
            prints: lines(&[
                "status: 200",
                "scope: announce:read:all",
                "signature: valid",
                "\"typ\": \"at+jwt\"",
                "\"aud\": \"demo://dashboard\"",
            ]),
        },
        Try {
            shows: "a token at the idaas door, as Alibaba Cloud IDaaS clients ask for it",
            command: format!("{token} {secret} --door idaas --scope 'demo://dashboard|announce:read:all'"),
            prints: lines(&["status: 200", "signature: valid", "\"typ\": \"JWT\"", "\"scope\": \"announce:read:all\""]),
        },
        Try {
            shows: "the same with nothing but curl",
            command: format!(
                "curl -s -u {CLIENT}:{secret} -d grant_type=client_credentials -d scope=announce:read:all {root}/oauth2/token"
            ),
            prints: lines(&["\"token_type\":\"Bearer\"", "\"scope\":\"announce:read:all\""]),
        },
        Try {
            shows: "a permission that was not granted",
            command: format!("{token} {secret} --scope revenue:read:all"),
            prints: lines(&["400 invalid_scope", "revenue:read:all"]),
        },
        Try {
            shows: "a wrong secret",
            command: format!("{token} not-the-secret-of-this-client --scope announce:read:all"),
            prints: lines(&["401 invalid_client: Client authentication failed."]),
        },
        Try {
            shows: "the keys that verify all this",
            command: format!("curl -s {root}/oauth2/jwks"),
            prints: lines(&["{\"keys\":[{\"kty\":\"EC\"", "\"alg\":\"ES256\""]),
        },
        Try {
            shows: "the configuration behind it",
            command: format!("{writ} get{dir} application {CLIENT}"),
            prints: lines(&["id: demo-partner", "audience: \"demo://dashboard\""]),
        },
    ]
}

fn lines(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The commands as they are printed: `$` before each, `>` before what it prints among other things.
fn page(tries: &[Try]) -> String {
    let mut page = "\nTry, in another terminal:\n".to_owned();
    for Try { shows, command, prints } in tries {
        // Writing to a String cannot fail.
        let _ = write!(page, "\n# {shows}\n$ {command}\n");
        for line in prints {
            let _ = writeln!(page, "> {line}");
        }
    }
    page.push_str("\nCtrl-C ends the demo; the next start finds everything as it was.\n\n");
    page
}

/// How to call this program from where it was called.
fn program() -> String {
    let here = std::env::current_dir().ok();
    let program = std::env::current_exe().unwrap_or_else(|_| "writ".into());
    let relative = here.and_then(|here| program.strip_prefix(here).ok().map(Path::to_owned));
    relative.map_or_else(|| quoted(&program), |relative| quoted(&Path::new(".").join(relative)))
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+".contains(&byte));
    if plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
