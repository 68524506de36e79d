//! Creating a client with its first secret.

use writ_oauth::secret::PlainSecret;

use super::{changeable_application, check_references};
use crate::admin::Administrator;
use crate::apply::{ApplyError, check_client, check_secret, taken};
use crate::document::{Authorization, Client, CredentialSettings, Lifetime};
use crate::keyring::KeyringFault;
use crate::secrets::{fault, given_or_new};
use crate::store::{IdentifierOwner, Op, StoreError, StoredCredential, Write};
use crate::{Core, random};

/// A client to be created.
#[derive(Default)]
pub struct NewClient {
    /// Its id; absent: a new one is made.
    pub client_id: Option<String>,
    /// A name for people.
    pub name: Option<String>,
    /// How long its tokens live; absent: as the issuer has it.
    pub lifetime: Option<Lifetime>,
    /// What it may be given.
    pub authorizations: Vec<Authorization>,
    /// The value of its secret; absent: a new one is made.
    pub secret: Option<PlainSecret>,
}

/// A client that was created, with the value of its secret. No `Debug`.
pub struct CreatedClient {
    /// The client.
    pub client: Client,
    /// What is known of its secret.
    pub credential: StoredCredential,
    /// The value of the secret.
    pub secret: PlainSecret,
}

impl Core {
    /// Creates a client of an application.
    pub async fn create_client(
        &self,
        by: &Administrator,
        tenant: &str,
        application: &str,
        new: NewClient,
    ) -> Result<CreatedClient, ApplyError> {
        self.snapshot().known_tenant(tenant)?;
        let NewClient { client_id, name, lifetime, authorizations, secret } = new;
        let client_id = match client_id {
            Some(client_id) => client_id,
            None => random::id("").map_err(|_| StoreError::from(KeyringFault::Randomness))?,
        };
        let mut client = Client { name, authorizations, ..Client::with_id(Some(client_id.clone())) };
        client.token.lifetime = lifetime;
        check_client(&client).map_err(fault)?;
        client.merge_authorizations();
        let secret = given_or_new(secret)?;
        let settings = CredentialSettings::default();
        check_secret(&settings, &secret, client.signs_with_secrets()).map_err(in_secret)?;
        let mut write = self.store.write(by.name(), self.now()).await?;
        changeable_application(&mut write, tenant, application).await?;
        claim(&mut write, tenant, &client_id, application).await?;
        let position = write.next_client_position(tenant, application).await?;
        write.put_client(tenant, application, position, &client).await?;
        if !client.authorizations.is_empty() {
            check_references(&mut write, tenant).await?;
        }
        let new = self.new_secret(tenant, &client_id, &settings, &secret, write.now())?;
        write.add_credential(tenant, &client_id, &new).await?;
        let credential = new.credential;
        let detail = serde_json::json!({ "application": application, "name": client.name, "secret": credential.id });
        write.audit(tenant, Op::Create.name(), "client", &client_id, &detail).await?;
        self.commit_live(write).await?;
        Ok(CreatedClient { client, credential, secret })
    }
}

/// Takes an id, which nobody has: not even this application.
async fn claim(write: &mut Write, tenant: &str, client_id: &str, application: &str) -> Result<(), ApplyError> {
    let owner = IdentifierOwner { kind: "client".to_owned(), application: application.to_owned() };
    if write.client(tenant, client_id).await?.is_some_and(|known| known.application == application) {
        return Err(ApplyError::Conflict(taken(client_id, &owner)));
    }
    match write.claim_identifier(tenant, client_id, &owner).await? {
        None => Ok(()),
        Some(owner) => Err(ApplyError::Conflict(taken(client_id, &owner))),
    }
}

/// The value of the secret is the member `secret` here.
fn in_secret((path, message): (String, String)) -> ApplyError {
    let path = if path == "value" { "secret".to_owned() } else { path };
    fault((path, message)).into()
}
