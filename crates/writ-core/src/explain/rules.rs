//! A client's rules about resources, weighed for one item.

use writ_oauth::permission::resource::{
    Actions, Asked, Difference, Effect, Part, Reason, Resources, Rule, Rules, Ruling, Standing, Unknown,
};

use super::item::{OneItem, RuleStanding, WeighedRule};
use super::{list, place, time};
use crate::resource_server;

/// How many rules are shown that were not weighed.
const OTHERS: usize = 50;

/// The rules in the order in which they were weighed, then the others; and how many are not shown.
pub(super) fn weighed(of: &OneItem<'_>, resources: &Resources) -> (Vec<WeighedRule>, usize) {
    let Some(rules) = rules(of) else { return (Vec::new(), 0) };
    let Ok(asked) = resources.read(of.permission) else { return (Vec::new(), rules.iter().count()) };
    let mut seen: Vec<(&Rule, Standing)> = Vec::new();
    rules.weigh(resources, of.permission, &of.at, |rule, standing| seen.push((rule, standing)));
    let mut shown: Vec<_> = seen.iter().map(|(rule, standing)| one(of, asked, rule, *standing)).collect();
    let is_seen = |rule: &Rule| seen.iter().any(|(known, _)| std::ptr::eq(*known, rule));
    let (mut others, mut more) = (0, 0);
    for rule in rules.iter().filter(|rule| !is_seen(rule)) {
        if others == OTHERS {
            more += 1;
            continue;
        }
        others += 1;
        shown.push(match rule.standing(asked, &of.at) {
            Standing::Apart => one(of, asked, rule, Standing::Apart),
            Standing::Applies | Standing::Elsewhere | Standing::Ended | Standing::NotBegun => {
                let why = "the answer was found before it".to_owned();
                WeighedRule { rule: words(rule), standing: RuleStanding::NotWeighed, why }
            }
        });
    }
    (shown, more)
}

fn one(of: &OneItem<'_>, asked: Asked<'_>, rule: &Rule, standing: Standing) -> WeighedRule {
    let (standing, why) = match standing {
        Standing::Applies => (RuleStanding::Decided, verb(rule).to_owned()),
        Standing::Apart => (RuleStanding::Apart, apart(rule.difference(asked)).to_owned()),
        Standing::Elsewhere => {
            let why =
                format!("is for callers from {}, and the request is from {}", networks(rule), place(of.at.origin));
            (RuleStanding::Elsewhere, why)
        }
        Standing::Ended => {
            let end = rule.expires.map(time).unwrap_or_default();
            (RuleStanding::Ended, format!("{} until {end}", verb_once(rule)))
        }
        Standing::NotBegun => {
            let begin = rule.not_before.map(time).unwrap_or_default();
            (RuleStanding::NotBegun, format!("{} from {begin} on", verb(rule)))
        }
    };
    WeighedRule { rule: words(rule), standing, why }
}

const fn verb(rule: &Rule) -> &'static str {
    match rule.effect {
        Effect::Allow => "allows it",
        Effect::Deny => "denies it, or part of it",
    }
}

const fn verb_once(rule: &Rule) -> &'static str {
    match rule.effect {
        Effect::Allow => "allowed it",
        Effect::Deny => "denied it, or part of it,",
    }
}

const fn apart(difference: Difference) -> &'static str {
    match difference {
        Difference::Resource => "is about another resource",
        Difference::Instance => "is about another instance",
        Difference::Action => "is about other actions",
        Difference::Part => "allows only part of it",
    }
}

/// A rule as its document has it, in one line.
fn words(rule: &Rule) -> String {
    let effect = match rule.effect {
        Effect::Allow => "allow",
        Effect::Deny => "deny",
    };
    let actions = match &rule.actions {
        Actions::All => "*".to_owned(),
        Actions::These(actions) => actions.join(", "),
    };
    format!("{effect} {} [{actions}]", rule.target())
}

fn networks(rule: &Rule) -> String {
    list(rule.networks.iter().map(ToString::to_string))
}

/// What would have to change for it to be granted.
pub(super) fn change(of: &OneItem<'_>, resources: &Resources) -> String {
    let asked = match resources.read(of.permission) {
        Ok(asked) => asked,
        Err(unknown) => return unknown_change(of, unknown),
    };
    let nothing = Rules::default();
    let rules = rules(of).unwrap_or(&nothing);
    match rules.decide(resources, of.permission, &of.at) {
        Ruling::Allowed(_) => String::new(),
        Ruling::Refused(Reason::Denied, Some(rule)) => format!("end or narrow the rule `{}`", words(rule)),
        Ruling::Refused(Reason::Expired, Some(rule)) => {
            format!("give the rule `{}` a later `expires`, or none", words(rule))
        }
        Ruling::Refused(Reason::Denied | Reason::Expired | Reason::NotGranted | Reason::Unknown, _) => {
            not_granted_change(of, asked, rules)
        }
    }
}

/// A rule that would allow it here or now, were it otherwise, is nearer than a new one.
fn not_granted_change(of: &OneItem<'_>, asked: Asked<'_>, rules: &Rules) -> String {
    let allowing = || rules.iter().filter(|rule| rule.effect == Effect::Allow);
    let standing = |wanted: Standing| allowing().find(|rule| rule.standing(asked, &of.at) == wanted);
    if let Some(rule) = standing(Standing::Elsewhere) {
        return format!("call from {}, or widen `networks` of the rule `{}`", networks(rule), words(rule));
    }
    if let Some(rule) = standing(Standing::NotBegun) {
        let begin = rule.not_before.map(time).unwrap_or_default();
        return format!("wait until {begin}, when the rule `{}` begins", words(rule));
    }
    let part = |rule: &&Rule| {
        let apart = rule.standing(asked, &of.at) == Standing::Apart;
        apart && rule.difference(asked) == Difference::Part
    };
    let new = new_rule(of, asked);
    match allowing().find(part) {
        Some(rule) => format!("ask only for what the rule `{}` allows, or {new}", words(rule)),
        None => new,
    }
}

fn new_rule(of: &OneItem<'_>, asked: Asked<'_>) -> String {
    let word = |part: Part<'_>| part.to_string();
    let rule = format!(
        "{{ resource: \"{}:{}\", actions: [\"{}\"], effect: allow }}",
        word(asked.resource),
        word(asked.instance),
        word(asked.action)
    );
    format!("add the rule `{rule}` to the client's authorization for `{}`", of.server.audience)
}

fn unknown_change(of: &OneItem<'_>, unknown: Unknown) -> String {
    let audience = &of.server.audience;
    match unknown {
        Unknown::Form => "write it as `T`, `T:A` or `T:I:A`, where `*` stands for all".to_owned(),
        Unknown::Resource => {
            format!(
                "ask for a resource that `{audience}` has, or register it; it has {}",
                list(of.server.permissions.scopes())
            )
        }
        Unknown::Action => {
            format!(
                "ask for an action that the resource has on `{audience}`, or register it; there are {}",
                list(of.server.permissions.scopes())
            )
        }
    }
}

fn rules<'a>(of: &OneItem<'a>) -> Option<&'a Rules> {
    resource_server::rules(of.client.granted_on(&of.server.audience))
}
