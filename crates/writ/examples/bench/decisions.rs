//! Microseconds of CPU a decision of the `resource` model takes, for a client with many rules.

use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr};

use writ_oauth::permission::resource::{Circumstances, Effect, Reason, Resource, Resources, Rule, Rules, Ruling};

use crate::cpu::micros;

const RULES: usize = 10_000;
const AT: Circumstances = Circumstances { now: 1_700_000_000, origin: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)) };

/// Prints a line for each kind of question: what it is, and what it costs.
pub(crate) fn rates() -> anyhow::Result<()> {
    let resources =
        Resources::new([Resource { code: "row".into(), actions: ["read", "update"].map(Into::into).into() }]);
    let allow = rules(|_| "read", |_| Effect::Allow)?;
    let half = rules(|_| "read", |n| if n.is_multiple_of(2) { Effect::Allow } else { Effect::Deny })?;
    let others =
        rules(|n| if n == 0 { "read" } else { "update" }, |n| if n == 0 { Effect::Allow } else { Effect::Deny })?;
    let granted = |ruling: &Ruling<'_>| matches!(ruling, Ruling::Allowed(_));
    let refused = |why| move |ruling: &Ruling<'_>| matches!(ruling, Ruling::Refused(reason, _) if *reason == why);
    let one = |n: usize| format!("row:{}:read", n * 2);
    let odd = |n: usize| format!("row:{}:read", n * 2 + 1);
    let all = |_| "row:read".to_owned();
    print("one of 10,000 rows", &allow, &resources, one, granted)?;
    print("all of the rows, where there is a rule for each", &allow, &resources, all, refused(Reason::NotGranted))?;
    print("one of 5,000 rows, with 5,000 denied", &half, &resources, one, granted)?;
    print("one of 5,000 rows that are denied", &half, &resources, odd, refused(Reason::Denied))?;
    print("all of the rows, where 5,000 are denied", &half, &resources, all, refused(Reason::Denied))?;
    print("all of the rows, where 9,999 deny something else", &others, &resources, all, refused(Reason::NotGranted))
}

/// A rule for each row.
fn rules(action: impl Fn(usize) -> &'static str, effect: impl Fn(usize) -> Effect) -> anyhow::Result<Rules> {
    let rule = |n| Rule::parse(&format!("row:{n}"), &[action(n)], effect(n));
    Ok(Rules::new((0..RULES).map(rule).collect::<Result<_, _>>()?))
}

/// Asks for one row after the other.
fn print(
    name: &str,
    rules: &Rules,
    resources: &Resources,
    item: impl Fn(usize) -> String,
    as_expected: impl Fn(&Ruling<'_>) -> bool,
) -> anyhow::Result<()> {
    let items: Vec<_> = (0..RULES / 2).map(item).collect();
    let at = Cell::new(0);
    let took = micros(|| {
        at.set((at.get() + 1) % items.len());
        items.get(at.get()).is_some_and(|item| as_expected(&rules.decide(resources, item, &AT)))
    })?;
    println!("{took:.3} {name}");
    Ok(())
}
