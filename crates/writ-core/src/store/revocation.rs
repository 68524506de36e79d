//! What was taken back: cut-offs of clients, and single tokens.

use sqlx::AnyConnection;

use super::{Store, StoreError, Write};

/// A cut-off: what was decided for a client before a change sequence no longer holds.
pub struct StoredCutoff {
    /// Only what was decided for this audience; empty: for any.
    pub audience: String,
    /// Only what was decided on the strength of the credential with this id; empty: of any.
    pub credential: String,
    /// The change sequence.
    pub sequence: i64,
}

/// A token that was revoked by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedToken {
    /// Whose.
    pub tenant: String,
    /// Its id.
    pub jti: String,
    /// When it expires, in seconds since the epoch.
    pub expires: i64,
}

impl Store {
    /// The tokens that were revoked by themselves after a change sequence; 0: all of them.
    pub async fn revoked_tokens_after(&self, sequence: i64) -> Result<Vec<RevokedToken>, StoreError> {
        let rows = "SELECT tenant, jti, expires FROM revoked_token WHERE sequence > $1";
        let rows = sqlx::query_as::<_, (String, String, i64)>(rows).bind(sequence).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(|(tenant, jti, expires)| RevokedToken { tenant, jti, expires }).collect())
    }

    /// Forgets what concerns no token that is alive at `now`. No decision changes by it, so nobody needs to hear of it.
    pub async fn forget_revocations(&self, now: i64) -> Result<(), StoreError> {
        let _writer = self.writer.lock().await;
        let mut tx = self.engine().begin(&self.pool).await?;
        for statement in [
            "DELETE FROM cutoff WHERE forget_at <= $1",
            "DELETE FROM revoked_token WHERE expires <= $1",
            "DELETE FROM revocation WHERE forget_at <= $1",
        ] {
            sqlx::query(statement).bind(now).execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// The cut-offs of a client.
pub(super) async fn cutoffs(
    connection: &mut AnyConnection,
    tenant: &str,
    client_id: &str,
) -> Result<Vec<StoredCutoff>, StoreError> {
    let rows = "SELECT audience, credential, sequence FROM cutoff WHERE tenant = $1 AND client_id = $2";
    let rows = sqlx::query_as::<_, (String, String, i64)>(rows).bind(tenant).bind(client_id);
    let rows = rows.fetch_all(&mut *connection).await?;
    let cutoff = |(audience, credential, sequence)| StoredCutoff { audience, credential, sequence };
    Ok(rows.into_iter().map(cutoff).collect())
}

impl Write {
    /// Cuts off what was decided for a client before this write: for one audience and on the strength of one
    /// credential, or where these are empty, of any. Answers whether there is such a client.
    pub async fn cut_off_client(
        &mut self,
        tenant: &str,
        client_id: &str,
        (audience, credential): (&str, &str),
        forget_at: i64,
    ) -> Result<bool, StoreError> {
        let cut_off = sqlx::query(
            "INSERT INTO cutoff (tenant, client_id, audience, credential, sequence, forget_at) \
             SELECT tenant, client_id, CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT), CAST($6 AS BIGINT) \
             FROM client WHERE tenant = $1 AND client_id = $2 \
             ON CONFLICT (tenant, client_id, audience, credential) \
             DO UPDATE SET sequence = excluded.sequence, forget_at = excluded.forget_at",
        )
        .bind(tenant)
        .bind(client_id)
        .bind(audience)
        .bind(credential)
        .bind(self.sequence())
        .bind(forget_at)
        .execute(&mut *self.tx)
        .await?;
        self.changed(tenant, "client", client_id).await?;
        Ok(cut_off.rows_affected() > 0)
    }

    /// Cuts off what was decided before this write for every client of an application.
    pub async fn cut_off_application(
        &mut self,
        tenant: &str,
        application: &str,
        forget_at: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO cutoff (tenant, client_id, audience, credential, sequence, forget_at) \
             SELECT tenant, client_id, '', '', CAST($3 AS BIGINT), CAST($4 AS BIGINT) \
             FROM client WHERE tenant = $1 AND application = $2 \
             ON CONFLICT (tenant, client_id, audience, credential) \
             DO UPDATE SET sequence = excluded.sequence, forget_at = excluded.forget_at",
        )
        .bind(tenant)
        .bind(application)
        .bind(self.sequence())
        .bind(forget_at)
        .execute(&mut *self.tx)
        .await?;
        sqlx::query(
            "INSERT INTO change (sequence, tenant, kind, name) \
             SELECT CAST($3 AS BIGINT), tenant, 'client', client_id FROM client \
             WHERE tenant = $1 AND application = $2 ON CONFLICT DO NOTHING",
        )
        .bind(tenant)
        .bind(application)
        .bind(self.sequence())
        .execute(&mut *self.tx)
        .await?;
        // Also when it has no client: a write that leaves no change would look like a lost one.
        self.changed(tenant, "application", application).await
    }

    /// Revokes a token by itself; answers whether it was not revoked before.
    pub async fn revoke_token(&mut self, token: &RevokedToken) -> Result<bool, StoreError> {
        let revoked = sqlx::query(
            "INSERT INTO revoked_token (expires, tenant, jti, sequence) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(token.expires)
        .bind(&*token.tenant)
        .bind(&*token.jti)
        .bind(self.sequence())
        .execute(&mut *self.tx)
        .await?;
        self.changed(&token.tenant, "revoked_token", &token.jti).await?;
        Ok(revoked.rows_affected() > 0)
    }
}
