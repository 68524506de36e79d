//! From the store to the directory: compiling the snapshot, reading clients, and following changes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use writ_oauth::jose::{JwkSet, JwtSigner, SigningKey, VerifyingKey};

use crate::Core;
use crate::apply::is_identifier;
use crate::client::Client;
use crate::directory::Known;
use crate::document;
use crate::issuer::{Dialect, Issuer, PublishedKey};
use crate::keyring::Context;
use crate::provider::Provider;
use crate::resource_server::ResourceServer;
use crate::route::{Route, RouteTable};
use crate::store::{ChangeRow, KeyState, StoreError, StoredKey};
use crate::tenant::{OPERATOR, Snapshot, Tenant, hosts_of};

/// How often changes are looked for when nobody tells of any.
const POLL: Duration = Duration::from_millis(500);

impl Core {
    /// A client of a tenant, from memory or, the first time, from the database.
    pub(crate) async fn client(&self, tenant: &str, client_id: &str) -> Result<Option<Arc<Client>>, StoreError> {
        // What cannot be an id is none: neither the database nor the memory of unknown ids is for callers to fill.
        if !is_identifier(client_id) {
            return Ok(None);
        }
        let generation = match self.directory.client(tenant, client_id) {
            Known::Client(client) => return Ok(Some(client)),
            Known::Missing => return Ok(None),
            Known::Nothing(generation) => generation,
        };
        self.store.check_near()?;
        let stored = self.store.client(tenant, client_id).await?;
        let compiled = stored.map(|stored| Client::new(tenant, stored, &self.keyring)).transpose()?;
        let client = compiled.map(Arc::new);
        self.directory.keep(tenant, client_id, client.as_ref(), generation);
        Ok(client)
    }

    /// Reads everything afresh.
    pub(crate) async fn reload(&self) -> Result<(), StoreError> {
        let sequence = self.store.sequence().await?;
        let snapshot = self.compile().await?;
        self.directory.set_snapshot(snapshot);
        self.remember_revoked(self.store.revoked_tokens_after(0).await?);
        self.directory.invalidate_all();
        self.directory.confirm(sequence, self.clock.now());
        Ok(())
    }

    /// Follows the change sequence until told to stop.
    pub async fn follow(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let outcome = tokio::select! {
                () = stop.cancelled() => return,
                outcome = self.follow_until_broken() => outcome,
            };
            if let Err(error) = outcome {
                self.store.note_away(matches!(error, StoreError::Unreachable(_)));
                tracing::warn!(%error, "following changes failed; trying again");
                tokio::time::sleep(POLL).await;
            }
        }
    }

    async fn follow_until_broken(&self) -> Result<(), StoreError> {
        let mut follower = self.store.follower().await?;
        loop {
            self.catch_up().await?;
            self.store.note_away(false);
            self.store.wait(&mut follower, POLL).await?;
        }
    }

    /// Applies the changes since the last time.
    pub(crate) async fn catch_up(&self) -> Result<(), StoreError> {
        let applied = self.directory.sequence();
        let Some(changes) = self.store.changes_after(applied).await? else {
            return self.reload().await;
        };
        let mut kinds = changes.iter().map(|change| change.kind.as_str());
        if kinds.clone().any(|kind| kind == "revoked_token") {
            self.remember_revoked(self.store.revoked_tokens_after(applied).await?);
        }
        // These two are no part of the snapshot.
        if kinds.any(|kind| !matches!(kind, "client" | "revoked_token")) {
            let snapshot = self.compile().await?;
            self.directory.set_snapshot(snapshot);
        }
        for ChangeRow { tenant, name, .. } in changes.iter().filter(|change| change.kind == "client") {
            self.directory.invalidate(tenant, name);
        }
        let sequence = changes.last().map_or(applied, |change| change.sequence);
        self.directory.confirm(sequence, self.clock.now());
        Ok(())
    }

    async fn compile(&self) -> Result<Snapshot, StoreError> {
        let mut issuers = self.compile_issuers().await?;
        let mut servers: HashMap<String, HashMap<String, Arc<ResourceServer>>> = HashMap::new();
        for stored in self.store.resource_servers().await? {
            let tenant = servers.entry(stored.tenant.clone()).or_default();
            tenant.insert(stored.server.audience.clone(), Arc::new(ResourceServer::new(stored)));
        }
        let mut zones: HashMap<String, HashMap<_, _>> = HashMap::new();
        for (tenant, zone) in self.store.network_zones("").await? {
            zones.entry(tenant).or_default().insert(zone.name, zone.cidrs);
        }
        let mut providers = self.compile_providers().await?;
        let mut routes: HashMap<String, Vec<Arc<Route>>> = HashMap::new();
        for (tenant, route) in self.store.routes("").await? {
            let compiled =
                Route::compile(&route).map_err(|(path, fault)| StoreError::Unreadable(path + ": " + &fault))?;
            routes.entry(tenant).or_default().push(Arc::new(compiled));
        }
        let tenants = self.store.tenants().await?.into_iter().map(|stored| {
            Arc::new(Tenant {
                hosts: self.hosts_of(&stored),
                root: self.root_of(&stored),
                issuers: issuers.remove(&stored.name).unwrap_or_default(),
                audiences: audiences_of(servers.get(&stored.name)),
                servers: servers.remove(&stored.name).unwrap_or_default(),
                zones: zones.remove(&stored.name).unwrap_or_default(),
                providers: providers.remove(&stored.name).unwrap_or_default(),
                routes: RouteTable::new(routes.remove(&stored.name).unwrap_or_default()),
                name: stored.name,
            })
        });
        Ok(Snapshot { tenants: tenants.collect() })
    }

    /// The providers of all tenants; one that is as it was is not parsed again.
    async fn compile_providers(&self) -> Result<HashMap<String, HashMap<String, Arc<Provider>>>, StoreError> {
        let known = self.directory.snapshot();
        let mut compiled: HashMap<String, HashMap<_, _>> = HashMap::new();
        for (tenant, document) in self.store.providers("").await? {
            let name = document.settings.name.clone();
            let before = known.tenant(&tenant).and_then(|known| known.provider(&name));
            let provider = match before.filter(|before| before.document == document) {
                Some(before) => Arc::clone(before),
                None => Arc::new(Provider::new(document)?),
            };
            compiled.entry(tenant).or_default().insert(name, provider);
        }
        Ok(compiled)
    }

    /// The hosts that choose a tenant.
    pub(crate) fn hosts_of(&self, tenant: &document::Tenant) -> Vec<String> {
        let mut hosts = self.root_hosts(tenant);
        hosts.extend_from_slice(&tenant.hosts);
        hosts
    }

    /// The hosts of a tenant's root URL; one without a URL of its own shares the operator's.
    pub(crate) fn root_hosts(&self, tenant: &document::Tenant) -> Vec<String> {
        let shares_the_operators = tenant.url.is_none() && tenant.name != OPERATOR;
        if shares_the_operators { Vec::new() } else { hosts_of(&self.root_of(tenant)) }
    }

    fn root_of(&self, tenant: &document::Tenant) -> String {
        match &tenant.url {
            Some(url) => url.clone(),
            None if tenant.name == OPERATOR => self.root.clone(),
            None => format!("{}/t/{}", self.root, tenant.name),
        }
    }

    async fn compile_issuers(&self) -> Result<HashMap<String, Vec<Arc<Issuer>>>, StoreError> {
        let tenants = self.store.tenants().await?;
        let mut keys = self.store.signing_keys().await?;
        let mut compiled: HashMap<String, Vec<Arc<Issuer>>> = HashMap::new();
        for (tenant, issuer) in self.store.issuers("").await? {
            // A dialect that this version does not serve has no door.
            let Some(dialect) = self.dialects.iter().find(|known| known.key == issuer.dialect) else { continue };
            let Some(of_tenant) = tenants.iter().find(|known| known.name == tenant) else { continue };
            let root = self.root_of(of_tenant);
            let of_issuer = keys.extract_if(.., |key| key.tenant == tenant && key.issuer == issuer.name).collect();
            compiled.entry(tenant).or_default().push(Arc::new(self.compile_issuer(issuer, dialect, &root, of_issuer)?));
        }
        Ok(compiled)
    }

    fn compile_issuer(
        &self,
        issuer: document::Issuer,
        dialect: &Dialect,
        root: &str,
        stored: Vec<StoredKey>,
    ) -> Result<Issuer, StoreError> {
        let published = stored.into_iter().filter(|key| key.state != KeyState::Revoked);
        let keys = published.map(|key| self.published_key(&key).map(|published| (key.state, published)));
        let mut keys = keys.collect::<Result<Vec<_>, StoreError>>()?;
        // There are verifiers that take the first key, whatever the token names.
        keys.sort_by_key(|(state, _)| *state != KeyState::Active);
        let active = keys.iter().find(|(state, _)| *state == KeyState::Active).map(|(_, key)| &key.signing);
        let signer = active.map(|key| JwtSigner::new(Arc::clone(key), dialect.layout.typ())).transpose();
        let jwks = keys.iter().map(|(_, key)| key.signing.public_jwk().clone()).collect::<JwkSet>();
        Ok(Issuer {
            name: issuer.name,
            dialect: dialect.key,
            url: format!("{root}{}", dialect.path),
            layout: dialect.layout,
            alg: issuer.signing.alg,
            lifetime: issuer.token.lifetime(),
            signer: signer.map_err(|error| StoreError::Unreadable(error.to_string()))?,
            keys: keys.into_iter().map(|(_, key)| key).collect(),
            jwks: serde_json::to_string(&jwks).map_err(|error| StoreError::Other(error.to_string()))?,
        })
    }

    /// A key, parsed; one that is in use already is not parsed again.
    fn published_key(&self, stored: &StoredKey) -> Result<PublishedKey, StoreError> {
        let known = self.directory.snapshot();
        let mut known = known.tenants.iter().flat_map(|tenant| &tenant.issuers).flat_map(|issuer| &issuer.keys);
        let signing = match known.find(|key| key.signing.kid() == stored.kid) {
            Some(key) => Arc::clone(&key.signing),
            None => Arc::new(self.open_key(stored)?),
        };
        let verifying = VerifyingKey::from_jwk(signing.public_jwk(), signing.alg())
            .map_err(|error| StoreError::Unreadable(error.to_string()))?;
        Ok(PublishedKey { signing, verifying })
    }

    fn open_key(&self, stored: &StoredKey) -> Result<SigningKey, StoreError> {
        let context = Context(["signing key", &stored.tenant, &stored.issuer, &stored.kid]);
        let pkcs8 = self.keyring.open(&context, &stored.sealed)?;
        SigningKey::from_pkcs8(stored.alg, &pkcs8).map_err(|error| StoreError::Unreadable(error.to_string()))
    }
}

/// The audiences of resource servers by their applications.
fn audiences_of(servers: Option<&HashMap<String, Arc<ResourceServer>>>) -> HashMap<String, String> {
    let servers = servers.into_iter().flat_map(HashMap::values);
    servers.map(|server| (server.application.clone(), server.audience.clone())).collect()
}
