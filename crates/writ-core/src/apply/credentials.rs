//! Applying the credentials of a client: matched by name, else by digest.

use writ_oauth::secret::PlainSecret;

use super::{ApplyError, Generated, Run};
use crate::document::{Client, Credential, DocumentFault, Secret, SecretValue};
use crate::keyring::{Context, KeyringFault};
use crate::store::{NewSecret, Op, StoreError, StoredSecret};
use crate::{Core, random};

impl Run<'_> {
    /// Makes a client's credentials match its document; answers whether something changed.
    ///
    /// No list at all leaves them alone. A list replaces the named ones; unnamed ones that it does not match stay,
    /// unless pruned.
    pub(super) async fn credentials(
        &mut self,
        index: usize,
        position: usize,
        client_id: &str,
        client: &Client,
    ) -> Result<bool, ApplyError> {
        let Some(credentials) = &client.credentials else { return Ok(false) };
        let mut stored = self.write.secrets(self.tenant, client_id).await?;
        let mut changed = false;
        for (at, Credential::Secret(secret)) in credentials.iter().enumerate() {
            let fault = |field: &str, message: String| {
                DocumentFault::at(index, format!("clients[{position}].credentials[{at}]{field}"), message)
            };
            let matched = self.matching(client_id, secret, &stored).map(|found| stored.swap_remove(found));
            changed |= if let Some(known) = matched {
                self.update_secret(client_id, secret, known).await?
            } else {
                let value = self.value_of(client_id, secret).map_err(|message| fault("", message))?;
                match self.add_secret(client_id, secret, &value).await {
                    Err(StoreError::Duplicate(_)) => {
                        let message = "another secret of this client has the same value or name";
                        return Err(fault("", message.into()).into());
                    }
                    outcome => outcome?,
                }
                true
            };
        }
        let prune = self.options.prune;
        stored.retain(|known| known.name.is_some() || prune);
        for gone in stored {
            self.write.delete_secret(self.tenant, client_id, &gone.id).await?;
            self.audit_secret(Op::Delete, client_id, &gone).await?;
            changed = true;
        }
        Ok(changed)
    }

    /// The stored secret that a document means. A named one whose value differs is another secret of that name.
    fn matching(&self, client_id: &str, secret: &Secret, stored: &[StoredSecret]) -> Option<usize> {
        let digest = match &secret.value {
            Some(SecretValue::Literal(value)) => Some(self.core.keyring.digest(self.tenant, client_id, value)),
            Some(SecretValue::Generate) | None => None,
        };
        stored.iter().position(|known| match (&secret.id, &secret.name, &digest) {
            (Some(id), ..) => known.id == *id,
            (None, Some(name), None) => known.name.as_ref() == Some(name),
            (None, Some(name), Some(digest)) => known.name.as_ref() == Some(name) && known.digest.matches(digest),
            (None, None, Some(digest)) => known.digest.matches(digest),
            (None, None, None) => false,
        })
    }

    /// The value of a secret that is not stored yet.
    fn value_of(&mut self, client_id: &str, secret: &Secret) -> Result<PlainSecret, String> {
        match (&secret.value, &secret.name) {
            (Some(SecretValue::Literal(value)), _) => Ok(value.clone()),
            (Some(SecretValue::Generate), Some(name)) => {
                let value = random::secret().map_err(|_| KeyringFault::Randomness.to_string())?;
                let generated = Generated { client_id: client_id.into(), name: name.clone(), secret: value.clone() };
                self.applied.generated.push(generated);
                Ok(value)
            }
            (Some(SecretValue::Generate), None) => Err("a generated secret needs a `name`".into()),
            (None, Some(name)) => Err(format!("no secret `{name}` is stored, and no `value` is given")),
            (None, None) => Err("no such secret is stored, and no `value` is given".into()),
        }
    }

    async fn add_secret(&mut self, client_id: &str, secret: &Secret, value: &PlainSecret) -> Result<(), StoreError> {
        // A named secret with another value takes the place of the one of that name.
        if let Some(name) = &secret.name {
            let stored = self.write.secrets(self.tenant, client_id).await?;
            for old in stored.iter().filter(|known| known.name.as_ref() == Some(name)) {
                self.write.delete_secret(self.tenant, client_id, &old.id).await?;
            }
        }
        let new = self.core.new_secret(self.tenant, client_id, secret, value, self.write.now())?;
        self.write.add_secret(self.tenant, client_id, &new).await?;
        self.audit_secret(Op::Create, client_id, &new.secret).await
    }

    async fn update_secret(
        &mut self,
        client_id: &str,
        secret: &Secret,
        mut known: StoredSecret,
    ) -> Result<bool, StoreError> {
        let wanted = (secret.status, secret.not_before, secret.expires);
        if (known.status, known.not_before, known.expires) == wanted {
            return Ok(false);
        }
        (known.status, known.not_before, known.expires) = wanted;
        self.write.update_secret(self.tenant, client_id, &known).await?;
        self.audit_secret(Op::Update, client_id, &known).await?;
        Ok(true)
    }

    async fn audit_secret(&mut self, op: Op, client_id: &str, secret: &StoredSecret) -> Result<(), StoreError> {
        let detail = serde_json::json!({ "id": secret.id, "name": secret.name, "expires": secret.expires });
        self.write.audit(self.tenant, op.name(), "secret", client_id, &detail).await
    }
}

impl Core {
    /// A secret ready to be stored: digested and sealed under a new id.
    pub(crate) fn new_secret(
        &self,
        tenant: &str,
        client_id: &str,
        secret: &Secret,
        value: &PlainSecret,
        now: i64,
    ) -> Result<NewSecret, StoreError> {
        let id = random::id("sec_").map_err(|_| KeyringFault::Randomness)?;
        let context = Context(["secret", tenant, client_id, &id]);
        let sealed = self.keyring.seal(&context, value.expose().as_bytes())?;
        let stored = StoredSecret {
            digest: self.keyring.digest(tenant, client_id, value),
            id,
            name: secret.name.clone(),
            status: secret.status,
            not_before: secret.not_before,
            expires: secret.expires,
            created: now,
            last_used: None,
        };
        Ok(NewSecret { secret: stored, sealed })
    }
}
