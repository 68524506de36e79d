//! Permission: may this client have this grant, from here, at this door, and what of what it asks for.

use std::net::IpAddr;
use std::sync::Arc;

use writ_oauth::permission::{Decision, Grants, Outcome, Reason, Spelling};
use writ_oauth::request::{Asked, Item, Target, Unmet, Wanted};
use writ_oauth::x509::CallerCertificate;
use writ_oauth::{Refusal, Refused};

use crate::Core;
use crate::authenticate::Authenticated;
use crate::client::Client;
use crate::document::{DefaultScopes, UnmetScopes};
use crate::grant::Grant;
use crate::issuer::Issuer;
use crate::network;
use crate::resource_server::ResourceServer;
use crate::tenant::Tenant;

/// Where a request came in: whose door, which one, and from which address.
pub struct Door {
    /// The tenant.
    pub tenant: Arc<Tenant>,
    /// The issuer.
    pub issuer: Arc<Issuer>,
    /// The caller's address.
    pub origin: IpAddr,
    /// The certificate of the caller's connection, if it has one.
    pub certificate: Option<Arc<CallerCertificate>>,
}

/// What a client was permitted. Only [`Core::permit`] makes one.
pub struct Permitted {
    authenticated: Authenticated,
    server: Arc<ResourceServer>,
    granted: Vec<Box<str>>,
    rejected: Vec<String>,
}

impl Permitted {
    pub(crate) fn authenticated(&self) -> &Authenticated {
        &self.authenticated
    }

    /// The resource server.
    pub fn server(&self) -> &ResourceServer {
        &self.server
    }

    /// What was granted, in registered spelling.
    pub fn granted(&self) -> &[Box<str>] {
        &self.granted
    }

    /// What was asked for and left out, as it was asked.
    pub fn rejected(&self) -> &[String] {
        &self.rejected
    }
}

impl Core {
    /// Decides what an authenticated client may have.
    pub fn permit(
        &self,
        door: &Door,
        authenticated: Authenticated,
        grant: Grant,
        asked: Asked,
    ) -> Result<Permitted, Refused> {
        let client = authenticated.client();
        // The tenant as it is now: what the door was opened with may be older than the sequence of the authentication.
        let snapshot = self.directory.snapshot();
        let tenant = snapshot.tenant(&door.tenant.name).ok_or(Refusal::HostUnknown)?;
        let decided = may_ask(client, door, tenant, grant).and_then(|()| decide(client, tenant, asked));
        match decided {
            Err(refused) => Err(refused.of_client(&client.client_id)),
            Ok((server, granted, rejected)) => Ok(Permitted { authenticated, server, granted, rejected }),
        }
    }
}

/// Whether the client may ask at all: at this issuer, by this grant, from this address.
fn may_ask(client: &Client, door: &Door, tenant: &Tenant, grant: Grant) -> Result<(), Refused> {
    if !client.issuers.is_empty() && !client.issuers.iter().any(|name| **name == *door.issuer.name) {
        return Err(Refusal::IssuerNotAllowed.into());
    }
    // > The authenticated client is not authorized to use this authorization grant type.
    // https://www.rfc-editor.org/rfc/rfc6749#section-5.2
    if !client.grants.contains(&grant) {
        return Err(Refused::about(Refusal::GrantNotAllowed, grant.name()));
    }
    let zones = client.networks.iter();
    let inside = |zone: &str| tenant.zones.get(zone).is_some_and(|ranges| network::contains(ranges, door.origin));
    if !client.networks.is_empty() && !zones.into_iter().any(|zone| inside(zone)) {
        return Err(Refusal::AddressNotAllowed.into());
    }
    Ok(())
}

type Decided = (Arc<ResourceServer>, Vec<Box<str>>, Vec<String>);

/// Decides what is asked for.
fn decide(client: &Client, tenant: &Tenant, asked: Asked) -> Result<Decided, Refused> {
    let Asked { target, wanted, mut spelling, unmet } = asked;
    let reduces = match client.unmet_scopes {
        UnmetScopes::Refuse => false,
        UnmetScopes::Reduce => true,
        UnmetScopes::Dialect => unmet == Unmet::Reduce,
    };
    let wanted = if wanted.is_nothing() {
        spelling = Spelling::Exact;
        default_of(client)?
    } else {
        wanted
    };
    let server = find_server(client, tenant, &target, &wanted, spelling)?;
    if !server.enabled {
        return Err(Refusal::ResourceServerDisabled.into());
    }
    let none = Grants::default();
    let grants = client.grants_on(&server.audience).unwrap_or(&none);
    let mut granted: Vec<Box<str>> = Vec::new();
    let mut rejected = Vec::new();
    for item in &wanted.items {
        match server.permissions.decide(grants, &item.permission, spelling).outcome {
            Outcome::Allowed(permission, _) if granted.contains(&permission.id) => {}
            Outcome::Allowed(permission, _) => granted.push(permission.id.clone()),
            Outcome::Refused(_) if reduces => rejected.push(item.written.clone()),
            Outcome::Refused(reason) => return Err(Refused::about(reason.into_refusal(), &item.written)),
        }
    }
    if wanted.everything {
        granted = server.permissions.granted(grants).map(|permission| permission.id.clone()).collect();
    }
    if granted.is_empty() {
        let about = |written: &String| Refused::about(Refusal::NothingGranted, written);
        return Err(wanted.first_written.as_ref().map_or_else(|| Refusal::NothingGranted.into(), about));
    }
    Ok((server, granted, rejected))
}

/// What a client gets that asks for nothing.
///
/// > If the client omits the scope parameter when requesting authorization, the authorization server MUST either
/// > process the request using a pre-defined default value or fail the request indicating an invalid scope.
///
/// <https://www.rfc-editor.org/rfc/rfc6749#section-3.3>
fn default_of(client: &Client) -> Result<Wanted, Refused> {
    match &client.default_scopes {
        DefaultScopes::None => Err(Refusal::ScopeMissing.into()),
        DefaultScopes::All => Ok(Wanted { everything: true, ..Wanted::default() }),
        DefaultScopes::These(list) => {
            Ok(Wanted { items: list.iter().cloned().map(Item::plain).collect(), ..Wanted::default() })
        }
    }
}

/// The resource server that is asked for: one that the client is authorized for, always.
fn find_server(
    client: &Client,
    tenant: &Tenant,
    target: &Target,
    wanted: &Wanted,
    spelling: Spelling,
) -> Result<Arc<ResourceServer>, Refused> {
    let authorized = || client.authorizations.iter().filter_map(|(audience, _)| tenant.servers.get(&**audience));
    match target {
        Target::Audience(audience) => {
            authorized().find(|server| server.audience == *audience).cloned().ok_or_else(|| {
                let written = wanted.first_written.as_ref().unwrap_or(audience);
                Refused::about(Refusal::AudienceNotGranted, written)
            })
        }
        // > the authorization server [...] if it is unwilling or unable to issue an access token for the indicated
        // > resource: invalid_target
        // https://www.rfc-editor.org/rfc/rfc8707#section-2
        Target::Resource(resource) => authorized()
            .find(|server| server.audience == *resource || server.resource_urls.contains(resource))
            .cloned()
            .ok_or_else(|| Refused::about(resource_refusal(resource), resource)),
        Target::Inferred => {
            let holds = |server: &ResourceServer| {
                let grants = client.grants_on(&server.audience);
                grants.is_some_and(|grants| wanted.items.iter().all(|item| allowed(server, grants, item, spelling)))
            };
            let mut candidates = authorized().filter(|server| holds(server));
            match (candidates.next(), candidates.next()) {
                (Some(only), None) => Ok(Arc::clone(only)),
                (None, _) => only_server(authorized()),
                (Some(_), Some(_)) => Err(Refusal::ResourceAmbiguous.into()),
            }
        }
    }
}

/// When no server holds everything: the only one there is, so that the refusal can name the item.
fn only_server<'t>(
    mut authorized: impl Iterator<Item = &'t Arc<ResourceServer>>,
) -> Result<Arc<ResourceServer>, Refused> {
    match (authorized.next(), authorized.next()) {
        (None, _) => Err(Refusal::NothingGranted.into()),
        (Some(only), None) => Ok(Arc::clone(only)),
        (Some(_), Some(_)) => Err(Refusal::ResourceAmbiguous.into()),
    }
}

fn allowed(server: &ResourceServer, grants: &Grants, item: &Item, spelling: Spelling) -> bool {
    let Decision { outcome, .. } = server.permissions.decide(grants, &item.permission, spelling);
    matches!(outcome, Outcome::Allowed(..))
}

/// > Its value MUST be an absolute URI, as specified by Section 4.3 of \[RFC3986\]. [...] The URI MUST NOT include a
/// > fragment component.
///
/// <https://www.rfc-editor.org/rfc/rfc8707#section-2>
fn resource_refusal(resource: &str) -> Refusal {
    match url::Url::parse(resource) {
        Ok(url) if url.fragment().is_none() => Refusal::ResourceNotGranted,
        Ok(_) | Err(_) => Refusal::ResourceMalformed,
    }
}

/// Turns the reason of a decision into the rule that it breaks.
trait IntoRefusal {
    fn into_refusal(self) -> Refusal;
}

impl IntoRefusal for Reason {
    fn into_refusal(self) -> Refusal {
        match self {
            Self::Unknown => Refusal::PermissionUnknown,
            Self::NotGranted => Refusal::PermissionNotGranted,
            Self::NotForMachines => Refusal::PermissionNotForMachines,
        }
    }
}
