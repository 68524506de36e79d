//! The resource model by its documented table and examples.

use std::net::{IpAddr, Ipv4Addr};

use writ_oauth::permission::resource::{Circumstances, Effect, Reason, Resource, Resources, Rule, Rules, Ruling};

const NOW: Circumstances = Circumstances { now: 1_000, origin: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)) };

pub(super) fn resources(list: &[(&str, &[&str])]) -> Resources {
    let boxed = |actions: &[&str]| actions.iter().map(|action| Box::from(*action)).collect();
    Resources::new(list.iter().map(|(code, actions)| Resource { code: (*code).into(), actions: boxed(actions) }))
}

fn allow(resource: &str, actions: &[&str]) -> Rule {
    Rule::parse(resource, actions, Effect::Allow).unwrap()
}

fn deny(resource: &str, actions: &[&str]) -> Rule {
    Rule::parse(resource, actions, Effect::Deny).unwrap()
}

fn reason(rules: &Rules, resources: &Resources, item: &str) -> Option<Reason> {
    match rules.decide(resources, item, &NOW) {
        Ruling::Allowed(_) => None,
        Ruling::Refused(reason, _) => Some(reason),
    }
}

fn split<'i>(rules: Vec<Rule>, resources: &Resources, scope: &'i str) -> (Vec<&'i str>, Vec<&'i str>) {
    let rules = Rules::new(rules);
    scope.split(' ').partition(|item| reason(&rules, resources, item).is_none())
}

#[test]
fn the_truth_table() {
    let shop = resources(&[("book", &["read", "write"]), ("message", &["read"])]);
    let grants = [
        allow("book:1", &["read"]),
        allow("book:1", &["*"]),
        allow("book:*", &["read"]),
        allow("book:*", &["*"]),
        allow("*:*", &["*"]),
    ]
    .map(|rule| Rules::new(vec![rule]));
    for (items, row) in [
        ("book:1:read", "YYYYY"),
        ("book:2:read", "nnYYY"),
        ("book:1:write", "nYnYY"),
        ("book:1:*", "nYnYY"),
        ("book:*:read book:read", "nnYYY"),
        ("book:*:write book:write", "nnnYY"),
        ("book:*:* book:* book", "nnnYY"),
        ("*:*:* *:* *", "nnnnY"),
        ("*:read *:*:read *:1:read", "nnnnY"),
        ("message:read", "nnnnY"),
    ] {
        for item in items.split(' ') {
            let answers: String =
                grants.iter().map(|rules| if reason(rules, &shop, item).is_none() { 'Y' } else { 'n' }).collect();
            assert_eq!(answers, row, "{item}");
        }
    }
}

fn screen() -> Resources {
    resources(&[
        ("user-growth", &["create", "read", "update"]),
        ("customer", &["read"]),
        ("announce", &["read", "update"]),
        ("revenue", &["create", "read", "update", "delete"]),
    ])
}

#[test]
fn example_a_reads_announcements_only() {
    let scope = "announce:read announce:update revenue:read customer user-growth:read";
    let (granted, rejected) = split(vec![allow("announce:*", &["announce:read"])], &screen(), scope);
    assert_eq!(granted, ["announce:read"]);
    assert_eq!(rejected, ["announce:update", "revenue:read", "customer", "user-growth:read"]);
}

#[test]
fn example_b_has_the_year_2019() {
    let rules = vec![
        allow("user-growth:2019", &["*"]),
        allow("revenue:*", &["create", "read", "update"]),
        allow("customer:*", &["read"]),
    ];
    let scope =
        "user-growth:2020:read user-growth:2019:* user-growth:2019:read revenue:create revenue:*:read customer:read";
    let (granted, rejected) = split(rules, &screen(), scope);
    let expected = ["user-growth:2019:*", "user-growth:2019:read", "revenue:create", "revenue:*:read", "customer:read"];
    assert_eq!(granted, expected);
    assert_eq!(rejected, ["user-growth:2020:read"]);
}

#[test]
fn example_c_reads_revenue_and_deletes_none() {
    let rules = || vec![allow("revenue", &["read"])];
    assert_eq!(split(rules(), &screen(), "revenue:*:read").1, [""; 0]);
    let (granted, rejected) = split(rules(), &screen(), "revenue:*:read revenue:*:delete");
    assert_eq!((granted, rejected), (vec!["revenue:*:read"], vec!["revenue:*:delete"]));
}

#[test]
fn every_defined_action_is_not_all_actions() {
    let rules = Rules::new(vec![allow("revenue:*", &["create", "read", "update", "delete"])]);
    assert_eq!(reason(&rules, &screen(), "revenue"), Some(Reason::NotGranted));
}

#[test]
fn what_is_denied_in_part_is_denied() {
    let rules = Rules::new(vec![allow("*:*", &["*"]), deny("user-growth:2020", &["read"])]);
    for item in ["user-growth:2020:read", "user-growth:2020:*", "user-growth:read", "user-growth", "*", "*:read"] {
        assert_eq!(reason(&rules, &screen(), item), Some(Reason::Denied), "{item}");
    }
    for item in ["user-growth:2019:read", "user-growth:2020:update", "user-growth:update", "revenue"] {
        assert_eq!(reason(&rules, &screen(), item), None, "{item}");
    }
    let everything = Rules::new(vec![allow("*:*", &["*"]), deny("*:*", &["*"])]);
    assert_eq!(reason(&everything, &screen(), "revenue:1:read"), Some(Reason::Denied));
}

#[test]
fn what_is_not_registered_is_unknown_whoever_asks() {
    let rules = Rules::new(vec![allow("*:*", &["*"])]);
    for item in
        ["invoice:read", "revenue:burn", "revenue:7:burn", "invoice", "read:revenue", "", "a:b:c:d", "reven*:read"]
    {
        assert_eq!(reason(&rules, &screen(), item), Some(Reason::Unknown), "{item}");
    }
}

#[test]
fn time_and_place_of_a_rule() {
    let office = || ["203.0.113.0/24".parse().unwrap()].into();
    let decide = |rule: Rule, now: i64, origin: &str| {
        let rules = Rules::new(vec![rule]);
        let at = Circumstances { now, origin: Some(origin.parse().unwrap()) };
        match rules.decide(&screen(), "customer:read", &at) {
            Ruling::Allowed(_) => None,
            Ruling::Refused(reason, _) => Some(reason),
        }
    };
    let dated = || Rule { not_before: Some(10), expires: Some(20), ..allow("customer:*", &["read"]) };
    assert_eq!(decide(dated(), 9, "192.0.2.1"), Some(Reason::NotGranted));
    assert_eq!(decide(dated(), 10, "192.0.2.1"), None);
    assert_eq!(decide(dated(), 19, "192.0.2.1"), None);
    assert_eq!(decide(dated(), 20, "192.0.2.1"), Some(Reason::Expired));
    let placed = || Rule { networks: office(), ..dated() };
    assert_eq!(decide(placed(), 15, "::ffff:203.0.113.9"), None);
    assert_eq!(decide(placed(), 15, "192.0.2.1"), Some(Reason::NotGranted));
    assert_eq!(decide(placed(), 25, "192.0.2.1"), Some(Reason::NotGranted));
    // A denial that has ended denies nothing.
    let rules = Rules::new(vec![allow("customer:*", &["*"]), Rule { expires: Some(20), ..deny("customer:7", &["*"]) }]);
    let at = |now| Circumstances { now, ..NOW };
    assert!(matches!(rules.decide(&screen(), "customer:7:read", &at(19)), Ruling::Refused(Reason::Denied, Some(_))));
    assert!(matches!(rules.decide(&screen(), "customer:7:read", &at(20)), Ruling::Allowed(_)));
}

/// Who is asked about somebody else's call does not know from where it will come.
#[test]
fn from_a_place_that_is_not_known_what_depends_on_the_place_is_not_allowed() {
    let office: Box<[_]> = ["203.0.113.0/24".parse().unwrap()].into();
    let nowhere = Circumstances { origin: None, ..NOW };
    let allowed = |rules: Vec<Rule>| {
        let rules = Rules::new(rules);
        matches!(rules.decide(&screen(), "customer:7:read", &nowhere), Ruling::Allowed(_))
    };
    let all = || allow("customer:*", &["*"]);
    assert!(allowed(vec![all()]));
    assert!(!allowed(vec![Rule { networks: office.clone(), ..all() }]));
    assert!(!allowed(vec![all(), Rule { networks: office.clone(), ..deny("customer:7", &["*"]) }]));
    assert!(allowed(vec![all(), Rule { networks: office, ..deny("customer:8", &["*"]) }]));
}

#[test]
fn everything_granted_is_listed_without_what_is_denied_in_part() {
    let rules = Rules::new(vec![
        allow("user-growth:2019", &["*"]),
        allow("customer:*", &["read"]),
        allow("revenue:*", &["read", "update"]),
        deny("revenue:7", &["update"]),
        Rule { expires: Some(1), ..allow("announce:*", &["*"]) },
    ]);
    let granted: Vec<String> = rules.granted(&NOW).map(|set| set.to_string()).collect();
    assert_eq!(granted, ["user-growth:2019:*", "customer:*:read", "revenue:*:read"]);
}
