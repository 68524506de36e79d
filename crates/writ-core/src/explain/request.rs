//! A request for a token: what would be answered to it, step by step.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use writ_oauth::permission::resource::Circumstances;
use writ_oauth::request::{Asked, Target};
use writ_oauth::token::ClaimsLayout;
use writ_oauth::{Refusal, Refused};

use super::item::OneItem;
use super::{BrokenRule, ExplainedItem, ExplainedStep, NOWHERE, Steps, list, place, server};
use crate::apply::ApplyError;
use crate::client::Client;
use crate::grant::Grant;
use crate::permit::{self, Decided, MayAsk, Question};
use crate::resource_server::ResourceServer;
use crate::tenant::Tenant;
use crate::{Core, Door};

/// A request that is asked about.
pub struct RequestEnquiry<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// The dialect of the door.
    pub dialect: &'a str,
    /// The client.
    pub client_id: &'a str,
    /// By which grant.
    pub grant: Grant,
    /// What is asked for, as the door reads it.
    pub asked: Result<Asked, Refused>,
    /// The caller's address; `None`: one that is in no network.
    pub origin: Option<IpAddr>,
    /// When, in seconds since the epoch; `None`: now.
    pub at: Option<i64>,
}

/// What would be answered to a request, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestExplanation {
    /// Whether a token would be issued.
    pub granted: bool,
    /// The client.
    pub client_id: String,
    /// The door's issuer.
    pub issuer: String,
    /// By which grant.
    pub grant: String,
    /// From where.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub origin: Option<IpAddr>,
    /// When.
    pub at: Timestamp,
    /// The audience of the token.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub audience: Option<String>,
    /// What the token would hold.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scope: Option<String>,
    /// What would be left out of it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub rejected: Vec<String>,
    /// Why it would be refused.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refusal: Option<BrokenRule>,
    /// The questions, in the order in which they are asked.
    pub steps: Vec<ExplainedStep>,
    /// Each item that is asked for.
    pub items: Vec<ExplainedItem>,
}

/// The steps about what is asked for.
const OF_SCOPE: [&str; 4] = ["scope", "resource_server", "permissions", "subject"];
/// The steps about the client.
const OF_CLIENT: [&str; 6] = ["credentials", "status", "request", "issuer", "grant", "network"];

impl Core {
    /// Says what would be answered to a request and why, and what would have to change; and the refusal as the door would
    /// word it.
    ///
    /// The client is taken to prove itself: which document of somebody else would, [`Core::test_credential`] says.
    pub async fn explain_request(
        &self,
        enquiry: RequestEnquiry<'_>,
    ) -> Result<(RequestExplanation, Option<Refused>), ApplyError> {
        let RequestEnquiry { tenant, dialect, client_id, grant, asked, origin, at } = enquiry;
        let snapshot = self.snapshot();
        let tenant = snapshot.known_tenant(tenant)?;
        let issuer = tenant.issuer(dialect).ok_or_else(|| ApplyError::NotFound("issuer", dialect.to_owned()))?;
        let client = self.client(&tenant.name, client_id).await?;
        let at = Circumstances { now: at.unwrap_or_else(|| self.now()), origin };
        let (tenant, issuer) = (Arc::clone(tenant), Arc::clone(issuer));
        let door = Door { tenant, issuer, origin: origin.unwrap_or(NOWHERE), certificate: None };
        let mut request = Request { door: &door, grant, asked, at, steps: Steps::default(), items: Vec::new() };
        let outcome = match &client {
            Some(client) => request.of(client),
            None => request.of_nobody(client_id),
        };
        let Request { steps: Steps(steps), items, .. } = request;
        let decided = outcome.as_ref().ok();
        let explanation = RequestExplanation {
            granted: outcome.is_ok(),
            client_id: client_id.to_owned(),
            issuer: door.issuer.url.clone(),
            grant: grant.name().to_owned(),
            origin,
            at: Timestamp::from_second(at.now).unwrap_or_default(),
            audience: decided.map(|decided| decided.server.audience.clone()),
            scope: decided.map(|decided| decided.granted.join(" ")),
            rejected: decided.map(|decided| decided.rejected.clone()).unwrap_or_default(),
            refusal: outcome.as_ref().err().map(BrokenRule::from),
            steps,
            items,
        };
        Ok((explanation, outcome.err()))
    }
}

/// A request while it is explained.
struct Request<'a> {
    door: &'a Door,
    grant: Grant,
    asked: Result<Asked, Refused>,
    at: Circumstances,
    steps: Steps,
    items: Vec<ExplainedItem>,
}

impl Request<'_> {
    fn of_nobody(&mut self, client_id: &str) -> Result<Decided, Refused> {
        let unknown = Refused::about(Refusal::ClientUnknown, client_id);
        let create = || format!("create a client with the id `{client_id}`, or correct the id");
        self.steps.ask("client", Err(&unknown), create);
        self.steps.not_reached(&OF_CLIENT);
        self.steps.not_reached(&OF_SCOPE);
        Err(unknown)
    }

    /// Asks every question that can be asked, then decides as a request is decided.
    fn of(&mut self, client: &Client) -> Result<Decided, Refused> {
        let Client { client_id, application, .. } = client;
        self.steps.ask("client", Ok(format!("`{client_id}` of application `{application}`")), String::new);
        let usable = self.usable(client);
        let readable = self.asked.as_ref().map(|_| String::new());
        self.steps.ask("request", readable, || "write the request as this door reads it".to_owned());
        for question in MayAsk::ALL {
            self.may_ask(client, question);
        }
        self.scope(client);
        usable?;
        let (door, tenant) = (self.door, &*self.door.tenant);
        let decided = permit::decide(client, (door, tenant), self.grant, self.asked.clone()?, self.at)?;
        subject(client, self.door, &decided.server)?;
        Ok(decided)
    }

    fn usable(&mut self, client: &Client) -> Result<(), Refused> {
        let Client { client_id, application, .. } = client;
        let states: Vec<_> = client.credentials().map(|state| state.check(self.at.now)).collect();
        let good = states.iter().filter(|state| state.is_ok()).count();
        // Which is told depends on the one that is presented: the likeliest first. Nobody has any of a client without
        // one, and the answer is that to a wrong one.
        let likely = [Refusal::CredentialExpired, Refusal::CredentialNotYetValid, Refusal::CredentialDisabled];
        let told = likely.into_iter().find(|refusal| states.contains(&Err(*refusal))).unwrap_or(Refusal::SecretWrong);
        let usable = if good > 0 { Ok(()) } else { Err(Refused::from(told)) };
        let total = client.credentials().count();
        let renew = || match total {
            0 => "give the client a credential: `writ secret issue`".to_owned(),
            _ => format!("none of its {total} credentials can be used: enable or prolong one, or give it another"),
        };
        self.steps.ask("credentials", usable.as_ref().map(|()| format!("{good} of {total} can be used")), renew);
        let enabled = client.is_enabled().map_err(Refused::from);
        let off = if client.enabled { ("its application", application) } else { ("the client", client_id) };
        let enable = || format!("enable {} `{}`: `status: enabled`", off.0, off.1);
        let found = || "the client and its application are enabled".to_owned();
        self.steps.ask("status", enabled.as_ref().map(|()| found()), enable);
        usable.and(enabled)
    }

    fn may_ask(&mut self, client: &Client, question: MayAsk) {
        let (door, tenant, grant) = (self.door, &*self.door.tenant, self.grant);
        let answer = question.check(client, door, tenant, grant);
        let every = |some: &[Box<str>], none: &str| if some.is_empty() { none.to_owned() } else { list(some) };
        let name = &door.issuer.name;
        let (step, found, change) = match question {
            MayAsk::Issuer => {
                let issuers = every(&client.issuers, "it may use every issuer");
                ("issuer", issuers.clone(), format!("ask at {issuers}, or add `{name}` to its `issuers`"))
            }
            MayAsk::Grant => {
                let grants: Vec<_> = client.grants.iter().map(|grant| grant.name()).collect();
                ("grant", list(grants), format!("add `{}` to its `grants`", grant.name()))
            }
            MayAsk::Network => {
                let zones = every(&client.networks, "it may call from everywhere");
                let change = format!("call from one of the zones {zones}: {}; or widen them", ranges(client, tenant));
                ("network", zones, change)
            }
        };
        let change = match question {
            MayAsk::Network => format!("{change}. The request is from {}", place(Some(door.origin))),
            MayAsk::Issuer | MayAsk::Grant => change,
        };
        self.steps.ask(step, answer.as_ref().map(|()| found), || change);
    }

    /// What is asked for, on which resource server, and what of it is granted.
    fn scope(&mut self, client: &Client) {
        let tenant = Arc::clone(&self.door.tenant);
        let Ok(asked) = self.asked.clone() else { return self.steps.not_reached(&OF_SCOPE) };
        let default = asked.wanted.is_nothing();
        let question = match Question::new(client, &tenant, asked, self.at) {
            Ok(question) => question,
            Err(refused) => {
                let change = || "ask for a scope, or give the client `default_scopes`".to_owned();
                self.steps.ask("scope", Err(&refused), change);
                return self.steps.not_reached(&["resource_server", "permissions", "subject"]);
            }
        };
        self.steps.ask("scope", Ok(wanted(&question, default)), String::new);
        let found = question.server();
        let change = || server::change(&question, client, found.as_ref().err());
        self.steps.ask("resource_server", found.as_ref().map(|server| format!("`{}`", server.audience)), change);
        if let Ok(server) = found {
            self.explain_items(client, &question, std::slice::from_ref(&server));
            return self.settle(client, &question, server);
        }
        // Not one server was found: what each of them would say is how to choose among them.
        let servers: Vec<_> = match &question.target {
            Target::Inferred => question.authorized().take(server::MOST).cloned().collect(),
            Target::Audience(_) | Target::Resource(_) | Target::OwnApplication => Vec::new(),
        };
        self.explain_items(client, &question, &servers);
        self.steps.not_reached(&["permissions", "subject"]);
    }

    fn explain_items(&mut self, client: &Client, question: &Question<'_>, servers: &[Arc<ResourceServer>]) {
        for server in servers {
            let items = question.wanted.items.iter().map(|item| {
                let (permission, written) = (&*item.permission, &*item.written);
                let one = OneItem { client, server, permission, written, wording: question.wording, at: question.at };
                one.explain().look_elsewhere(question, item)
            });
            self.items.extend(items);
        }
    }

    fn settle(&mut self, client: &Client, question: &Question<'_>, server: Arc<ResourceServer>) {
        let settled = question.settle(server);
        let found = |decided: &Decided| {
            let left_out = match &*decided.rejected {
                [] => String::new(),
                rejected => format!("; left out: {}", list(rejected)),
            };
            let granted = if decided.granted.is_empty() { "nothing".to_owned() } else { list(&decided.granted) };
            format!("granted: {granted}{left_out}")
        };
        let authorize = "authorize the client for something on this resource server";
        let change = || if question.wanted.items.is_empty() { authorize.to_owned() } else { String::new() };
        self.steps.ask("permissions", settled.as_ref().map(found), change);
        match &settled {
            Ok(decided) => self.ask_subject(client, &decided.server),
            Err(_) => self.steps.not_reached(&["subject"]),
        }
    }

    fn ask_subject(&mut self, client: &Client, server: &ResourceServer) {
        let mapping = client.federated().iter().filter(|known| known.federated.subject.is_some());
        let mapping = list(mapping.map(|known| &known.name));
        let found = || match server.custom_subject && names_subject(self.door) {
            true => format!("the resource server wants a mapped subject; these credentials have one: {mapping}"),
            false if names_subject(self.door) => "the client itself".to_owned(),
            false => "tokens of this door name none".to_owned(),
        };
        let change = || "give the client a federated credential with a `subject`, and let it use that one".to_owned();
        self.steps.ask("subject", subject(client, self.door, server).as_ref().map(|()| found()), change);
    }
}

/// Whether a token could have the subject that its resource server wants: some credential must map to one.
fn subject(client: &Client, door: &Door, server: &ResourceServer) -> Result<(), Refused> {
    let maps = client.federated().iter().any(|known| known.federated.subject.is_some());
    let lacks = server.custom_subject && names_subject(door) && !maps;
    if lacks { Err(Refusal::SubjectMissing.into()) } else { Ok(()) }
}

fn names_subject(door: &Door) -> bool {
    match door.issuer.layout {
        ClaimsLayout::Rfc9068 | ClaimsLayout::Plain => true,
        ClaimsLayout::CallerAudience => false,
    }
}

/// What is asked for, in words.
fn wanted(question: &Question<'_>, default: bool) -> String {
    let wanted = &question.wanted;
    let what = match (wanted.everything, wanted.items.is_empty()) {
        (true, true) => "everything that is granted".to_owned(),
        (true, false) => {
            format!("everything that is granted, and {}", list(wanted.items.iter().map(|item| &item.written)))
        }
        (false, _) => list(wanted.items.iter().map(|item| &item.written)),
    };
    if default { format!("the client's default: {what}") } else { what }
}

/// The address ranges of a client's zones.
fn ranges(client: &Client, tenant: &Tenant) -> String {
    let zones = client.networks.iter().filter_map(|zone| tenant.zones.get(&**zone)).flatten();
    list(zones.map(ToString::to_string))
}
