//! The resources of resource servers.

use std::collections::HashMap;

use sqlx::{AnyConnection, Row};

use super::column::group;
use super::{StoreError, Write};
use crate::document::{Resource, ResourceType};

/// The resources of a tenant by their audiences, or of one application's resource server.
pub(super) async fn load(
    connection: &mut AnyConnection,
    tenant: &str,
    application: &str,
) -> Result<HashMap<String, Vec<Resource>>, StoreError> {
    let rows = sqlx::query(
        "SELECT r.audience, r.code, r.name, r.type, a.action FROM resource r \
         JOIN resource_server s ON s.tenant = r.tenant AND s.audience = r.audience \
         JOIN resource_action a ON a.tenant = r.tenant AND a.audience = r.audience AND a.code = r.code \
         WHERE r.tenant = $1 AND ($2 = '' OR s.application = $2) ORDER BY r.audience, r.position, a.position",
    );
    let rows = rows.bind(tenant).bind(application).fetch_all(&mut *connection).await?;
    let mut resources: Vec<(String, Resource)> = Vec::new();
    for row in &rows {
        let (audience, code, action): (String, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(4)?);
        match resources.last_mut() {
            Some((known, resource)) if *known == audience && resource.code == code => resource.actions.push(action),
            Some(_) | None => {
                let kind = row.try_get::<Option<&str>, _>(3)?.map(kind).transpose()?;
                resources.push((audience, Resource { code, actions: vec![action], name: row.try_get(2)?, kind }));
            }
        }
    }
    Ok(group(resources))
}

fn kind(word: &str) -> Result<ResourceType, StoreError> {
    let known = ResourceType::ALL.into_iter().find(|known| known.name() == word);
    known.ok_or_else(|| StoreError::Unreadable(format!("resource.type {word}")))
}

impl Write {
    /// The resources of a tenant by their audiences, as this transaction sees them.
    pub async fn resources(&mut self, tenant: &str) -> Result<HashMap<String, Vec<Resource>>, StoreError> {
        load(&mut self.tx, tenant, "").await
    }

    /// Makes the resources of a server anew.
    pub(super) async fn put_resources(
        &mut self,
        tenant: &str,
        audience: &str,
        resources: &[Resource],
    ) -> Result<(), StoreError> {
        self.delete_resources(tenant, audience).await?;
        for (position, resource) in (0_i64..).zip(resources) {
            sqlx::query(
                "INSERT INTO resource (tenant, audience, code, name, type, position) VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(tenant)
            .bind(audience)
            .bind(&*resource.code)
            .bind(resource.name.as_deref())
            .bind(resource.kind.map(ResourceType::name))
            .bind(position)
            .execute(&mut *self.tx)
            .await?;
            for (position, action) in (0_i64..).zip(&resource.actions) {
                sqlx::query(
                    "INSERT INTO resource_action (tenant, audience, code, action, position) \
                     VALUES ($1, $2, $3, $4, $5)",
                )
                .bind(tenant)
                .bind(audience)
                .bind(&*resource.code)
                .bind(&**action)
                .bind(position)
                .execute(&mut *self.tx)
                .await?;
            }
        }
        Ok(())
    }

    /// Removes the resources of a server.
    pub(super) async fn delete_resources(&mut self, tenant: &str, audience: &str) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM resource_action WHERE tenant = $1 AND audience = $2",
            "DELETE FROM resource WHERE tenant = $1 AND audience = $2",
        ] {
            sqlx::query(statement).bind(tenant).bind(audience).execute(&mut *self.tx).await?;
        }
        Ok(())
    }
}
