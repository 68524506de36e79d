//! Permission: may this client have this grant, from here, at this door, and what of what it asks for.

use std::net::IpAddr;
use std::sync::Arc;

use writ_oauth::permission::Spelling;
use writ_oauth::permission::resource::Circumstances;
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
use crate::resource_server::{ResourceServer, Wording};
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

/// A client that may use a door. Only [`Core::admit`] makes one.
pub struct Admitted(Authenticated);

impl Admitted {
    pub(crate) fn authenticated(&self) -> &Authenticated {
        &self.0
    }

    /// The client.
    pub fn client(&self) -> &Client {
        self.0.client()
    }
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

    /// What was granted, as the token says it.
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
        let at = Circumstances { now: self.now(), origin: Some(door.origin) };
        match decide(client, (door, tenant), grant, asked, at) {
            Err(refused) => Err(refused.of_client(&client.client_id)),
            Ok(Decided { server, granted, rejected }) => Ok(Permitted { authenticated, server, granted, rejected }),
        }
    }
}

impl Core {
    /// Lets an authenticated client use a door for what needs no grant.
    pub fn admit(&self, door: &Door, authenticated: Authenticated) -> Result<Admitted, Refused> {
        let client = authenticated.client();
        let snapshot = self.directory.snapshot();
        let tenant = snapshot.tenant(&door.tenant.name).ok_or(Refusal::HostUnknown)?;
        let may = has_issuer(client, &door.issuer).and_then(|()| is_in_its_zones(client, door, tenant));
        may.map_err(|refusal| Refused::from(refusal).of_client(&client.client_id))?;
        Ok(Admitted(authenticated))
    }
}

/// What is asked of a client before anything is that it asks for, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MayAsk {
    /// At this issuer?
    Issuer,
    /// By this grant?
    Grant,
    /// From this address?
    Network,
}

impl MayAsk {
    pub(crate) const ALL: [Self; 3] = [Self::Issuer, Self::Grant, Self::Network];

    pub(crate) fn check(self, client: &Client, door: &Door, tenant: &Tenant, grant: Grant) -> Result<(), Refused> {
        match self {
            Self::Issuer => has_issuer(client, &door.issuer).map_err(Refused::from),
            // > The authenticated client is not authorized to use this authorization grant type.
            // https://www.rfc-editor.org/rfc/rfc6749#section-5.2
            Self::Grant if client.grants.contains(&grant) => Ok(()),
            Self::Grant => Err(Refused::about(Refusal::GrantNotAllowed, grant.name())),
            Self::Network => is_in_its_zones(client, door, tenant).map_err(Refused::from),
        }
    }
}

fn has_issuer(client: &Client, issuer: &Issuer) -> Result<(), Refusal> {
    let may = client.issuers.is_empty() || client.issuers.iter().any(|name| **name == *issuer.name);
    if may { Ok(()) } else { Err(Refusal::IssuerNotAllowed) }
}

fn is_in_its_zones(client: &Client, door: &Door, tenant: &Tenant) -> Result<(), Refusal> {
    let mut zones = client.networks.iter().filter_map(|zone| tenant.zones.get(&**zone));
    let may = client.networks.is_empty() || zones.any(|ranges| network::contains(ranges, door.origin));
    if may { Ok(()) } else { Err(Refusal::AddressNotAllowed) }
}

/// What was decided on a request.
pub(crate) struct Decided {
    pub(crate) server: Arc<ResourceServer>,
    pub(crate) granted: Vec<Box<str>>,
    pub(crate) rejected: Vec<String>,
}

/// The whole decision on what a client asks for.
pub(crate) fn decide(
    client: &Client,
    (door, tenant): (&Door, &Tenant),
    grant: Grant,
    asked: Asked,
    at: Circumstances,
) -> Result<Decided, Refused> {
    MayAsk::ALL.into_iter().try_for_each(|question| question.check(client, door, tenant, grant))?;
    let question = Question::new(client, tenant, asked, at)?;
    let server = question.server()?;
    question.settle(server)
}

/// What is asked for, by whom and under which circumstances.
pub(crate) struct Question<'q> {
    client: &'q Client,
    tenant: &'q Tenant,
    pub(crate) target: Target,
    pub(crate) wanted: Wanted,
    pub(crate) wording: Wording,
    unmet: Unmet,
    pub(crate) at: Circumstances,
}

impl UnmetScopes {
    /// What is done at a door that does this when it is left to it. One that issues tokens for nothing does so for
    /// every client whose scopes may be reduced.
    const fn at_a_door_that(self, door: Unmet) -> Unmet {
        match (self, door) {
            (Self::Refuse, _) | (Self::Dialect, Unmet::Refuse) => Unmet::Refuse,
            (Self::Reduce, Unmet::Refuse) | (Self::Dialect | Self::Reduce, Unmet::Reduce) => Unmet::Reduce,
            (Self::Dialect | Self::Reduce, Unmet::ReduceToNothing) => Unmet::ReduceToNothing,
        }
    }
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

impl<'q> Question<'q> {
    /// Puts the client's default where it asks for nothing.
    pub(crate) fn new(
        client: &'q Client,
        tenant: &'q Tenant,
        asked: Asked,
        at: Circumstances,
    ) -> Result<Self, Refused> {
        let Asked { target, wanted, spelling, echo, unmet } = asked;
        let unmet = client.unmet_scopes.at_a_door_that(unmet);
        let (wanted, spelling) =
            if wanted.is_nothing() { (default_of(client)?, Spelling::Exact) } else { (wanted, spelling) };
        Ok(Self { client, tenant, target, wanted, wording: Wording { spelling, echo }, unmet, at })
    }

    /// The resource server that is asked for, which must be one that may be called.
    pub(crate) fn server(&self) -> Result<Arc<ResourceServer>, Refused> {
        let server = self.find_server(&self.target, &self.wanted)?;
        if server.enabled { Ok(server) } else { Err(Refusal::ResourceServerDisabled.into()) }
    }

    /// Decides on everything that is asked for.
    pub(crate) fn settle(&self, server: Arc<ResourceServer>) -> Result<Decided, Refused> {
        let Self { client, wanted, unmet, .. } = self;
        let mut granted: Vec<Box<str>> = Vec::new();
        let mut rejected = Vec::new();
        for item in &wanted.items {
            match self.decide(&server, item) {
                Ok(written) if granted.contains(&written) => {}
                Ok(written) => granted.push(written),
                Err(refusal) if *unmet == Unmet::Refuse => {
                    return Err(Refused::about(refusal, &item.written).with_items(self.decisions(&server)));
                }
                Err(refusal) => {
                    tracing::debug!(client_id = %client.client_id, item = %item.written, ?refusal, "left out of a token");
                    rejected.push(item.written.clone());
                }
            }
        }
        if wanted.everything {
            granted = server.permissions.granted(client.granted_on(&server.audience), &self.at);
        }
        if granted.is_empty() && *unmet != Unmet::ReduceToNothing {
            let about = |written: &String| Refused::about(Refusal::NothingGranted, written);
            let refused = wanted.first_written.as_ref().map_or_else(|| Refusal::NothingGranted.into(), about);
            return Err(refused.with_items(self.decisions(&server)));
        }
        Ok(Decided { server, granted, rejected })
    }

    /// What is decided on each item.
    fn decisions(&self, server: &ResourceServer) -> impl Iterator<Item = (&str, Option<Refusal>)> {
        self.wanted.items.iter().map(|item| (&*item.written, self.decide(server, item).err()))
    }

    /// One item of it, on a resource server: how it is written where it is granted.
    pub(crate) fn decide(&self, server: &ResourceServer, item: &Item) -> Result<Box<str>, Refusal> {
        let granted = self.client.granted_on(&server.audience);
        server.permissions.decide(granted, &item.permission, self.wording, &self.at)
    }

    /// The resource servers that the client is authorized for.
    pub(crate) fn authorized(&self) -> impl Iterator<Item = &'q Arc<ResourceServer>> + use<'q> {
        let tenant = self.tenant;
        self.client.authorizations.iter().filter_map(|(audience, _)| tenant.servers.get(&**audience))
    }

    /// The resource server that is asked for: one that the client is authorized for, or its own application's.
    fn find_server(&self, target: &Target, wanted: &Wanted) -> Result<Arc<ResourceServer>, Refused> {
        match target {
            Target::OwnApplication => {
                let own = self.tenant.server_of(&self.client.application);
                own.cloned().ok_or_else(|| Refusal::OwnServerMissing.into())
            }
            Target::Audience(audience) => {
                self.authorized().find(|server| server.audience == *audience).cloned().ok_or_else(|| {
                    let written = wanted.first_written.as_ref().unwrap_or(audience);
                    Refused::about(Refusal::AudienceNotGranted, written)
                })
            }
            // > the authorization server [...] if it is unwilling or unable to issue an access token for the indicated
            // > resource: invalid_target
            // https://www.rfc-editor.org/rfc/rfc8707#section-2
            Target::Resource(resource) => self
                .authorized()
                .find(|server| server.audience == *resource || server.resource_urls.contains(resource))
                .cloned()
                .ok_or_else(|| Refused::about(resource_refusal(resource), resource)),
            Target::Inferred => {
                let holds =
                    |server: &&Arc<ResourceServer>| wanted.items.iter().all(|item| self.decide(server, item).is_ok());
                let mut candidates = self.authorized().filter(holds);
                match (candidates.next(), candidates.next()) {
                    (Some(only), None) => Ok(Arc::clone(only)),
                    (None, _) => only_server(self.authorized()),
                    (Some(_), Some(_)) => Err(Refusal::ResourceAmbiguous.into()),
                }
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
