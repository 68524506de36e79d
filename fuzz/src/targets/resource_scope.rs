//! The resource model: a scope item in the first line, and in each further line a rule, as in `allow book:7 read write`.
//! What is decided is compared with a world in which every set is a list of triples.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use writ_oauth::permission::resource::{
    Actions, Asked, Circumstances, Effect, MAX_SEGMENT, Part, Reason, Resource, Resources, Rule, Rules, Ruling,
    action_of,
};

const AT: Circumstances = Circumstances { now: 1_000, origin: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)) };
const MAX_RULES: usize = 8;

pub(super) fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut lines = text.split('\n');
    let item = lines.next().unwrap_or_default();
    check_item(item);
    let rules: Vec<Rule> = lines.take(MAX_RULES).filter_map(rule).collect();
    check_decision(item, &rules);
}

fn check_item(item: &str) {
    let Some(asked) = Asked::parse(item) else { return };
    let spelt = asked.to_string();
    assert!(spelt.len() <= 3 * MAX_SEGMENT + 2 && writ_oauth::scope::is_token(&spelt));
    assert_eq!(Asked::parse(&spelt), Some(asked));
    assert!(asked.contains(asked));
    assert!(Asked::parse("*").is_some_and(|everything| everything.contains(asked)));
    let _ = action_of(asked.resource, item);
}

/// `EFFECT RESOURCE ACTION...`, where the effect may also be one that has ended or has not begun.
fn rule(line: &str) -> Option<Rule> {
    let mut words = line.split(' ');
    let (effect, not_before, expires) = match words.next()? {
        "allow" => (Effect::Allow, None, None),
        "deny" => (Effect::Deny, None, None),
        "ended" => (Effect::Allow, None, Some(AT.now)),
        "later" => (Effect::Deny, Some(AT.now + 1), None),
        _ => return None,
    };
    let resource = words.next()?;
    let actions: Vec<&str> = words.take(MAX_RULES).collect();
    let rule = Rule::parse(resource, &actions, effect).ok()?;
    assert!(Asked::parse(resource).is_some());
    Some(Rule { not_before, expires, ..rule })
}

fn check_decision(item: &str, list: &[Rule]) {
    let resources = Resources::new(
        list.iter()
            .filter_map(|rule| rule.resource.as_ref())
            .map(|code| Resource { code: code.clone(), actions: list.iter().flat_map(actions).cloned().collect() }),
    );
    let rules = Rules::new(list.to_vec());
    let is_allowed = |rules: &Rules, item: &str| matches!(rules.decide(&resources, item, &AT), Ruling::Allowed(_));
    let ruling = rules.decide(&resources, item, &AT);
    if let Some(asked) = Asked::parse(item) {
        assert_eq!(ruling, rules.decide(&resources, &asked.to_string(), &AT), "the forms of one set are one set");
        let unknown = ruling == Ruling::Refused(Reason::Unknown, None);
        assert!(unknown || is_allowed(&rules, item) == naive(asked, list), "{asked}: {ruling:?}");
    } else {
        assert_eq!(ruling, Ruling::Refused(Reason::Unknown, None));
    }
    if let Ruling::Allowed(rule) = ruling {
        assert!(rule.effect == Effect::Allow && rule.holds(&AT));
        let denial = Rule { effect: Effect::Deny, ..rule.clone() };
        assert!(!is_allowed(&Rules::new([list, &[denial]].concat()), item), "a denial wins");
    }
    for set in rules.granted(&AT) {
        assert!(is_allowed(&rules, &set.to_string()), "{set} is granted");
    }
}

fn actions(rule: &Rule) -> &[Box<str>] {
    match &rule.actions {
        Actions::All => &[],
        Actions::These(list) => list,
    }
}

/// A resource, an instance and an action.
type Triple<'a> = (&'a str, &'a str, &'a str);

/// What nobody names: there is always one more of everything.
const OTHER: &str = "\0";

/// Whether one rule allows every triple that is asked for, and none denies one of them.
fn naive(asked: Asked<'_>, list: &[Rule]) -> bool {
    let triples = triples(asked, list);
    let mut live = list.iter().filter(|rule| rule.holds(&AT));
    let denied = live.clone().any(|rule| rule.effect == Effect::Deny && triples.iter().any(|one| is_in(rule, one)));
    !denied && live.any(|rule| rule.effect == Effect::Allow && triples.iter().all(|one| is_in(rule, one)))
}

fn triples<'a>(asked: Asked<'a>, list: &'a [Rule]) -> Vec<Triple<'a>> {
    let codes = names(asked.resource, list.iter().filter_map(|rule| rule.resource.as_deref()));
    let ids = names(asked.instance, list.iter().filter_map(|rule| rule.instance.as_deref()));
    let actions = names(asked.action, list.iter().flat_map(actions).map(|action| &**action));
    let mut triples = Vec::new();
    for code in codes {
        for id in &ids {
            triples.extend(actions.iter().map(|action| (code, *id, *action)));
        }
    }
    triples
}

fn names<'a>(part: Part<'a>, named: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    match part {
        Part::Any => named.chain([OTHER]).collect(),
        Part::Only(one) => BTreeSet::from([one]),
    }
}

fn is_in(rule: &Rule, (code, id, action): &Triple<'_>) -> bool {
    rule.resource.as_deref().is_none_or(|this| this == *code)
        && rule.instance.as_deref().is_none_or(|this| this == *id)
        && match &rule.actions {
            Actions::All => true,
            Actions::These(list) => list.iter().any(|this| **this == **action),
        }
}
