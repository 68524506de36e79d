//! The resource model: a scope item in the first line, and in each further line a rule, as in `allow book:7 read write`.
//! What is decided is compared with a world in which every set is a list of triples.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use writ_oauth::permission::resource::{
    Actions, Asked, Circumstances, Effect, MAX_SEGMENT, Part, Resource, Resources, Rule, Rules, Ruling, action_of,
};

const AT: Circumstances = Circumstances { now: 1_000, origin: IpAddr::V4(Ipv4Addr::LOCALHOST) };
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
    let resources = Resources::new(list.iter().filter_map(|rule| rule.resource.as_ref()).map(|code| Resource {
        code: code.clone(),
        actions: list.iter().flat_map(actions).cloned().collect(),
    }));
    let rules = Rules::new(list.to_vec());
    let is_allowed = |rules: &Rules, item: &str| matches!(rules.decide(&resources, item, &AT), Ruling::Allowed(_));
    let allowed = is_allowed(&rules, item);
    if let Some(asked) = Asked::parse(item) {
        assert_eq!(allowed, is_allowed(&rules, &asked.to_string()), "the forms of one set are one set");
        assert!(!allowed || naive(asked, list), "{asked} is allowed");
    } else {
        assert!(!allowed);
    }
    if let Ruling::Allowed(rule) = rules.decide(&resources, item, &AT) {
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

/// Whether one rule allows every triple that is asked for, and none denies one of them, in a world with one more of
/// everything than is named.
fn naive(asked: Asked<'_>, list: &[Rule]) -> bool {
    let plain = |part| match part {
        Part::Any => None,
        Part::Only(this) => Some(this),
    };
    let (code, id, action) = (plain(asked.resource), plain(asked.instance), plain(asked.action));
    let codes = BTreeSet::from_iter(list.iter().map(|rule| rule.resource.as_deref()).chain([code, None]));
    let ids = BTreeSet::from_iter(list.iter().map(|rule| rule.instance.as_deref()).chain([id, None]));
    let named = list.iter().flat_map(actions).map(|action| Some(&**action));
    let actions = BTreeSet::from_iter(named.chain([action, None]));
    let is_in = |part: Option<&str>, one: &Option<&str>| part.is_none() || part == *one;
    let of_rule = |rule: &Rule, (code, id, action): &(Option<&str>, Option<&str>, Option<&str>)| {
        let has_action = match &rule.actions {
            Actions::All => true,
            Actions::These(list) => list.iter().any(|known| Some(&**known) == *action),
        };
        is_in(rule.resource.as_deref(), code) && is_in(rule.instance.as_deref(), id) && has_action
    };
    let mut triples = Vec::new();
    for code in codes.iter().filter(|one| is_in(code, one)) {
        for id in ids.iter().filter(|one| is_in(id, one)) {
            triples.extend(actions.iter().filter(|one| is_in(action, one)).map(|action| (*code, *id, *action)));
        }
    }
    let live = |effect| list.iter().filter(move |rule| rule.effect == effect && rule.holds(&AT));
    live(Effect::Allow).any(|rule| triples.iter().all(|triple| of_rule(rule, triple)))
        && !live(Effect::Deny).any(|rule| triples.iter().any(|triple| of_rule(rule, triple)))
}
