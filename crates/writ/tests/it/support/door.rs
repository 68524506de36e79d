//! The front doors side by side, so that one test can try them all.

use super::call::Call;
use super::catalogue::DASHBOARD;

/// A front door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Oauth,
    Idaas,
    Authing,
}

impl Door {
    /// Every door.
    pub(crate) const ALL: [Self; 3] = [Self::Oauth, Self::Idaas, Self::Authing];
    /// The doors at which any authorized resource server can be asked for.
    pub(crate) const BOTH: [Self; 2] = [Self::Oauth, Self::Idaas];

    /// The name of its issuer, and of its folder of golden files.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Oauth => "oauth",
            Self::Idaas => "idaas",
            Self::Authing => "authing",
        }
    }

    /// The path of its issuer below the tenant's root.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Oauth => "/oauth2",
            Self::Idaas => "/api/v2/iauths_system/oauth2",
            Self::Authing => "/oidc",
        }
    }

    /// The `typ` and `alg` of its tokens.
    pub(crate) const fn header(self) -> (&'static str, &'static str) {
        match self {
            Self::Oauth => ("at+jwt", "ES256"),
            Self::Idaas | Self::Authing => ("JWT", "RS256"),
        }
    }

    /// A scope with these permissions of an audience, as this door has it written.
    pub(crate) fn scope(self, audience: &str, permissions: &[&str]) -> String {
        let item = |permission: &&str| match self {
            Self::Oauth | Self::Authing => (*permission).to_owned(),
            Self::Idaas => format!("{audience}|{permission}"),
        };
        permissions.iter().map(item).collect::<Vec<_>>().join(" ")
    }

    /// A request for a token, without credentials and without a scope.
    pub(crate) fn grant(self) -> Call {
        self.grant_at("")
    }

    /// The same below a prefix such as `/t/acme`.
    pub(crate) fn grant_at(self, prefix: &str) -> Call {
        let path = format!("{prefix}{}/token", self.path());
        Call::post(&path).form(&[("grant_type", "client_credentials")])
    }

    /// A request for permissions of the dashboard, without credentials.
    pub(crate) fn ask(self, permissions: &[&str]) -> Call {
        self.ask_of(DASHBOARD, permissions)
    }

    /// A request for permissions of an audience, without credentials.
    pub(crate) fn ask_of(self, audience: &str, permissions: &[&str]) -> Call {
        let call = self.grant().and("scope", &self.scope(audience, permissions));
        match self {
            Self::Oauth => call.and("resource", audience),
            // One of them names the audience in the scope, the other has no word for it.
            Self::Idaas | Self::Authing => call,
        }
    }
}
