//! `writ serve` and `writ demo`: from flags, environment and file to a running server.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use super::Invocation;
use super::failure::Failure;
use crate::config::{self, Origin, SETTINGS, Setting, Sources};
use crate::server::{self, Mode};

/// The flag that every command has.
const DIR: &str = "dir";
/// The flag that names the file.
const CONFIG: &str = "config";

/// The flags of a server: one for each setting that has one, so that the table of settings is their only source.
pub(crate) struct ServeArgs(BTreeMap<&'static str, String>);

fn flags() -> impl Iterator<Item = (&'static str, &'static Setting)> {
    SETTINGS.iter().filter_map(|setting| setting.flag.map(|flag| (flag, setting))).filter(|(flag, _)| *flag != DIR)
}

impl Args for ServeArgs {
    fn augment_args(command: Command) -> Command {
        flags().fold(command, |command, (flag, setting)| {
            // Writing to a String cannot fail.
            let mut help = setting.meaning.to_owned();
            if let Some(name) = setting.env {
                let _ = write!(help, " [env: {name}]");
            }
            if !setting.default.is_empty() {
                let _ = write!(help, " [default: {}]", setting.default);
            }
            command.arg(Arg::new(flag).long(flag).value_name(setting.unit).help(help))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ServeArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |(flag, _)| matches.get_one::<String>(flag).map(|text| (flag, text.clone()));
        Ok(Self(flags().filter_map(given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.extend(Self::from_arg_matches(matches)?.0);
        Ok(())
    }
}

pub(super) fn run(args: &ServeArgs, mode: Mode, invocation: &Invocation) -> Result<(), Failure> {
    let config = config::load(&Sources {
        dir: invocation.dir.clone(),
        file: args.0.get(CONFIG).map(Path::new),
        flags: &args.0,
        environment: &invocation.environment,
    })
    .map_err(|faults| {
        let from_flags = faults.0.iter().all(|fault| matches!(fault.origin, Origin::Flag(_)));
        let text = format!("the server cannot start, because of\n{faults}");
        if from_flags { Failure::usage(text) } else { Failure::new("invalid_configuration", text) }
    })?;
    Ok(server::serve(config, mode)?)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn every_setting_with_a_flag_can_be_given_and_nothing_else() {
        let command = || ServeArgs::augment_args(Command::new("serve"));
        let given =
            ["serve", "--public", "127.0.0.1:1", "--database", "sqlite", "--public-url", "http://a", "--config", "f"];
        let args = ServeArgs::from_arg_matches(&command().try_get_matches_from(given).unwrap()).unwrap();
        let expected = [("config", "f"), ("database", "sqlite"), ("public", "127.0.0.1:1"), ("public-url", "http://a")];
        assert_eq!(args.0.iter().map(|(flag, text)| (*flag, text.as_str())).collect::<Vec<_>>(), expected);
        assert!(command().try_get_matches_from(["serve", "--master-key", "x"]).is_err());
    }
}
