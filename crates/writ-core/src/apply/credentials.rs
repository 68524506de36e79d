//! Applying the credentials of a client: matched by id or name, else by digest.

use writ_oauth::secret::{PlainSecret, SecretDigest};

use super::{ApplyError, Generated, Run};
use crate::document::{Client, Credential, DocumentFault, Secret, SecretValue};
use crate::keyring::{Context, KeyringFault};
use crate::store::{NewSecret, Op, StoreError, StoredSecret};
use crate::{Core, random};

/// A secret of a document, with the stored one that it means.
struct Wanted<'d> {
    secret: &'d Secret,
    /// Of its value, when the document has one.
    digest: Option<SecretDigest>,
    known: Option<StoredSecret>,
}

/// Why a secret of a document could not be added.
enum NotAdded {
    /// The document is at fault.
    Fault(String),
    Store(StoreError),
}

impl From<StoreError> for NotAdded {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Wanted<'_> {
    /// Whether it takes the place of a stored secret that it does not mean: of its id, or with its value.
    fn replaces(&self, stored: &StoredSecret) -> bool {
        let same_value = self.digest.is_some_and(|digest| stored.digest.matches(&digest));
        same_value || self.secret.id.as_ref() == Some(&stored.id)
    }
}

/// The stored secret that a document means: the one of its id or name, unless the value says otherwise, else the one
/// of its value, unless that has another name.
fn matching(secret: &Secret, digest: Option<SecretDigest>, stored: &[StoredSecret]) -> Option<usize> {
    let says_otherwise = |known: &StoredSecret| digest.is_some_and(|digest| !known.digest.matches(&digest));
    let is_meant = |known: &StoredSecret| match (&secret.id, &secret.name) {
        (Some(id), _) => known.id == *id,
        (None, Some(name)) => known.name.as_ref() == Some(name),
        (None, None) => false,
    };
    let has_value = |known: &StoredSecret| {
        let named_otherwise = secret.name.is_some() && known.name.is_some();
        digest.is_some_and(|digest| known.digest.matches(&digest)) && !named_otherwise
    };
    let meant = stored.iter().position(|known| is_meant(known) && !says_otherwise(known));
    meant.or_else(|| stored.iter().position(has_value))
}

impl Run<'_> {
    /// Makes a client's credentials match its document; answers whether something changed.
    ///
    /// No list at all leaves them alone. A list replaces the named ones; unnamed ones that it does not match stay,
    /// unless pruned. What goes, goes first: a name and a value are free again when another secret takes them over.
    pub(super) async fn credentials(
        &mut self,
        index: usize,
        position: usize,
        client_id: &str,
        client: &Client,
    ) -> Result<bool, ApplyError> {
        let Some(credentials) = &client.credentials else { return Ok(false) };
        let mut stored = self.write.secrets(self.tenant, client_id).await?;
        let mut wanted = Vec::new();
        for Credential::Secret(secret) in credentials {
            let digest = self.digest_of(client_id, secret);
            let known = matching(secret, digest, &stored).map(|found| stored.remove(found));
            wanted.push(Wanted { secret, digest, known });
        }
        let prune = self.options.prune;
        stored.retain(|known| known.name.is_some() || prune || wanted.iter().any(|wanted| wanted.replaces(known)));
        let mut changed = !stored.is_empty();
        for gone in stored {
            self.write.delete_secret(self.tenant, client_id, &gone.id).await?;
            self.audit_secret(Op::Delete, client_id, &gone).await?;
        }
        for (at, Wanted { secret, known, .. }) in wanted.into_iter().enumerate() {
            let path = || format!("clients[{position}].credentials[{at}]");
            changed |= match known {
                Some(known) => self.update_secret(client_id, secret, known).await?,
                None => match self.add_secret(client_id, secret).await {
                    Err(NotAdded::Fault(message)) => return Err(DocumentFault::at(index, path(), message).into()),
                    Err(NotAdded::Store(error)) => return Err(error.into()),
                    Ok(()) => true,
                },
            };
        }
        Ok(changed)
    }

    fn digest_of(&self, client_id: &str, secret: &Secret) -> Option<SecretDigest> {
        match &secret.value {
            Some(SecretValue::Literal(value)) => Some(self.core.keyring.digest(self.tenant, client_id, value)),
            Some(SecretValue::Generate) | None => None,
        }
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

    async fn add_secret(&mut self, client_id: &str, secret: &Secret) -> Result<(), NotAdded> {
        let value = self.value_of(client_id, secret).map_err(NotAdded::Fault)?;
        let new = self.core.new_secret(self.tenant, client_id, secret, &value, self.write.now())?;
        match self.write.add_secret(self.tenant, client_id, &new).await {
            Err(StoreError::Duplicate(_)) => {
                return Err(NotAdded::Fault("another secret of this client has the same value or name".into()));
            }
            outcome => outcome?,
        }
        Ok(self.audit_secret(Op::Create, client_id, &new.secret).await?)
    }

    async fn update_secret(
        &mut self,
        client_id: &str,
        secret: &Secret,
        known: StoredSecret,
    ) -> Result<bool, StoreError> {
        let wanted = StoredSecret {
            name: secret.name.clone().or_else(|| known.name.clone()),
            status: secret.status,
            not_before: secret.not_before,
            expires: secret.expires,
            ..known.clone()
        };
        let settings = |secret: &StoredSecret| (secret.name.clone(), secret.status, secret.not_before, secret.expires);
        if settings(&known) == settings(&wanted) {
            return Ok(false);
        }
        self.write.update_secret(self.tenant, client_id, &wanted).await?;
        self.audit_secret(Op::Update, client_id, &wanted).await?;
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
