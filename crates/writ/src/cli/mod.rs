//! The `writ` command line: what can be asked, and who answers it.

mod apply;
pub(crate) mod client;
mod clients;
mod credential;
mod discovery;
mod docs;
pub(crate) mod document;
mod explain;
pub(crate) mod failure;
mod get;
mod installation;
mod key;
mod outbound;
pub(crate) mod output;
mod revoke;
mod secret;
mod serve;
#[cfg(test)]
mod stand_in;
mod token;
mod when;

use std::ffi::OsString;
use std::future::Future;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::Value;
use url::Url;

use self::failure::Failure;
use self::output::Format;
use crate::config::Environment;
use crate::server::Mode;

/// The tenant of a command that names none.
const DEFAULT_TENANT: &str = "default";
/// The server's folder where none is named.
pub(crate) const DEFAULT_DIR: &str = "./writ-data";

/// The authorization server and enforcing gateway for machines
#[derive(Parser)]
#[command(name = "writ", version, propagate_version = false, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: CliCommand,
}

/// What stands anywhere on the line.
#[derive(Args)]
struct GlobalArgs {
    /// The server's folder [env: WRIT_DIR] [default: ./writ-data]
    #[arg(long, global = true, value_name = "PATH", display_order = 100)]
    dir: Option<PathBuf>,
    /// The form of what is printed
    #[arg(long, global = true, value_enum, value_name = "FORM", default_value_t, display_order = 101)]
    output: Format,
    /// The admin API of a server elsewhere; its credential comes from WRIT_CLIENT_ID and WRIT_CLIENT_SECRET
    /// [env: WRIT_SERVER]
    #[arg(long, global = true, value_name = "URL", value_parser = outbound::endpoint, display_order = 102)]
    server: Option<Url>,
    /// The tenant whose configuration is meant
    #[arg(long, global = true, value_name = "NAME", default_value = DEFAULT_TENANT, display_order = 103)]
    tenant: String,
}

#[derive(Subcommand)]
enum CliCommand {
    /// Run a complete server with sample data, and print the commands to try; Ctrl-C ends it
    Demo(serve::ServeArgs),
    /// Run the server, configured by writ.toml, the environment and flags
    Serve(serve::ServeArgs),
    /// Make the configuration match documents
    Apply(apply::ApplyArgs),
    /// Print the configuration as documents
    Get(get::GetArgs),
    /// Delete one object of the configuration
    Delete(get::DeleteArgs),
    /// Create, list, enable, disable and delete the clients of an application, and refresh their secrets
    Client(clients::ClientArgs),
    /// Issue, list, show, expire and revoke the secrets of a client
    Secret(secret::SecretArgs),
    /// Try the federated credentials of a client
    Credential(credential::CredentialArgs),
    /// Say why a request would be granted or refused, or was: the rules, and what would have to change
    Explain(explain::ExplainArgs),
    /// List, rotate and revoke the keys that tokens are signed with
    Key(key::KeyArgs),
    /// End tokens that are alive: of a client, an authorization, an application or a credential, or one token
    Revoke(revoke::RevokeArgs),
    /// Fetch a token as a client would, and print it decoded
    Token(Box<token::TokenArgs>),
    /// Write the generated pages of the reference
    #[command(hide = true)]
    Docs(docs::DocsArgs),
}

/// The surroundings of one command.
pub(crate) struct Invocation {
    /// The server's folder.
    dir: PathBuf,
    /// The admin API to speak to; `None`: that of the server of the folder.
    server: Option<Url>,
    tenant: String,
    output: Format,
    environment: Environment,
}

/// Runs the command that the process was started with; the exit status is 1 on failure and 2 on wrong usage.
pub fn main() -> ExitCode {
    let Cli { global, command } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misused(&error, std::env::args_os().skip(1)),
    };
    let format = global.output;
    let outcome = Invocation::new(global, Environment::of_process()).and_then(|invocation| run(command, &invocation));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.tell(format);
            ExitCode::from(failure.status())
        }
    }
}

/// Tells what clap found, or prints the help that was asked for; scripts get an object, as for every failure.
fn misused(error: &clap::Error, arguments: impl Iterator<Item = OsString>) -> ExitCode {
    match format_of(arguments) {
        Some(format) if error.use_stderr() => {
            let failure = usage(error);
            failure.tell(format);
            ExitCode::from(failure.status())
        }
        Some(_) | None => error.exit(),
    }
}

/// What was wrong, without the reminder of the usage that follows it.
fn usage(error: &clap::Error) -> Failure {
    let text = error.to_string();
    let text = text.split("\n\n").next().unwrap_or_default();
    Failure::usage(text.strip_prefix("error: ").unwrap_or(text).trim_end())
}

/// The form of output that a line asks for which could not be read as a whole.
fn format_of(arguments: impl Iterator<Item = OsString>) -> Option<Format> {
    let words: Vec<_> = arguments.map(|word| word.to_string_lossy().into_owned()).collect();
    let joined = words.iter().find_map(|word| word.strip_prefix("--output="));
    let apart = words.iter().skip_while(|word| *word != "--output").nth(1);
    Format::from_str(joined.or(apart.map(String::as_str))?, false).ok()
}

impl Invocation {
    /// A command for the server of a folder, from the server itself.
    pub(crate) fn on_this_machine(dir: &std::path::Path) -> Self {
        Self {
            dir: dir.to_owned(),
            server: None,
            tenant: DEFAULT_TENANT.to_owned(),
            output: Format::Json,
            environment: Environment::default(),
        }
    }

    /// Flags win over the environment, where a variable that is set to nothing counts as not set.
    fn new(global: GlobalArgs, environment: Environment) -> Result<Self, Failure> {
        let variable = |name: &str| environment.get(name).map_err(|error| Failure::usage(format!("{name}: {error}")));
        let dir = match (global.dir, variable("WRIT_DIR")?) {
            (Some(dir), _) => dir,
            (None, dir) => PathBuf::from(dir.unwrap_or(DEFAULT_DIR)),
        };
        let server = match (global.server, variable("WRIT_SERVER")?) {
            (Some(server), _) => Some(server),
            (None, Some(url)) => {
                Some(outbound::endpoint(url).map_err(|why| Failure::usage(format!("WRIT_SERVER: {why}")))?)
            }
            (None, None) => None,
        };
        Ok(Self { dir, server, tenant: global.tenant, output: global.output, environment })
    }
}

fn run(command: CliCommand, invocation: &Invocation) -> Result<(), Failure> {
    match command {
        CliCommand::Demo(args) => serve::run(&args, Mode::Demo, invocation),
        CliCommand::Serve(args) => serve::run(&args, Mode::Serve, invocation),
        CliCommand::Apply(args) => wait(apply::run(&args, invocation)),
        CliCommand::Get(args) => wait(get::get(&args, invocation)),
        CliCommand::Delete(args) => wait(get::delete(&args, invocation)),
        CliCommand::Client(args) => wait(clients::run(&args, invocation)),
        CliCommand::Secret(args) => wait(secret::run(&args, invocation)),
        CliCommand::Credential(args) => wait(credential::run(&args, invocation)),
        CliCommand::Explain(args) => wait(explain::run(&args, invocation)),
        CliCommand::Key(args) => wait(key::run(&args, invocation)),
        CliCommand::Revoke(args) => wait(revoke::run(&args, invocation)),
        CliCommand::Token(args) => wait(token::run(*args, invocation)),
        CliCommand::Docs(args) => docs::run(&args),
    }
}

/// Runs a command that speaks to a server; one thread is enough for one question at a time.
fn wait(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(anyhow::Error::from)?.block_on(command)
}

/// A member of an object as text; what is absent is empty.
fn text_of(object: &Value, member: &str) -> String {
    object.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::config::SETTINGS;

    fn invocation<const N: usize>(line: &str, environment: [(&str, &str); N]) -> Result<Invocation, Failure> {
        let Cli { global, .. } = Cli::try_parse_from(line.split(' ')).unwrap();
        Invocation::new(global, environment.into())
    }

    #[test]
    fn the_commands_fit_together() {
        Cli::command().debug_assert();
        let dir = SETTINGS.iter().find(|setting| setting.flag == Some("dir")).unwrap();
        assert_eq!((dir.default, dir.env), (DEFAULT_DIR, Some("WRIT_DIR")));
    }

    #[test]
    fn what_clap_finds_is_an_object_for_scripts_and_short() {
        let found = |line: &str| Cli::try_parse_from(line.split(' ')).err().unwrap();
        let failure = usage(&found("writ apply --output json"));
        assert_eq!(failure.text(), "the following required arguments were not provided:\n  --file <PATH>");
        assert_eq!(failure.status(), 2);
        let format = |line: &str| format_of(line.split(' ').map(OsString::from));
        for line in ["get foo --output json", "--output=json get foo"] {
            assert_eq!(format(line), Some(Format::Json), "{line}");
        }
        for line in ["get foo", "get foo --output", "get foo --output xml"] {
            assert_eq!(format(line), None, "{line}");
        }
    }

    #[test]
    fn global_flags_stand_anywhere_and_win_over_the_environment() {
        let environment = [("WRIT_DIR", "env"), ("WRIT_SERVER", "http://env")];
        for line in ["writ --dir d --server http://s get issuers", "writ get issuers --dir d --server http://s"] {
            let invocation = invocation(line, environment).unwrap();
            assert_eq!((invocation.dir, invocation.server.unwrap().as_str()), (PathBuf::from("d"), "http://s/"));
        }
        let from_environment = invocation("writ get issuers", environment).unwrap();
        assert_eq!(from_environment.dir, PathBuf::from("env"));
        assert_eq!(from_environment.server.unwrap().as_str(), "http://env/");
        let from_nothing = invocation("writ get issuers", [("WRIT_DIR", ""), ("WRIT_SERVER", "")]).unwrap();
        assert_eq!((from_nothing.dir, from_nothing.server), (PathBuf::from(DEFAULT_DIR), None));
        assert_eq!(invocation("writ get issuers", [("WRIT_SERVER", "x")]).err().unwrap().status(), 2);
    }
}
