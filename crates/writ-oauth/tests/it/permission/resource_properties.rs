//! The resource model against a naive one: a small world, in which every set is a list of triples.

use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;
use writ_oauth::permission::resource::{Asked, Circumstances, Effect, Reason, Rule, Rules, Ruling, Standing};

use super::resource::resources;

const CODES: [&str; 3] = ["book", "message", "elsewhere"];
const IDS: [&str; 3] = ["1", "2", "other"];
const ACTIONS: [&str; 3] = ["read", "write", "new"];
const NOW: Circumstances = Circumstances { now: 1_000, origin: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)) };

/// A rule as it is written.
#[derive(Clone, Debug)]
struct Written {
    resource: String,
    actions: Vec<&'static str>,
    effect: Effect,
    expires: Option<i64>,
}

fn written() -> impl Strategy<Value = Written> {
    let one = prop::sample::select(vec!["book", "message"]);
    let id = prop::sample::select(vec!["*", "1", "2"]);
    let some = prop::sample::subsequence(vec!["read", "write"], 1..=2);
    let actions = prop_oneof![some, Just(vec!["*"])];
    let some = (one, id, actions).prop_map(|(code, id, actions)| (format!("{code}:{id}"), actions));
    let target = prop_oneof![4 => some, 1 => Just(("*:*".to_owned(), vec!["*"]))];
    let effect = prop_oneof![3 => Just(Effect::Allow), 1 => Just(Effect::Deny)];
    let expires = prop_oneof![4 => Just(None), 1 => Just(Some(500)), 1 => Just(Some(2_000))];
    (target, effect, expires).prop_map(|((resource, actions), effect, expires)| Written {
        resource,
        actions,
        effect,
        expires,
    })
}

fn item() -> impl Strategy<Value = String> {
    let code = prop::sample::select(vec!["*", "book", "message"]);
    let id = prop::sample::select(vec!["*", "1", "2", "other"]);
    let action = prop::sample::select(vec!["*", "read", "write"]);
    prop_oneof![
        (code.clone(), id, action.clone()).prop_map(|(code, id, action)| format!("{code}:{id}:{action}")),
        (code.clone(), action).prop_map(|(code, action)| format!("{code}:{action}")),
        code.prop_map(str::to_owned),
    ]
}

/// The triples of a set, in a world where there is always one more of everything.
fn triples(code: &str, id: &str, actions: &[&str]) -> Vec<(&'static str, &'static str, &'static str)> {
    let mut triples = Vec::new();
    for c in CODES.into_iter().filter(|c| code == "*" || code == *c) {
        for i in IDS.into_iter().filter(|i| id == "*" || id == *i) {
            for a in ACTIONS.into_iter().filter(|a| actions.contains(&"*") || actions.contains(a)) {
                triples.push((c, i, a));
            }
        }
    }
    triples
}

fn of_rule(rule: &Written) -> Vec<(&'static str, &'static str, &'static str)> {
    let (code, id) = rule.resource.split_once(':').unwrap();
    triples(code, id, &rule.actions)
}

fn naive(rules: &[Written], item: &str) -> bool {
    let canonical = Asked::parse(item).unwrap().to_string();
    let parts: Vec<&str> = canonical.split(':').collect();
    let asked = triples(parts[0], parts[1], &[parts[2]]);
    let live =
        |effect| rules.iter().filter(move |rule| rule.effect == effect && rule.expires.is_none_or(|end| end > NOW.now));
    let denied = live(Effect::Deny).any(|rule| of_rule(rule).iter().any(|triple| asked.contains(triple)));
    let allowed = live(Effect::Allow).any(|rule| asked.iter().all(|triple| of_rule(rule).contains(triple)));
    allowed && !denied
}

fn compiled(rules: &[Written]) -> Rules {
    let compile = |rule: &Written| Rule {
        expires: rule.expires,
        ..Rule::parse(&rule.resource, &rule.actions, rule.effect).unwrap()
    };
    Rules::new(rules.iter().map(compile).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn decisions_are_those_of_the_naive_model(rules in prop::collection::vec(written(), 0..8), item in item()) {
        let shop = resources(&[("book", &["read", "write"]), ("message", &["read", "write"])]);
        let ruling = compiled(&rules).decide(&shop, &item, &NOW).into_allowed();
        prop_assert_eq!(ruling.is_ok(), naive(&rules, &item), "{} under {:?}", item, rules);
    }

    #[test]
    fn what_is_granted_contains_nothing_that_is_not(rules in prop::collection::vec(written(), 0..8)) {
        let shop = resources(&[("book", &["read", "write"]), ("message", &["read", "write"])]);
        let compiled = compiled(&rules);
        for set in compiled.granted(&NOW) {
            prop_assert!(compiled.decide(&shop, &set.to_string(), &NOW).into_allowed().is_ok(), "{}", set);
        }
    }

    #[test]
    fn case_59_another_rule_that_denies_never_grants_more(rules in prop::collection::vec(written(), 0..6), denial in written(), item in item()) {
        let shop = resources(&[("book", &["read", "write"]), ("message", &["read", "write"])]);
        let without = compiled(&rules).decide(&shop, &item, &NOW).into_allowed().is_ok();
        let mut more = rules.clone();
        more.push(Written { effect: Effect::Deny, ..denial });
        let with = compiled(&more).decide(&shop, &item, &NOW).into_allowed().is_ok();
        prop_assert!(without || !with);
    }

    #[test]
    fn what_is_told_of_the_rules_is_what_decided(rules in prop::collection::vec(written(), 0..8), item in item()) {
        let shop = resources(&[("book", &["read", "write"]), ("message", &["read", "write"])]);
        let compiled = compiled(&rules);
        let mut told = Vec::new();
        let ruling = compiled.weigh(&shop, &item, &NOW, |rule, standing| told.push((rule, standing)));
        let decided = told.iter().position(|(_, standing)| *standing == Standing::Applies);
        match ruling {
            Ruling::Allowed(by) | Ruling::Refused(Reason::Denied, Some(by)) => {
                // It is the last that was weighed: nothing behind it had a say.
                prop_assert_eq!(decided, Some(told.len() - 1));
                prop_assert!(std::ptr::eq(told[told.len() - 1].0, by));
            }
            Ruling::Refused(_, by) => {
                prop_assert_eq!(decided, None);
                let ended = |(rule, standing): &(&Rule, Standing)| *standing == Standing::Ended && rule.effect == Effect::Allow;
                let ended = told.iter().find(|told| ended(told)).map(|(rule, _)| *rule);
                prop_assert_eq!(ended, by);
            }
        }
        // Deny is weighed before allow, and no rule that was not weighed would have had a say.
        let effects: Vec<_> = told.iter().map(|(rule, _)| rule.effect).collect();
        prop_assert!(effects.is_sorted_by_key(|effect| *effect == Effect::Allow));
        if decided.is_none() {
            let asked = Asked::parse(&item).unwrap();
            for rule in compiled.iter().filter(|rule| !told.iter().any(|(known, _)| std::ptr::eq(*known, *rule))) {
                prop_assert_eq!(rule.standing(asked, &NOW), Standing::Apart, "{:?} of {}", rule, item);
            }
        }
    }

    #[test]
    fn nothing_that_is_written_makes_it_fail(item in ".{0,40}", resource in ".{0,20}", action in ".{0,20}") {
        let shop = resources(&[("book", &["read"])]);
        let everything = Rules::new(vec![Rule::parse("*:*", &["*"], Effect::Allow).unwrap()]);
        let _ = everything.decide(&shop, &item, &NOW);
        let _ = Rule::parse(&resource, &[action], Effect::Allow);
    }
}

trait IntoAllowed {
    fn into_allowed(self) -> Result<(), Reason>;
}

impl IntoAllowed for Ruling<'_> {
    fn into_allowed(self) -> Result<(), Reason> {
        match self {
            Ruling::Allowed(_) => Ok(()),
            Ruling::Refused(reason, _) => Err(reason),
        }
    }
}
