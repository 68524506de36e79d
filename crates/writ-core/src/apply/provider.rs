//! Applying providers.

use std::collections::HashMap;

use super::{ApplyError, Named, Run, names};
use crate::document::{DocumentFault, Kind, Proof, Provider, ProviderSettings, Status, Trust};
use crate::federated::Demands;
use crate::revoke::forget_at;
use crate::store::Op;

impl Run<'_> {
    pub(super) async fn provider(&mut self, index: usize, provider: &Provider) -> Result<(), ApplyError> {
        let name = &provider.settings.name;
        let stored = self.write.providers(self.tenant).await?;
        let known = stored.iter().find(|known| known.settings.name == *name);
        let op = match known {
            Some(known) if known == provider => {
                self.applied.unchanged += 1;
                return Ok(());
            }
            Some(known) => {
                check_immutable(index, known, provider)?;
                Op::Update
            }
            None => Op::Create,
        };
        self.write.put_provider(self.tenant, provider).await?;
        self.write.changed_provider(self.tenant, name).await?;
        if known.is_some_and(|known| takes_back(known, provider)) {
            let forget_at = forget_at(&self.write);
            self.write.cut_off_provider(self.tenant, name, forget_at).await?;
        }
        Ok(self.changed(op, Kind::Provider, name).await?)
    }

    pub(super) async fn prune_providers(&mut self, named: &[Named]) -> Result<(), ApplyError> {
        for provider in self.write.providers(self.tenant).await? {
            if !names(named, Kind::Provider, &provider.settings.name) {
                self.delete_provider(&provider.settings.name).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn delete_provider(&mut self, name: &str) -> Result<(), ApplyError> {
        if !self.write.providers(self.tenant).await?.iter().any(|provider| provider.settings.name == name) {
            return Err(ApplyError::NotFound(Kind::Provider.name(), name.to_owned()));
        }
        if let Some((client_id, credential)) = self.write.user_of_provider(self.tenant, name).await? {
            let user = format!("the credential `{credential}` of the client `{client_id}`");
            return Err(ApplyError::Conflict(format!("the provider `{name}` is in use by {user}")));
        }
        self.write.delete_provider(self.tenant, name).await?;
        Ok(self.changed(Op::Delete, Kind::Provider, name).await?)
    }

    /// Whether the provider that a credential rests on is there, and of a type that it can rest on.
    pub(super) async fn check_provider(&mut self, proof: &Proof) -> Result<Result<(), (String, String)>, ApplyError> {
        let Some(name) = proof.provider() else { return Ok(Ok(())) };
        if self.providers.is_none() {
            let stored = self.write.providers(self.tenant).await?.into_iter();
            self.providers = Some(stored.map(|provider| (provider.settings.name, provider.trust)).collect());
        }
        let known = self.providers.as_ref().and_then(|providers| providers.get(name));
        Ok(match known {
            None => Err(("provider".to_owned(), format!("the provider `{name}` does not exist"))),
            Some(trust) => suits(proof, name, trust),
        })
    }
}

/// The providers of the run's tenant, once its own documents have been applied.
pub(super) type Providers = HashMap<String, Trust>;

fn suits(proof: &Proof, name: &str, trust: &Trust) -> Result<(), (String, String)> {
    let of = trust.name();
    match (proof, trust) {
        (Proof::Federated(federated), trust) => match &federated.profile {
            Some(profile) if !profile.suits(trust) => {
                let message = format!("the provider `{name}` is of type {of}, which this profile cannot rest on");
                Err((format!("profile.{}", profile.name()), message))
            }
            Some(_) | None => Demands::compile(federated, trust).map(drop),
        },
        (Proof::Certificate(_), Trust::Oidc(_) | Trust::Pkcs7(_)) => {
            let message = format!("the provider `{name}` is of type {of}; a certificate rests on a private_ca");
            Err(("provider".to_owned(), message))
        }
        (Proof::Certificate(_), Trust::PrivateCa(_)) | (Proof::Secret(_) | Proof::PublicKey(_) | Proof::Jwks(_), _) => {
            Ok(())
        }
    }
}

fn check_immutable(index: usize, known: &Provider, provider: &Provider) -> Result<(), DocumentFault> {
    match (&known.trust, &provider.trust) {
        (Trust::Oidc(known), Trust::Oidc(oidc)) if known.issuer != oidc.issuer => {
            let message = format!("the issuer of a provider is immutable; `{}` is stored", known.issuer);
            Err(DocumentFault::at(index, "issuer", message))
        }
        (known, trust) if known.name() != trust.name() => {
            let message = format!("the type of a provider is immutable; `{}` is stored", known.name());
            Err(DocumentFault::at(index, "type", message))
        }
        (_, _) => Ok(()),
    }
}

/// Whether something that the provider vouched for may not hold any more, so that the tokens that rest on it die. Trust
/// that is only added to takes nothing back; nor does a new revocation list, which comes on schedule: tokens outlive a
/// certificate by their lifetime at most.
fn takes_back(known: &Provider, provider: &Provider) -> bool {
    let bare = |provider: &Provider| {
        let settings = ProviderSettings { description: None, ..provider.settings.clone() };
        Provider { settings, trust: without_lists(&provider.trust) }
    };
    let enabled = |provider: &Provider| provider.settings.status == Status::Enabled;
    let keeps = |(known, now): (&Vec<String>, &Vec<String>)| known.iter().all(|item| now.contains(item));
    let mut lists = lists(&known.trust).into_iter().zip(lists(&provider.trust));
    enabled(known) && (bare(known) != bare(provider) || !lists.all(keeps))
}

/// The lists of what is trusted.
fn lists(trust: &Trust) -> Vec<&Vec<String>> {
    match trust {
        Trust::Oidc(oidc) => vec![&oidc.audiences],
        Trust::Pkcs7(pkcs7) => vec![&pkcs7.signers, &pkcs7.anchors, &pkcs7.intermediates],
        Trust::PrivateCa(ca) => vec![&ca.anchors],
    }
}

fn without_lists(trust: &Trust) -> Trust {
    let mut trust = trust.clone();
    match &mut trust {
        Trust::Oidc(oidc) => oidc.audiences.clear(),
        Trust::Pkcs7(pkcs7) => {
            (pkcs7.signers, pkcs7.anchors, pkcs7.intermediates) = (Vec::new(), Vec::new(), Vec::new());
        }
        Trust::PrivateCa(ca) => (ca.anchors, ca.crls) = (Vec::new(), Vec::new()),
    }
    trust
}
