//! What must never be printed: secrets, tokens, assertions, in the log of the real program and by `Debug`.

use std::fmt::Debug;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::support::assertion::{Assertion, JWT_BEARER};
use crate::support::call::basic;
use crate::support::door::Door;
use crate::support::server::RUNTIME;

const SECRET: &str = "SECRET-of-the-client-0123456789";
const WRONG: &str = "WRONG-secret-0123456789";
const ASSERTION: &str = "eyJASSERTION.eyJASSERTION.ASSERTION";

/// The program, logging everything there is to log, its libraries included.
struct Program {
    child: Child,
    log: std::thread::JoinHandle<String>,
    admin: Value,
}

impl Program {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_writ"))
            .args(["serve", "--public", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--gateway", "127.0.0.1:0", "--dir"])
            .arg(folder)
            .env("WRIT_LOG", "trace")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut text = Vec::new();
            stderr.read_to_end(&mut text).unwrap();
            String::from_utf8_lossy(&text).into_owned()
        });
        let stdout = BufReader::new(child.stdout.take().unwrap());
        assert!(stdout.lines().any(|line| line.unwrap() == "ready"), "the server ended");
        let admin = std::fs::read_to_string(folder.join("admin.json")).unwrap();
        Self { child, log, admin: serde_json::from_str(&admin).unwrap() }
    }

    fn url(&self, listener: &str) -> &str {
        self.admin[listener].as_str().unwrap()
    }

    /// Ends the program and answers everything it logged.
    fn end(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.log.join().unwrap()
    }
}

/// A run with everything secret in it; answers what must not be in the log.
async fn run(program: &Program) -> Vec<String> {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let form = |pairs: &[(&str, &str)]| {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        http.post(format!("{}/oauth2/token", program.url("public"))).form(&pairs)
    };
    let grant = ("grant_type", "client_credentials");
    let bootstrap = program.admin["client_secret"].as_str().unwrap();
    let own = http.post(program.admin["token_endpoint"].as_str().unwrap()).form(&[grant]);
    let body: Value = own.basic_auth("writ-admin", Some(bootstrap)).send().await.unwrap().json().await.unwrap();
    let token = body["access_token"].as_str().unwrap().to_owned();

    let documents = json!([
        {"kind": "application", "id": "api", "resource_server": {"audience": "urn:api", "permissions": [{"id": "a"}]}},
        {"kind": "application", "id": "caller", "clients": [{
            "credentials": [{"kind": "secret", "name": "first", "value": SECRET}],
            "authorizations": [{"audience": "urn:api", "permissions": "all"}]}]},
    ]);
    let tenant = format!("{}/v1/tenants/default", program.url("admin"));
    let applied = http.post(format!("{tenant}/apply")).bearer_auth(&token).json(&documents).send().await.unwrap();
    assert_eq!(applied.status(), 200);
    let secrets = format!("{tenant}/clients/caller/secrets");
    let made: Value = http.post(&secrets).bearer_auth(&token).send().await.unwrap().json().await.unwrap();
    let made = made["secret"].as_str().unwrap().to_owned();
    http.get(format!("{secrets}/first")).bearer_auth(&token).send().await.unwrap();
    // Documents that are wrong where a secret is.
    let wrong = json!({"kind": "application", "id": "x", "clients": [{"credentials": [{"kind": "secret", "value": [SECRET]}]}]});
    http.post(format!("{tenant}/apply")).bearer_auth(&token).json(&wrong).send().await.unwrap();

    let granted = form(&[grant, ("scope", "a")]).basic_auth("caller", Some(SECRET)).send().await.unwrap();
    let granted: Value = granted.json().await.unwrap();
    let issued = granted["access_token"].as_str().unwrap().to_owned();
    for (id, secret) in [("caller", WRONG), ("nobody", SECRET), ("caller", made.as_str())] {
        form(&[grant, ("scope", "b")]).basic_auth(id, Some(secret)).send().await.unwrap();
        form(&[grant, ("client_id", id), ("client_secret", secret)]).send().await.unwrap();
    }
    form(&[grant, ("client_secret", SECRET)]).basic_auth("caller", Some(SECRET)).send().await.unwrap();
    form(&[grant, ("client_assertion_type", "x"), ("client_assertion", ASSERTION)]).send().await.unwrap();
    // Assertions: one that is no JWT, one of a stranger, one of a client that may not sign.
    let signed = |client| Assertion::of(Door::Oauth, client).by_secret(SECRET);
    for jwt in [ASSERTION.to_owned(), signed("nobody"), signed("caller")] {
        form(&[grant, ("client_assertion_type", JWT_BEARER), ("client_assertion", &jwt)]).send().await.unwrap();
    }
    form(&[grant]).bearer_auth(&issued).send().await.unwrap();
    let json = json!([{"client_secret": SECRET}]).to_string();
    let labelled = http.post(format!("{}/oauth2/token", program.url("public")));
    labelled.header("content-type", "application/x-www-form-urlencoded").body(json).send().await.unwrap();
    let query = format!("{}/oauth2/token?client_secret={SECRET}&access_token={issued}", program.url("public"));
    http.get(query).send().await.unwrap();
    http.get(format!("{tenant}/tenant")).bearer_auth(format!("{token}x")).send().await.unwrap();
    vec![bootstrap.to_owned(), token, made, issued, signed("nobody"), signed("caller")]
}

#[test]
fn case_50_the_whole_log_of_a_run_holds_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    let met = RUNTIME.block_on(run(&program));
    let master_key = std::fs::read_to_string(folder.path().join("master.key")).unwrap();
    let log = program.end();
    assert!(log.contains("SecretWrong") && log.contains("BodyIsJson"), "the log is read: {log}");
    let encoded: Vec<_> = [("caller", SECRET), ("caller", WRONG)].map(|(id, secret)| basic(id, secret)).into();
    let encoded = encoded.iter().map(|header| header.trim_start_matches("Basic ").to_owned());
    let fixed = [SECRET, WRONG, ASSERTION, master_key.trim()].map(str::to_owned);
    for secret in met.into_iter().chain(encoded).chain(fixed) {
        let line = log.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{secret} is in the log");
        // The signature of a token alone is what makes it usable.
        let signature = secret.rsplit('.').next().unwrap();
        assert!(!log.contains(signature), "the end of {secret} is in the log");
    }
}

/// Fails to compile as soon as one of these types can be printed by `{:?}`.
macro_rules! cannot_be_debugged {
    ($($type:ty),* $(,)?) => {
        $(const _: () = {
            trait Ambiguous<Of> {
                fn exists() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            struct Printable;
            impl<T: ?Sized + Debug> Ambiguous<Printable> for T {}
            let _ = <$type as Ambiguous<_>>::exists;
        };)*
    };
}

cannot_be_debugged!(
    writ_oauth::secret::PlainSecret,
    writ_oauth::secret::SecretDigest,
    writ_oauth::secret::DigestKey,
    writ_oauth::form::Form,
    writ_oauth::client_auth::Presented,
    writ_oauth::client_auth::PresentedSecret,
    writ_oauth::token::TokenIdKey,
    writ_core::Issued,
    writ_core::Authenticated,
    writ_core::store::Database,
    writ_core::keyring::Keyring,
    writ_core::document::Document,
    writ_core::document::SecretValue,
    writ_core::apply::Generated,
);

#[test]
fn case_50_what_can_be_printed_shows_nothing_secret() {
    let key = writ_core::keyring::MasterKey::generate().unwrap();
    assert_eq!(format!("{key:?}"), "MasterKey(..)");
    let (signing, pkcs8) = writ_oauth::jose::SigningKey::generate(writ_oauth::jose::Alg::ES256).unwrap();
    let printed = format!("{signing:?}");
    let secret: Vec<_> = pkcs8.as_bytes().iter().map(u8::to_string).collect();
    assert!(!printed.contains(&secret[40..48].join(", ")), "{printed}");
}
