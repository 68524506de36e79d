//! A client's secrets, one at a time: issue, list, show, change, revoke.

use std::sync::Arc;

use jiff::Timestamp;
use writ_oauth::secret::PlainSecret;

use crate::admin::Administrator;
use crate::apply::ApplyError;
use crate::client::Client;
use crate::document::credential::check_validity;
use crate::document::{CLIENT_SECRET_JWT, CredentialSettings, DocumentFault, Status};
use crate::keyring::{Context, KeyringFault};
use crate::store::{Op, StoreError, StoredCredential, Write};
use crate::{Core, random};

/// A secret to be issued.
#[derive(Default)]
pub struct SecretRequest {
    /// Its name, if it is to have one.
    pub name: Option<String>,
    /// Refused before this time.
    pub not_before: Option<Timestamp>,
    /// Refused from this time on.
    pub expires: Option<Timestamp>,
    /// The value; absent: a new one is made.
    pub value: Option<PlainSecret>,
}

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
    pub async fn list_secrets(&self, tenant: &str, client_id: &str) -> Result<Vec<StoredCredential>, ApplyError> {
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
    ) -> Result<(StoredCredential, PlainSecret), ApplyError> {
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
        secret: SecretRequest,
    ) -> Result<(StoredCredential, PlainSecret), ApplyError> {
        let client = self.known_client(tenant, client_id).await?;
        let SecretRequest { name, not_before, expires, value } = secret;
        let value = given_or_new(value)?;
        let settings = CredentialSettings { name, not_before, expires, ..CredentialSettings::default() };
        let signs = client.auth_methods.iter().any(|method| method.name() == CLIENT_SECRET_JWT);
        crate::apply::check_secret(&settings, &value, signs).map_err(fault)?;
        let mut write = self.store.write(by.name(), self.now()).await?;
        let new = self.new_secret(tenant, client_id, &settings, &value, write.now())?;
        match write.add_credential(tenant, client_id, &new).await {
            Err(StoreError::Duplicate(_)) => {
                return Err(ApplyError::Conflict("the client has a credential of this name or value".into()));
            }
            outcome => outcome?,
        }
        audit(&mut write, tenant, Op::Create, client_id, &new.credential).await?;
        self.commit_live(write).await?;
        Ok((new.credential, value))
    }

    /// Changes a secret's status or expiry.
    pub async fn change_secret(
        &self,
        by: &Administrator,
        tenant: &str,
        (client_id, secret): (&str, &str),
        change: SecretChange,
    ) -> Result<StoredCredential, ApplyError> {
        let mut write = self.store.write(by.name(), self.now()).await?;
        let mut stored = find(&mut write, tenant, client_id, secret).await?;
        stored.status = change.status.unwrap_or(stored.status);
        stored.expires = change.expires.or(stored.expires);
        check_validity(stored.not_before, stored.expires).map_err(fault)?;
        write.update_credential(tenant, client_id, &stored).await?;
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
        write.delete_credential(tenant, client_id, &stored.id).await?;
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
        Ok(Some(self.keyring.open_secret(&Context(["secret", tenant, client_id, id]), &sealed)?))
    }

    async fn known_client(&self, tenant: &str, client_id: &str) -> Result<Arc<Client>, ApplyError> {
        let client = self.client(tenant, client_id).await?;
        client.ok_or_else(|| ApplyError::NotFound("client", client_id.to_owned()))
    }

    pub(crate) async fn commit_live(&self, write: Write) -> Result<(), ApplyError> {
        let sequence = write.commit(&self.store).await?;
        self.wait_until_live(sequence).await;
        Ok(())
    }
}

async fn find(write: &mut Write, tenant: &str, client_id: &str, secret: &str) -> Result<StoredCredential, ApplyError> {
    let stored = write.credentials(tenant, client_id).await?;
    let is_named = |known: &StoredCredential| known.id == secret || known.name.as_deref() == Some(secret);
    let is_it = |known: &StoredCredential| known.is_secret() && is_named(known);
    stored.into_iter().find(is_it).ok_or_else(|| not_found(secret))
}

/// The value given, or a new one.
pub(crate) fn given_or_new(value: Option<PlainSecret>) -> Result<PlainSecret, StoreError> {
    match value {
        Some(value) => Ok(value),
        None => random::secret().map_err(|_| KeyringFault::Randomness.into()),
    }
}

pub(crate) fn fault((path, message): (String, String)) -> DocumentFault {
    DocumentFault { document: None, path, message }
}

fn not_found(secret: &str) -> ApplyError {
    ApplyError::NotFound("secret", secret.to_owned())
}

pub(crate) async fn audit(
    write: &mut Write,
    tenant: &str,
    op: Op,
    client_id: &str,
    secret: &StoredCredential,
) -> Result<(), StoreError> {
    let detail = serde_json::json!({ "id": secret.id, "name": secret.name, "expires": secret.expires });
    write.audit(tenant, op.name(), "secret", client_id, &detail).await
}
