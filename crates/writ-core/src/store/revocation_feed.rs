//! What was taken back from tokens that may be alive, in order, for those who enforce elsewhere.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, Write};
use crate::revoke::forget_at;

/// What a write takes back. Cut-offs and single tokens need not be said: they are told of when the write is committed.
#[derive(Clone, Copy, Debug)]
pub enum TakenBack<'a> {
    /// Everything that a client has.
    Client(&'a str),
    /// What a client has for one audience, of this application.
    Authorization(&'a str, &'a str, &'a str),
    /// What a client got with a credential.
    Credential(&'a str, &'a str),
    /// Everything for an audience, of this application.
    ResourceServer(&'a str, &'a str),
    /// Everything that was signed with a key, until this time.
    SigningKey(&'a str, i64),
}

/// One entry of the feed. Empty texts: any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRevocation {
    /// `token`, `client`, `authorization`, `credential`, `resource_server` or `signing_key`.
    pub kind: String,
    /// Whose tokens.
    pub client_id: String,
    /// For which audience.
    pub audience: String,
    /// The application with that audience.
    pub application: String,
    /// The `jti`, the credential's id or the `kid`.
    pub name: String,
    /// Only tokens that were issued until then, in seconds since the epoch.
    pub issued_until: Option<i64>,
    /// When nobody needs to know it any more.
    pub forget_at: i64,
    /// The change sequence of the write, and its place among the entries of that write.
    pub place: (i64, i64),
}

impl Store {
    /// The entries of a tenant after a place, in order, that still matter at `now`.
    pub async fn revocations_after(
        &self,
        tenant: &str,
        (sequence, entry): (i64, i64),
        limit: i64,
        now: i64,
    ) -> Result<Vec<StoredRevocation>, StoreError> {
        let rows = sqlx::query(
            "SELECT kind, client_id, audience, application, name, issued_until, forget_at, sequence, entry \
             FROM revocation WHERE tenant = $1 AND (sequence, entry) > ($2, $3) AND forget_at > $4 \
             ORDER BY sequence, entry LIMIT $5",
        );
        let rows = rows.bind(tenant).bind(sequence).bind(entry).bind(now).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(revocation).collect()
    }
}

fn revocation(row: &AnyRow) -> Result<StoredRevocation, StoreError> {
    Ok(StoredRevocation {
        kind: row.try_get(0)?,
        client_id: row.try_get(1)?,
        audience: row.try_get(2)?,
        application: row.try_get(3)?,
        name: row.try_get(4)?,
        issued_until: row.try_get(5)?,
        forget_at: row.try_get(6)?,
        place: (row.try_get(7)?, row.try_get(8)?),
    })
}

impl Write {
    /// Until when tokens may have been issued that this write takes back: servers hear of it within half a second, and
    /// what they issue meanwhile rests on what is no longer so.
    fn issued_until(&self) -> i64 {
        self.now() + 1
    }

    /// Tells those who enforce elsewhere what this write takes back.
    pub async fn take_back(&mut self, tenant: &str, what: TakenBack<'_>) -> Result<(), StoreError> {
        let (kind, client_id, audience, application, name) = match what {
            TakenBack::Client(client_id) => ("client", client_id, "", "", ""),
            TakenBack::Authorization(client_id, audience, application) => {
                ("authorization", client_id, audience, application, "")
            }
            TakenBack::Credential(client_id, credential) => ("credential", client_id, "", "", credential),
            TakenBack::ResourceServer(audience, application) => ("resource_server", "", audience, application, ""),
            TakenBack::SigningKey(kid, _) => ("signing_key", "", "", "", kid),
        };
        let (issued_until, forget_at) = match what {
            TakenBack::SigningKey(_, forget_at) => (None, forget_at),
            TakenBack::Client(_)
            | TakenBack::Authorization(..)
            | TakenBack::Credential(..)
            | TakenBack::ResourceServer(..) => (Some(self.issued_until()), forget_at(self)),
        };
        self.feed_entries += 1;
        sqlx::query(
            "INSERT INTO revocation \
             (tenant, kind, client_id, audience, application, name, issued_until, forget_at, sequence, entry) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT (tenant, kind, client_id, audience, name) DO UPDATE \
             SET application = excluded.application, issued_until = excluded.issued_until, \
                 forget_at = excluded.forget_at, sequence = excluded.sequence, entry = excluded.entry",
        )
        .bind(tenant)
        .bind(kind)
        .bind(client_id)
        .bind(audience)
        .bind(application)
        .bind(name)
        .bind(issued_until)
        .bind(forget_at)
        .bind(self.sequence())
        .bind(self.feed_entries)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// The same of every key of an issuer, which goes: nobody else knows until when it signed.
    pub(super) async fn take_back_issuer(&mut self, tenant: &str, issuer: &str) -> Result<(), StoreError> {
        let forget_at = forget_at(self);
        for key in self.signing_keys(tenant, issuer).await? {
            self.take_back(tenant, TakenBack::SigningKey(&key.kid, forget_at)).await?;
        }
        Ok(())
    }

    /// Tells of the cut-offs and the single tokens of this write, whoever made them.
    pub(super) async fn feed_revocations(&mut self) -> Result<(), StoreError> {
        let cut_off = sqlx::query(
            "INSERT INTO revocation \
             (tenant, kind, client_id, audience, application, name, issued_until, forget_at, sequence, entry) \
             SELECT c.tenant, \
                    CASE WHEN c.credential <> '' THEN 'credential' \
                         WHEN c.audience <> '' THEN 'authorization' ELSE 'client' END, \
                    c.client_id, c.audience, COALESCE(s.application, ''), c.credential, CAST($2 AS BIGINT), \
                    c.forget_at, c.sequence, CAST($3 AS BIGINT) \
                    + row_number() OVER (ORDER BY c.tenant, c.client_id, c.audience, c.credential) \
             FROM cutoff c LEFT JOIN resource_server s ON s.tenant = c.tenant AND s.audience = c.audience \
             WHERE c.sequence = $1 \
             ON CONFLICT (tenant, kind, client_id, audience, name) DO UPDATE \
             SET application = excluded.application, issued_until = excluded.issued_until, \
                 forget_at = excluded.forget_at, sequence = excluded.sequence, entry = excluded.entry",
        )
        .bind(self.sequence())
        .bind(self.issued_until())
        .bind(self.feed_entries)
        .execute(&mut *self.tx)
        .await?;
        self.feed_entries += i64::try_from(cut_off.rows_affected()).unwrap_or(i64::MAX);
        sqlx::query(
            "INSERT INTO revocation \
             (tenant, kind, client_id, audience, application, name, forget_at, sequence, entry) \
             SELECT tenant, 'token', '', '', '', jti, expires + CAST($2 AS BIGINT), sequence, \
                    CAST($3 AS BIGINT) + row_number() OVER (ORDER BY tenant, jti) \
             FROM revoked_token WHERE sequence = $1 ON CONFLICT DO NOTHING",
        )
        .bind(self.sequence())
        .bind(crate::directory::MARGIN)
        .bind(self.feed_entries)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}
