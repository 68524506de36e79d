//! What a client is given on a resource server: named permissions, or rules about resources.

use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use writ_oauth::permission::resource::{Effect, Rule, RuleFault};

use super::Client;
use super::credential::{check_validity, whole_seconds};
use super::tenant::cidrs;

/// A row that gives one client permissions on one resource server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "AuthorizationWire", into = "AuthorizationWire")]
pub struct Authorization {
    /// The resource server.
    pub audience: String,
    /// What is given there.
    pub given: Given,
}

/// What an authorization gives, in the words of its resource server's permission model.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// Named permissions.
    Permissions(Permissions),
    /// Rules about resources.
    Rules(Vec<AuthorizationRule>),
}

/// What an authorization gives on its resource server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permissions {
    /// Every permission the server has, now and later. Written `all`.
    All,
    /// These permissions, in their registered spelling.
    These(Vec<String>),
}

/// One rule: what a client may do with which instances of which resource, or may not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorizationRule {
    /// `T:*` (or `T`) for every instance of a resource, `T:id` for one, `*:*` for every resource.
    pub resource: String,
    /// The actions: `read`, or `T:read`, which is the same; `["*"]` for all, now and later.
    pub actions: Vec<String>,
    /// Whether it allows or denies; what is denied, in part or whole, no other rule allows.
    #[serde(default)]
    pub effect: RuleEffect,
    /// It says nothing before this time. Times are whole seconds; parts of one are left out.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole_seconds")]
    pub not_before: Option<Timestamp>,
    /// It says nothing from this time on; absent: it never ends.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole_seconds")]
    pub expires: Option<Timestamp>,
    /// It says something only about callers within these address ranges; empty: about all.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "cidrs")]
    pub networks: Vec<IpNet>,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleEffect {
    /// Allows.
    #[default]
    Allow,
    /// Denies.
    Deny,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthorizationWire {
    audience: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    permissions: Option<Permissions>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rules: Option<Vec<AuthorizationRule>>,
}

impl TryFrom<AuthorizationWire> for Authorization {
    type Error = &'static str;

    fn try_from(wire: AuthorizationWire) -> Result<Self, Self::Error> {
        let given = match (wire.permissions, wire.rules) {
            (Some(permissions), None) => Given::Permissions(permissions),
            (None, Some(rules)) => Given::Rules(rules),
            (None, None) => return Err("missing field `permissions` (or `rules`, on a server that has `resources`)"),
            (Some(_), Some(_)) => return Err("an authorization has either `permissions` or `rules`, not both"),
        };
        Ok(Self { audience: wire.audience, given })
    }
}

impl From<Authorization> for AuthorizationWire {
    fn from(Authorization { audience, given }: Authorization) -> Self {
        let (permissions, rules) = match given {
            Given::Permissions(permissions) => (Some(permissions), None),
            Given::Rules(rules) => (None, Some(rules)),
        };
        Self { audience, permissions, rules }
    }
}

impl Permissions {
    /// Adds what another authorization on the same server gives.
    pub fn add(&mut self, other: Self) {
        let (Self::These(list), Self::These(more)) = (&mut *self, other) else {
            *self = Self::All;
            return;
        };
        for id in more {
            if !list.contains(&id) {
                list.push(id);
            }
        }
    }
}

impl AuthorizationRule {
    /// The rule, ready for decisions; the fault is a path inside the rule and a sentence.
    pub fn compile(&self) -> Result<Rule, (String, String)> {
        let effect = match self.effect {
            RuleEffect::Allow => Effect::Allow,
            RuleEffect::Deny => Effect::Deny,
        };
        check_validity(self.not_before, self.expires)
            .map_err(|(path, _)| (path, "the rule would end before it begins".to_owned()))?;
        let rule = Rule::parse(&self.resource, &self.actions, effect).map_err(|fault| {
            let path = match fault {
                RuleFault::Resource => "resource",
                RuleFault::Action | RuleFault::OtherResource | RuleFault::EveryResource => "actions",
            };
            (path.to_owned(), fault.to_string())
        })?;
        Ok(Rule {
            not_before: self.not_before.map(Timestamp::as_second),
            expires: self.expires.map(Timestamp::as_second),
            networks: self.networks.clone().into(),
            ..rule
        })
    }

    /// The form in which rules are stored and compared; one that means nothing stays as it is.
    fn canonical(&self) -> Self {
        match self.compile() {
            Ok(rule) => Self { resource: rule.target(), actions: rule.action_words(), ..self.clone() },
            Err(_) => self.clone(),
        }
    }
}

impl Client {
    /// One authorization an audience and model, permissions first, each permission and rule once: the form in which
    /// authorizations are stored and compared.
    pub fn merge_authorizations(&mut self) {
        let (mut permissions, mut rules) = (Vec::new(), Vec::new());
        for Authorization { audience, given } in self.authorizations.drain(..) {
            match given {
                Given::Permissions(more) => {
                    add(&mut permissions, audience, Permissions::These(Vec::new()), |known| known.add(more));
                }
                Given::Rules(more) => add(&mut rules, audience, Vec::new(), |known: &mut Vec<AuthorizationRule>| {
                    for rule in more.iter().map(AuthorizationRule::canonical) {
                        if !known.contains(&rule) {
                            known.push(rule);
                        }
                    }
                }),
            }
        }
        // One that gives nothing is none.
        permissions.retain(|(_, permissions)| *permissions != Permissions::These(Vec::new()));
        rules.retain(|(_, rules)| !rules.is_empty());
        let of = |(audience, given)| Authorization { audience, given };
        let permissions =
            permissions.into_iter().map(|(audience, permissions)| (audience, Given::Permissions(permissions)));
        let rules = rules.into_iter().map(|(audience, rules)| (audience, Given::Rules(rules)));
        self.authorizations = permissions.chain(rules).map(of).collect();
    }
}

/// Adds something to the entry of an audience, which begins as nothing.
fn add<T>(list: &mut Vec<(String, T)>, audience: String, nothing: T, more: impl FnOnce(&mut T)) {
    if let Some((_, known)) = list.iter_mut().find(|(known, _)| *known == audience) {
        return more(known);
    }
    let mut first = nothing;
    more(&mut first);
    list.push((audience, first));
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "tests read better so")]
    fn merged(authorizations: Value) -> Value {
        let client = json!({ "authorizations": authorizations });
        let mut client: Client = serde_json::from_value(client).unwrap();
        client.merge_authorizations();
        serde_json::to_value(&client.authorizations).unwrap()
    }

    fn fault(authorization: Value) -> String {
        serde_json::from_value::<Authorization>(authorization).unwrap_err().to_string()
    }

    #[test]
    fn rules_are_added_up_in_one_spelling() {
        let given = json!([
            { "audience": "a", "rules": [{ "resource": "book", "actions": ["book:read", "read"] }] },
            { "audience": "b", "permissions": ["x"] },
            { "audience": "a", "rules": [
                { "resource": "book:*", "actions": ["read"], "effect": "allow" },
                { "resource": "*", "actions": ["*"], "effect": "deny", "networks": ["192.0.2.0/24"] },
            ] },
            { "audience": "c", "rules": [] },
        ]);
        let expected = json!([
            { "audience": "b", "permissions": ["x"] },
            { "audience": "a", "rules": [
                { "resource": "book:*", "actions": ["read"], "effect": "allow" },
                { "resource": "*:*", "actions": ["*"], "effect": "deny", "networks": ["192.0.2.0/24"] },
            ] },
        ]);
        assert_eq!(merged(given), expected);
        assert_eq!(merged(expected.clone()), expected);
    }

    #[test]
    fn an_authorization_speaks_in_one_model() {
        assert!(fault(json!({ "audience": "a" })).contains("missing field `permissions`"));
        assert!(fault(json!({ "audience": "a", "permissions": [], "rules": [] })).contains("not both"));
        assert!(fault(json!({ "audience": "a", "rule": [] })).contains("unknown field `rule`"));
        let rule = json!({ "resource": "a:*", "actions": ["*"], "networks": ["192.0.2.1/24"] });
        assert!(fault(json!({ "audience": "a", "rules": [rule] })).contains("192.0.2.1/24"));
    }

    #[test]
    fn what_is_wrong_with_a_rule_is_told_with_its_place() {
        let path = |rule: Value| serde_json::from_value::<AuthorizationRule>(rule).unwrap().compile().err().unwrap().0;
        assert_eq!(path(json!({ "resource": "a:b:c", "actions": ["*"] })), "resource");
        assert_eq!(path(json!({ "resource": "a:*", "actions": ["b:read"] })), "actions");
        assert_eq!(path(json!({ "resource": "*:*", "actions": ["read"] })), "actions");
        assert_eq!(path(json!({ "resource": "a:*", "actions": [] })), "actions");
        let times = ("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z");
        let rule = json!({ "resource": "a:*", "actions": ["*"], "not_before": times.0, "expires": times.1 });
        assert_eq!(path(rule), "expires");
    }
}
