//! The names of the client authentication methods.

/// A client authentication method, by its registered name.
/// <https://www.rfc-editor.org/rfc/rfc7591#section-2>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthMethod {
    /// Id and secret in an HTTP Basic header.
    ClientSecretBasic,
    /// Id and secret in the form.
    ClientSecretPost,
}

impl AuthMethod {
    /// Every method, in the order in which documents and metadata list them.
    pub const ALL: [Self; 2] = [Self::ClientSecretBasic, Self::ClientSecretPost];

    /// The registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
        }
    }

    /// The method with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}
