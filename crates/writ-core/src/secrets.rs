//! A client's secrets, one at a time: issue, list, show, change, revoke.

use jiff::Timestamp;
use writ_oauth::secret::PlainSecret;

use crate::admin::Administrator;
use crate::apply::ApplyError;
use crate::document::{DocumentFault, Secret, SecretValue, Status};
use crate::keyring::{Context, KeyringFault};
use crate::store::{Op, StoreError, StoredSecret, Write};
use crate::{Core, random};

/// What is to be changed of a secret.
#[derive(Clone, Copy, Debug, Default)]
pub struct SecretChange {
    /// Enable or disable it.
    pub status: Option<Status>,
    /// Let it expire at this time.
    pub expires: Option<Timestamp>,
}

impl Core {
    /// A client's secrets, the oldest first.
    pub async fn list_secrets(&self, tenant: &str, client_id: &str) -> Result<Vec<StoredSecret>, ApplyError> {
        self.known_client(tenant, client_id).await?;
        Ok(self.store.secrets(tenant, client_id).await?)
    }

    /// A secret with its value, by id or name. Showing one is a change of the audit trail.
    pub async fn show_secret(
        &self,
        by: &Administrator,
        tenant: &str,
        client_id: &str,
        secret: &str,
    ) -> Result<(StoredSecret, PlainSecret), ApplyError> {
        let mut write = self.store.write(by.name(), self.now()).await?;
        let stored = find(&mut write, tenant, client_id, secret).await?;
        let value = self.open_secret(tenant, client_id, &stored.id).await?.ok_or_else(|| not_found(secret))?;
        let detail = serde_json::json!({ "id": stored.id, "name": stored.name });
        write.changed(tenant, "secret", client_id).await?;
        write.audit(tenant, "show", "secret", client_id, &detail).await?;
        write.commit(&self.store).await?;
        Ok((stored, value))
    }

    /// Issues a secret: the value given, or a new one.
    pub async fn issue_secret(
        &self,
        by: &Administrator,
        tenant: &str,
        client_id: &str,
        secret: Secret,
    ) -> Result<(StoredSecret, PlainSecret), ApplyError> {
        self.known_client(tenant, client_id).await?;
        let value = match &secret.value {
            Some(SecretValue::Literal(value)) => value.clone(),
            Some(SecretValue::Generate) | None => {
                random::secret().map_err(|_| StoreError::from(KeyringFault::Randomness))?
            }
        };
        let secret = Secret { value: Some(SecretValue::Literal(value.clone())), ..secret };
        crate::apply::check_secret(&secret).map_err(fault)?;
        let mut write = self.store.write(by.name(), self.now()).await?;
        let new = self.new_secret(tenant, client_id, &secret, &value, write.now())?;
        match write.add_secret(tenant, client_id, &new).await {
            Err(StoreError::Duplicate(_)) => {
                return Err(ApplyError::Conflict("the client has a secret of this name or value".into()));
            }
            outcome => outcome?,
        }
        audit(&mut write, tenant, Op::Create, client_id, &new.secret).await?;
        self.commit_live(write).await?;
        Ok((new.secret, value))
    }

    /// Changes a secret's status or expiry.
    pub async fn change_secret(
        &self,
        by: &Administrator,
        tenant: &str,
        (client_id, secret): (&str, &str),
        change: SecretChange,
    ) -> Result<StoredSecret, ApplyError> {
        let mut write = self.store.write(by.name(), self.now()).await?;
        let mut stored = find(&mut write, tenant, client_id, secret).await?;
        stored.status = change.status.unwrap_or(stored.status);
        stored.expires = change.expires.or(stored.expires);
        crate::apply::check_validity(stored.not_before, stored.expires).map_err(fault)?;
        write.update_secret(tenant, client_id, &stored).await?;
        audit(&mut write, tenant, Op::Update, client_id, &stored).await?;
        self.commit_live(write).await?;
        Ok(stored)
    }

    /// Revokes a secret: it is gone.
    pub async fn revoke_secret(
        &self,
        by: &Administrator,
        tenant: &str,
        client_id: &str,
        secret: &str,
    ) -> Result<(), ApplyError> {
        let mut write = self.store.write(by.name(), self.now()).await?;
        let stored = find(&mut write, tenant, client_id, secret).await?;
        write.delete_secret(tenant, client_id, &stored.id).await?;
        audit(&mut write, tenant, Op::Delete, client_id, &stored).await?;
        self.commit_live(write).await
    }

    /// The value of a stored secret.
    pub(crate) async fn open_secret(
        &self,
        tenant: &str,
        client_id: &str,
        id: &str,
    ) -> Result<Option<PlainSecret>, StoreError> {
        let Some(sealed) = self.store.sealed_secret(tenant, client_id, id).await? else { return Ok(None) };
        let value = self.keyring.open(&Context(["secret", tenant, client_id, id]), &sealed)?;
        let text = std::str::from_utf8(&value).map_err(|_| KeyringFault::Seal)?;
        Ok(Some(PlainSecret::new(text.to_owned())))
    }

    async fn known_client(&self, tenant: &str, client_id: &str) -> Result<(), ApplyError> {
        match self.client(tenant, client_id).await? {
            Some(_) => Ok(()),
            None => Err(ApplyError::NotFound("client", client_id.to_owned())),
        }
    }

    pub(crate) async fn commit_live(&self, write: Write) -> Result<(), ApplyError> {
        let sequence = write.commit(&self.store).await?;
        self.wait_until_live(sequence).await;
        Ok(())
    }
}

pub(crate) async fn find(
    write: &mut Write,
    tenant: &str,
    client_id: &str,
    secret: &str,
) -> Result<StoredSecret, ApplyError> {
    let stored = write.secrets(tenant, client_id).await?;
    let is_it = |known: &StoredSecret| known.id == secret || known.name.as_deref() == Some(secret);
    stored.into_iter().find(is_it).ok_or_else(|| not_found(secret))
}

fn fault((path, message): (String, String)) -> DocumentFault {
    DocumentFault { document: None, path, message }
}

fn not_found(secret: &str) -> ApplyError {
    ApplyError::NotFound("secret", secret.to_owned())
}

async fn audit(
    write: &mut Write,
    tenant: &str,
    op: Op,
    client_id: &str,
    secret: &StoredSecret,
) -> Result<(), StoreError> {
    let detail = serde_json::json!({ "id": secret.id, "name": secret.name, "expires": secret.expires });
    write.audit(tenant, op.name(), "secret", client_id, &detail).await
}
