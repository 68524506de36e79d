//! The commands to try, as the demo prints them; a test runs exactly these.

use std::fmt::Write;
use std::path::Path;

use super::CLIENT;
use crate::server::folder::Addresses;

/// One thing to try: what it shows, the command, and what the command prints among other things.
struct Try {
    shows: &'static str,
    command: String,
    prints: Vec<String>,
}

impl Try {
    fn new(shows: &'static str, command: String, prints: &[&str]) -> Self {
        Self { shows, command, prints: prints.iter().map(|line| (*line).to_owned()).collect() }
    }
}

/// What every command begins with.
struct Commands<'a> {
    writ: String,
    dir: String,
    secret: &'a str,
    /// Fetches a token as the sample client; the secret follows.
    token: String,
}

impl<'a> Commands<'a> {
    fn new(dir: &Path, secret: &'a str) -> Self {
        let writ = program();
        let named = dir != Path::new(crate::cli::DEFAULT_DIR);
        let dir = if named { format!(" --dir {}", quoted(dir)) } else { String::new() };
        let token = format!("{writ} token{dir} --client-id {CLIENT} --client-secret");
        Self { writ, dir, secret, token }
    }

    /// A command whose output is a token.
    fn raw(&self) -> String {
        format!("{} {} --scope announce:read:all --raw", self.token, self.secret)
    }

    /// The API behind the gateway: let through, forbidden, tampered with, revoked.
    fn at_the_gateway(&self, addresses: &Addresses) -> Vec<Try> {
        let (Self { writ, dir, .. }, raw, gateway) = (self, self.raw(), &addresses.gateway);
        let call = |token: &str, path: &str| format!(r#"curl -si -H "Authorization: Bearer {token}" {gateway}{path}"#);
        let fetched = format!("$({raw})");
        let forbidden = r#"error="insufficient_scope", scope="revenue:read:all""#;
        let revoked = call("$T", "/announcements");
        vec![
            Try::new(
                "an API behind the gateway, called with a token that allows it",
                call(&fetched, "/announcements"),
                &["200 OK", "the upstream sees", "demo-partner"],
            ),
            Try::new(
                "the same token where it does not suffice",
                call(&fetched, "/revenue/2026"),
                &["403 Forbidden", forbidden],
            ),
            Try::new(
                "a token that was tampered with",
                call(&format!("{fetched}x"), "/announcements"),
                &["401 Unauthorized", r#"error="invalid_token""#],
            ),
            Try::new(
                "a live token after its client's tokens were revoked (the next token is good again)",
                format!("T=$({raw}); {writ} revoke{dir} client {CLIENT}; sleep 1; {revoked}"),
                &["401 Unauthorized", r#"error="invalid_token""#],
            ),
        ]
    }

    /// The front doors: tokens, refusals, keys.
    fn at_the_doors(&self, addresses: &Addresses) -> Vec<Try> {
        let (Self { writ, dir, secret, token }, root) = (self, &addresses.root);
        let form = "-d grant_type=client_credentials -d scope=announce:read:all";
        vec![
            Try::new(
                "a token at the oauth door, decoded and verified",
                format!("{token} {secret} --scope announce:read:all"),
                &[
                    "status: 200",
                    "scope: announce:read:all",
                    "signature: valid",
                    r#""typ": "at+jwt""#,
                    r#""aud": "demo://dashboard""#,
                ],
            ),
            Try::new(
                "a token at the idaas door, as Alibaba Cloud IDaaS clients ask for it",
                format!("{token} {secret} --door idaas --scope 'demo://dashboard|announce:read:all'"),
                &["status: 200", "signature: valid", r#""typ": "JWT""#, r#""scope": "announce:read:all""#],
            ),
            Try::new(
                "the same with nothing but curl",
                format!("curl -s -u {CLIENT}:{secret} {form} {root}/oauth2/token"),
                &[r#""token_type":"Bearer""#, r#""scope":"announce:read:all""#],
            ),
            Try::new(
                "a permission that was not granted",
                format!("{token} {secret} --scope revenue:read:all"),
                &["400 invalid_scope", "revenue:read:all"],
            ),
            Try::new(
                "a wrong secret",
                format!("{token} not-the-secret-of-this-client --scope announce:read:all"),
                &["401 invalid_client: Client authentication failed."],
            ),
            Try::new(
                "the keys that verify all this",
                format!("curl -s {root}/oauth2/jwks"),
                &[r#"{"keys":[{"kty":"EC""#, r#""alg":"ES256""#],
            ),
            Try::new(
                "the configuration behind it",
                format!("{writ} get{dir} application {CLIENT}"),
                &["id: demo-partner", r#"audience: "demo://dashboard""#],
            ),
        ]
    }
}

/// The commands as they are printed: `$` before each, `>` before what it prints among other things.
pub(super) fn page(dir: &Path, addresses: &Addresses, secret: &str) -> String {
    let commands = Commands::new(dir, secret);
    let mut page = "\nTry, in another terminal:\n".to_owned();
    for Try { shows, command, prints } in
        commands.at_the_gateway(addresses).into_iter().chain(commands.at_the_doors(addresses))
    {
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
