//! A call of the gateway: what would be decided on a token at a route, step by step.

use std::cmp::Ordering;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use writ_oauth::permission::resource::Circumstances;
use writ_oauth::{Refusal, Refused};

use super::item::OneItem;
use super::token::TokenStep;
use super::{BrokenRule, ExplainedItem, ExplainedStep, NOWHERE, Steps, time};
use crate::Core;
use crate::apply::ApplyError;
use crate::client::Client;
use crate::enforce::{Asking, Live, Requirement, TakenBack, WORDING};
use crate::route::Matched;
use crate::tenant::Tenant;
use crate::token::{For, VerifiedToken};

/// A call that is asked about.
pub struct CallEnquiry<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// The token.
    pub token: &'a str,
    /// The route that the gateway finds for it.
    pub route: Result<Matched, Refused>,
    /// The caller's address; `None`: one that is in no network.
    pub origin: Option<IpAddr>,
}

/// What would be decided on a call, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallExplanation {
    /// Whether it would be let through.
    pub granted: bool,
    /// The route.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub route: Option<ExplainedRoute>,
    /// The token, if it is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<ExplainedToken>,
    /// Why it would be refused.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refusal: Option<BrokenRule>,
    /// The questions, in the order in which they are asked.
    pub steps: Vec<ExplainedStep>,
    /// The permission that the route asks for, decided for the token's client now.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub items: Vec<ExplainedItem>,
}

/// The route of a call, with what it asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedRoute {
    /// Its name.
    pub name: String,
    /// The audience that the token must be for.
    pub audience: String,
    /// The permission that it must hold, with what the path captured.
    pub permission: String,
}

/// What a verified token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedToken {
    /// Who issued it.
    pub issuer: String,
    /// To which client.
    pub client_id: String,
    /// For which audience.
    pub audience: String,
    /// What it holds.
    pub scope: String,
    /// Its id.
    pub jti: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// The steps behind the verification of the token.
const OF_LIVE: [&str; 7] =
    ["certificate", "revocation", "client", "standing", "resource_server", "held_by_token", "granted_to_client"];

impl Core {
    /// Says what the gateway would decide on a token at a route, and why, and what would have to change; and the refusal
    /// as the gateway would word it. The request is taken to be without a client certificate.
    pub async fn explain_call(
        &self,
        enquiry: CallEnquiry<'_>,
    ) -> Result<(CallExplanation, Option<Refused>), ApplyError> {
        let CallEnquiry { tenant, token, route, origin } = enquiry;
        let snapshot = self.snapshot();
        let tenant = snapshot.known_tenant(tenant)?;
        let origin = origin.unwrap_or(NOWHERE);
        let mut steps = Steps::default();
        let found =
            |matched: &Matched| format!("`{}`: `{}` on `{}`", matched.route.name, matched.permission, matched.audience);
        let change = || "correct the method or the address, or add a route for it".to_owned();
        steps.ask("route", route.as_ref().map(found), change);
        let mut call = Call { core: self, tenant, route: route.as_ref().ok(), origin, steps, items: Vec::new() };
        let token_is = call.token(token).await?;
        let Call { steps: Steps(steps), items, .. } = call;
        let outcome = match &route {
            Ok(matched) => self.enforce(tenant, token, requirement(matched, origin)).await.map(drop),
            Err(refused) => Err(refused.clone()),
        };
        let explained = |matched: Matched| ExplainedRoute {
            name: matched.route.name.clone(),
            audience: matched.audience,
            permission: matched.permission,
        };
        let explanation = CallExplanation {
            granted: outcome.is_ok(),
            route: route.ok().map(explained),
            token: token_is,
            refusal: outcome.as_ref().err().map(BrokenRule::from),
            steps,
            items,
        };
        Ok((explanation, outcome.err()))
    }
}

fn requirement(matched: &Matched, origin: IpAddr) -> Requirement<'_> {
    Requirement { audience: &matched.audience, permission: &matched.permission, origin }
}

/// A call while it is explained.
struct Call<'a> {
    core: &'a Core,
    tenant: &'a Arc<Tenant>,
    route: Option<&'a Matched>,
    origin: IpAddr,
    steps: Steps,
    items: Vec<ExplainedItem>,
}

impl Call<'_> {
    /// Verifies the token, for whichever audience it is, then asks everything else of it.
    async fn token(&mut self, token: &str) -> Result<Option<ExplainedToken>, ApplyError> {
        let verified = match self.core.verify(&self.tenant.name, token, For::AnyServer, 0) {
            Ok((verified, _)) => verified,
            Err(fault) => {
                let refused = Refused::from(Refusal::TokenInvalid).because(&fault);
                self.verification(TokenStep::from(&fault), &refused);
                self.steps.not_reached(&OF_LIVE);
                return Ok(None);
            }
        };
        self.verified(&verified);
        self.live(&verified).await?;
        Ok(Some(ExplainedToken {
            issuer: verified.issuer,
            client_id: verified.client_id,
            audience: verified.audience,
            scope: verified.scope,
            jti: verified.jti.into(),
            expires: Timestamp::from_second(verified.expires_at).unwrap_or_default(),
        }))
    }

    /// The steps of a verification that ended at one.
    fn verification(&mut self, at: TokenStep, refused: &Refused) {
        for step in TokenStep::ALL {
            match step.cmp(&at) {
                Ordering::Less => self.steps.ask(step.name(), Ok(String::new()), String::new),
                Ordering::Equal => self.steps.ask(step.name(), Err(refused), || step.change().to_owned()),
                Ordering::Greater => self.steps.not_reached(&[step.name()]),
            }
        }
    }

    fn verified(&mut self, token: &VerifiedToken) {
        for step in TokenStep::ALL.into_iter().filter(|step| *step != TokenStep::Audience) {
            let found = match step {
                TokenStep::Issuer => format!("`{}`", token.issuer),
                TokenStep::Time => format!("until {}", time(token.expires_at)),
                TokenStep::Form | TokenStep::Signature | TokenStep::Type | TokenStep::Claims | TokenStep::Audience => {
                    String::new()
                }
            };
            self.steps.ask(step.name(), Ok(found), String::new);
        }
        let wanted = self.route.map(|matched| &*matched.audience);
        let other = Refused::from(Refusal::TokenInvalid).because(format_args!("it is for `{}`", token.audience));
        let answer = match wanted {
            Some(wanted) if wanted != token.audience => Err(&other),
            Some(_) | None => Ok(format!("`{}`", token.audience)),
        };
        self.steps.ask(TokenStep::Audience.name(), answer, || TokenStep::Audience.change().to_owned());
    }

    /// Everything that is asked anew of every request.
    async fn live(&mut self, token: &VerifiedToken) -> Result<(), ApplyError> {
        let presented = token.is_presented_by(None).map_err(Refused::from);
        let change = || "call over a connection with the client certificate that the token is bound to".to_owned();
        self.steps.ask("certificate", presented.as_ref().map(|()| "the token is bound to none".to_owned()), change);
        let revoked = Refused::from(Refusal::TokenRevoked).because(TakenBack::Token);
        let is_revoked = self.core.revoked_tokens.contains(&self.tenant.name, &token.jti);
        let answer = if is_revoked { Err(&revoked) } else { Ok(String::new()) };
        self.steps.ask("revocation", answer, || "get a new token".to_owned());
        let client = self.core.client(&self.tenant.name, &token.client_id).await?;
        let gone = Refused::from(Refusal::TokenRevoked).because(TakenBack::ClientGone);
        let answer = client.as_ref().map(|client| format!("`{}`", client.client_id)).ok_or(&gone);
        self.steps.ask("client", answer, || format!("make the client `{}` again", token.client_id));
        match (&client, self.route) {
            (Some(client), Some(matched)) => self.of_client(client, token, matched),
            (Some(client), None) => {
                self.standing(client, token);
                self.steps.not_reached(&["resource_server", "held_by_token", "granted_to_client"]);
            }
            (None, _) => {
                self.steps.not_reached(&["standing", "resource_server", "held_by_token", "granted_to_client"]);
            }
        }
        Ok(())
    }

    fn standing(&mut self, client: &Client, token: &VerifiedToken) {
        let taken_back = client.taken_back(token);
        let refused = taken_back.map(|what| Refused::from(Refusal::TokenRevoked).because(what));
        let answer = refused.as_ref().map_or(Ok(String::new()), Err);
        self.steps.ask("standing", answer, || taken_back.map(restore).unwrap_or_default());
    }

    fn of_client(&mut self, client: &Client, token: &VerifiedToken, matched: &Matched) {
        let now = self.core.now();
        let asking = Asking::new(self.tenant, client, token, (requirement(matched, self.origin), now));
        for question in Live::ALL {
            let answer = asking.check(question);
            let Matched { audience, permission, .. } = matched;
            let (step, found, change) = match question {
                Live::Standing => {
                    self.standing(client, token);
                    continue;
                }
                Live::Server => ("resource_server", audience, "enable its application".to_owned()),
                Live::Held => ("held_by_token", permission, format!("ask for `{permission}` when getting the token")),
                Live::Granted => ("granted_to_client", permission, String::new()),
            };
            self.steps.ask(step, answer.as_ref().map(|()| format!("`{found}`")), || change);
        }
        if let Some(server) = self.tenant.resource_server(&matched.audience) {
            let (at, permission) = (Circumstances { now, origin: Some(self.origin) }, &*matched.permission);
            let item = OneItem { client, server, permission, written: permission, wording: WORDING, at };
            self.items.push(item.explain());
        }
    }
}

/// What would have to change for a token like it to be good again.
fn restore(what: TakenBack) -> String {
    match what {
        TakenBack::ClientGone => "make the client again, and get a new token",
        TakenBack::ClientDisabled => "enable the client: `status: enabled`",
        TakenBack::ApplicationDisabled | TakenBack::Server => "enable the application: `status: enabled`",
        TakenBack::CredentialGone => "get a new token, with a credential that the client has",
        TakenBack::CredentialDisabled => "enable the credential, or get a new token with another",
        TakenBack::Token | TakenBack::Cutoff => "get a new token",
    }
    .to_owned()
}
