//! Every rule of a request that was not met, and the class that decides how a front door answers it.
//!
//! The protocol code names the rule; the table below is the only place that gives it a class, and each
//! front door answers classes (and a few single refusals) in its own words. `docs/reference/errors.md` prints all of
//! those tables side by side and is generated.

use std::fmt;

/// Declares the rules: name, class and meaning, one a line.
macro_rules! refusals {
    ($($name:ident: $class:ident = $meaning:literal;)*) => {
        /// One protocol rule that was not met, named for the rule.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Refusal {
            $(#[doc = $meaning] $name,)*
        }

        impl Refusal {
            /// Every refusal, in the order of a request's way through the server.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The class, by which front doors answer.
            pub const fn class(self) -> Class {
                match self {
                    $(Self::$name => Class::$class,)*
                }
            }

            /// What was not met, in one sentence.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $meaning,)*
                }
            }
        }
    };
}

refusals! {
    // the place
    HostMalformed: Malformed = "The request names no host, several hosts, or something that is not one.";
    HostUnknown: NotFound = "No tenant answers to this Host.";
    PathUnknown: NotFound = "Nothing lives at this path.";
    MethodNotAllowed: WrongMethod = "The path does not take this method.";
    // the body
    ContentTypeNotForm: Malformed = "The body is not labelled `application/x-www-form-urlencoded`.";
    BodyIsJson: Malformed = "The body is labelled as a form but holds JSON.";
    BodyTooLarge: TooLarge = "The body is larger than the limit.";
    BodyTooSlow: TooSlow = "The body did not arrive in time.";
    BodyBroken: Malformed = "The body could not be read to its end.";
    FormMalformed: Malformed = "A percent sign without two hexadecimal digits, or bytes that are not UTF-8.";
    TooManyParameters: Malformed = "More parameters than the limit.";
    ParameterRepeated: Malformed = "A parameter occurs twice.";
    ParameterNameBracketed: Malformed = "A parameter is written as a list or map (`scope[0]`), which this protocol does not have.";
    GrantTypeMissing: Malformed = "`grant_type` is missing or empty.";
    TokenParameterMissing: Malformed = "`token` is missing or empty.";
    // client authentication: what was presented
    AuthorizationRepeated: Malformed = "More than one `Authorization` header.";
    AuthorizationSchemeUnknown: BadCredential = "The `Authorization` scheme is not one that the token endpoint knows.";
    BasicMalformed: BadCredential = "The Basic credentials are not base64 of `id:secret`.";
    SeveralAuthenticationMethods: Malformed = "Credentials by more than one method.";
    ClientIdMismatch: Malformed = "The `client_id` in the body is not the one that authenticates.";
    AuthenticationMissing: Unauthenticated = "No credentials at all.";
    AssertionIncomplete: Malformed = "`client_assertion` and `client_assertion_type` belong together; one is missing.";
    AssertionTypeUnknown: BadCredential = "A client assertion of a type that is not supported.";
    AssertionTooLong: BadCredential = "The client assertion is longer than the limit.";
    AssertionMalformed: BadCredential = "The client assertion is not a JWT with one signature, in strict JSON and base64url.";
    AssertionAlgUnknown: BadCredential = "The client assertion is unsigned, or signed by an algorithm that is not supported.";
    AssertionClaimMalformed: BadCredential = "A claim of the client assertion has the wrong type.";
    AssertionSubjectMissing: BadCredential = "The client assertion has no `sub`, which names the client.";
    AssertionIssuerMismatch: BadCredential = "The `iss` of the client assertion is not its `sub`; both name the client.";
    AssertionClientMismatch: BadCredential = "The `sub` of the client assertion is not the `client_id` of the request.";
    AssertionNotOfItsType: BadCredential = "The client assertion is not of the form that `client_assertion_type` says.";
    AssertionClientMissing: Malformed = "`client_id` is missing, and an assertion of this type does not name the client.";
    CertificateMissing: Malformed = "The certificate of the key that signed the client assertion is missing: `client_x509`.";
    CertificateUnreadable: BadCredential = "The certificates beside the client assertion cannot be read: each is expected in PEM, or as the base64 of DER.";
    CertificateExpired: BadCredential = "The certificate beside the client assertion has expired.";
    CertificateNotYetValid: BadCredential = "The certificate beside the client assertion is not valid yet.";
    DocumentUnreadable: BadCredential = "The client assertion is not CMS signed data that can be read, or exceeds a limit.";
    DocumentDetached: BadCredential = "The signature of the signed document is detached: the document must contain its content.";
    DocumentAlgorithm: BadCredential = "The signed document is signed by an algorithm that is not supported, such as DSA.";
    DocumentTampered: BadCredential = "The content of the signed document is not what was signed.";
    ConnectionCertificateMalformed: Malformed = "The client certificate cannot be read, or the trusted proxy tells several.";
    // client authentication: what is registered
    ClientUnknown: BadCredential = "No such client.";
    MethodNotRegistered: BadCredential = "The client may not use this authentication method.";
    SecretWrong: BadCredential = "No secret of the client is equal to the one presented.";
    CredentialExpired: BadCredential = "The credential presented has expired.";
    CredentialNotYetValid: BadCredential = "The credential presented is not valid yet.";
    CredentialDisabled: BadCredential = "The credential presented is disabled.";
    ClientKeysUnavailable: Unavailable = "The key set that the client publishes is not at hand.";
    AssertionKeyMissing: BadCredential = "No key of the client fits the algorithm of the client assertion. Its secrets are keys only where it has `client_secret_jwt`, and when they are long enough.";
    AssertionKeyUnnamed: BadCredential = "The `kid` of the client assertion names no key of the client.";
    AssertionSignature: BadCredential = "The signature of the client assertion is not by a key or secret of the client.";
    FederatedCredentialUnknown: BadCredential = "The client has no federated credential of the name in the request.";
    FederatedTypeMismatch: BadCredential = "The federated credential named rests on a provider of another kind than the type of the client assertion.";
    FederatedCredentialMissing: BadCredential = "No federated credential of the client rests on a provider for client assertions of this type.";
    FederatedProviderDisabled: BadCredential = "The provider that the federated credential rests on is disabled.";
    FederatedIssuer: BadCredential = "The client assertion is not by the issuer, or of the trust domain, of the provider.";
    FederatedSignature: BadCredential = "The signature of the client assertion is not by a key of the provider.";
    FederatedLifetime: BadCredential = "The client assertion lives longer than the provider's `max_age` allows.";
    FederatedAudience: BadCredential = "The `aud` of the client assertion is none of the provider's audiences, or names others too.";
    CertificateUntrusted: BadCredential = "The roots of the provider do not vouch for the certificate.";
    CertificateUnfit: BadCredential = "The certificate is not made for this: an authority's own, self-issued, for another purpose, or with a key that may not sign or is not supported.";
    CertificateRevoked: BadCredential = "The certificate, or one that vouches for it, was revoked.";
    CertificateStatusUnknown: BadCredential = "The provider wants a revocation list for every certificate, and has none that is up to date.";
    DocumentSigner: BadCredential = "The signed document is not by a signer that the provider trusts.";
    DocumentSignature: BadCredential = "A signature of the signed document is wrong.";
    DocumentTimeMissing: BadCredential = "The signed document does not say when it was signed, where the provider looks for it.";
    DocumentTooOld: BadCredential = "The signed document is older than the provider's `max_age` allows.";
    DocumentFromFuture: BadCredential = "The signed document was signed in the future.";
    FederatedTrustCondition: BadCredential = "The provider's trust condition does not hold for the client assertion.";
    FederatedCondition: BadCredential = "The condition of the federated credential does not hold for the client assertion.";
    FederatedAmbiguous: BadCredential = "Several federated credentials of the client fit, and the request names none of them.";
    FederatedSubject: BadCredential = "The federated credential maps the client assertion to no subject.";
    ConnectionCertificateUnknown: BadCredential = "No credential of the client is for the certificate of the connection.";
    ConnectionCertificateProviderDisabled: BadCredential = "The provider that the client's certificates rest on is disabled.";
    ConnectionCertificateUntrusted: BadCredential = "No chain that holds leads from the client certificate to an authority that its provider trusts.";
    ConnectionCertificateExpired: BadCredential = "The client certificate, or one of the authorities above it, has expired or is not valid yet.";
    ConnectionCertificatePurpose: BadCredential = "The client certificate, or one of the authorities above it, is not made for the authentication of clients.";
    ConnectionCertificateRevoked: BadCredential = "The client certificate, or one of the authorities above it, was revoked, or whether it was cannot be told.";
    ConnectionCertificateTrustCondition: BadCredential = "The provider's trust condition does not hold for the client certificate.";
    // client authentication: what a proven assertion says
    AssertionAlgNotAllowed: BadCredential = "The client's policy does not allow the algorithm of the client assertion.";
    AssertionTyp: BadCredential = "The `typ` of the client assertion is neither `JWT` nor another one that assertions of its type have.";
    AssertionExpiryMissing: BadCredential = "The client assertion has no `exp`.";
    AssertionExpired: BadCredential = "The client assertion has expired.";
    AssertionNotYetValid: BadCredential = "The client assertion is not valid yet (`nbf`).";
    AssertionIssuedInFuture: BadCredential = "The client assertion was issued in the future (`iat`).";
    AssertionLifetimeTooLong: BadCredential = "The client assertion lives longer than the client's policy allows.";
    AssertionAudience: BadCredential = "The `aud` of the client assertion is not this server's issuer or token endpoint.";
    AssertionAudienceForm: BadCredential = "The `aud` of the client assertion names others too, or is not a single string where the client's policy wants one.";
    AssertionIdMissing: BadCredential = "The client assertion has no `jti`.";
    AssertionIdTooLong: BadCredential = "The `jti` of the client assertion is longer than the limit.";
    AssertionSpent: BadCredential = "The client assertion has been used before.";
    ConnectionCertificateMissing: Malformed = "The client's tokens are bound to a client certificate, and the connection has none.";
    ClientDisabled: Disabled = "The client is disabled.";
    ApplicationDisabled: Disabled = "The client's application is disabled.";
    IssuerNotAllowed: ClientNotAllowed = "The client may not use this issuer.";
    AddressNotAllowed: AddressRefused = "The request comes from outside the client's network zones.";
    // the grant
    GrantUnknown: UnsupportedGrant = "The grant type is not one that this server has.";
    GrantNotAllowed: ClientNotAllowed = "The client may not use this grant type.";
    // what is asked for
    ScopeMissing: BadScope = "No scope was asked for, and the client has no default.";
    ScopeMalformed: BadScope = "The scope has characters that a scope cannot have.";
    ScopeItemMalformed: BadScope = "A scope item is not written as this front door expects.";
    TooManyScopes: BadScope = "More scope items than the limit.";
    SeveralAudiences: BadScope = "Items of one scope name several audiences.";
    PermissionUnknown: BadScope = "No such permission on the resource server.";
    PermissionNotGranted: BadScope = "The permission is not granted to the client.";
    PermissionDenied: BadScope = "A rule of the client denies what is asked for, or part of it.";
    PermissionExpired: BadScope = "The rule that granted it to the client has expired.";
    PermissionNotForMachines: BadScope = "The permission is for people's flows only.";
    NothingGranted: BadScope = "Nothing at all is granted on the resource server.";
    AudienceNotGranted: BadScope = "The scope names an audience that the client is not authorized for, or that does not exist.";
    OwnServerMissing: BadTarget = "The client's application has no resource server, and this front door issues tokens for no other.";
    ResourceMalformed: BadTarget = "`resource` is not an absolute URI without a fragment.";
    ResourceNotGranted: BadTarget = "`resource` names nothing that the client is authorized for.";
    SeveralResources: BadTarget = "More than one `resource`.";
    ResourceAmbiguous: BadTarget = "No `resource` was named, and not exactly one resource server holds what was asked for.";
    ResourceServerDisabled: BadTarget = "The resource server is disabled.";
    // issuing
    SubjectMissing: BadScope = "The resource server wants a mapped subject, and the credential has none.";
    TokenTooLarge: BadScope = "The token would be larger than clients and proxies take.";
    // revocation
    TokenOfAnother: ClientNotAllowed = "The token is not one that this client may revoke.";
    RevocationsFull: Unavailable = "As many tokens of this client, or of the tenant, are revoked one by one as can be; there is room again when some of them have expired.";
    // bearer tokens at the gateway and the admin API
    RouteUnknown: NotFound = "No route of the gateway matches this request.";
    PathAmbiguous: Malformed = "The path could be read in two ways.";
    FramingAmbiguous: Malformed = "The length of the body could be read in two ways.";
    RequestLoops: BadGateway = "The request has come through this gateway before: a route leads back to it.";
    TokenInQuery: Malformed = "A token stands in the query or the body, and not in the header alone.";
    TokenMissing: BadToken = "No bearer token.";
    TokenInvalid: BadToken = "The bearer token is malformed, expired, for another audience, or not ours.";
    TokenCertificateMismatch: BadToken = "The token is bound to a client certificate, and the connection has another or none.";
    TokenRevoked: BadToken = "The token was revoked, or something it rests on was taken back.";
    TokenInsufficient: InsufficientToken = "The token lacks the permission that the operation requires.";
    // behind the gateway
    UpstreamUnreachable: BadGateway = "The server behind the gateway cannot be reached.";
    UpstreamBroken: BadGateway = "The server behind the gateway answered something that is not HTTP, or broke off.";
    UpstreamTooSlow: GatewayTimeout = "The server behind the gateway did not answer in time.";
    // ourselves
    ProviderUnavailable: Unavailable = "The keys of the provider that the federated credential rests on are not at hand.";
    StoreUnavailable: Unavailable = "The database cannot be reached, and the answer needs it.";
    ConfigurationStale: Unavailable = "The configuration could not be confirmed for too long.";
    Internal: Failed = "A defect of the server.";
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
    /// The server behind the gateway failed.
    BadGateway,
    /// The server behind the gateway did not answer in time.
    GatewayTimeout,
    /// The server cannot answer at present.
    Unavailable,
    /// The server failed.
    Failed,
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
    /// What else is known of it; for the log and for administrators, never for the caller.
    pub detail: Option<Box<Detail>>,
}

/// What is known of a refusal beyond its rule. Boxed, because most have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// What in particular was not met.
    pub cause: Option<String>,
    /// What was decided on each item that was asked for.
    pub items: Vec<ItemDecision>,
}

/// What was decided on one item that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemDecision {
    /// The item as the caller wrote it, shortened and without control characters.
    pub item: String,
    /// Why it is not granted; `None`: it is.
    pub refusal: Option<Refusal>,
}

impl Refused {
    /// The longest subject that is repeated to the caller, in characters.
    const SUBJECT_LIMIT: usize = 200;

    /// A refusal about this word of the caller.
    pub fn about(refusal: Refusal, subject: &str) -> Self {
        Self { subject: Some(shortened(subject)), ..refusal.into() }
    }

    /// Says what in particular was not met. Like the log, it repeats no secret and no token.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.detail.get_or_insert_default().cause = Some(cause.to_string());
        self
    }

    /// Says what was decided on each item that was asked for.
    #[must_use]
    pub fn with_items<'a>(mut self, items: impl IntoIterator<Item = (&'a str, Option<Refusal>)>) -> Self {
        let decision = |(item, refusal)| ItemDecision { item: shortened(item), refusal };
        self.detail.get_or_insert_default().items = items.into_iter().map(decision).collect();
        self
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
        Self { refusal, subject: None, client_id: None, detail: None }
    }
}

/// A word of the caller, as it may be repeated.
fn shortened(word: &str) -> String {
    word.chars().take(Refused::SUBJECT_LIMIT).filter(|c| !c.is_control()).collect()
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
