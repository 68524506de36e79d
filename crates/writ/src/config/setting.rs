//! The table of settings.

use super::{Server, value};

/// One setting: where it can be written, what it means and how it is read.
pub struct Setting {
    /// The dotted key in `writ.toml`; `None`: not from the file.
    pub key: Option<&'static str>,
    /// The environment variable; `None`: not from the environment.
    pub env: Option<&'static str>,
    /// The flag of `writ serve` and `writ demo`, without dashes; `None`: not from the command line.
    pub flag: Option<&'static str>,
    /// The default, as it would be written; empty: no default.
    pub default: &'static str,
    /// What a value looks like, for the reference and as the value's name in `--help`.
    pub unit: &'static str,
    /// What it decides.
    pub meaning: &'static str,
    /// How it is written in the file.
    pub shape: Shape,
    /// Reads the text into the configuration; `None`: it says where to find the rest, and is read before.
    pub(super) set: Option<Set>,
}

type Set = fn(&mut Server, &str) -> Result<(), String>;

/// How a setting is written in the file; from elsewhere it is always text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A string or a number.
    Word,
    /// A list of strings; elsewhere joined by commas.
    List,
    /// A path, relative to the file it is written in; from elsewhere to the working directory.
    Path,
}

impl Setting {
    const fn new(unit: &'static str, set: Option<Set>, meaning: &'static str) -> Self {
        Self { key: None, env: None, flag: None, default: "", unit, meaning, shape: Shape::Word, set }
    }

    const fn key(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }

    const fn env(mut self, env: &'static str) -> Self {
        self.env = Some(env);
        self
    }

    const fn flag(mut self, flag: &'static str) -> Self {
        self.flag = Some(flag);
        self
    }

    const fn default(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }

    const fn shape(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }
}

/// A setter for the field at this place, read by this parser.
macro_rules! field {
    ($($field:ident).+, $parse:expr) => {
        Some(|server: &mut Server, text: &str| {
            server.$($field).+ = $parse(text)?;
            Ok(())
        })
    };
}

/// Every setting of a server, in the order of the reference.
pub const SETTINGS: &[Setting] = &[
    Setting::new("PATH", None, "The folder of the server's own files: database, master key, `admin.json`.")
        .env("WRIT_DIR")
        .flag("dir")
        .default("./writ-data"),
    Setting::new(
        "FILE",
        None,
        "The configuration file. Without it: `writ.toml` in the server's folder, else in the working directory, else none.",
    )
    .flag("config"),
    Setting::new("IP:PORT", field!(public, value::address), "Where the front doors listen; port 0 takes a free one.")
        .key("public")
        .env("WRIT_PUBLIC")
        .flag("public")
        .default("127.0.0.1:8080"),
    Setting::new(
        "IP:PORT",
        field!(admin, value::address),
        "Where the admin API, health and readiness listen; port 0 takes a free one.",
    )
    .key("admin")
    .env("WRIT_ADMIN")
    .flag("admin")
    .default("127.0.0.1:8081"),
    Setting::new("IP:PORT", field!(gateway, value::address), "Where the gateway listens; port 0 takes a free one.")
        .key("gateway")
        .env("WRIT_GATEWAY")
        .flag("gateway")
        .default("127.0.0.1:8090"),
    Setting::new(
        "URL",
        field!(public_url, |text| value::public_url(text).map(Some)),
        "The root URL that callers use; every issuer begins with it. Without it: `http://` and the public address.",
    )
    .key("public_url")
    .env("WRIT_PUBLIC_URL")
    .flag("public-url"),
    Setting::new(
        "FILE",
        field!(tls.certificate, |text: &str| Ok::<_, String>(Some(text.into()))),
        "The certificate chain of the listeners in PEM; a change of the file is noticed. Together with `tls.key`.",
    )
    .key("tls.certificate")
    .env("WRIT_TLS_CERTIFICATE")
    .flag("tls-certificate")
    .shape(Shape::Path),
    Setting::new(
        "FILE",
        field!(tls.key, |text: &str| Ok::<_, String>(Some(text.into()))),
        "The private key of the certificate in PEM.",
    )
    .key("tls.key")
    .env("WRIT_TLS_KEY")
    .flag("tls-key")
    .shape(Shape::Path),
    Setting::new(
        "NAME,...",
        field!(tls.listeners, value::listeners),
        "The listeners that speak TLS once there is a certificate: of `public`, `admin` and `gateway`.",
    )
    .key("tls.listeners")
    .env("WRIT_TLS_LISTENERS")
    .default("public,gateway")
    .shape(Shape::List),
    Setting::new(
        "sqlite|URL",
        field!(database, value::database),
        "Where everything is stored: `sqlite` is a file in the server's folder; else a `postgres://` URL.",
    )
    .key("database")
    .env("WRIT_DATABASE")
    .flag("database")
    .default("sqlite"),
    Setting::new(
        "BASE64",
        field!(master_key, |text| value::master_key(text).map(Some)),
        "The key that secrets are sealed with: 32 bytes. Without it and `master_key_file`: one is kept in the server's folder.",
    )
    .env("WRIT_MASTER_KEY"),
    Setting::new(
        "FILE",
        field!(master_key_file, |text: &str| Ok::<_, String>(Some(text.into()))),
        "The file that holds the master key in base64. Not together with `WRIT_MASTER_KEY`.",
    )
    .key("master_key_file")
    .env("WRIT_MASTER_KEY_FILE")
    .shape(Shape::Path),
    Setting::new(
        "CIDR,...",
        field!(trusted_proxies, value::ranges),
        "The proxies whose `X-Forwarded-For` is believed; from others it is ignored.",
    )
    .key("trusted_proxies")
    .env("WRIT_TRUSTED_PROXIES")
    .shape(Shape::List),
    Setting::new(
        "off|rfc9440",
        field!(client_cert_header, value::client_cert_header),
        "Whether the trusted proxies tell the certificates of their callers, in `Client-Cert` and `Client-Cert-Chain`; they must remove these headers from what they are sent. From others they are ignored.",
    )
    .key("client_cert_header")
    .env("WRIT_CLIENT_CERT_HEADER")
    .default("off"),
    Setting::new(
        "CIDR,...",
        field!(outbound.allowed, value::ranges),
        "Addresses outside the public internet from which key sets may be fetched, also over plain http; all others there are refused.",
    )
    .key("outbound.allow")
    .env("WRIT_OUTBOUND_ALLOW")
    .shape(Shape::List),
    Setting::new("FILTER", field!(log.filter, value::log_filter), "What is logged, such as `warn` or `writ=debug,info`.")
        .key("log.filter")
        .env("WRIT_LOG")
        .default("info"),
    Setting::new("text|json", field!(log.format, value::log_format), "The form of a log line.")
        .key("log.format")
        .env("WRIT_LOG_FORMAT")
        .default("text"),
    Setting::new("bytes", field!(limits.body_bytes, value::bytes), "The largest request body at the public listener.")
        .key("limits.body_bytes")
        .default("64KiB"),
    Setting::new("seconds", field!(limits.body_timeout, value::duration), "How long a request body may take to arrive.")
        .key("limits.body_timeout")
        .default("10s"),
    Setting::new(
        "seconds",
        field!(limits.header_timeout, value::duration),
        "How long the request line and headers may take to arrive.",
    )
    .key("limits.header_timeout")
    .default("10s"),
    Setting::new(
        "bytes",
        field!(limits.header_bytes, value::header_bytes),
        "The largest request line and headers together; at least 8 KiB.",
    )
    .key("limits.header_bytes")
    .default("16KiB"),
    Setting::new("number", field!(limits.parameters, value::count), "The most parameters in one form or query.")
        .key("limits.parameters")
        .default("64"),
    Setting::new("number", field!(limits.connections, value::count), "The most connections open at once, per listener.")
        .key("limits.connections")
        .default("10000"),
    Setting::new("bytes", field!(limits.token_bytes, value::bytes), "The largest access token that is issued; many servers and proxies refuse longer headers.")
        .key("limits.token_bytes")
        .default("8192"),
];
