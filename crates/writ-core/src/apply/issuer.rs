//! Applying issuers, and making their keys.

use writ_oauth::jose::{Alg, SigningKey};

use super::{ApplyError, Run};
use crate::Core;
use crate::document::{DocumentFault, Issuer, IssuerToken, Kind, Signing};
use crate::keyring::{Context, KeyringFault};
use crate::store::{KeyState, Op, StoreError, StoredKey, Write};

impl Run<'_> {
    pub(super) async fn issuer(&mut self, index: usize, issuer: &Issuer) -> Result<(), ApplyError> {
        let stored = self.write.issuers(self.tenant).await?;
        if let Some(other) = stored.iter().find(|known| known.dialect == issuer.dialect && known.name != issuer.name) {
            let message = format!("a tenant has one issuer a dialect, and `{}` has this one", other.name);
            return Err(DocumentFault::at(index, "dialect", message).into());
        }
        let known = stored.iter().find(|known| known.name == issuer.name);
        let op = match known {
            Some(known) if known == issuer => {
                self.applied.unchanged += 1;
                return Ok(());
            }
            Some(known) if known.dialect != issuer.dialect => {
                let message = format!("the dialect of an issuer is immutable; `{}` is stored", known.dialect);
                return Err(DocumentFault::at(index, "dialect", message).into());
            }
            Some(_) => Op::Update,
            None => Op::Create,
        };
        self.write.put_issuer(self.tenant, issuer).await?;
        if known.is_none_or(|known| known.signing != issuer.signing) {
            self.write.retire_active_key(self.tenant, &issuer.name).await?;
            self.core.add_active_key(&mut self.write, self.tenant, &issuer.name, issuer.signing.alg).await?;
        }
        Ok(self.changed(op, Kind::Issuer, &issuer.name).await?)
    }
}

impl Core {
    /// Gives a new tenant a front door of every dialect, named like it.
    pub(crate) async fn add_default_issuers(&self, write: &mut Write, tenant: &str) -> Result<(), StoreError> {
        for dialect in self.dialects {
            let issuer = Issuer {
                name: dialect.key.to_owned(),
                dialect: dialect.key.to_owned(),
                signing: Signing { alg: dialect.alg },
                token: IssuerToken::default(),
            };
            write.put_issuer(tenant, &issuer).await?;
            write.record(tenant, Op::Create, Kind::Issuer, &issuer.name).await?;
            self.add_active_key(write, tenant, &issuer.name, dialect.alg).await?;
        }
        Ok(())
    }

    async fn add_active_key(&self, write: &mut Write, tenant: &str, issuer: &str, alg: Alg) -> Result<(), StoreError> {
        let (key, pkcs8) = SigningKey::generate(alg).map_err(|_| KeyringFault::Randomness)?;
        let context = Context(["signing key", tenant, issuer, key.kid()]);
        let stored = StoredKey {
            tenant: tenant.to_owned(),
            issuer: issuer.to_owned(),
            kid: key.kid().to_owned(),
            alg,
            state: KeyState::Active,
            created: write.now(),
            sealed: self.keyring.seal(&context, pkcs8.as_bytes())?,
        };
        write.add_signing_key(&stored).await?;
        let detail = serde_json::json!({ "kid": stored.kid, "alg": alg.name() });
        write.audit(tenant, Op::Create.name(), "signing_key", issuer, &detail).await
    }
}
