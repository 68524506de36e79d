//! One request for each refusal.

use writ_oauth::Refusal;

use super::unhappy::On;
use super::{assertions, certificates, federated};
use crate::support::call::Call;
use crate::support::catalogue::{
    BOOKS, CLOSED, DASHBOARD, EXPIRED, FUTURE, HUGE, PEOPLE, PERSONAL, PROFILE, READ, SCREEN, SECRET, SWITCHED_OFF,
};
use crate::support::door::Door;

/// A request that breaks one rule.
pub(super) struct Case {
    pub(super) refusal: Refusal,
    pub(super) call: Call,
    pub(super) server: On,
}

/// Every case of a door.
pub(super) fn cases(door: Door) -> Vec<Case> {
    let case = |(refusal, call)| Case { refusal, call, server: On::Shared };
    let lists = [place(door), body(door), presented(door), registered(door), grant(door), asked(door), own(door)];
    let lists = lists.into_iter().chain([assertions::unproven(door), assertions::proven(door)]);
    let lists = lists.chain([federated::unproven(door), federated::proven(door), certificates::broken(door)]);
    let shared = lists.flatten().map(case);
    let ask = door.ask(&[READ]).basic("partner", SECRET);
    shared
        .chain([
            Case { refusal: Refusal::StoreUnavailable, call: ask.clone(), server: On::WithoutDatabase },
            Case { refusal: Refusal::ConfigurationStale, call: ask, server: On::Stale },
            Case { refusal: Refusal::AssertionSpent, call: assertions::good(door), server: On::Spent },
        ])
        .collect()
}

pub(super) type Broken = Vec<(Refusal, Call)>;

fn place(door: Door) -> Broken {
    vec![
        (Refusal::HostMalformed, door.ask(&[READ]).no_host()),
        (Refusal::HostUnknown, door.ask(&[READ]).host("unknown.example")),
        (Refusal::PathUnknown, door.grant_at("/t/nobody")),
        (Refusal::MethodNotAllowed, Call::get(&format!("{}/token", door.path()))),
    ]
}

fn body(door: Door) -> Broken {
    let call = || Call::post(&format!("{}/token", door.path()));
    let introspection = match door {
        Door::Oauth | Door::Idaas => "/introspect",
        Door::Authing => "/token/introspection",
    };
    let many = (0..65).fold(call().raw_form(""), |call, n| call.and(&format!("p{n}"), "x"));
    vec![
        (
            Refusal::ContentTypeNotForm,
            call().header("content-type", "text/plain").body("grant_type=client_credentials"),
        ),
        (Refusal::BodyIsJson, call().raw_form(r#"{"grant_type":"client_credentials"}"#)),
        (Refusal::BodyTooLarge, call().raw_form("x".repeat(64 * 1024 + 1))),
        (Refusal::FormMalformed, call().raw_form("grant_type=%zz")),
        (Refusal::TooManyParameters, many),
        (Refusal::ParameterRepeated, door.grant().and("grant_type", "client_credentials")),
        (Refusal::ParameterNameBracketed, door.grant().and("scope[0]", READ)),
        (Refusal::GrantTypeMissing, call().raw_form(format!("scope={READ}"))),
        (
            Refusal::TokenParameterMissing,
            Call::post(&format!("{}{introspection}", door.path())).basic("partner", SECRET).form(&[]),
        ),
    ]
}

fn presented(door: Door) -> Broken {
    let ask = || door.ask(&[READ]);
    let of_type = |name: &str| {
        let name = format!("urn:cloud:idaas:params:oauth:client-assertion-type:{name}");
        ask().and("client_id", "partner").and("client_assertion_type", &name).and("client_assertion", "x")
    };
    vec![
        (Refusal::AuthorizationRepeated, ask().basic("partner", SECRET).basic("partner", SECRET)),
        (Refusal::AuthorizationSchemeUnknown, ask().header("authorization", "Digest username=\"partner\"")),
        (Refusal::BasicMalformed, ask().header("authorization", "Basic !!!")),
        (Refusal::SeveralAuthenticationMethods, ask().and("client_secret", SECRET).basic("partner", SECRET)),
        (Refusal::ClientIdMismatch, ask().and("client_id", "another").basic("partner", SECRET)),
        (Refusal::AuthenticationMissing, ask()),
        (Refusal::AssertionIncomplete, ask().and("client_assertion", "x")),
        (Refusal::CertificateMissing, of_type("x509-jwt-bearer")),
        (Refusal::CertificateUnreadable, of_type("x509-jwt-bearer").and("client_x509", "x")),
        (Refusal::DocumentUnreadable, of_type("pkcs7-bearer")),
        (Refusal::AssertionTypeUnknown, ask().and("client_assertion_type", "urn:x").and("client_assertion", "x")),
    ]
}

fn registered(door: Door) -> Broken {
    let ask = |id: &str, secret: &str| door.ask(&[READ]).basic(id, secret);
    vec![
        (Refusal::ClientUnknown, ask("nobody", SECRET)),
        (Refusal::MethodNotRegistered, ask("post-only", SECRET)),
        (Refusal::SecretWrong, ask("partner", "a-wrong-secret")),
        (Refusal::CredentialExpired, ask("secrets", EXPIRED)),
        (Refusal::CredentialNotYetValid, ask("secrets", FUTURE)),
        (Refusal::CredentialDisabled, ask("secrets", SWITCHED_OFF)),
        (Refusal::ClientDisabled, ask("client-off", SECRET)),
        (Refusal::ApplicationDisabled, ask("application-off", SECRET)),
        (Refusal::IssuerNotAllowed, ask(if door == Door::Oauth { "idaas-only" } else { "oauth-only" }, SECRET)),
        (Refusal::AddressNotAllowed, ask("office", SECRET)),
    ]
}

fn grant(door: Door) -> Broken {
    let unknown = Call::post(&format!("{}/token", door.path())).form(&[("grant_type", "password")]);
    vec![
        (Refusal::GrantUnknown, unknown.basic("partner", SECRET)),
        (Refusal::GrantNotAllowed, door.ask(&[READ]).basic("no-grant", SECRET)),
    ]
}

fn asked(door: Door) -> Broken {
    match door {
        Door::Oauth | Door::Idaas => asked_of_any(door),
        Door::Authing => asked_of_own(),
    }
}

/// What can be wrong with what is asked for where the resource server is the client's own application.
fn asked_of_own() -> Broken {
    let ask = |client: &str, scope: &str| Door::Authing.grant().basic(client, SECRET).and("scope", scope);
    let many: Vec<_> = (0..101).map(|n| format!("p{n}")).collect();
    vec![
        (Refusal::ScopeMissing, ask("partner", "")),
        (Refusal::ScopeMalformed, ask("own-books", "book:1:read\tbook:2:read")),
        (Refusal::TooManyScopes, ask("own-books", &many.join(" "))),
        (Refusal::PermissionUnknown, ask("own-books", "book:1:read no:such")),
        (Refusal::PermissionNotGranted, ask("own-books", "book:1:write")),
        (Refusal::PermissionDenied, ask("own-books", "book:7:read")),
        (Refusal::PermissionExpired, ask("own-books", "film:read")),
        (Refusal::PermissionNotForMachines, ask("own-personal", PROFILE)),
        (Refusal::NothingGranted, ask("own-personal", "")),
        (Refusal::OwnServerMissing, ask("partner", "book:1:read")),
        (Refusal::TokenTooLarge, ask("own-huge", "")),
    ]
}

fn asked_of_any(door: Door) -> Broken {
    let many: Vec<_> = (0..101).map(|n| format!("p{n}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let ask = |permission: &str| door.ask(&[permission]).basic("partner", SECRET);
    let of =
        |client: &str, audience: &str, permission: &str| door.ask_of(audience, &[permission]).basic(client, SECRET);
    vec![
        (Refusal::ScopeMissing, door.grant().basic("partner", SECRET)),
        (Refusal::ScopeMalformed, ask("announce\"read")),
        (Refusal::TooManyScopes, door.ask(&many).basic("partner", SECRET)),
        (Refusal::PermissionUnknown, ask("no:such")),
        (Refusal::PermissionNotGranted, of("both", DASHBOARD, "announce:*")),
        (Refusal::PermissionDenied, of("for-books", BOOKS, "book:7:read")),
        (Refusal::PermissionExpired, of("for-books", BOOKS, "film:read")),
        (Refusal::PermissionNotForMachines, of("whole", DASHBOARD, PROFILE)),
        (Refusal::NothingGranted, nothing(door)),
        (Refusal::ResourceServerDisabled, of("for-closed", CLOSED, "door:open")),
        (Refusal::SubjectMissing, of("for-people", PEOPLE, "person:read")),
        (Refusal::TokenTooLarge, huge(door)),
    ]
}

fn nothing(door: Door) -> Call {
    if door == Door::Idaas {
        return door.ask_of(PERSONAL, &[".all"]).basic("for-personal", SECRET);
    }
    door.grant().basic("for-personal", SECRET)
}

fn huge(door: Door) -> Call {
    if door == Door::Idaas {
        return door.ask_of(HUGE, &[".all"]).basic("for-huge", SECRET);
    }
    door.grant().basic("for-huge", SECRET)
}

/// What only one of the doors has.
fn own(door: Door) -> Broken {
    let scope = |scope: &str| door.grant().and("scope", scope).basic("both", SECRET);
    match door {
        Door::Oauth => vec![
            (Refusal::ResourceMalformed, scope(READ).and("resource", "dashboard")),
            (Refusal::ResourceNotGranted, scope(READ).and("resource", "urn:nothing")),
            (Refusal::SeveralResources, scope(READ).and("resource", DASHBOARD).and("resource", SCREEN)),
            (Refusal::ResourceAmbiguous, scope(READ)),
        ],
        Door::Idaas => vec![
            (Refusal::ScopeItemMalformed, scope(READ)),
            (Refusal::SeveralAudiences, scope(&format!("{DASHBOARD}|{READ} {SCREEN}|{READ}"))),
            (Refusal::AudienceNotGranted, scope(&format!("urn:nothing|{READ}"))),
        ],
        Door::Authing => vec![],
    }
}
