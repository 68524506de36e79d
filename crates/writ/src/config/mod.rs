//! The configuration of a server: `writ.toml`, the environment and flags, read into one typed value.
//!
//! Every setting is one row of [`SETTINGS`]. The row parses the value, names the flag and the variable, holds the
//! default and is printed as `docs/reference/configuration.md`, so that these cannot disagree.

mod environment;
mod fault;
mod file;
mod load;
mod reference;
mod secret;
mod setting;
mod value;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use environment::Environment;
pub use fault::{Fault, Faults, Origin};
use ipnet::IpNet;
pub use load::{Sources, load};
pub use reference::markdown;
pub use secret::PostgresUrl;
pub use setting::{SETTINGS, Setting, Shape};
use url::Url;
use writ_core::keyring::MasterKey;
use writ_core::outbound::OutboundPolicy;

/// The configuration of one server process, complete and checked.
#[derive(Debug)]
pub struct Server {
    /// The folder of the server's own files: database, master key, `admin.json`.
    pub dir: PathBuf,
    /// Where the front doors listen.
    pub public: SocketAddr,
    /// Where the admin API, health and readiness listen.
    pub admin: SocketAddr,
    /// Where the gateway listens.
    pub gateway: SocketAddr,
    /// The root URL that callers use, http or https, without query, fragment or trailing slash (a URL without a path
    /// prints as `https://host/`, as the URL Standard has it). `None`: `http://` and the bound public address.
    pub public_url: Option<Url>,
    /// What the listeners speak TLS with.
    pub tls: Tls,
    /// Where configuration and ledger are stored.
    pub database: Database,
    /// The master key itself, when it came in the environment. Never set together with `master_key_file`.
    pub master_key: Option<MasterKey>,
    /// The file that holds the master key. Neither set: the server keeps one in its folder.
    pub master_key_file: Option<PathBuf>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether they tell the certificates of their callers.
    pub client_cert_header: ClientCertHeader,
    /// Where the server may connect to by itself, beside the public internet.
    pub outbound: OutboundPolicy,
    /// What is logged, and how.
    pub log: Log,
    /// The bounds on what a caller may send.
    pub limits: Limits,
}

/// What the listeners speak TLS with. Certificate and key are both there or neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// The certificate chain in PEM.
    pub certificate: Option<PathBuf>,
    /// Its private key in PEM.
    pub key: Option<PathBuf>,
    /// Which listeners speak TLS.
    pub listeners: Vec<Listener>,
}

/// A listener of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// The front doors.
    Public,
    /// The admin API.
    Admin,
    /// The gateway.
    Gateway,
}

impl Listener {
    /// Its name, as `tls.listeners` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Admin => "admin",
            Self::Gateway => "gateway",
        }
    }
}

/// Whether trusted proxies tell the certificates of their callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertHeader {
    /// They do not: a header is the caller's own words.
    Off,
    /// In `Client-Cert` and `Client-Cert-Chain` (RFC 9440).
    Rfc9440,
}

/// Where configuration and ledger are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file in the server's folder.
    Sqlite,
    /// A PostgreSQL server.
    Postgres(PostgresUrl),
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// A filter in the syntax of `tracing_subscriber::EnvFilter`, already checked.
    pub filter: String,
    /// The form of a line.
    pub format: LogFormat,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The bounds on what a caller may send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest request body at the public listener, in bytes.
    pub body_bytes: usize,
    /// How long a request body may take to arrive.
    pub body_timeout: Duration,
    /// How long the request line and headers may take to arrive.
    pub header_timeout: Duration,
    /// The largest request line and headers together, in bytes.
    pub header_bytes: usize,
    /// The most parameters in one form or query.
    pub parameters: usize,
    /// The most connections open at once, per listener.
    pub connections: usize,
    /// The largest access token that is issued, in bytes.
    pub token_bytes: usize,
}

impl Server {
    /// A value to apply the table's defaults to; every placeholder is overwritten by its row.
    fn blank(dir: PathBuf) -> Self {
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            dir,
            public: nowhere,
            admin: nowhere,
            gateway: nowhere,
            public_url: None,
            tls: Tls::default(),
            database: Database::Sqlite,
            master_key: None,
            master_key_file: None,
            trusted_proxies: Vec::new(),
            client_cert_header: ClientCertHeader::Off,
            outbound: OutboundPolicy::default(),
            log: Log { filter: String::new(), format: LogFormat::Text },
            limits: Limits {
                body_bytes: 0,
                body_timeout: Duration::ZERO,
                header_timeout: Duration::ZERO,
                header_bytes: 0,
                parameters: 0,
                connections: 0,
                token_bytes: 0,
            },
        }
    }
}
