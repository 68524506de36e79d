//! Rules: what a client may do with which instances of which resource, or may not.

use std::net::IpAddr;

use ipnet::IpNet;
use thiserror::Error;

use super::{Asked, Part};

/// One rule of an authorization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The resource; `None`: every resource.
    pub resource: Option<Box<str>>,
    /// The instance; `None`: every instance.
    pub instance: Option<Box<str>>,
    /// The actions.
    pub actions: Actions,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// It does not hold before this time, in seconds since the epoch.
    pub not_before: Option<i64>,
    /// It no longer holds from this time on, in seconds since the epoch.
    pub expires: Option<i64>,
    /// It holds for callers within these address ranges only; empty: for all.
    pub networks: Box<[IpNet]>,
}

/// Which actions a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actions {
    /// All, now and later. Written `*`.
    All,
    /// These.
    These(Box<[Box<str>]>),
}

/// What a rule does. One that denies wins over any that allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Allows.
    Allow,
    /// Denies.
    Deny,
}

/// How a rule stands to what is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It says something about it, here and now.
    Applies,
    /// It is about something else, or allows only part of it.
    Apart,
    /// It is for callers from elsewhere.
    Elsewhere,
    /// It no longer holds.
    Ended,
    /// It does not hold yet.
    NotBegun,
}

/// In what a rule is not about what is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Difference {
    /// Another resource.
    Resource,
    /// Another instance of it.
    Instance,
    /// Another action on it.
    Action,
    /// Only part of it.
    Part,
}

/// When and whence something is asked.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// Seconds since the epoch.
    pub now: i64,
    /// The caller's address; `None`: it is not known who will call. Then what is allowed from some networks only is not
    /// allowed, and what is denied from some is denied.
    pub origin: Option<IpAddr>,
}

/// Why a rule cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RuleFault {
    /// Not one of the three forms.
    #[error("a resource is written `T:*` or `T:id`, or `*:*` for all; names hold neither `:`, `*` nor blanks")]
    Resource,
    /// No action, or something that is none.
    #[error("an action is a word of up to 128 characters without `:` and `*`, or `*` for all")]
    Action,
    /// An action of another resource.
    #[error("the action is one of another resource")]
    OtherResource,
    /// Every resource with some actions only.
    #[error("`*:*` is written only with all actions: `[\"*\"]`")]
    EveryResource,
}

impl Rule {
    /// Reads `T:*`, `T:id`, `T` (which is `T:*`) or `*:*` with its actions: `*`, `read` or `T:read`.
    pub fn parse(resource: &str, actions: &[impl AsRef<str>], effect: Effect) -> Result<Self, RuleFault> {
        let (kind, instance) = resource.split_once(':').unwrap_or((resource, "*"));
        let (kind, instance) = Part::parse(kind).zip(Part::parse(instance)).ok_or(RuleFault::Resource)?;
        let actions = Actions::parse(kind, actions)?;
        match (kind, instance) {
            (Part::Any, Part::Only(_)) => return Err(RuleFault::Resource),
            (Part::Any, Part::Any) if actions != Actions::All => return Err(RuleFault::EveryResource),
            (Part::Any, Part::Any) | (Part::Only(_), _) => {}
        }
        let owned = |part| match part {
            Part::Any => None,
            Part::Only(this) => Some(Box::from(this)),
        };
        Ok(Self {
            resource: owned(kind),
            instance: owned(instance),
            actions,
            effect,
            not_before: None,
            expires: None,
            networks: Box::default(),
        })
    }

    /// What it is about, as it is written: `T:*`, `T:id` or `*:*`.
    pub fn target(&self) -> String {
        format!("{}:{}", self.resource(), self.instance())
    }

    /// Its actions as they are written.
    pub fn action_words(&self) -> Vec<String> {
        match &self.actions {
            Actions::All => vec![Part::Any.to_string()],
            Actions::These(list) => list.iter().map(|action| action.clone().into_string()).collect(),
        }
    }

    /// Whether it says anything at this time, to a caller from there.
    pub fn holds(&self, at: &Circumstances) -> bool {
        self.begun(at.now) && !self.ended(at.now) && self.reaches(at.origin)
    }

    /// How it stands to what is asked: one that allows must contain all of it, one that denies overlaps it.
    pub fn standing(&self, asked: Asked<'_>, at: &Circumstances) -> Standing {
        let is_about = match self.effect {
            Effect::Allow => self.contains(asked),
            Effect::Deny => self.overlaps(asked),
        };
        match is_about {
            false => Standing::Apart,
            true if !self.reaches(at.origin) => Standing::Elsewhere,
            true if self.ended(at.now) => Standing::Ended,
            true if !self.begun(at.now) => Standing::NotBegun,
            true => Standing::Applies,
        }
    }

    /// In what it is not about what is asked, of a rule that stands apart from it.
    pub fn difference(&self, asked: Asked<'_>) -> Difference {
        if !self.resource().overlaps(asked.resource) {
            Difference::Resource
        } else if !self.instance().overlaps(asked.instance) {
            Difference::Instance
        } else if self.overlaps(asked) {
            Difference::Part
        } else {
            Difference::Action
        }
    }

    fn begun(&self, now: i64) -> bool {
        self.not_before.is_none_or(|begin| begin <= now)
    }

    fn ended(&self, now: i64) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }

    fn reaches(&self, origin: Option<IpAddr>) -> bool {
        if self.networks.is_empty() {
            return true;
        }
        match origin.map(|origin| origin.to_canonical()) {
            Some(origin) => self.networks.iter().any(|range| range.contains(&origin)),
            None => self.effect == Effect::Deny,
        }
    }

    /// Whether all that is asked for is in it.
    pub fn contains(&self, asked: Asked<'_>) -> bool {
        self.resource().contains(asked.resource)
            && self.instance().contains(asked.instance)
            && match (&self.actions, asked.action) {
                (Actions::All, _) => true,
                (Actions::These(list), Part::Only(action)) => list.iter().any(|known| **known == *action),
                (Actions::These(_), Part::Any) => false,
            }
    }

    /// Whether some of what is asked for is in it.
    pub(super) fn overlaps(&self, asked: Asked<'_>) -> bool {
        self.resource().overlaps(asked.resource)
            && self.instance().overlaps(asked.instance)
            && match (&self.actions, asked.action) {
                (Actions::All, _) | (Actions::These(_), Part::Any) => true,
                (Actions::These(list), Part::Only(action)) => list.iter().any(|known| **known == *action),
            }
    }

    /// The resource as a part.
    pub(super) fn resource(&self) -> Part<'_> {
        self.resource.as_deref().map_or(Part::Any, Part::Only)
    }

    /// The instance as a part.
    pub(super) fn instance(&self) -> Part<'_> {
        self.instance.as_deref().map_or(Part::Any, Part::Only)
    }

    /// The sets that it is about, one an action.
    pub(super) fn sets(&self) -> impl Iterator<Item = Asked<'_>> {
        let (all, these) = match &self.actions {
            Actions::All => (Some(Part::Any), &[][..]),
            Actions::These(list) => (None, &**list),
        };
        let actions = all.into_iter().chain(these.iter().map(|action| Part::Only(action)));
        actions.map(|action| Asked { resource: self.resource(), instance: self.instance(), action })
    }
}

impl Actions {
    fn parse(resource: Part<'_>, actions: &[impl AsRef<str>]) -> Result<Self, RuleFault> {
        let mut list: Vec<Box<str>> = Vec::new();
        for written in actions.iter().map(AsRef::as_ref) {
            match action_of(resource, written)? {
                Part::Any => return if actions.len() == 1 { Ok(Self::All) } else { Err(RuleFault::Action) },
                Part::Only(action) if list.iter().any(|known| **known == *action) => {}
                Part::Only(action) => list.push(action.into()),
            }
        }
        if list.is_empty() { Err(RuleFault::Action) } else { Ok(Self::These(list.into())) }
    }
}

/// An action as it is written for a resource: `read`, or `T:read` for a resource `T`. Both name the same action.
pub fn action_of<'a>(resource: Part<'_>, written: &'a str) -> Result<Part<'a>, RuleFault> {
    let Some((of, action)) = written.split_once(':') else {
        return Part::parse(written).ok_or(RuleFault::Action);
    };
    match (Part::parse(of), Part::parse(action)) {
        (Some(of), Some(action)) if of == resource => Ok(action),
        (Some(_), Some(_)) => Err(RuleFault::OtherResource),
        (None, _) | (_, None) => Err(RuleFault::Action),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(resource: &str, actions: &[&str]) -> Result<Vec<String>, RuleFault> {
        Rule::parse(resource, actions, Effect::Allow).map(|rule| rule.sets().map(|set| set.to_string()).collect())
    }

    #[test]
    fn an_action_may_be_written_with_its_resource() {
        assert_eq!(
            parse("announce:7", &["read", "announce:write", "announce:read"]),
            Ok(vec!["announce:7:read".into(), "announce:7:write".into()])
        );
        assert_eq!(parse("announce", &["*"]), Ok(vec!["announce:*:*".into()]));
        assert_eq!(parse("*:*", &["*"]), Ok(vec!["*:*:*".into()]));
    }

    #[test]
    fn rules_that_mean_nothing_clear_are_refused() {
        assert_eq!(parse("announce:*", &["revenue:read"]), Err(RuleFault::OtherResource));
        assert_eq!(parse("*:*", &["read"]), Err(RuleFault::EveryResource));
        for resource in ["", ":", "a:", ":7", "*:7", "a:b:c", "a*", "a:b*", "a b", "ä:*"] {
            assert_eq!(parse(resource, &["*"]), Err(RuleFault::Resource), "{resource}");
        }
        for actions in [&[][..], &[""], &["read", "*"], &["re*d"], &["announce:"], &["a:b:c"]] {
            assert_eq!(parse("announce:*", actions), Err(RuleFault::Action), "{actions:?}");
        }
    }
}
