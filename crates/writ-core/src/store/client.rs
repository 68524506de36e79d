//! Clients, what they refer to and what they are given.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, Row};

use super::column::{group, status, status_word};
use super::{
    ANSWER, Store, StoreError, StoredCredential, StoredCutoff, TakenBack, Write, authorization_rule, credential, json,
    part, revocation, to_json, within,
};
use crate::document::{
    Assertions, Authorization, Client, DefaultScopes, Given, Lifetime, Permissions, Status, TokenSettings, UnmetScopes,
};

/// The permission of an authorization row that stands for the whole server.
const WHOLE_SERVER: &str = "";

/// The settings that nothing else refers to: one column of JSON.
#[derive(Serialize, Deserialize)]
struct Settings {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    grants: Vec<String>,
    auth_methods: Vec<String>,
    token: TokenSettings,
    #[serde(default)]
    assertions: Assertions,
    default_scopes: DefaultScopes,
    unmet_scopes: UnmetScopes,
}

impl Settings {
    fn of(client: &Client) -> Self {
        Self {
            name: client.name.clone(),
            grants: client.grants.clone(),
            auth_methods: client.auth_methods.clone(),
            token: client.token,
            assertions: client.assertions.clone(),
            default_scopes: client.default_scopes.clone(),
            unmet_scopes: client.unmet_scopes,
        }
    }
}

/// One client with all that a token request needs to know of it.
pub struct StoredClient {
    /// Of which application.
    pub application: String,
    /// The application's status.
    pub application_status: Status,
    /// The client's settings and authorizations.
    pub client: Client,
    /// Its credentials.
    pub credentials: Vec<StoredCredential>,
    /// The sealed values of its secrets by their ids, where its assertions are verified with them.
    pub sealed: HashMap<String, Vec<u8>>,
    /// Its cut-offs.
    pub cutoffs: Vec<StoredCutoff>,
}

impl Store {
    /// One client of a tenant.
    pub async fn client(&self, tenant: &str, client_id: &str) -> Result<Option<StoredClient>, StoreError> {
        let mut connection = self.note_answer(self.pool.acquire().await.map_err(StoreError::from))?;
        let read = within(ANSWER, self.read_client(&mut connection, tenant, client_id)).await;
        part(connection, &read);
        self.note_answer(read)
    }

    async fn read_client(
        &self,
        connection: &mut AnyConnection,
        tenant: &str,
        client_id: &str,
    ) -> Result<Option<StoredClient>, StoreError> {
        // Of one moment, so that nobody gets new authorizations by an old secret.
        load_one(&mut *self.engine().begin_reading(connection).await?, tenant, client_id).await
    }
}

async fn load_one(
    connection: &mut AnyConnection,
    tenant: &str,
    client_id: &str,
) -> Result<Option<StoredClient>, StoreError> {
    let row = sqlx::query(
        "SELECT c.client_id, c.status, c.settings, c.application, a.status FROM client c \
         JOIN application a ON a.tenant = c.tenant AND a.id = c.application \
         WHERE c.tenant = $1 AND c.client_id = $2",
    )
    .bind(tenant)
    .bind(client_id)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut client = client(&row)?;
    let references = sqlx::query_as::<_, (String, String)>(
        "SELECT kind, name FROM client_reference WHERE tenant = $1 AND client_id = $2 ORDER BY kind, position",
    );
    let references = references.bind(tenant).bind(client_id).fetch_all(&mut *connection).await?;
    client.refer(references);
    let rows = sqlx::query_as::<_, (String, String)>(
        "SELECT audience, permission FROM client_authorization \
         WHERE tenant = $1 AND client_id = $2 ORDER BY position",
    );
    let rows = rows.bind(tenant).bind(client_id).fetch_all(&mut *connection).await?;
    client.authorizations = authorizations(rows);
    let rules = authorization_rule::load(connection, tenant, "", client_id).await?;
    client.authorizations.extend(rules.into_values().flatten());
    client.merge_authorizations();
    let credentials = credential::of_client(connection, tenant, client_id).await?;
    let sealed = if client.signs_with_secrets() {
        credential::sealed_of_client(connection, tenant, client_id).await?
    } else {
        HashMap::new()
    };
    let application_status = status(row.try_get(4)?)?;
    let cutoffs = revocation::cutoffs(connection, tenant, client_id).await?;
    let application = row.try_get(3)?;
    Ok(Some(StoredClient { application, application_status, client, credentials, sealed, cutoffs }))
}

/// The clients of a tenant by their applications, or of one application.
pub(super) async fn load(
    connection: &mut AnyConnection,
    tenant: &str,
    application: &str,
) -> Result<HashMap<String, Vec<Client>>, StoreError> {
    let references = sqlx::query_as::<_, (String, String, String)>(
        "SELECT r.client_id, r.kind, r.name FROM client_reference r \
         JOIN client c ON c.tenant = r.tenant AND c.client_id = r.client_id \
         WHERE r.tenant = $1 AND ($2 = '' OR c.application = $2) ORDER BY r.client_id, r.kind, r.position",
    );
    let references = references.bind(tenant).bind(application).fetch_all(&mut *connection).await?;
    let mut references = group(references.into_iter().map(|(id, kind, name)| (id, (kind, name))));
    let given = sqlx::query_as::<_, (String, String, String)>(
        "SELECT z.client_id, z.audience, z.permission FROM client_authorization z \
         JOIN client c ON c.tenant = z.tenant AND c.client_id = z.client_id \
         WHERE z.tenant = $1 AND ($2 = '' OR c.application = $2) ORDER BY z.client_id, z.position",
    );
    let given = given.bind(tenant).bind(application).fetch_all(&mut *connection).await?;
    let mut given = group(given.into_iter().map(|(id, audience, permission)| (id, (audience, permission))));
    let mut rules = authorization_rule::load(connection, tenant, application, "").await?;
    let rows = sqlx::query(
        "SELECT client_id, status, settings, application FROM client \
         WHERE tenant = $1 AND ($2 = '' OR application = $2) ORDER BY application, position",
    )
    .bind(tenant)
    .bind(application)
    .fetch_all(&mut *connection)
    .await?;
    let clients = rows
        .iter()
        .map(|row| {
            let mut client = client(row)?;
            let id = client.client_id.as_deref().unwrap_or_default();
            let (refers, given, rules) = (references.remove(id), given.remove(id), rules.remove(id));
            client.refer(refers.unwrap_or_default());
            client.authorizations = authorizations(given.unwrap_or_default());
            client.authorizations.extend(rules.unwrap_or_default());
            client.merge_authorizations();
            Ok((row.try_get(3)?, client))
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    Ok(group(clients))
}

/// A client from its own row: client_id, status, settings.
pub(super) fn client(row: &sqlx::any::AnyRow) -> Result<Client, StoreError> {
    let settings: Settings = json(row.try_get(2)?, "client.settings")?;
    Ok(Client {
        client_id: Some(row.try_get(0)?),
        name: settings.name,
        status: status(row.try_get(1)?)?,
        grants: settings.grants,
        auth_methods: settings.auth_methods,
        issuers: Vec::new(),
        token: settings.token,
        assertions: settings.assertions,
        default_scopes: settings.default_scopes,
        networks: Vec::new(),
        unmet_scopes: settings.unmet_scopes,
        credentials: None,
        authorizations: Vec::new(),
    })
}

impl Client {
    fn refer(&mut self, references: Vec<(String, String)>) {
        for (kind, name) in references {
            let list = if kind == "issuer" { &mut self.issuers } else { &mut self.networks };
            list.push(name);
        }
    }
}

/// Rows of (audience, permission) as authorizations.
fn authorizations(rows: Vec<(String, String)>) -> Vec<Authorization> {
    let authorization = |(audience, permission): (String, String)| {
        let whole = permission == WHOLE_SERVER;
        let permissions = if whole { Permissions::All } else { Permissions::These(vec![permission]) };
        Authorization { audience, given: Given::Permissions(permissions) }
    };
    rows.into_iter().map(authorization).collect()
}

impl Write {
    /// One client of a tenant, as this transaction sees it.
    pub async fn client(&mut self, tenant: &str, client_id: &str) -> Result<Option<StoredClient>, StoreError> {
        load_one(&mut self.tx, tenant, client_id).await
    }

    /// The place behind the last client of an application.
    pub async fn next_client_position(&mut self, tenant: &str, application: &str) -> Result<i64, StoreError> {
        let next = "SELECT COALESCE(MAX(position), -1) + 1 FROM client WHERE tenant = $1 AND application = $2";
        Ok(sqlx::query_scalar(next).bind(tenant).bind(application).fetch_one(&mut *self.tx).await?)
    }

    /// Changes a client's own settings: its name, its status and its tokens.
    pub async fn update_client(&mut self, tenant: &str, client: &Client) -> Result<(), StoreError> {
        let id = client.client_id.as_deref().unwrap_or_default();
        sqlx::query("UPDATE client SET status = $3, settings = $4 WHERE tenant = $1 AND client_id = $2")
            .bind(tenant)
            .bind(id)
            .bind(status_word(client.status))
            .bind(to_json(&Settings::of(client))?)
            .execute(&mut *self.tx)
            .await?;
        self.note_lifetime(tenant, client).await?;
        self.changed(tenant, "client", id).await
    }

    /// Makes or changes a client of an application, without its credentials.
    pub async fn put_client(
        &mut self,
        tenant: &str,
        application: &str,
        position: i64,
        client: &Client,
    ) -> Result<(), StoreError> {
        let id = client.client_id.as_deref().unwrap_or(application);
        sqlx::query(
            "INSERT INTO client (tenant, client_id, application, position, status, settings) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant, client_id) DO UPDATE \
             SET position = excluded.position, status = excluded.status, settings = excluded.settings",
        )
        .bind(tenant)
        .bind(id)
        .bind(application)
        .bind(position)
        .bind(status_word(client.status))
        .bind(to_json(&Settings::of(client))?)
        .execute(&mut *self.tx)
        .await?;
        self.delete_client_references(tenant, id).await?;
        self.add_references(tenant, id, "network_zone", &client.networks).await?;
        self.add_references(tenant, id, "issuer", &client.issuers).await?;
        self.replace_authorizations(tenant, id, &client.authorizations).await?;
        self.note_lifetime(tenant, client).await?;
        self.changed(tenant, "client", id).await
    }

    /// A key is published until the last token that it signed has expired.
    async fn note_lifetime(&mut self, tenant: &str, client: &Client) -> Result<(), StoreError> {
        match client.token.lifetime {
            Some(lifetime) => self.raise_longest(tenant, "", lifetime.seconds()).await,
            None => Ok(()),
        }
    }

    /// The longest lifetime that a client of a tenant has of its own, in seconds; 0: none has.
    pub async fn longest_client_lifetime(&mut self, tenant: &str) -> Result<i64, StoreError> {
        let settings = "SELECT settings FROM client WHERE tenant = $1 AND settings LIKE '%\"lifetime\"%'";
        let settings = sqlx::query_scalar::<_, String>(settings).bind(tenant).fetch_all(&mut *self.tx).await?;
        let lifetimes = settings.iter().map(|text| {
            let settings: Settings = json(text, "client.settings")?;
            Ok(settings.token.lifetime.map_or(0, Lifetime::seconds))
        });
        lifetimes.collect::<Result<Vec<_>, StoreError>>().map(|all| all.into_iter().max().unwrap_or(0))
    }

    async fn add_references(
        &mut self,
        tenant: &str,
        client_id: &str,
        kind: &str,
        names: &[String],
    ) -> Result<(), StoreError> {
        for (position, name) in (0_i64..).zip(names) {
            sqlx::query(
                "INSERT INTO client_reference (tenant, client_id, kind, position, name) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(tenant)
            .bind(client_id)
            .bind(kind)
            .bind(position)
            .bind(&**name)
            .execute(&mut *self.tx)
            .await?;
        }
        Ok(())
    }

    /// Gives a client these authorizations in place of those that it has.
    pub async fn put_authorizations(
        &mut self,
        tenant: &str,
        client_id: &str,
        authorizations: &[Authorization],
    ) -> Result<(), StoreError> {
        self.replace_authorizations(tenant, client_id, authorizations).await?;
        self.changed(tenant, "client", client_id).await
    }

    async fn replace_authorizations(
        &mut self,
        tenant: &str,
        client_id: &str,
        authorizations: &[Authorization],
    ) -> Result<(), StoreError> {
        self.delete_authorizations(tenant, client_id).await?;
        self.add_authorizations(tenant, client_id, authorizations).await?;
        self.add_rules(tenant, client_id, authorizations).await
    }

    async fn add_authorizations(
        &mut self,
        tenant: &str,
        client_id: &str,
        authorizations: &[Authorization],
    ) -> Result<(), StoreError> {
        let rows = authorizations.iter().flat_map(|authorization| {
            let permissions = match &authorization.given {
                Given::Permissions(Permissions::All) => vec![WHOLE_SERVER],
                Given::Permissions(Permissions::These(list)) => list.iter().map(String::as_str).collect(),
                Given::Rules(_) => Vec::new(),
            };
            permissions.into_iter().map(|permission| (&*authorization.audience, permission))
        });
        let rows: Vec<_> = (0_i64..).zip(rows).collect();
        for (position, (audience, permission)) in rows {
            sqlx::query(
                "INSERT INTO client_authorization (tenant, client_id, audience, permission, position) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            )
            .bind(tenant)
            .bind(client_id)
            .bind(audience)
            .bind(permission)
            .bind(position)
            .execute(&mut *self.tx)
            .await?;
        }
        Ok(())
    }

    /// Gives a client, with its credentials and authorizations, to another application.
    pub async fn move_client(&mut self, tenant: &str, client_id: &str, application: &str) -> Result<(), StoreError> {
        for statement in [
            "UPDATE client SET application = $3 WHERE tenant = $1 AND client_id = $2",
            "UPDATE identifier SET application = $3 WHERE tenant = $1 AND value = $2",
        ] {
            sqlx::query(statement).bind(tenant).bind(client_id).bind(application).execute(&mut *self.tx).await?;
        }
        self.changed(tenant, "client", client_id).await
    }

    async fn delete_client_references(&mut self, tenant: &str, client_id: &str) -> Result<(), StoreError> {
        let statement = "DELETE FROM client_reference WHERE tenant = $1 AND client_id = $2";
        sqlx::query(statement).bind(tenant).bind(client_id).execute(&mut *self.tx).await?;
        Ok(())
    }

    async fn delete_authorizations(&mut self, tenant: &str, client_id: &str) -> Result<(), StoreError> {
        self.delete_rules(tenant, client_id).await?;
        let statement = "DELETE FROM client_authorization WHERE tenant = $1 AND client_id = $2";
        sqlx::query(statement).bind(tenant).bind(client_id).execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Removes a client with its credentials and authorizations.
    pub async fn delete_client(&mut self, tenant: &str, client_id: &str) -> Result<(), StoreError> {
        self.delete_client_references(tenant, client_id).await?;
        self.delete_authorizations(tenant, client_id).await?;
        for statement in [
            "DELETE FROM cutoff WHERE tenant = $1 AND client_id = $2",
            "DELETE FROM credential WHERE tenant = $1 AND client_id = $2",
            "DELETE FROM client WHERE tenant = $1 AND client_id = $2",
        ] {
            sqlx::query(statement).bind(tenant).bind(client_id).execute(&mut *self.tx).await?;
        }
        self.free_identifier(tenant, client_id).await?;
        self.take_back(tenant, TakenBack::Client(client_id)).await?;
        self.changed(tenant, "client", client_id).await
    }
}
