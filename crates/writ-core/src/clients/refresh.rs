//! A new secret in place of those that a client has.

use jiff::Timestamp;
use writ_oauth::secret::PlainSecret;

use super::changeable;
use crate::Core;
use crate::admin::Administrator;
use crate::apply::{ApplyError, check_secret};
use crate::document::{CredentialSettings, Lifetime, Status};
use crate::secrets::{audit, fault, given_or_new};
use crate::store::{Op, StoreError, StoredCredential, Write};

/// How a secret is refreshed.
#[derive(Default)]
pub struct SecretRefresh {
    /// The value of the new one; absent: one is made.
    pub value: Option<PlainSecret>,
    /// How much longer the old ones can be used; absent: they are gone at once, and with them the tokens that were got
    /// with them.
    pub grace: Option<Lifetime>,
}

impl Core {
    /// Gives a client a new secret in place of all that it has. Its id and its other credentials stay.
    pub async fn refresh_secret(
        &self,
        by: &Administrator,
        tenant: &str,
        client_id: &str,
        refresh: SecretRefresh,
    ) -> Result<(StoredCredential, PlainSecret), ApplyError> {
        let SecretRefresh { value, grace } = refresh;
        let value = given_or_new(value)?;
        let settings = CredentialSettings::default();
        let mut write = self.store.write(by.name(), self.now()).await?;
        let stored = changeable(&mut write, tenant, client_id).await?;
        check_secret(&settings, &value, stored.client.signs_with_secrets()).map_err(fault)?;
        let new = self.new_secret(tenant, client_id, &settings, &value, write.now())?;
        if stored.credentials.iter().any(|known| known.is_secret() && known.digest.matches(&new.credential.digest)) {
            return Err(ApplyError::Conflict("the client has a secret of this value already".into()));
        }
        for old in stored.credentials.into_iter().filter(StoredCredential::is_secret) {
            retire(&mut write, tenant, client_id, (old, grace)).await?;
        }
        write.add_credential(tenant, client_id, &new).await?;
        audit(&mut write, tenant, Op::Create, client_id, &new.credential).await?;
        self.commit_live(write).await?;
        Ok((new.credential, value))
    }
}

/// Lets an old secret expire, if there is a grace and it can be used now; else it goes.
async fn retire(
    write: &mut Write,
    tenant: &str,
    client_id: &str,
    (mut old, grace): (StoredCredential, Option<Lifetime>),
) -> Result<(), StoreError> {
    let now = write.now();
    let end = grace.and_then(|grace| Timestamp::from_second(now + grace.seconds()).ok());
    let is_usable = old.status == Status::Enabled
        && old.not_before.is_none_or(|from| from.as_second() <= now)
        && old.expires.is_none_or(|until| until.as_second() > now);
    let Some(end) = end.filter(|_| is_usable) else {
        write.delete_credential(tenant, client_id, &old.id).await?;
        return audit(write, tenant, Op::Delete, client_id, &old).await;
    };
    old.expires = Some(old.expires.map_or(end, |until| until.min(end)));
    write.update_credential(tenant, client_id, &old).await?;
    audit(write, tenant, Op::Update, client_id, &old).await
}
