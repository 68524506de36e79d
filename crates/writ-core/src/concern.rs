//! Whom a token concerns: who may learn whether it is active, and who may end it.

use writ_oauth::token::ClaimsLayout;

use crate::client::Client;
use crate::tenant::Tenant;
use crate::token::VerifiedToken;

impl VerifiedToken {
    /// Whether a client may learn that it is active: the client that it was issued to, and those of the application that
    /// is called with it.
    ///
    /// > If the token can be used only at certain resource servers, the authorization server MUST determine whether or
    /// > not the token can be used at the resource server making the introspection call.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7662#section-4>
    ///
    /// Where the callers are clients of the application that they call, they learn nothing of one another: there it is
    /// the application's own client, which has its id.
    pub(crate) fn may_be_seen_by(&self, client: &Client, tenant: &Tenant) -> bool {
        let is_called = match self.layout {
            ClaimsLayout::Rfc9068 | ClaimsLayout::Plain => self.application(tenant) == Some(&*client.application),
            ClaimsLayout::CallerAudience => self.is_of_party(client, tenant),
        };
        self.was_issued_to(client) || is_called
    }

    /// Whether a client may end it: the client that it was issued to, and where the application that is called stands in
    /// it as the authorized party, that application's own client.
    ///
    /// > The authorization server [...] verifies whether the token was issued to the client making the revocation
    /// > request.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7009#section-2.1>
    pub(crate) fn may_be_revoked_by(&self, client: &Client, tenant: &Tenant) -> bool {
        let is_party = match self.layout {
            ClaimsLayout::Rfc9068 | ClaimsLayout::Plain => false,
            ClaimsLayout::CallerAudience => self.is_of_party(client, tenant),
        };
        self.was_issued_to(client) || is_party
    }

    fn was_issued_to(&self, client: &Client) -> bool {
        *self.client_id == *client.client_id
    }

    /// Whether a client is the application's own: the one that has its id.
    fn is_of_party(&self, client: &Client, tenant: &Tenant) -> bool {
        client.application == client.client_id && self.application(tenant) == Some(&*client.client_id)
    }

    /// The application that is called with it.
    pub(crate) fn application<'t>(&self, tenant: &'t Tenant) -> Option<&'t str> {
        tenant.resource_server(&self.audience).map(|server| &*server.application)
    }
}
