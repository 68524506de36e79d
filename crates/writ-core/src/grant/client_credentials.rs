//! `client_credentials`: a client asks for a token for itself.
//!
//! > The client credentials grant type MUST only be used by confidential clients.
//! >
//! > <https://www.rfc-editor.org/rfc/rfc6749#section-4.4>
//!
//! Every client of this server that can authenticate is confidential: there is no method `none`.

use writ_oauth::Refused;
use writ_oauth::request::Asked;

use super::Grant;
use crate::{Authenticated, Core, Door, Issued};

/// The value of `grant_type`.
pub const NAME: &str = "client_credentials";

impl Core {
    /// Runs the grant for an authenticated client: permit, then issue.
    pub async fn client_credentials(
        &self,
        door: &Door,
        authenticated: Authenticated,
        asked: Asked,
    ) -> Result<Issued, Refused> {
        let permitted = self.permit(door, authenticated, Grant::ClientCredentials, asked)?;
        self.issue(door, permitted).await
    }
}
