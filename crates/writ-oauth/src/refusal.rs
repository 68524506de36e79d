//! Every rule of a request that was not met, and the class that decides how a front door answers it.
//!
//! The protocol code names the rule; [`Refusal::class`] is the only place that turns a rule into a class, and each
//! front door answers classes (and a few single refusals) in its own words. `docs/reference/errors.md` prints all of
//! those tables side by side and is generated.

use std::fmt;

/// One protocol rule that was not met, named for the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    // the place
    /// No tenant answers to this Host.
    HostUnknown,
    /// Nothing lives at this path.
    PathUnknown,
    /// The path does not take this method.
    MethodNotAllowed,
    // the body
    /// The body is not labelled `application/x-www-form-urlencoded`.
    ContentTypeNotForm,
    /// The body is labelled as a form but holds JSON.
    BodyIsJson,
    /// The body is larger than the limit.
    BodyTooLarge,
    /// The body did not arrive in time.
    BodyTooSlow,
    /// The body could not be read to its end.
    BodyBroken,
    /// A percent sign without two hexadecimal digits, or bytes that are not UTF-8.
    FormMalformed,
    /// More parameters than the limit.
    TooManyParameters,
    /// A parameter occurs twice.
    ParameterRepeated,
    /// A parameter is written as a list or map (`scope[0]`), which this protocol does not have.
    ParameterNameBracketed,
    /// `grant_type` is missing or empty.
    GrantTypeMissing,
    // client authentication: what was presented
    /// More than one `Authorization` header.
    AuthorizationRepeated,
    /// The `Authorization` scheme is not one that the token endpoint knows.
    AuthorizationSchemeUnknown,
    /// The Basic credentials are not base64 of `id:secret`.
    BasicMalformed,
    /// Credentials by more than one method.
    SeveralAuthenticationMethods,
    /// The `client_id` in the body is not the one that authenticates.
    ClientIdMismatch,
    /// No credentials at all.
    AuthenticationMissing,
    /// A client assertion of a type that is not supported.
    AssertionTypeUnknown,
    // client authentication: what is registered
    /// No such client.
    ClientUnknown,
    /// The client may not use this authentication method.
    MethodNotRegistered,
    /// No secret of the client is equal to the one presented.
    SecretWrong,
    /// The secret presented has expired.
    SecretExpired,
    /// The secret presented is not valid yet.
    SecretNotYetValid,
    /// The secret presented is disabled.
    SecretDisabled,
    /// The client is disabled.
    ClientDisabled,
    /// The client's application is disabled.
    ApplicationDisabled,
    /// The client may not use this issuer.
    IssuerNotAllowed,
    /// The request comes from outside the client's network zones.
    AddressNotAllowed,
    // the grant
    /// The grant type is not one that this server has.
    GrantUnknown,
    /// The client may not use this grant type.
    GrantNotAllowed,
    // what is asked for
    /// No scope was asked for, and the client has no default.
    ScopeMissing,
    /// The scope has characters that a scope cannot have.
    ScopeMalformed,
    /// A scope item is not written as this front door expects.
    ScopeItemMalformed,
    /// More scope items than the limit.
    TooManyScopes,
    /// Items of one scope name several audiences.
    SeveralAudiences,
    /// No such permission on the resource server.
    PermissionUnknown,
    /// The permission is not granted to the client.
    PermissionNotGranted,
    /// The permission is for people's flows only.
    PermissionNotForMachines,
    /// Nothing at all is granted on the resource server.
    NothingGranted,
    /// The scope names an audience that the client is not authorized for, or that does not exist.
    AudienceNotGranted,
    /// `resource` is not an absolute URI without a fragment.
    ResourceMalformed,
    /// `resource` names nothing that the client is authorized for.
    ResourceNotGranted,
    /// More than one `resource`.
    SeveralResources,
    /// No `resource` was named, and not exactly one resource server holds what was asked for.
    ResourceAmbiguous,
    /// The resource server is disabled.
    ResourceServerDisabled,
    // issuing
    /// The resource server wants a mapped subject, and the credential has none.
    SubjectMissing,
    /// The token would be larger than clients and proxies take.
    TokenTooLarge,
    // bearer tokens at the admin API
    /// No bearer token.
    TokenMissing,
    /// The bearer token is malformed, expired, for another audience, or not ours.
    TokenInvalid,
    /// The token lacks the permission that the operation requires.
    TokenInsufficient,
    // ourselves
    /// The database cannot be reached, and the answer needs it.
    StoreUnavailable,
    /// The configuration could not be confirmed for too long.
    ConfigurationStale,
    /// A defect of the server.
    Internal,
}

/// How refusals are grouped for answering; every front door answers each class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// There is nothing here.
    NotFound,
    /// The method is wrong.
    WrongMethod,
    /// The request is malformed.
    Malformed,
    /// The request is larger than allowed.
    TooLarge,
    /// The request took too long to arrive.
    TooSlow,
    /// No client authentication was included.
    Unauthenticated,
    /// Client authentication failed.
    BadCredential,
    /// The client is known and proven, but switched off.
    Disabled,
    /// The caller's address is not allowed.
    AddressRefused,
    /// The client may not do this kind of request.
    ClientNotAllowed,
    /// The grant type is not supported.
    UnsupportedGrant,
    /// The scope is invalid, unknown or not granted.
    BadScope,
    /// The resource is invalid, unknown or not granted.
    BadTarget,
    /// The bearer token does not authenticate.
    BadToken,
    /// The bearer token does not suffice.
    InsufficientToken,
    /// The server cannot answer at present.
    Unavailable,
    /// The server failed.
    Failed,
}

impl Refusal {
    /// The class, by which front doors answer.
    pub const fn class(self) -> Class {
        match self {
            Self::HostUnknown | Self::PathUnknown => Class::NotFound,
            Self::MethodNotAllowed => Class::WrongMethod,
            Self::ContentTypeNotForm
            | Self::BodyIsJson
            | Self::BodyBroken
            | Self::FormMalformed
            | Self::TooManyParameters
            | Self::ParameterRepeated
            | Self::ParameterNameBracketed
            | Self::GrantTypeMissing
            | Self::AuthorizationRepeated
            | Self::SeveralAuthenticationMethods
            | Self::ClientIdMismatch => Class::Malformed,
            Self::BodyTooLarge => Class::TooLarge,
            Self::BodyTooSlow => Class::TooSlow,
            Self::AuthenticationMissing => Class::Unauthenticated,
            Self::AuthorizationSchemeUnknown
            | Self::BasicMalformed
            | Self::AssertionTypeUnknown
            | Self::ClientUnknown
            | Self::MethodNotRegistered
            | Self::SecretWrong
            | Self::SecretExpired
            | Self::SecretNotYetValid
            | Self::SecretDisabled => Class::BadCredential,
            Self::ClientDisabled | Self::ApplicationDisabled => Class::Disabled,
            Self::AddressNotAllowed => Class::AddressRefused,
            Self::IssuerNotAllowed | Self::GrantNotAllowed => Class::ClientNotAllowed,
            Self::GrantUnknown => Class::UnsupportedGrant,
            Self::ScopeMissing
            | Self::ScopeMalformed
            | Self::ScopeItemMalformed
            | Self::TooManyScopes
            | Self::SeveralAudiences
            | Self::PermissionUnknown
            | Self::PermissionNotGranted
            | Self::PermissionNotForMachines
            | Self::NothingGranted
            | Self::AudienceNotGranted
            | Self::SubjectMissing
            | Self::TokenTooLarge => Class::BadScope,
            Self::ResourceMalformed
            | Self::ResourceNotGranted
            | Self::SeveralResources
            | Self::ResourceAmbiguous
            | Self::ResourceServerDisabled => Class::BadTarget,
            Self::TokenMissing | Self::TokenInvalid => Class::BadToken,
            Self::TokenInsufficient => Class::InsufficientToken,
            Self::StoreUnavailable | Self::ConfigurationStale => Class::Unavailable,
            Self::Internal => Class::Failed,
        }
    }
}

/// A refusal with what it was about: the parameter, scope item or grant type, as far as the caller wrote it.
///
/// The subject is the caller's own input, never a secret, a token or a cause inside the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The rule.
    pub refusal: Refusal,
    /// The caller's word that broke it, shortened and without control characters.
    pub subject: Option<String>,
    /// Which client it was, once known; for the log, never for the caller.
    pub client_id: Option<String>,
}

impl Refused {
    /// The longest subject that is repeated to the caller, in characters.
    const SUBJECT_LIMIT: usize = 200;

    /// A refusal about this word of the caller.
    pub fn about(refusal: Refusal, subject: &str) -> Self {
        let subject: String = subject.chars().take(Self::SUBJECT_LIMIT).filter(|c| !c.is_control()).collect();
        Self { refusal, subject: Some(subject), client_id: None }
    }

    /// Says which client was refused.
    #[must_use]
    pub fn of_client(mut self, client_id: &str) -> Self {
        self.client_id.get_or_insert_with(|| client_id.chars().take(Self::SUBJECT_LIMIT).collect());
        self
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, subject: None, client_id: None }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subject {
            None => write!(f, "{:?}", self.refusal),
            Some(subject) => write!(f, "{:?}: {subject}", self.refusal),
        }
    }
}

impl std::error::Error for Refused {}
