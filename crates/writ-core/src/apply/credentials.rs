//! Applying the credentials of a client: matched by id or name, else by digest or thumbprint.

use writ_oauth::secret::{PlainSecret, SecretDigest};

use super::validate::below;
use super::{ApplyError, Generated, Run, thumbprint};
use crate::document::{Client, Credential, CredentialSettings, DocumentFault, Proof, Secret, SecretValue};
use crate::keyring::{Context, KeyringFault};
use crate::revoke::forget_at;
use crate::store::{NewCredential, Op, StoreError, StoredCredential};
use crate::{Core, random};

/// A credential of a document, with the stored one that it means.
struct Wanted<'d> {
    credential: &'d Credential,
    /// Of a secret's value, when the document has one; of every other kind, always.
    digest: Option<SecretDigest>,
    known: Option<StoredCredential>,
}

/// Why a credential of a document could not be added.
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

impl From<KeyringFault> for NotAdded {
    fn from(error: KeyringFault) -> Self {
        Self::Store(error.into())
    }
}

impl Wanted<'_> {
    /// Whether it takes the place of a stored credential that it does not mean: of its id, or with its value.
    fn replaces(&self, stored: &StoredCredential) -> bool {
        let same_value = self.digest.is_some_and(|digest| stored.digest.matches(&digest));
        same_value || self.credential.settings.id.as_ref() == Some(&stored.id)
    }
}

/// The stored credential that a document means: the one of its id or name, unless the value says otherwise, else the
/// one of its value, unless that has another name.
fn matching(wanted: &Credential, digest: Option<SecretDigest>, stored: &[StoredCredential]) -> Option<usize> {
    let Credential { settings, proof } = wanted;
    let same_kind = |known: &StoredCredential| known.proof.kind() == proof.kind();
    let says_otherwise = |known: &StoredCredential| digest.is_some_and(|digest| !known.digest.matches(&digest));
    let is_meant = |known: &StoredCredential| match (&settings.id, &settings.name) {
        (Some(id), _) => known.id == *id,
        (None, Some(name)) => known.name.as_ref() == Some(name),
        (None, None) => false,
    };
    let has_value = |known: &StoredCredential| {
        let named_otherwise = settings.name.is_some() && known.name.is_some();
        digest.is_some_and(|digest| known.digest.matches(&digest)) && !named_otherwise
    };
    let meant = stored.iter().position(|known| same_kind(known) && is_meant(known) && !says_otherwise(known));
    meant.or_else(|| stored.iter().position(|known| same_kind(known) && has_value(known)))
}

impl Run<'_> {
    /// Makes a client's credentials match its document; answers whether something changed.
    ///
    /// No list at all leaves them alone. A list replaces the named ones; unnamed ones that it does not match stay,
    /// unless pruned. What goes, goes first: a name and a value are free again when another credential takes them over.
    pub(super) async fn credentials(
        &mut self,
        index: usize,
        position: usize,
        client_id: &str,
        client: &Client,
    ) -> Result<bool, ApplyError> {
        let Some(credentials) = &client.credentials else { return Ok(false) };
        let path = |at: usize| format!("clients[{position}].credentials[{at}]");
        let mut stored = self.write.credentials(self.tenant, client_id).await?;
        let mut wanted = Vec::new();
        for (at, credential) in credentials.iter().enumerate() {
            let member = |(name, message): (String, String)| DocumentFault::at(index, below(&path(at), &name), message);
            self.check_provider(&credential.proof).await?.map_err(member)?;
            let digest = self.digest_of(client_id, credential).map_err(member)?;
            let known = matching(credential, digest, &stored).map(|found| stored.remove(found));
            wanted.push(Wanted { credential, digest, known });
        }
        let prune = self.options.prune;
        stored.retain(|known| known.name.is_some() || prune || wanted.iter().any(|wanted| wanted.replaces(known)));
        let mut changed = !stored.is_empty();
        for gone in stored {
            self.write.delete_credential(self.tenant, client_id, &gone.id).await?;
            self.audit_credential(Op::Delete, client_id, &gone).await?;
        }
        for (at, Wanted { credential, digest, known }) in wanted.into_iter().enumerate() {
            changed |= if let Some(known) = known {
                self.update_credential(client_id, credential, known).await?
            } else {
                let added = self.add_credential(client_id, credential, digest).await;
                added.map_err(|error| match error {
                    NotAdded::Fault(message) => DocumentFault::at(index, path(at), message).into(),
                    NotAdded::Store(error) => ApplyError::from(error),
                })?;
                true
            };
        }
        Ok(changed)
    }

    fn digest_of(&self, client_id: &str, credential: &Credential) -> Result<Option<SecretDigest>, (String, String)> {
        match &credential.proof {
            Proof::Secret(secret) => Ok(match &secret.value {
                Some(SecretValue::Literal(value)) => Some(self.core.keyring.digest(self.tenant, client_id, value)),
                Some(SecretValue::Generate) | None => None,
            }),
            Proof::PublicKey(_) | Proof::Jwks(_) | Proof::Federated(_) | Proof::Certificate(_) => {
                thumbprint::of(credential).map(Some)
            }
        }
    }

    /// The value of a secret that is not stored yet.
    fn value_of(
        &mut self,
        client_id: &str,
        settings: &CredentialSettings,
        value: Option<&SecretValue>,
    ) -> Result<PlainSecret, String> {
        match (value, &settings.name) {
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

    async fn add_credential(
        &mut self,
        client_id: &str,
        credential: &Credential,
        digest: Option<SecretDigest>,
    ) -> Result<(), NotAdded> {
        let Credential { settings, proof } = credential;
        let new = match (proof, digest) {
            (Proof::Secret(secret), _) => {
                let value = self.value_of(client_id, settings, secret.value.as_ref()).map_err(NotAdded::Fault)?;
                self.core.new_secret(self.tenant, client_id, settings, &value, self.write.now())?
            }
            (proof, Some(digest)) => {
                let id = random::id("cred_").map_err(|_| KeyringFault::Randomness)?;
                let credential = stored(id, settings, proof.clone(), digest, self.write.now());
                NewCredential { credential, sealed: None }
            }
            (_, None) => return Err(NotAdded::Fault("what is registered here cannot be told apart".into())),
        };
        match self.write.add_credential(self.tenant, client_id, &new).await {
            Err(StoreError::Duplicate(_)) => {
                return Err(NotAdded::Fault("another credential of this client has the same value or name".into()));
            }
            outcome => outcome?,
        }
        Ok(self.audit_credential(Op::Create, client_id, &new.credential).await?)
    }

    /// Changes a stored credential; answers whether it differs. Tokens that rest on what it was die: those of a disabled
    /// one because it is, those of one that means something else by a cut-off.
    async fn update_credential(
        &mut self,
        client_id: &str,
        wanted: &Credential,
        known: StoredCredential,
    ) -> Result<bool, StoreError> {
        let Credential { settings, proof } = wanted;
        let means_the_same = known.is_secret() || known.proof.means(proof);
        let wanted = StoredCredential {
            name: settings.name.clone().or_else(|| known.name.clone()),
            status: settings.status,
            not_before: settings.not_before,
            expires: settings.expires,
            proof: if means_the_same { known.proof.clone() } else { proof.clone() },
            ..known.clone()
        };
        let settings = |of: &StoredCredential| (of.name.clone(), of.status, of.not_before, of.expires);
        if means_the_same && settings(&known) == settings(&wanted) {
            return Ok(false);
        }
        if !means_the_same {
            let forget_at = forget_at(&self.write);
            self.write.cut_off_client(self.tenant, client_id, ("", &known.id), forget_at).await?;
        }
        self.write.update_credential(self.tenant, client_id, &wanted).await?;
        self.audit_credential(Op::Update, client_id, &wanted).await?;
        Ok(true)
    }

    async fn audit_credential(
        &mut self,
        op: Op,
        client_id: &str,
        credential: &StoredCredential,
    ) -> Result<(), StoreError> {
        let StoredCredential { id, name, expires, proof, .. } = credential;
        let detail = serde_json::json!({ "id": id, "name": name, "expires": expires });
        self.write.audit(self.tenant, op.name(), proof.kind(), client_id, &detail).await
    }
}

fn stored(
    id: String,
    settings: &CredentialSettings,
    proof: Proof,
    digest: SecretDigest,
    created: i64,
) -> StoredCredential {
    StoredCredential {
        id,
        name: settings.name.clone(),
        status: settings.status,
        not_before: settings.not_before,
        expires: settings.expires,
        proof,
        digest,
        created,
        last_used: None,
    }
}

impl Core {
    /// A secret ready to be stored: digested and sealed under a new id.
    pub(crate) fn new_secret(
        &self,
        tenant: &str,
        client_id: &str,
        settings: &CredentialSettings,
        value: &PlainSecret,
        now: i64,
    ) -> Result<NewCredential, StoreError> {
        let id = random::id("sec_").map_err(|_| KeyringFault::Randomness)?;
        let context = Context(["secret", tenant, client_id, &id]);
        let sealed = self.keyring.seal(&context, value.expose().as_bytes())?;
        let digest = self.keyring.digest(tenant, client_id, value);
        let credential = stored(id, settings, Proof::Secret(Secret { value: None }), digest, now);
        Ok(NewCredential { credential, sealed: Some(sealed) })
    }
}
