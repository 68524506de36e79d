//! The clients of one application, a page at a time.

use sqlx::Row;

use super::client::client;
use super::{Store, StoreError};
use crate::document::Client;

/// One client of a page.
pub struct ListedClient {
    /// The client's own settings, without what it refers to and what it is given.
    pub client: Client,
    /// How many credentials it has.
    pub credentials: i64,
    /// When the oldest of them was made, in seconds since the epoch.
    pub created: Option<i64>,
    /// When one of them was last used, in seconds since the epoch, to the minute.
    pub last_used: Option<i64>,
}

impl Store {
    /// Clients of an application by their ids, behind this one; an empty id is before every other.
    pub async fn client_page(
        &self,
        tenant: &str,
        application: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<ListedClient>, StoreError> {
        let rows = sqlx::query(
            "SELECT c.client_id, c.status, c.settings, COUNT(d.id), MIN(d.created), MAX(d.last_used) FROM client c \
             LEFT JOIN credential d ON d.tenant = c.tenant AND d.client_id = c.client_id \
             WHERE c.tenant = $1 AND c.application = $2 AND c.client_id > $3 \
             GROUP BY c.client_id, c.status, c.settings ORDER BY c.client_id LIMIT $4",
        )
        .bind(tenant)
        .bind(application)
        .bind(after)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let (credentials, created) = (row.try_get(3)?, row.try_get(4)?);
                Ok(ListedClient { client: client(row)?, credentials, created, last_used: row.try_get(5)? })
            })
            .collect()
    }

    /// How many clients an application has; `None`: there is no such application.
    pub async fn client_count(&self, tenant: &str, application: &str) -> Result<Option<i64>, StoreError> {
        let count = "SELECT (SELECT COUNT(*) FROM client c WHERE c.tenant = a.tenant AND c.application = a.id) \
                     FROM application a WHERE a.tenant = $1 AND a.id = $2";
        Ok(sqlx::query_scalar(count).bind(tenant).bind(application).fetch_optional(&self.pool).await?)
    }
}
