//! A parsed document in which every value knows where it stands.

use serde_json::Value;

/// A place in a file, line and column counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// A value and where it begins.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) data: Data,
}

/// What a value is made of.
#[derive(Clone)]
pub(super) enum Data {
    /// Null, a boolean, a number or a string; never an array or an object.
    Scalar(Value),
    Sequence(Vec<Node>),
    Mapping(Vec<Member>),
}

/// One member of a mapping, with the place of its key.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) place: Place,
    pub(super) value: Node,
}

/// How large a value is: what copying it would cost.
#[derive(Clone, Copy, Default)]
pub(super) struct Size {
    pub(super) nodes: usize,
    pub(super) bytes: usize,
    pub(super) depth: usize,
}

impl Node {
    pub(super) fn to_json(&self) -> Value {
        match &self.data {
            Data::Scalar(value) => value.clone(),
            Data::Sequence(items) => items.iter().map(Self::to_json).collect(),
            Data::Mapping(members) => {
                members.iter().map(|member| (member.key.clone(), member.value.to_json())).collect()
            }
        }
    }

    /// The place of a path such as `clients[0].grants[1]`, or of the nearest thing around it that is there.
    pub(super) fn place_of(&self, path: &str) -> Place {
        let mut found = (self.place, self);
        let mut rest = path;
        while !rest.is_empty() {
            let Some((place, node, after)) = found.1.step(rest) else { break };
            found = (place, node);
            rest = after;
        }
        found.0
    }

    /// The value at a path, when it is there.
    pub(super) fn at(&self, path: &str) -> Option<&Self> {
        let (mut node, mut rest) = (self, path);
        while !rest.is_empty() {
            let (_, next, after) = node.step(rest)?;
            (node, rest) = (next, after);
        }
        Some(node)
    }

    fn step<'p>(&self, path: &'p str) -> Option<(Place, &Self, &'p str)> {
        match &self.data {
            Data::Scalar(_) => None,
            Data::Sequence(items) => {
                let (index, after) = path.strip_prefix('[')?.split_once(']')?;
                let item = items.get(index.parse::<usize>().ok()?)?;
                Some((item.place, item, after))
            }
            Data::Mapping(members) => {
                // A key may itself contain dots and brackets: the longest one that fits is meant.
                let path = path.strip_prefix('.').unwrap_or(path);
                let fits = |member: &&Member| remainder(path, &member.key).is_some();
                let member = members.iter().filter(fits).max_by_key(|member| member.key.len())?;
                Some((member.place, &member.value, remainder(path, &member.key)?))
            }
        }
    }

    pub(super) fn size(&self) -> Size {
        let children = |sizes: &mut dyn Iterator<Item = Size>| {
            sizes.fold(Size { nodes: 1, bytes: 0, depth: 1 }, |sum, size| Size {
                nodes: sum.nodes + size.nodes,
                bytes: sum.bytes + size.bytes,
                depth: sum.depth.max(size.depth + 1),
            })
        };
        match &self.data {
            Data::Scalar(value) => Size { nodes: 1, bytes: value.as_str().map_or(0, str::len), depth: 1 },
            Data::Sequence(items) => children(&mut items.iter().map(Self::size)),
            Data::Mapping(members) => children(&mut members.iter().map(|member| {
                let size = member.value.size();
                Size { bytes: size.bytes + member.key.len(), ..size }
            })),
        }
    }
}

fn remainder<'p>(path: &'p str, key: &str) -> Option<&'p str> {
    path.strip_prefix(key).filter(|after| after.is_empty() || after.starts_with(['.', '[']))
}
