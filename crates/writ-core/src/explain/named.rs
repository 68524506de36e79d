//! What is granted in named permissions, weighed for one of them.

use writ_oauth::permission::{Grants, NamedPermissions, Outcome, Reason, Rule, Spelling};

use super::item::{OneItem, RuleStanding, WeighedRule};
use super::list;
use crate::resource_server;

/// What the client is granted on the resource server, in the order in which it is looked at.
pub(super) fn weighed(of: &OneItem<'_>, permissions: &NamedPermissions) -> Vec<WeighedRule> {
    let Some(grants) = grants(of) else { return Vec::new() };
    let outcome = permissions.decide(grants, of.permission, of.wording.spelling).outcome;
    let by = match outcome {
        Outcome::Allowed(_, rule) => Some(rule),
        Outcome::Refused(_) => None,
    };
    let for_people = outcome == Outcome::Refused(Reason::NotForMachines);
    let entry = |is: Rule, rule: String| {
        let (standing, why) = match by {
            Some(rule) if rule == is => (RuleStanding::Decided, "grants it"),
            Some(_) if is == Rule::WholeServer => (RuleStanding::NotWeighed, "the answer was found before it"),
            None if for_people => (RuleStanding::Apart, "is for a machine, and the permission is for people's flows"),
            None if is == Rule::WholeServer => (RuleStanding::Apart, "the resource server has no such permission"),
            Some(_) | None => (RuleStanding::Apart, "does not name it"),
        };
        WeighedRule { rule, standing, why: why.to_owned() }
    };
    let these = (!grants.these.is_empty()).then(|| format!("permissions: {}", list(&grants.these)));
    let whole = grants.whole.then(|| "permissions: all".to_owned());
    let these = these.map(|rule| entry(Rule::ThisPermission, rule));
    these.into_iter().chain(whole.map(|rule| entry(Rule::WholeServer, rule))).collect()
}

/// What would have to change for it to be granted.
pub(super) fn change(of: &OneItem<'_>, permissions: &NamedPermissions) -> String {
    let (permission, audience) = (of.permission, &of.server.audience);
    let nothing = Grants::default();
    match permissions.decide(grants(of).unwrap_or(&nothing), permission, of.wording.spelling).outcome {
        Outcome::Allowed(..) => String::new(),
        Outcome::Refused(Reason::Unknown) => {
            let same = |known: &str| of.wording.spelling == Spelling::Exact && known.eq_ignore_ascii_case(permission);
            match permissions.iter().find(|known| same(&known.id)) {
                Some(known) => format!("write it `{}`: case counts here", known.id),
                None => format!(
                    "ask for a permission that `{audience}` has ({}), or register `{permission}` there",
                    list(permissions.iter().map(|known| &*known.id))
                ),
            }
        }
        Outcome::Refused(Reason::NotGranted) => {
            format!("add `{permission}` to the client's authorization for `{audience}`")
        }
        Outcome::Refused(Reason::NotForMachines) => {
            format!("register `{permission}` on `{audience}` with `type: machine`; it is `user` now")
        }
    }
}

fn grants<'a>(of: &OneItem<'a>) -> Option<&'a Grants> {
    resource_server::named(of.client.granted_on(&of.server.audience))
}
