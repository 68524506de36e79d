//! Grants: one file each.

pub mod client_credentials;

/// A grant type that this server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// RFC 6749 section 4.4.
    ClientCredentials,
}

impl Grant {
    /// Every grant, in the order in which metadata lists them.
    pub const ALL: [Self; 1] = [Self::ClientCredentials];

    /// The value of `grant_type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientCredentials => client_credentials::NAME,
        }
    }

    /// The grant with this `grant_type`; compared byte by byte.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.name() == name)
    }
}
