//! A server in this process: the real use cases on a database of their own, behind the real routers.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use ipnet::IpNet;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use writ::config::{ClientCertHeader, Limits};
use writ::http::{self, App, DIALECTS};
use writ_core::clock::Clock;
use writ_core::keyring::{Context, Keyring, MasterKey};
use writ_core::outbound::OutboundPolicy;
use writ_core::store::Database;
use writ_core::{Core, Settings, admin};
use writ_gateway::Gateway;
use writ_oauth::jose::SigningKey;
use writ_oauth::secret::PlainSecret;

use super::answer::Answer;
use super::call::{Call, HOST};
use super::catalogue;

/// The time at which every server starts: 2027-01-15T08:00:00Z.
pub(crate) const START: i64 = 1_800_000_000;
/// The operator's root.
pub(crate) const ROOT: &str = "https://writ.example";
/// The root of the admin API.
pub(crate) const ADMIN_ROOT: &str = "http://127.0.0.1:8081";
/// The root of the gateway.
pub(crate) const GATEWAY_ROOT: &str = "http://127.0.0.1:8090";

/// All servers live on one runtime, because a database pool outlives the test that opened it.
pub(crate) static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// The server that tests share which leave it as it is: it has the documents of [`catalogue`].
pub(crate) fn shared() -> &'static Server {
    static SHARED: LazyLock<Server> = LazyLock::new(|| {
        let server = Server::open(Setup::default());
        server.apply("default", &catalogue::documents());
        server
    });
    &SHARED
}

/// What a server is opened with.
pub(crate) struct Setup {
    pub(crate) limits: Limits,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) client_cert_header: ClientCertHeader,
    /// Whether changes are followed, and with that the configuration confirmed.
    pub(crate) follows: bool,
    /// Whether the servers behind the gateway are asked how they are.
    pub(crate) watches: bool,
    /// Addresses inside that it may fetch keys from.
    pub(crate) fetches_from: Vec<IpNet>,
}

impl Default for Setup {
    fn default() -> Self {
        let limits = Limits {
            body_bytes: 64 * 1024,
            body_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(10),
            header_bytes: 16 * 1024,
            parameters: 64,
            connections: 100,
            token_bytes: 8192,
        };
        let client_cert_header = ClientCertHeader::Off;
        Self {
            limits,
            trusted_proxies: vec![],
            client_cert_header,
            follows: true,
            watches: false,
            fetches_from: vec![],
        }
    }
}

/// An open server. Its clock stands still until a test moves it.
pub(crate) struct Server {
    pub(crate) app: Arc<App>,
    public: Router,
    admin: Router,
    gateway: Router,
    clock: Arc<AtomicI64>,
    bootstrap: PlainSecret,
    stop: CancellationToken,
    folder: TempDir,
    master_key: MasterKey,
}

impl Server {
    pub(crate) fn new() -> Self {
        Self::open(Setup::default())
    }

    pub(crate) fn open(setup: Setup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicI64::new(START));
        let master_key = MasterKey::generate().unwrap();
        let settings = Settings {
            database: Database::Sqlite(folder.path().join("writ.db")),
            master_key: master_key.clone(),
            root: ROOT.to_owned(),
            dialects: &DIALECTS,
            token_bytes: setup.limits.token_bytes,
            outbound: OutboundPolicy { allowed: setup.fetches_from.clone() },
            clock: Clock::manual(Arc::clone(&clock)),
        };
        let core = RUNTIME.block_on(Core::open(settings)).unwrap();
        let bootstrap = RUNTIME.block_on(core.bootstrap_secret()).unwrap().unwrap();
        let Setup { limits, trusted_proxies, client_cert_header, follows, watches, fetches_from: _ } = setup;
        let app = Arc::new(App {
            core,
            limits,
            trusted_proxies,
            client_cert_header,
            admin_url: ADMIN_ROOT.to_owned(),
            gateway: Gateway::default(),
            gateway_url: GATEWAY_ROOT.to_owned(),
        });
        let stop = CancellationToken::new();
        if follows {
            let (app, stop) = (Arc::clone(&app), stop.clone());
            RUNTIME.spawn(async move { app.core.follow(stop).await });
        }
        if watches {
            let (app, stop) = (Arc::clone(&app), stop.clone());
            RUNTIME.spawn(async move { app.gateway.watch_upstreams(&app.core, stop).await });
        }
        let public = Router::new().fallback_service(http::public(Arc::clone(&app)));
        let admin = Router::new().fallback_service(http::admin(Arc::clone(&app)));
        let gateway = Router::new().fallback_service(http::gateway(Arc::clone(&app)));
        Self { app, public, admin, gateway, clock, bootstrap, stop, folder, master_key }
    }

    /// Sends a request to the public listener.
    pub(crate) fn public(&self, call: &Call) -> Answer {
        send(&self.public, call.request())
    }

    /// Sends a request to the public listener, with a body of its own kind.
    pub(crate) fn public_body(&self, call: &Call, body: Body) -> Answer {
        send(&self.public, call.with_body(body))
    }

    /// Sends a request to the admin listener.
    pub(crate) fn admin(&self, call: &Call) -> Answer {
        send(&self.admin, call.request())
    }

    /// Sends a request to the admin listener, with a body of its own kind.
    pub(crate) fn admin_body(&self, call: &Call, body: Body) -> Answer {
        send(&self.admin, call.with_body(body))
    }

    /// Sends a request to the admin listener as the administrator that Writ made.
    pub(crate) fn administer(&self, call: Call) -> Answer {
        let token = self.admin_token();
        self.admin(&call.bearer(&token))
    }

    /// A token for everything in the admin API.
    pub(crate) fn admin_token(&self) -> String {
        self.token_of(admin::CLIENT, self.bootstrap.expose(), "/v1/token")
    }

    pub(crate) fn bootstrap_secret(&self) -> &str {
        self.bootstrap.expose()
    }

    fn token_of(&self, client_id: &str, secret: &str, path: &str) -> String {
        let call = Call::post(path).basic(client_id, secret).form(&[("grant_type", "client_credentials")]);
        self.admin(&call).token()
    }

    /// Applies documents; they must be right.
    #[track_caller]
    pub(crate) fn apply(&self, tenant: &str, documents: &Value) -> Value {
        let call = Call::post(&format!("/v1/tenants/{tenant}/apply")).json(documents);
        self.administer(call).ok().json()
    }

    /// Makes a tenant that shares the operator's host.
    pub(crate) fn make_tenant(&self, name: &str) {
        self.apply("default", &json!({"kind": "tenant", "name": name}));
    }

    /// Moves the clock, and waits until the configuration is confirmed at the new time.
    pub(crate) fn advance(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
        let ready = || self.admin(&Call::get("/readyz")).status == 200;
        assert!((0..200).any(|_| ready() || wait_a_little()), "the configuration was not confirmed");
    }

    /// Moves the clock and waits for nothing.
    pub(crate) fn advance_unconfirmed(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    /// The key that the operator's `oauth` door signs with, for tokens that it would never make.
    pub(crate) fn signing_key(&self) -> SigningKey {
        let stored = RUNTIME.block_on(self.app.core.store().signing_keys()).unwrap();
        let stored = stored.into_iter().find(|key| (&*key.tenant, &*key.issuer) == ("default", "oauth")).unwrap();
        let context = Context(["signing key", "default", "oauth", &stored.kid]);
        let pkcs8 = Keyring::new(&self.master_key).unwrap().open(&context, &stored.sealed).unwrap();
        SigningKey::from_pkcs8(stored.alg, &pkcs8).unwrap()
    }

    /// Where its files are.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The public router, for a test that serves it on a socket.
    pub(crate) fn public_router(&self) -> Router {
        self.public.clone()
    }

    /// The gateway's router, for a test that serves it on a socket.
    pub(crate) fn gateway_router(&self) -> Router {
        self.gateway.clone()
    }

    /// Sends a request to the gateway.
    pub(crate) fn gateway(&self, call: &Call) -> Answer {
        send(&self.gateway, call.request())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn send(router: &Router, request: axum::extract::Request) -> Answer {
    RUNTIME.block_on(async { Answer::read(router.clone().oneshot(request).await.unwrap()).await })
}

fn wait_a_little() -> bool {
    std::thread::sleep(Duration::from_millis(20));
    false
}

/// An absolute URL of the operator as the path that is sent to it.
#[track_caller]
pub(crate) fn path_of(url: &str) -> &str {
    url.strip_prefix(ROOT).unwrap_or_else(|| panic!("{url} is not below {ROOT}, which is at {HOST}"))
}
