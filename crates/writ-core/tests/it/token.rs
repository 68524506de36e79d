//! Asking for tokens the way a front door does.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use writ_core::grant::Grant;
use writ_core::keyring::Keyring;
use writ_core::{Authenticated, Core, Door, Issued};
use writ_oauth::client_auth::{AssertionForm, AssertionWords, Presented};
use writ_oauth::form::Form;
use writ_oauth::permission::Spelling;
use writ_oauth::request::{Asked, Echo, Item, Target, Unmet, Wanted};
use writ_oauth::token::TokenId;
use writ_oauth::{Refusal, Refused};

use crate::support::{TENANT, master_key};

/// How assertions are written at every door of these tests.
pub(crate) const WORDS: AssertionWords = AssertionWords {
    types: &[("jwt", AssertionForm::Jwt)],
    credential_name: "credential",
    certificate: "certificate",
    chain: "chain",
};

/// A token request in neutral terms.
#[derive(Clone)]
pub(crate) struct TokenRequest {
    pub(crate) client_id: String,
    pub(crate) secret: String,
    pub(crate) basic: bool,
    pub(crate) raw: bool,
    pub(crate) dialect: &'static str,
    pub(crate) origin: IpAddr,
    pub(crate) asked: Asked,
}

impl TokenRequest {
    /// Everything that is granted, wherever that is clear.
    pub(crate) fn of(client_id: &str, secret: &str) -> Self {
        Self {
            client_id: client_id.into(),
            secret: secret.into(),
            basic: false,
            raw: false,
            dialect: "first",
            origin: [192, 0, 2, 1].into(),
            asked: Asked {
                target: Target::Inferred,
                wanted: Wanted { everything: true, ..Wanted::default() },
                spelling: Spelling::Exact,
                echo: Echo::Verbatim,
                unmet: Unmet::Refuse,
            },
        }
    }

    pub(crate) fn target(mut self, target: Target) -> Self {
        self.asked.target = target;
        self
    }

    pub(crate) fn resource(self, resource: &str) -> Self {
        self.target(Target::Resource(resource.into()))
    }

    pub(crate) fn audience(self, audience: &str) -> Self {
        self.target(Target::Audience(audience.into()))
    }

    /// Asks for these permissions and nothing else.
    pub(crate) fn scope(mut self, items: &[&str]) -> Self {
        let items: Vec<_> = items.iter().map(|item| Item::plain((*item).to_owned())).collect();
        self.asked.wanted =
            Wanted { first_written: items.first().map(|item| item.written.clone()), items, everything: false };
        self
    }

    pub(crate) fn reduce(mut self) -> Self {
        self.asked.unmet = Unmet::Reduce;
        self
    }

    /// At the door whose tokens name the caller as their audience, which answers to what can be granted.
    pub(crate) fn inverted(self) -> Self {
        let mut request = self.target(Target::OwnApplication).at("inverted");
        request.asked.unmet = Unmet::ReduceToNothing;
        request
    }

    /// Granted items of resources in their one spelling.
    pub(crate) fn canonical(mut self) -> Self {
        self.asked.echo = Echo::Canonical;
        self
    }

    pub(crate) fn basic(mut self) -> Self {
        self.basic = true;
        self
    }

    /// In the Basic header without the form encoding, as many clients send it.
    pub(crate) fn raw(mut self) -> Self {
        self.raw = true;
        self
    }

    pub(crate) fn at(mut self, dialect: &'static str) -> Self {
        self.dialect = dialect;
        self
    }

    pub(crate) fn from(mut self, origin: &str) -> Self {
        self.origin = origin.parse().unwrap();
        self
    }

    pub(crate) fn presented(&self) -> Presented {
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let (id, secret) = (encode(&self.client_id), encode(&self.secret));
        let pair = if self.raw { format!("{}:{}", self.client_id, self.secret) } else { format!("{id}:{secret}") };
        let header = base64::engine::general_purpose::STANDARD.encode(pair);
        let (headers, body) = if self.basic {
            (vec![format!("Basic {header}")], String::new())
        } else {
            (Vec::new(), format!("client_id={id}&client_secret={secret}"))
        };
        let headers: Vec<_> = headers.iter().map(String::as_str).collect();
        Presented::read(&headers, &Form::parse(body.as_bytes(), 9).unwrap(), &WORDS).unwrap()
    }
}

/// The steps of a token request, on a core.
pub(crate) trait Steps {
    fn door(&self, request: &TokenRequest) -> Door;
    async fn authenticated(&self, request: &TokenRequest) -> Result<Authenticated, Refused>;
    async fn token(&self, request: &TokenRequest) -> Result<Issued, Refused>;

    /// The rule that refuses a request.
    async fn refusal(&self, request: &TokenRequest) -> Refusal {
        match self.token(request).await {
            Ok(issued) => panic!("a token was issued: {}", issued.scope),
            Err(refused) => refused.refusal,
        }
    }

    /// The scope that a request is granted.
    async fn scope(&self, request: &TokenRequest) -> String {
        self.token(request).await.unwrap_or_else(|refused| panic!("refused: {refused}")).scope
    }
}

impl Steps for Core {
    fn door(&self, request: &TokenRequest) -> Door {
        let tenant = Arc::clone(self.snapshot().tenant(TENANT).unwrap());
        let issuer = Arc::clone(tenant.issuer(request.dialect).unwrap());
        Door { tenant, issuer, origin: request.origin, certificate: None }
    }

    async fn authenticated(&self, request: &TokenRequest) -> Result<Authenticated, Refused> {
        self.authenticate(&self.door(request), &request.presented()).await
    }

    async fn token(&self, request: &TokenRequest) -> Result<Issued, Refused> {
        let authenticated = self.authenticated(request).await?;
        let permitted =
            self.permit(&self.door(request), authenticated, Grant::ClientCredentials, request.asked.clone())?;
        self.issue(&self.door(request), permitted).await
    }
}

/// The claims of a token, unverified.
pub(crate) fn bearer(token: &str) -> serde_json::Value {
    part(token, 1)
}

/// The header of a token, unverified.
pub(crate) fn header(token: &str) -> serde_json::Value {
    part(token, 0)
}

fn part(token: &str, index: usize) -> serde_json::Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// What a token's id says to the server that made it.
pub(crate) fn token_id(token: &str) -> TokenId {
    let keyring = Keyring::new(&master_key()).unwrap();
    keyring.token_id().open(bearer(token)["jti"].as_str().unwrap()).unwrap()
}
