//! The server: from a configuration to open doors, and back.

mod demo;
mod folder;
mod log;

use std::fmt::Write;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;
use writ_core::clock::Clock;
use writ_core::keyring::MasterKey;
use writ_core::store::{self, StoreError};
use writ_core::{Core, Settings};
use writ_gateway::Gateway;

use self::folder::{Addresses, Folder};
use crate::config::{self, Listener};
use crate::http::{self, Answering, App, DIALECTS, Tls};

/// Which server to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// With sample data, and the commands to try.
    Demo,
    /// As configured.
    Serve,
}

/// Runs the server until it is told to stop.
pub fn serve(config: config::Server, mode: Mode) -> anyhow::Result<()> {
    log::init(&config.log);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no runtime")?;
    runtime.block_on(run(config, mode))
}

/// The bound listeners.
struct Listeners {
    public: TcpListener,
    admin: TcpListener,
    gateway: TcpListener,
}

async fn run(config: config::Server, mode: Mode) -> anyhow::Result<()> {
    let stop = stop_on_signals()?;
    let folder = Folder::claim(&config.dir)?;
    let listeners = Listeners {
        public: bind(config.public, "public").await?,
        admin: bind(config.admin, "admin").await?,
        gateway: bind(config.gateway, "gateway").await?,
    };
    let tls = tls(&config.tls)?;
    let addresses = addresses(&config, &listeners)?;
    let core = open(&config, &folder, &addresses).await?;
    let first_start = folder.write_admin_file(&core, &addresses).await?;
    let app = Arc::new(App {
        core,
        limits: config.limits.clone(),
        trusted_proxies: config.trusted_proxies.clone(),
        client_cert_header: config.client_cert_header,
        admin_url: addresses.admin.clone(),
        gateway: Gateway::default(),
        gateway_url: addresses.gateway.clone(),
    });
    let mut tasks = start(&app, listeners, &tls, &stop);
    announce(&folder, &addresses, first_start);
    if mode == Mode::Demo {
        let demo = demo::prepare(&config.dir, &addresses);
        let done = tokio::select! {
            () = stop.cancelled() => Ok(()),
            prepared = demo => prepared.map(|commands| crate::cli::output::print(&commands)),
        };
        if let Err(error) = done {
            finish(&app, &stop, &mut tasks).await;
            return Err(error);
        }
    }
    crate::cli::output::print("ready\n");
    // What need not exist before the first request, such as the next signing keys, is made now.
    spawn(&mut tasks, &app, &stop, |app, stop| async move { app.core.tend(stop).await });
    stop.cancelled().await;
    finish(&app, &stop, &mut tasks).await;
    Ok(())
}

async fn finish(app: &App, stop: &CancellationToken, tasks: &mut JoinSet<()>) {
    stop.cancel();
    while tasks.join_next().await.is_some() {}
    app.core.close().await;
}

async fn bind(address: SocketAddr, name: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("the {name} listener cannot have {address}; choose another address with --{name} (port 0: any)")
    })
}

/// The listeners that speak TLS, and with what.
struct TlsListeners {
    tls: Option<Arc<Tls>>,
    listeners: Vec<Listener>,
}

fn tls(config: &config::Tls) -> anyhow::Result<TlsListeners> {
    let tls = match (&config.certificate, &config.key) {
        (Some(certificate), Some(key)) => Some(Arc::new(Tls::open(certificate, key)?)),
        (None | Some(_), _) => None,
    };
    Ok(TlsListeners { tls, listeners: config.listeners.clone() })
}

fn scheme(config: &config::Server, listener: Listener) -> &'static str {
    let speaks_tls = config.tls.certificate.is_some() && config.tls.listeners.contains(&listener);
    if speaks_tls { "https" } else { "http" }
}

/// The URLs under which everything can be reached.
fn addresses(config: &config::Server, listeners: &Listeners) -> anyhow::Result<Addresses> {
    let public = listeners.public.local_addr()?;
    let root = match &config.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None if public.ip().is_unspecified() => {
            bail!("with the public listener on {public}, say under which URL callers reach it: --public-url URL")
        }
        None => format!("{}://{public}", scheme(config, Listener::Public)),
    };
    Ok(Addresses {
        root,
        public: reachable(scheme(config, Listener::Public), public),
        admin: reachable(scheme(config, Listener::Admin), listeners.admin.local_addr()?),
        gateway: reachable(scheme(config, Listener::Gateway), listeners.gateway.local_addr()?),
    })
}

/// A listener's URL for commands on the same machine.
fn reachable(scheme: &str, address: SocketAddr) -> String {
    let loopback = match address {
        SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    };
    let ip = if address.ip().is_unspecified() { loopback } else { address.ip() };
    format!("{scheme}://{}", SocketAddr::new(ip, address.port()))
}

async fn open(config: &config::Server, folder: &Folder, addresses: &Addresses) -> anyhow::Result<Core> {
    let master_key = master_key(config, folder)?;
    let (database, where_) = match &config.database {
        config::Database::Sqlite => {
            let file = folder.make_database()?;
            (store::Database::Sqlite(file.clone()), file.display().to_string())
        }
        config::Database::Postgres(url) => (store::Database::Postgres(url.expose().to_owned()), place_of(url.expose())),
    };
    let settings = Settings {
        database,
        master_key,
        root: addresses.root.clone(),
        dialects: &DIALECTS,
        token_bytes: config.limits.token_bytes,
        outbound: config.outbound.clone(),
        clock: Clock::system(),
    };
    Core::open(settings).await.map_err(|error| explain(&error, &where_))
}

/// A database URL without what may be secret in it: `PostgreSQL at host:5432/name`.
fn place_of(url: &str) -> String {
    match Url::parse(url) {
        Ok(url) => {
            let (host, path) = (url.host_str().unwrap_or_default(), url.path());
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("PostgreSQL at {host}{port}{path}")
        }
        Err(_) => "PostgreSQL".to_owned(),
    }
}

fn master_key(config: &config::Server, folder: &Folder) -> anyhow::Result<MasterKey> {
    match (&config.master_key, &config.master_key_file) {
        (Some(key), _) => Ok(key.clone()),
        (None, Some(file)) => folder::read_master_key(file),
        (None, None) => folder.master_key(),
    }
}

/// A database that cannot be opened, and what to do about it.
fn explain(error: &StoreError, where_: &str) -> anyhow::Error {
    let advice = match error {
        StoreError::Locked => "; stop the program that holds it",
        StoreError::ReadOnly => "; the server's user must be able to write it",
        StoreError::Full => "; make room and start again, nothing is lost",
        StoreError::NotADatabase => "; restore a backup, or start with another --dir",
        StoreError::Keyring(_) => "; give the right key as WRIT_MASTER_KEY or WRIT_MASTER_KEY_FILE",
        StoreError::Unreachable(_) if where_.starts_with("PostgreSQL") => "; is it running, and is the URL right?",
        StoreError::Unreachable(_) => "; can the server's user read and write it?",
        StoreError::BadUrl
        | StoreError::NewerSchema(_)
        | StoreError::Migration(_)
        | StoreError::Duplicate(_)
        | StoreError::Unreadable(_)
        | StoreError::Other(_) => "",
    };
    anyhow::anyhow!("{where_}: {error}{advice}")
}

/// Starts what runs as long as the server: the listeners, following changes, writing uses down.
fn start(app: &Arc<App>, listeners: Listeners, tls: &TlsListeners, stop: &CancellationToken) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let mut answer = Answer { tasks: &mut tasks, app, tls, stop };
    answer.at(Listener::Public, listeners.public, http::public(Arc::clone(app)));
    answer.at(Listener::Admin, listeners.admin, http::admin(Arc::clone(app)));
    answer.at(Listener::Gateway, listeners.gateway, http::gateway(Arc::clone(app)));
    if let Some(tls) = &tls.tls {
        tasks.spawn(Arc::clone(tls).reload(stop.clone()));
    }
    spawn(&mut tasks, app, stop, |app, stop| async move { app.core.follow(stop).await });
    spawn(&mut tasks, app, stop, |app, stop| async move { app.core.write_usage(stop).await });
    spawn(&mut tasks, app, stop, |app, stop| async move { app.gateway.watch_upstreams(&app.core, stop).await });
    tasks
}

/// What every listener needs.
struct Answer<'a> {
    tasks: &'a mut JoinSet<()>,
    app: &'a Arc<App>,
    tls: &'a TlsListeners,
    stop: &'a CancellationToken,
}

impl Answer<'_> {
    fn at(&mut self, which: Listener, listener: TcpListener, service: impl Answering) {
        let tls = self.tls.tls.clone().filter(|_| self.tls.listeners.contains(&which));
        let (app, stop) = (Arc::clone(self.app), self.stop.clone());
        self.tasks.spawn(async move { http::serve(listener, tls, service, &app.limits, stop).await });
    }
}

fn spawn<F, T>(tasks: &mut JoinSet<()>, app: &Arc<App>, stop: &CancellationToken, task: F)
where
    F: FnOnce(Arc<App>, CancellationToken) -> T,
    T: Future<Output = ()> + Send + 'static,
{
    tasks.spawn(task(Arc::clone(app), stop.clone()));
}

/// Says where everything is, on standard output, before `ready`.
fn announce(folder: &Folder, addresses: &Addresses, first_start: Option<folder::Bootstrap>) {
    let Addresses { root, public, admin, gateway } = addresses;
    let folder = folder.path().display();
    let mut text =
        format!("public   {public}\nadmin    {admin}\ngateway  {gateway}\nroot     {root}\nfolder   {folder}\n");
    if let Some(folder::Bootstrap { client_id, secret }) = first_start {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "bootstrap credential, printed this once and kept in admin.json:\n  client_id {client_id}\n  client_secret {}\n",
            secret.expose()
        );
    }
    crate::cli::output::print(&text);
}

/// A token that is cancelled by Ctrl-C or SIGTERM; the second signal ends the process at once.
fn stop_on_signals() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = CancellationToken::new();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let cancelled = stop.clone();
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        next().await;
        cancelled.cancel();
        next().await;
        std::process::exit(130);
    });
    Ok(stop)
}
