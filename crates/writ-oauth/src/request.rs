//! What a token request asks for, in neutral terms: every front door reads its own words into these.

use crate::permission::Spelling;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// On which resource server.
    pub target: Target,
    /// Which permissions there.
    pub wanted: Wanted,
    /// How the items are compared with registered permissions.
    pub spelling: Spelling,
    /// How granted items of resources are written.
    pub echo: Echo,
    /// What this front door does when part of it is not granted and the client's setting leaves it to the door.
    pub unmet: Unmet,
}

/// What happens when part of what is asked for is not granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmet {
    /// The request is refused.
    Refuse,
    /// The rest is issued, and what was left out is reported.
    Reduce,
    /// The same, and the token is issued even when nothing is left.
    ReduceToNothing,
}

/// How granted items of the `resource` model stand in the token and in the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Echo {
    /// As the caller wrote them.
    Verbatim,
    /// In the one form with three segments.
    Canonical,
}

/// The resource server that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// By its audience.
    Audience(String),
    /// By its audience or one of its resource URLs (RFC 8707).
    Resource(String),
    /// The one of the client's own application.
    OwnApplication,
    /// Not named: the only authorized one that holds every asked permission.
    Inferred,
}

/// The permissions that are asked for. Nothing at all asks for the client's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Everything that is granted on the target.
    pub everything: bool,
    /// These, in the order asked.
    pub items: Vec<Item>,
    /// The first thing asked for, as the caller wrote it: what a refusal of the whole is about.
    pub first_written: Option<String>,
}

/// One asked permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The permission.
    pub permission: String,
    /// The item as the caller wrote it, for the answer.
    pub written: String,
}

impl Wanted {
    /// Whether nothing was asked for.
    pub fn is_nothing(&self) -> bool {
        !self.everything && self.items.is_empty()
    }
}

impl Item {
    /// An item that is written as the permission itself.
    pub fn plain(permission: String) -> Self {
        Self { written: permission.clone(), permission }
    }
}
