//! What can be said of resources, and of rules about them, and whether routes ask for what is there.

use std::collections::HashSet;

use writ_oauth::permission::resource::{Asked, Effect, Part, RuleFault, action_of};

use super::validate::{Fault, fault, title};
use super::{ApplyError, Named, Run};
use crate::document::{AuthorizationRule, DocumentFault, Kind, Resource, ResourceServer, Route};

/// Stands for whatever the path of a request may hold.
const CAPTURED: &str = "0";

/// Checks the resources of a resource server.
pub(super) fn resources(server: &ResourceServer) -> Result<(), Fault> {
    if !server.permissions.is_empty() && !server.resources.is_empty() {
        return fault("resources", "a resource server has either `permissions` or `resources`, not both");
    }
    let mut codes = HashSet::new();
    for (position, resource) in server.resources.iter().enumerate() {
        if !codes.insert(&resource.code) {
            return fault(format!("resources[{position}].code"), format!("`{}` is there twice", resource.code));
        }
        self::resource(resource).map_err(|(path, message)| (format!("resources[{position}].{path}"), message))?;
    }
    Ok(())
}

fn resource(resource: &Resource) -> Result<(), Fault> {
    let code = match Part::parse(&resource.code) {
        Some(code @ Part::Only(word)) if is_word(word) => code,
        Some(_) | None => {
            let message = format!(
                "`{}` is not the name of a resource: up to 128 printable ASCII characters without \
                                   blanks, quotes, backslash, `:`, `*` and `|`, and not `.all`",
                resource.code
            );
            return fault("code", message);
        }
    };
    title("name", resource.name.as_deref())?;
    if resource.actions.is_empty() {
        return fault("actions", "a resource without actions is of no use to anybody");
    }
    let mut actions = HashSet::new();
    for (position, written) in resource.actions.iter().enumerate() {
        let path = format!("actions[{position}]");
        match action_of(code, written) {
            Ok(Part::Only(action)) if !is_word(action) => return fault(path, RuleFault::Action.to_string()),
            Ok(Part::Only(action)) if !actions.insert(action) => {
                return fault(path, format!("`{action}` is there twice"));
            }
            Ok(Part::Only(_)) => {}
            Ok(Part::Any) => return fault(path, "a resource has actions with names; `*` is for rules"),
            Err(wrong) => return fault(path, wrong.to_string()),
        }
    }
    Ok(())
}

/// What has `|` in it could be two things where items name an audience, and `.all` is everything there.
fn is_word(word: &str) -> bool {
    !word.contains('|') && word != ".all"
}

/// Checks the rules of an authorization.
pub(super) fn rules(rules: &[AuthorizationRule]) -> Result<(), Fault> {
    for (position, rule) in rules.iter().enumerate() {
        let at = |(path, message): Fault| (format!("rules[{position}].{path}"), message);
        rule.compile().map_err(at)?;
        if rule.resource.contains('|') {
            return fault(format!("rules[{position}].resource"), RuleFault::Resource.to_string());
        }
    }
    Ok(())
}

/// Whether some rule allows all of an item, at some time and from somewhere.
pub(super) fn allow(rules: &[AuthorizationRule], item: &str) -> bool {
    let Some(asked) = Asked::parse(item) else { return false };
    let mut compiled = rules.iter().filter_map(|rule| rule.compile().ok());
    compiled.any(|rule| rule.effect == Effect::Allow && rule.contains(asked))
}

impl Run<'_> {
    /// No route asks for a resource or an action that its resource server does not have.
    pub(super) async fn check_required_resources(&mut self, named: &[Named]) -> Result<(), ApplyError> {
        let resources = self.write.resources(self.tenant).await?;
        if resources.is_empty() {
            return Ok(());
        }
        for route in self.write.routes(self.tenant).await? {
            let Some(resources) = resources.get(&route.require.audience) else { continue };
            let Some(message) = unmet(&route, resources) else { continue };
            let is_it = |known: &&Named| known.kind == Kind::Route && known.name == route.name;
            return Err(match named.iter().find(is_it) {
                Some(known) => DocumentFault::at(known.document, "require.permission", message).into(),
                None => ApplyError::Conflict(format!("the route `{}` would not do any more: {message}", route.name)),
            });
        }
        Ok(())
    }
}

/// Why a route's requirement is none of a resource server with these resources.
fn unmet(route: &Route, resources: &[Resource]) -> Option<String> {
    let permission = &route.require.permission;
    let (filled, captured) = fill(permission);
    let Some(asked) = Asked::parse(&filled) else {
        return Some(format!("`{permission}` is not written as a resource and an action: `T:A` or `T:I:A`"));
    };
    let (Part::Only(code), true) = (asked.resource, captured != Some(Segment::First)) else {
        return Some(format!("`{permission}` leaves open which resource it is about"));
    };
    let Some(resource) = resources.iter().find(|known| known.code == code) else {
        return Some(format!("`{}` has no resource `{code}`", route.require.audience));
    };
    match asked.action {
        _ if captured == Some(Segment::Last) => Some(format!("`{permission}` leaves open which action it asks for")),
        Part::Only(action) if !resource.actions.iter().any(|known| known == action) => {
            Some(format!("the resource `{code}` has no action `{action}`"))
        }
        Part::Only(_) | Part::Any => None,
    }
}

/// Where a capture stands that decides more than the instance.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Segment {
    First,
    Last,
}

/// A template with something in the place of each capture, and where one stands outside the instance.
fn fill(template: &str) -> (String, Option<Segment>) {
    let segments: Vec<&str> = template.split(':').collect();
    let last = segments.len().saturating_sub(1);
    let at = |position: usize| segments.get(position).is_some_and(|segment| segment.contains('{'));
    let captured = match (at(0), last > 0 && at(last)) {
        (true, _) => Some(Segment::First),
        (false, true) => Some(Segment::Last),
        (false, false) => None,
    };
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        filled.push_str(CAPTURED);
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    filled.push_str(rest);
    (filled, captured)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "tests read better so")]
    fn path(resources: Value, permissions: Value) -> String {
        let server = json!({ "audience": "a", "resources": resources, "permissions": permissions });
        self::resources(&serde_json::from_value(server).unwrap()).err().map_or(String::new(), |(path, _)| path)
    }

    #[test]
    fn what_is_wrong_with_a_resource_is_told_with_its_place() {
        let of = |resource: Value| path(json!([resource]), json!([]));
        assert_eq!(of(json!({ "code": "book", "actions": ["book:read", "write"], "type": "data" })), "");
        assert_eq!(path(json!([{ "code": "b", "actions": ["x"] }]), json!([{ "id": "x" }])), "resources");
        for code in ["", "*", "a:b", "a b", "bü", "a|b", ".all", &"b".repeat(129)] {
            assert_eq!(of(json!({ "code": code, "actions": ["read"] })), "resources[0].code", "{code}");
        }
        assert_eq!(of(json!({ "code": "book", "actions": [] })), "resources[0].actions");
        for action in ["", "*", "re*d", "film:read", "a:b:c", "a|b", ".all"] {
            let resource = json!({ "code": "book", "actions": ["read", action] });
            assert_eq!(of(resource), "resources[0].actions[1]", "{action}");
        }
        assert_eq!(of(json!({ "code": "book", "actions": ["read", "book:read"] })), "resources[0].actions[1]");
        let twice = json!([{ "code": "b", "actions": ["x"] }, { "code": "b", "actions": ["x"] }]);
        assert_eq!(path(twice, json!([])), "resources[1].code");
        assert_eq!(of(json!({ "code": "b", "actions": ["x"], "name": "a\nb" })), "resources[0].name");
    }

    #[test]
    fn a_route_asks_for_a_resource_and_an_action_that_are_there() {
        let resources: Vec<Resource> =
            serde_json::from_value(json!([{ "code": "growth", "actions": ["read"] }])).unwrap();
        let good = |permission: &str| {
            let route = json!({ "name": "r", "match": { "path": "/" }, "upstream": { "url": "http://a" },
                "require": { "audience": "a", "permission": permission } });
            unmet(&serde_json::from_value(route).unwrap(), &resources).is_none()
        };
        for permission in ["growth:{year}:read", "growth:2019:read", "growth:q{n}-{year}:read", "growth:read", "growth"]
        {
            assert!(good(permission), "{permission}");
        }
        for permission in [
            "growth:{year}:write",
            "groth:{year}:read",
            "{kind}:7:read",
            "{kind}",
            "growth:{year}",
            "growth:7:{do}",
            "*:*:read",
            "growth:{a}:{b}:read",
            "growth::read",
            "",
        ] {
            assert!(!good(permission), "{permission}");
        }
    }
}
