//! Resource servers and their permissions.

use std::collections::HashMap;

use sqlx::{AnyConnection, Row};

use super::column::group;
use super::{Store, StoreError, TakenBack, Write, json, resource, to_json};
use crate::document::{Permission, PermissionType, ResourceServer, Status};

/// A resource server as it is compiled: with its tenant and its application's status.
pub struct StoredResourceServer {
    /// Whose.
    pub tenant: String,
    /// Of which application.
    pub application: String,
    /// The application's status.
    pub status: Status,
    /// The server itself.
    pub server: ResourceServer,
}

impl Store {
    /// Every resource server of every tenant.
    pub async fn resource_servers(&self) -> Result<Vec<StoredResourceServer>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let connection = &mut *self.engine().begin_reading(&mut connection).await?;
        let applications = sqlx::query_as::<_, (String, String, String)>(
            "SELECT a.tenant, a.id, a.status FROM application a \
             JOIN resource_server s ON s.tenant = a.tenant AND s.application = a.id",
        )
        .fetch_all(&mut *connection)
        .await?;
        let tenants: std::collections::BTreeSet<_> = applications.iter().map(|(tenant, ..)| tenant.clone()).collect();
        let mut servers = HashMap::new();
        for tenant in tenants {
            let of_tenant = load(connection, &tenant, "").await?;
            servers.extend(of_tenant.into_iter().map(|(application, server)| ((tenant.clone(), application), server)));
        }
        let mut stored = Vec::new();
        for (tenant, application, status) in applications {
            let status = super::column::status(&status)?;
            if let Some(server) = servers.remove(&(tenant.clone(), application.clone())) {
                stored.push(StoredResourceServer { tenant, application, status, server });
            }
        }
        Ok(stored)
    }
}

/// The resource servers of a tenant by their applications, or of one application.
pub(super) async fn load(
    connection: &mut AnyConnection,
    tenant: &str,
    application: &str,
) -> Result<HashMap<String, ResourceServer>, StoreError> {
    let permissions = sqlx::query(
        "SELECT p.audience, p.id, p.name, p.kind FROM permission p \
         JOIN resource_server s ON s.tenant = p.tenant AND s.audience = p.audience \
         WHERE p.tenant = $1 AND ($2 = '' OR s.application = $2) ORDER BY p.audience, p.position",
    )
    .bind(tenant)
    .bind(application)
    .fetch_all(&mut *connection)
    .await?;
    let permissions = permissions.iter().map(permission).collect::<Result<Vec<_>, StoreError>>()?;
    let mut permissions = group(permissions);
    let mut resources = resource::load(connection, tenant, application).await?;
    let rows = sqlx::query(
        "SELECT application, audience, custom_subject, resource_urls FROM resource_server \
         WHERE tenant = $1 AND ($2 = '' OR application = $2)",
    )
    .bind(tenant)
    .bind(application)
    .fetch_all(&mut *connection)
    .await?;
    rows.iter()
        .map(|row| {
            let audience: String = row.try_get(1)?;
            let server = ResourceServer {
                custom_subject: row.try_get::<i64, _>(2)? != 0,
                resource_urls: json(row.try_get(3)?, "resource_server.resource_urls")?,
                permissions: permissions.remove(&audience).unwrap_or_default(),
                resources: resources.remove(&audience).unwrap_or_default(),
                audience,
            };
            Ok((row.try_get(0)?, server))
        })
        .collect()
}

fn permission(row: &sqlx::any::AnyRow) -> Result<(String, Permission), StoreError> {
    let kind = match row.try_get::<&str, _>(3)? {
        "machine" => PermissionType::Machine,
        "user" => PermissionType::User,
        other => return Err(StoreError::Unreadable(format!("permission kind {other}"))),
    };
    Ok((row.try_get(0)?, Permission { id: row.try_get(1)?, name: row.try_get(2)?, kind }))
}

impl Write {
    /// Makes or changes the resource server of an application, with its permissions.
    pub async fn put_resource_server(
        &mut self,
        tenant: &str,
        application: &str,
        server: &ResourceServer,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO resource_server (tenant, audience, application, custom_subject, resource_urls) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, audience) \
             DO UPDATE SET custom_subject = excluded.custom_subject, resource_urls = excluded.resource_urls",
        )
        .bind(tenant)
        .bind(&*server.audience)
        .bind(application)
        .bind(i64::from(server.custom_subject))
        .bind(to_json(&server.resource_urls)?)
        .execute(&mut *self.tx)
        .await?;
        self.delete_permissions(tenant, &server.audience).await?;
        for (position, permission) in (0_i64..).zip(&server.permissions) {
            self.add_permission(tenant, &server.audience, position, permission).await?;
        }
        self.put_resources(tenant, &server.audience, &server.resources).await
    }

    async fn add_permission(
        &mut self,
        tenant: &str,
        audience: &str,
        position: i64,
        permission: &Permission,
    ) -> Result<(), StoreError> {
        let kind = match permission.kind {
            PermissionType::Machine => "machine",
            PermissionType::User => "user",
        };
        sqlx::query(
            "INSERT INTO permission (tenant, audience, id, folded, name, kind, position) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(tenant)
        .bind(audience)
        .bind(&*permission.id)
        .bind(permission.id.to_ascii_lowercase())
        .bind(permission.name.as_deref())
        .bind(kind)
        .bind(position)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn delete_permissions(&mut self, tenant: &str, audience: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM permission WHERE tenant = $1 AND audience = $2")
            .bind(tenant)
            .bind(audience)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Removes a resource server, its permissions and its names.
    pub async fn delete_resource_server(&mut self, tenant: &str, server: &ResourceServer) -> Result<(), StoreError> {
        let owner = self.server_application(tenant, &server.audience).await?.unwrap_or_default();
        self.delete_permissions(tenant, &server.audience).await?;
        self.delete_resources(tenant, &server.audience).await?;
        sqlx::query("DELETE FROM resource_server WHERE tenant = $1 AND audience = $2")
            .bind(tenant)
            .bind(&*server.audience)
            .execute(&mut *self.tx)
            .await?;
        for name in server.resource_urls.iter().chain([&server.audience]) {
            self.free_identifier(tenant, name).await?;
        }
        self.take_back(tenant, TakenBack::ResourceServer(&server.audience, &owner)).await
    }

    /// The application with an audience, as this transaction sees it.
    pub async fn server_application(&mut self, tenant: &str, audience: &str) -> Result<Option<String>, StoreError> {
        let owner = "SELECT application FROM resource_server WHERE tenant = $1 AND audience = $2";
        Ok(sqlx::query_scalar(owner).bind(tenant).bind(audience).fetch_optional(&mut *self.tx).await?)
    }
}
