//! One item that is asked for: what is decided on it, by which rule, and what the others said.

use serde::{Deserialize, Serialize};
use writ_oauth::permission::resource::Circumstances;
use writ_oauth::request::Item;

use super::{BrokenRule, named, rules};
use crate::client::Client;
use crate::permit::Question;
use crate::resource_server::{Permissions, ResourceServer, Wording};

/// What was decided on an item, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedItem {
    /// The item as it is asked for.
    pub item: String,
    /// On which resource server.
    pub audience: String,
    /// How the token says it, if it is granted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub granted: Option<String>,
    /// Why it is not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refusal: Option<BrokenRule>,
    /// The client's rules on this resource server: those that were weighed, in that order, then the others.
    pub weighed: Vec<WeighedRule>,
    /// How many others there are.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub more_rules: usize,
    /// Other audiences on which it is granted.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub granted_on: Vec<String>,
    /// What would have to change for it to be granted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub change: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// One rule of the client, and what it says of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeighedRule {
    /// The rule, in the words of its document.
    pub rule: String,
    /// How it stands to the item.
    pub standing: RuleStanding,
    /// The same in a few words.
    pub why: String,
}

/// How a rule stands to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleStanding {
    /// It decided.
    Decided,
    /// It is about something else, or allows only part of it.
    Apart,
    /// It is for callers from elsewhere.
    Elsewhere,
    /// It no longer holds.
    Ended,
    /// It does not hold yet.
    NotBegun,
    /// The answer was found before it.
    NotWeighed,
}

/// A question about one item of one client.
#[derive(Clone, Copy)]
pub(super) struct OneItem<'a> {
    pub(super) client: &'a Client,
    pub(super) server: &'a ResourceServer,
    /// The permission that is asked for.
    pub(super) permission: &'a str,
    /// The item as it is written.
    pub(super) written: &'a str,
    pub(super) wording: Wording,
    pub(super) at: Circumstances,
}

impl OneItem<'_> {
    pub(super) fn explain(&self) -> ExplainedItem {
        let granted = self.client.granted_on(&self.server.audience);
        let decided = self.server.permissions.decide(granted, self.permission, self.wording, &self.at);
        let ((weighed, more_rules), change) = match &self.server.permissions {
            Permissions::Named(permissions) => {
                ((named::weighed(self, permissions), 0), named::change(self, permissions))
            }
            Permissions::Resource(resources) => (rules::weighed(self, resources), rules::change(self, resources)),
        };
        ExplainedItem {
            item: self.written.to_owned(),
            audience: self.server.audience.clone(),
            change: decided.as_ref().err().map(|_| change),
            refusal: decided.as_ref().err().copied().map(BrokenRule::from),
            granted: decided.ok().map(Into::into),
            weighed,
            more_rules,
            granted_on: Vec::new(),
        }
    }
}

impl ExplainedItem {
    /// Says where else it is granted: the token for it is one for another audience.
    pub(super) fn look_elsewhere(mut self, question: &Question<'_>, item: &Item) -> Self {
        if self.refusal.is_none() {
            return self;
        }
        let others = question.authorized().filter(|server| server.enabled && server.audience != self.audience);
        let there = others.filter(|server| question.decide(server, item).is_ok());
        self.granted_on = there.map(|server| server.audience.clone()).collect();
        if !self.granted_on.is_empty() {
            let there = super::list(&self.granted_on);
            let change = self.change.take().unwrap_or_default();
            self.change = Some(format!("ask for it on {there}, where it is granted; or: {change}"));
        }
        self
    }
}
