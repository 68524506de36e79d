//! Applying issuers.

use super::{ApplyError, Run};
use crate::Core;
use crate::document::{DocumentFault, Issuer, IssuerToken, Kind, Signing};
use crate::key::IssuerKeys;
use crate::store::{Op, StoreError, Write};

impl Run<'_> {
    pub(super) async fn issuer(&mut self, index: usize, mut issuer: Issuer) -> Result<(), ApplyError> {
        let dialect = self.core.dialects.iter().find(|dialect| dialect.key == issuer.dialect);
        issuer.token.lifetime = issuer.token.lifetime.or(dialect.map(|dialect| dialect.lifetime));
        let issuer = &issuer;
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
        if known.is_none_or(|known| known.signing.alg != issuer.signing.alg) {
            let mut keys = IssuerKeys::load(self.core, &mut self.write, self.tenant, issuer).await?;
            keys.has_room().map_err(|message| DocumentFault::at(index, "signing.alg", message))?;
            keys.replace().await?;
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
                signing: Signing { alg: dialect.alg, rotate_every: None },
                token: IssuerToken { lifetime: Some(dialect.lifetime) },
            };
            write.put_issuer(tenant, &issuer).await?;
            write.record(tenant, Op::Create, Kind::Issuer, &issuer.name).await?;
            IssuerKeys::load(self, write, tenant, &issuer).await?.replace().await?;
        }
        Ok(())
    }
}
