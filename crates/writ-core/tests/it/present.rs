//! Presenting tokens, the way the gateway does.

use writ_core::{Core, Requirement};
use writ_oauth::Refusal;

use crate::support::TENANT;

/// What stands in front of an API.
pub(crate) trait Gateway {
    /// The rule that refuses a token for a permission on an audience; `None`: it is let through.
    async fn refuses_for(&self, token: &str, audience: &str, permission: &str) -> Option<Refusal>;

    /// The same for a caller at an address.
    async fn refuses_from(&self, origin: &str, token: &str, needs: (&str, &str)) -> Option<Refusal>;

    /// The same for the permission that the sample's caller has.
    async fn refuses(&self, token: &str) -> Option<Refusal> {
        self.refuses_for(token, "api://dashboard", "announce:read").await
    }
}

impl Gateway for Core {
    async fn refuses_for(&self, token: &str, audience: &str, permission: &str) -> Option<Refusal> {
        self.refuses_from("192.0.2.1", token, (audience, permission)).await
    }

    async fn refuses_from(&self, origin: &str, token: &str, needs: (&str, &str)) -> Option<Refusal> {
        let snapshot = self.snapshot();
        let tenant = snapshot.tenant(TENANT).unwrap();
        let requirement = Requirement { audience: needs.0, permission: needs.1, origin: origin.parse().unwrap() };
        self.enforce(tenant, token, requirement).await.err().map(|refused| refused.refusal)
    }
}
