//! The `named` permission model: a permission is an exact string, and nothing in it is a wildcard.

/// One permission of a resource server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPermission {
    /// The registered spelling, which tokens carry.
    pub id: Box<str>,
    /// Whether a machine may be given it on its own.
    pub for_machines: bool,
}

/// The permissions of one resource server, in registered order.
#[derive(Clone, Debug, Default)]
pub struct NamedPermissions(Box<[NamedPermission]>);

/// How an asked item is compared with the registered spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// Byte by byte.
    Exact,
    /// Ignoring ASCII case; the answer is in the registered spelling.
    AsciiCaseInsensitive,
}

/// What one client is granted on one resource server: the sum of its authorizations there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// The whole server, now and later.
    pub whole: bool,
    /// Single permissions, in registered spelling.
    pub these: Box<[Box<str>]>,
}

/// The answer to "may this client have this", with what decided it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<'a> {
    /// What was asked for, as it was asked.
    pub item: &'a str,
    /// The answer.
    pub outcome: Outcome<'a>,
}

/// The answer and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// Yes, and this rule said so.
    Allowed(&'a NamedPermission, Rule),
    /// No, for this reason.
    Refused(Reason),
}

/// Which kind of authorization allowed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// An authorization for the whole resource server.
    WholeServer,
    /// An authorization for this permission.
    ThisPermission,
}

/// Why something was not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The resource server has no such permission.
    Unknown,
    /// No authorization of the client includes it.
    NotGranted,
    /// It is for people's flows only.
    NotForMachines,
}

impl NamedPermissions {
    /// From the registered list.
    pub fn new(list: Vec<NamedPermission>) -> Self {
        Self(list.into())
    }

    /// The permissions, in registered order.
    pub fn iter(&self) -> impl Iterator<Item = &NamedPermission> {
        self.0.iter()
    }

    /// Decides one asked item.
    pub fn decide<'a>(&'a self, grants: &Grants, item: &'a str, spelling: Spelling) -> Decision<'a> {
        let known = self.0.iter().find(|permission| match spelling {
            Spelling::Exact => *permission.id == *item,
            Spelling::AsciiCaseInsensitive => permission.id.eq_ignore_ascii_case(item),
        });
        let outcome = known.map_or(Outcome::Refused(Reason::Unknown), |permission| grants.decide(permission));
        Decision { item, outcome }
    }

    /// Everything that is granted, in registered order.
    pub fn granted<'a>(&'a self, grants: &'a Grants) -> impl Iterator<Item = &'a NamedPermission> {
        self.0.iter().filter(|permission| matches!(grants.decide(permission), Outcome::Allowed(..)))
    }
}

impl Grants {
    /// Decides one known permission.
    fn decide<'a>(&self, permission: &'a NamedPermission) -> Outcome<'a> {
        let rule = if self.these.contains(&permission.id) {
            Some(Rule::ThisPermission)
        } else {
            self.whole.then_some(Rule::WholeServer)
        };
        match rule {
            None => Outcome::Refused(Reason::NotGranted),
            Some(_) if !permission.for_machines => Outcome::Refused(Reason::NotForMachines),
            Some(rule) => Outcome::Allowed(permission, rule),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> NamedPermissions {
        let permission = |id: &str, for_machines| NamedPermission { id: id.into(), for_machines };
        NamedPermissions::new(vec![
            permission("User:Read:ALL", true),
            permission("user:*", true),
            permission("profile", false),
        ])
    }

    fn these(ids: &[&str]) -> Grants {
        Grants { whole: false, these: ids.iter().map(|id| Box::from(*id)).collect() }
    }

    fn reason(decision: &Decision<'_>) -> Option<Reason> {
        match decision.outcome {
            Outcome::Allowed(..) => None,
            Outcome::Refused(reason) => Some(reason),
        }
    }

    #[test]
    fn the_answer_says_which_rule_decided() {
        let server = server();
        let grants = these(&["User:Read:ALL"]);
        let allowed = server.decide(&grants, "User:Read:ALL", Spelling::Exact);
        assert!(matches!(allowed.outcome, Outcome::Allowed(_, Rule::ThisPermission)));
        let whole = Grants { whole: true, ..Grants::default() };
        assert!(matches!(
            server.decide(&whole, "user:*", Spelling::Exact).outcome,
            Outcome::Allowed(_, Rule::WholeServer)
        ));
        assert_eq!(reason(&server.decide(&grants, "user:*", Spelling::Exact)), Some(Reason::NotGranted));
        assert_eq!(reason(&server.decide(&whole, "profile", Spelling::Exact)), Some(Reason::NotForMachines));
    }

    #[test]
    fn case_59_a_star_in_a_named_permission_is_a_letter_like_any_other() {
        let server = server();
        let grants = these(&["user:*"]);
        assert_eq!(reason(&server.decide(&grants, "user:read", Spelling::Exact)), Some(Reason::Unknown));
        assert_eq!(reason(&server.decide(&grants, "User:Read:ALL", Spelling::Exact)), Some(Reason::NotGranted));
        assert_eq!(reason(&server.decide(&grants, "*", Spelling::AsciiCaseInsensitive)), Some(Reason::Unknown));
        assert_eq!(server.granted(&grants).count(), 1);
    }

    #[test]
    fn case_is_ignored_only_where_the_door_says_so() {
        let server = server();
        let grants = these(&["User:Read:ALL"]);
        assert_eq!(reason(&server.decide(&grants, "user:read:all", Spelling::Exact)), Some(Reason::Unknown));
        let folded = server.decide(&grants, "user:read:all", Spelling::AsciiCaseInsensitive);
        assert!(matches!(folded.outcome, Outcome::Allowed(permission, _) if &*permission.id == "User:Read:ALL"));
    }
}
