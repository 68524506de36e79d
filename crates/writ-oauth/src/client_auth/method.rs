//! The names of the client authentication methods.

/// A client authentication method, by the name that documents and metadata give it.
/// <https://www.iana.org/assignments/oauth-parameters/oauth-parameters.xhtml#token-endpoint-auth-method>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthMethod {
    /// Id and secret in an HTTP Basic header.
    ClientSecretBasic,
    /// Id and secret in the form.
    ClientSecretPost,
    /// A JWT that the client signs with its secret.
    ClientSecretJwt,
    /// A JWT that the client signs with its private key.
    PrivateKeyJwt,
    /// A document of somebody else whom an administrator trusts.
    Federated,
    /// The certificate of the connection, by its subject.
    TlsClientAuth,
    /// The certificate of the connection, by its key.
    SelfSignedTlsClientAuth,
}

impl AuthMethod {
    /// Every method that this server has, in the order in which documents and metadata list them.
    pub const ALL: [Self; 7] = [
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::ClientSecretJwt,
        Self::PrivateKeyJwt,
        Self::Federated,
        Self::TlsClientAuth,
        Self::SelfSignedTlsClientAuth,
    ];

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::Federated => "federated",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
        }
    }

    /// The method with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// Whether it is the certificate of the connection that proves the client (RFC 8705 section 2).
    pub const fn is_by_certificate(self) -> bool {
        match self {
            Self::TlsClientAuth | Self::SelfSignedTlsClientAuth => true,
            Self::ClientSecretBasic
            | Self::ClientSecretPost
            | Self::ClientSecretJwt
            | Self::PrivateKeyJwt
            | Self::Federated => false,
        }
    }

    /// Whether the name is one that clients of other vendors know. Metadata lists no others.
    ///
    /// > JSON array containing a list of client authentication methods supported by this token endpoint. Client
    /// > authentication method values are used in the "token_endpoint_auth_method" parameter defined in Section 2 of
    /// > \[RFC7591\].
    ///
    /// <https://www.rfc-editor.org/rfc/rfc8414#section-2>
    pub const fn is_registered(self) -> bool {
        match self {
            Self::ClientSecretBasic
            | Self::ClientSecretPost
            | Self::ClientSecretJwt
            | Self::PrivateKeyJwt
            | Self::TlsClientAuth
            | Self::SelfSignedTlsClientAuth => true,
            Self::Federated => false,
        }
    }
}
