//! Decisions: one pure function from rules and a question to an answer with its reason.

use std::collections::HashMap;

use super::by_part::ByPart;
use super::{Asked, Circumstances, Effect, Part, Rule};

/// A resource of a resource server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its name, unique on the server.
    pub code: Box<str>,
    /// What can be done with it.
    pub actions: Box<[Box<str>]>,
}

/// The resources of one resource server.
#[derive(Clone, Debug, Default)]
pub struct Resources(HashMap<Box<str>, Box<[Box<str>]>>);

/// What one client is granted and denied on one resource server, indexed by what a question names.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    list: Box<[Rule]>,
    /// Positions of the rules that allow, by their resource and instance.
    allowing: ByPart<ByPart<Vec<usize>>>,
    /// The rules that deny, by their resource.
    denying: ByPart<Denying>,
}

/// Positions of the rules that deny something of one resource. A question names an instance, or an action on all of
/// them: whichever it names leaves few rules to look at.
#[derive(Clone, Debug, Default)]
struct Denying {
    by_instance: ByPart<Vec<usize>>,
    by_action: ByPart<Vec<usize>>,
}

/// The answer, with the rule that decided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling<'r> {
    /// Yes; this rule allows it.
    Allowed(&'r Rule),
    /// No, for this reason; and the rule that says so, if it was a rule.
    Refused(Reason, Option<&'r Rule>),
}

/// Why something was not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It cannot be read, or the resource server has no such resource or action.
    Unknown,
    /// No rule allows all of it.
    NotGranted,
    /// A rule denies it, or part of it.
    Denied,
    /// A rule allowed it, and has expired.
    Expired,
}

impl Resources {
    /// From the registered list.
    pub fn new(list: impl IntoIterator<Item = Resource>) -> Self {
        Self(list.into_iter().map(|resource| (resource.code, resource.actions)).collect())
    }

    /// All of every action of every resource, as scope items `T:A`, sorted.
    pub fn scopes(&self) -> Vec<String> {
        let mut scopes = Vec::new();
        for (code, actions) in &self.0 {
            scopes.extend(actions.iter().map(|action| format!("{code}:{action}")));
        }
        scopes.sort_unstable();
        scopes
    }

    /// Whether there is such a resource with such an action.
    ///
    /// Every resource is known; so is every action of a known one.
    fn know(&self, asked: Asked<'_>) -> bool {
        match (asked.resource, asked.action) {
            (Part::Any, _) => true,
            (Part::Only(code), Part::Any) => self.0.contains_key(code),
            (Part::Only(code), Part::Only(action)) => {
                self.0.get(code).is_some_and(|actions| actions.iter().any(|known| **known == *action))
            }
        }
    }
}

impl Rules {
    /// Indexes a client's rules.
    pub fn new(list: Vec<Rule>) -> Self {
        let mut rules = Self { list: list.into(), ..Self::default() };
        for (position, rule) in rules.list.iter().enumerate() {
            match rule.effect {
                Effect::Allow => rules.allowing.entry(rule.resource()).entry(rule.instance()).push(position),
                Effect::Deny => {
                    let denying = rules.denying.entry(rule.resource());
                    denying.by_instance.entry(rule.instance()).push(position);
                    for set in rule.sets() {
                        denying.by_action.entry(set.action).push(position);
                    }
                }
            }
        }
        rules
    }

    /// Whether there is no rule at all.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Decides one item, written in any of its forms.
    pub fn decide(&self, resources: &Resources, item: &str, at: &Circumstances) -> Ruling<'_> {
        match Asked::parse(item) {
            Some(asked) if resources.know(asked) => self.decide_known(asked, at),
            Some(_) | None => Ruling::Refused(Reason::Unknown, None),
        }
    }

    /// One rule that allows contains the whole set, and no rule that denies overlaps it.
    fn decide_known(&self, asked: Asked<'_>, at: &Circumstances) -> Ruling<'_> {
        if let Some(rule) = self.denying(asked).find(|rule| rule.holds(at) && rule.overlaps(asked)) {
            return Ruling::Refused(Reason::Denied, Some(rule));
        }
        let mut expired = None;
        for rule in self.allowing(asked).filter(|rule| rule.contains(asked)) {
            if rule.holds(at) {
                return Ruling::Allowed(rule);
            }
            expired = expired.or_else(|| rule.held_once(at).then_some(rule));
        }
        match expired {
            Some(rule) => Ruling::Refused(Reason::Expired, Some(rule)),
            None => Ruling::Refused(Reason::NotGranted, None),
        }
    }

    /// The rules that could allow it: those for exactly what it names, and those for more.
    fn allowing(&self, asked: Asked<'_>) -> impl Iterator<Item = &Rule> {
        let positions =
            self.allowing.containing(asked.resource).flat_map(move |rules| rules.containing(asked.instance));
        self.at(positions)
    }

    /// The rules that could deny part of it.
    fn denying(&self, asked: Asked<'_>) -> impl Iterator<Item = &Rule> {
        let positions = self.denying.overlapping(asked.resource).flat_map(move |rules| {
            let (instance, action) = match asked.instance {
                Part::Only(_) => (Some(rules.by_instance.overlapping(asked.instance)), None),
                Part::Any => (None, Some(rules.by_action.overlapping(asked.action))),
            };
            instance.into_iter().flatten().chain(action.into_iter().flatten())
        });
        self.at(positions)
    }

    fn at<'r>(&'r self, positions: impl Iterator<Item = &'r Vec<usize>>) -> impl Iterator<Item = &'r Rule> {
        positions.flatten().filter_map(|at| self.list.get(*at))
    }

    /// Everything that is granted, one set an action of a rule, without what is denied in part.
    pub fn granted<'r>(&'r self, at: &'r Circumstances) -> impl Iterator<Item = Asked<'r>> {
        let allowing = self.list.iter().filter(|rule| rule.effect == Effect::Allow && rule.holds(at));
        let denied = |set: &Asked<'_>| self.denying(*set).any(|rule| rule.holds(at) && rule.overlaps(*set));
        allowing.flat_map(Rule::sets).filter(move |set| !denied(set))
    }
}
