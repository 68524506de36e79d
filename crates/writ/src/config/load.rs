//! Puts the layers together: flag, else environment, else file, else default.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::file::{self, Entry};
use super::{Environment, Fault, Faults, Origin, SETTINGS, Server, Setting};

/// Where a configuration is read from.
pub struct Sources<'a> {
    /// The server's folder, already decided.
    pub dir: PathBuf,
    /// `--config`, when given.
    pub file: Option<&'a Path>,
    /// The values of flags by their names without dashes.
    pub flags: &'a BTreeMap<&'static str, String>,
    /// The environment.
    pub environment: &'a Environment,
}

/// The name of the configuration file where none is named.
const FILE_NAME: &str = "writ.toml";

/// Reads the configuration of a server; either all of it is right, or everything that is wrong is told.
pub fn load(sources: &Sources<'_>) -> Result<Server, Faults> {
    let (entries, mut faults) = match read_file(sources.file, &sources.dir) {
        Ok(Some((path, text))) => file::read(&path, &text),
        Ok(None) => (BTreeMap::new(), Vec::new()),
        Err(fault) => (BTreeMap::new(), vec![fault]),
    };
    let mut server = Server::blank(sources.dir.clone());
    for setting in SETTINGS {
        if let Err(fault) = apply(&mut server, setting, sources, &entries) {
            faults.push(fault);
        }
    }
    if server.master_key.is_some() && server.master_key_file.is_some() {
        let message = "is set, and so is the file of the master key; keep one of them".to_owned();
        faults.push(Fault { origin: Origin::Variable("WRIT_MASTER_KEY"), message });
    }
    if server.tls.certificate.is_some() != server.tls.key.is_some() {
        let message = "a certificate needs its key, and a key its certificate".to_owned();
        faults.push(Fault { origin: Origin::Variable("WRIT_TLS_KEY"), message });
    }
    if faults.is_empty() { Ok(server) } else { Err(Faults(faults)) }
}

fn apply(
    server: &mut Server,
    setting: &'static Setting,
    sources: &Sources<'_>,
    entries: &BTreeMap<&'static str, Entry>,
) -> Result<(), Fault> {
    let Some(set) = setting.set else { return Ok(()) };
    match winner(setting, sources, entries)? {
        Some((text, origin)) => set(server, text).map_err(|message| Fault { origin, message }),
        None => Ok(()),
    }
}

fn winner<'a>(
    setting: &'static Setting,
    sources: &'a Sources<'_>,
    entries: &'a BTreeMap<&'static str, Entry>,
) -> Result<Option<(&'a str, Origin)>, Fault> {
    if let Some((flag, text)) = setting.flag.and_then(|flag| sources.flags.get(flag).map(|text| (flag, text))) {
        return Ok(Some((text, Origin::Flag(flag))));
    }
    if let Some(name) = setting.env {
        let origin = Origin::Variable(name);
        match sources.environment.get(name) {
            Ok(Some(text)) => return Ok(Some((text, origin))),
            Ok(None) => {}
            Err(error) => return Err(Fault { origin, message: error.to_string() }),
        }
    }
    if let Some(entry) = setting.key.and_then(|key| entries.get(key)) {
        return Ok(Some((&entry.text, entry.origin.clone())));
    }
    let default = Origin::Default(setting.key.unwrap_or_default());
    Ok((!setting.default.is_empty()).then_some((setting.default, default)))
}

/// The named file must exist; the two usual places need not.
fn read_file(named: Option<&Path>, dir: &Path) -> Result<Option<(PathBuf, String)>, Fault> {
    let usual = [dir.join(FILE_NAME), PathBuf::from(FILE_NAME)];
    let candidates = named.map_or(usual.to_vec(), |path| vec![path.to_owned()]);
    for path in candidates {
        match std::fs::read_to_string(&path) {
            Ok(text) => return Ok(Some((path, text))),
            // A folder that is none is told by whoever needs it to be one.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) && named.is_none() => {
            }
            Err(error) => {
                let message = format!("cannot be read: {error}");
                return Err(Fault { origin: Origin::File { path, line: None, key: String::new() }, message });
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::net::SocketAddr;
    use std::time::Duration;

    use super::super::{Database, LogFormat};
    use super::*;

    struct Scene {
        dir: tempfile::TempDir,
        flags: BTreeMap<&'static str, String>,
    }

    impl Scene {
        fn new(toml: &str) -> Self {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join(FILE_NAME), toml).unwrap();
            Self { dir, flags: BTreeMap::new() }
        }

        fn flag(mut self, name: &'static str, value: &str) -> Self {
            self.flags.insert(name, value.to_owned());
            self
        }

        fn load<const N: usize>(&self, environment: [(&str, &str); N]) -> Result<Server, Faults> {
            let dir = self.dir.path().to_owned();
            load(&Sources { dir, file: None, flags: &self.flags, environment: &environment.into() })
        }

        fn faults<const N: usize>(&self, environment: [(&str, &str); N]) -> Vec<String> {
            let prefix = format!("{}/", self.dir.path().display());
            let faults = self.load(environment).unwrap_err();
            faults.0.iter().map(|fault| fault.to_string().replace(&prefix, "")).collect()
        }
    }

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn without_anything_the_documented_defaults_hold() {
        let server = Scene::new("").load([]).unwrap();
        assert_eq!((server.public, server.admin), (address("127.0.0.1:8080"), address("127.0.0.1:8081")));
        assert_eq!((server.gateway, server.public_url), (address("127.0.0.1:8090"), None));
        assert_eq!((server.database, server.log.format), (Database::Sqlite, LogFormat::Text));
        let limits = server.limits;
        assert_eq!((limits.body_bytes, limits.header_bytes, limits.token_bytes), (65_536, 16_384, 8192));
        assert_eq!((limits.parameters, limits.connections), (64, 10_000));
        assert_eq!((limits.body_timeout, limits.header_timeout), (Duration::from_secs(10), Duration::from_secs(10)));
    }

    #[test]
    fn a_flag_wins_over_a_variable_over_the_file_over_the_default() {
        let file = "public = '127.0.0.1:1'\nadmin = '127.0.0.1:1'\ngateway = '127.0.0.1:1'\n";
        let scene = Scene::new(file).flag("public", "127.0.0.1:3");
        let server = scene.load([("WRIT_PUBLIC", "127.0.0.1:2"), ("WRIT_ADMIN", "127.0.0.1:2")]).unwrap();
        let all = (server.public.port(), server.admin.port(), server.gateway.port());
        assert_eq!(all, (3, 2, 1));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_and_where() {
        let scene = Scene::new("publik = 'x'\n\n[limits]\nbody_bytes = 'many'\nwords = 3\n").flag("admin", "here");
        let faults =
            scene.faults([("WRIT_TRUSTED_PROXIES", "10.0.0.0/8, 10.0.0.1/8"), ("WRIT_MASTER_KEY", "c2hvcnQ=")]);
        assert_eq!(faults.len(), 6, "{faults:#?}");
        let starts = [
            "writ.toml:5: limits.words: unknown key; the keys are public,",
            "writ.toml:1: publik: unknown key; the keys are public,",
            "--admin: `here` is not an address",
            "WRIT_MASTER_KEY: expected 32 bytes in base64",
            "WRIT_TRUSTED_PROXIES: `10.0.0.1/8` is not an address range",
            "writ.toml:4: limits.body_bytes: `many` is not a size",
        ];
        for (fault, start) in faults.iter().zip(starts) {
            assert!(fault.starts_with(start), "{fault}\n{start}");
        }
    }

    #[test]
    fn a_broken_file_names_the_line() {
        let faults = Scene::new("public = '127.0.0.1:1'\nadmin = = 3\n").faults([]);
        assert!(faults.iter().all(|fault| fault.starts_with("writ.toml:2: ")), "{faults:?}");
        assert!(!faults.is_empty());
    }

    #[test]
    fn nothing_outside_the_internet_is_asked_unless_it_is_named() {
        let scene = Scene::new("[outbound]\nallow = ['10.43.0.1', 'fd00::/8']\n");
        let allowed = scene.load([]).unwrap().outbound.allowed;
        assert_eq!(allowed, ["10.43.0.1/32".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        let allowed = scene.load([("WRIT_OUTBOUND_ALLOW", "10.0.0.0/8")]).unwrap().outbound.allowed;
        assert_eq!(allowed, ["10.0.0.0/8".parse().unwrap()]);
        assert_eq!(Scene::new("").load([]).unwrap().outbound.allowed, []);
        assert_eq!(Scene::new("[outbound]\nallow = ['10.0.0.1/8']\n").faults([]).len(), 1);
    }

    #[test]
    fn the_file_holds_numbers_lists_and_paths_beside_it() {
        let scene = Scene::new(
            "trusted_proxies = ['10.0.0.0/8', '::1']\nmaster_key_file = 'key'\n[limits]\nparameters = 7\nbody_bytes = 1_000\n",
        );
        let server = scene.load([]).unwrap();
        assert_eq!(server.trusted_proxies, ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
        assert_eq!(server.master_key_file, Some(scene.dir.path().join("key")));
        assert_eq!((server.limits.parameters, server.limits.body_bytes), (7, 1000));
    }

    #[test]
    fn wrong_types_in_the_file_are_told() {
        let faults = Scene::new("trusted_proxies = '::1'\npublic = true\nlimits = 3\n").faults([]);
        let faults = faults.join("\n");
        for part in [
            "writ.toml:1: trusted_proxies: expected a list of strings",
            "writ.toml:2: public: expected a string or a number",
            "writ.toml:3: limits: expected a table",
        ] {
            assert!(faults.contains(part), "{faults}");
        }
    }

    #[test]
    fn one_master_key_is_enough_and_it_is_never_printed() {
        let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        let server = Scene::new("").load([("WRIT_MASTER_KEY", key)]).unwrap();
        assert!(server.master_key.as_ref().unwrap().to_text().ends_with("Hh8="));
        assert!(format!("{server:?}").contains("MasterKey(..)"));
        let faults = Scene::new("master_key_file = 'key'").faults([("WRIT_MASTER_KEY", key)]);
        assert_eq!(faults, ["WRIT_MASTER_KEY: is set, and so is the file of the master key; keep one of them"]);
    }

    #[test]
    fn the_password_of_the_database_is_neither_in_debug_nor_in_a_fault() {
        let url = "postgres://writ:hunter2@db/writ";
        let server = Scene::new("").load([("WRIT_DATABASE", url)]).unwrap();
        assert!(!format!("{server:?}").contains("hunter2"));
        assert!(matches!(server.database, Database::Postgres(kept) if kept.expose() == url));
        let faults = Scene::new("").faults([("WRIT_DATABASE", "mysql://writ:hunter2@db/writ")]);
        assert_eq!(faults, ["WRIT_DATABASE: expected `sqlite` or a postgres:// URL"]);
    }

    #[test]
    fn a_public_url_is_a_prefix() {
        let read = |text: &str| Scene::new("").flag("public-url", text).load([]).map(|server| server.public_url);
        assert_eq!(read("https://auth.example/x/").unwrap().unwrap().as_str(), "https://auth.example/x");
        assert_eq!(read("https://auth.example").unwrap().unwrap().as_str(), "https://auth.example/");
        for text in ["ftp://a", "https://a?x", "https://a#", "https://u:p@a", "auth.example", "https://"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_named_file_must_exist_and_an_empty_variable_is_not_set() {
        let scene = Scene::new("public = '127.0.0.1:1'");
        assert_eq!(scene.load([("WRIT_PUBLIC", "")]).unwrap().public.port(), 1);
        let missing = scene.dir.path().join("other.toml");
        let sources = Sources {
            dir: scene.dir.path().to_owned(),
            file: Some(&missing),
            flags: &scene.flags,
            environment: &Environment::default(),
        };
        assert!(load(&sources).unwrap_err().to_string().contains("other.toml: cannot be read"));
    }
}
