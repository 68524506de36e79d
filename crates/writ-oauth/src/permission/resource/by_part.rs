//! An index by one part of a set: what is said of everything, and what is said of each by its name.

use std::collections::HashMap;

use super::Part;

/// Values by a part. It is asked without copying the part's name.
#[derive(Clone, Debug, Default)]
pub(super) struct ByPart<T> {
    any: Option<Box<T>>,
    only: HashMap<Box<str>, T>,
}

impl<T: Default> ByPart<T> {
    /// The value of a part, made when there is none yet.
    pub(super) fn entry(&mut self, part: Part<'_>) -> &mut T {
        match part {
            Part::Any => self.any.get_or_insert_default(),
            Part::Only(name) => self.only.entry(name.into()).or_default(),
        }
    }
}

impl<T> ByPart<T> {
    /// What is said of this part or of everything: of what contains it.
    pub(super) fn containing(&self, part: Part<'_>) -> impl Iterator<Item = &T> {
        let named = match part {
            Part::Any => None,
            Part::Only(name) => self.only.get(name),
        };
        named.into_iter().chain(self.any.as_deref())
    }

    /// What is said of something that this part has something in common with.
    pub(super) fn overlapping(&self, part: Part<'_>) -> impl Iterator<Item = &T> {
        let others = (part == Part::Any).then(|| self.only.values());
        self.containing(part).chain(others.into_iter().flatten())
    }
}
