//! What a token holds: whether its scope includes what an operation requires.

use super::resource::Asked;

/// How permissions are read. The model of a resource server is configured and never guessed from the look of a string:
/// `user:*` is one word in the one, and every action on every user in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Model {
    /// A permission is an exact string, in which a star is a letter.
    Named,
    /// A permission is an action on an instance of a resource, and a star stands for all.
    Resource,
}

/// Whether one of the items of a scope includes all of what is asked for.
pub fn held(model: Model, scope: &str, asked: &str) -> bool {
    let mut items = scope.split(' ').filter(|item| !item.is_empty());
    match model {
        Model::Named => items.any(|item| item == asked),
        Model::Resource => {
            Asked::parse(asked).is_some_and(|asked| items.filter_map(Asked::parse).any(|item| item.contains(asked)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_59_only_the_resource_model_knows_wildcards() {
        for (scope, asked, named, resource) in [
            ("user:*", "user:read", false, true),
            ("user:*", "user:*", true, true),
            ("user:read", "user:*:read", false, true),
            ("user-growth:2019:*", "user-growth:2019:read", false, true),
            ("user-growth:2019:*", "user-growth:2020:read", false, false),
            ("user-growth:2019:read user-growth:2019:write", "user-growth:2019:*", false, false),
            ("a b", "b", true, true),
            ("a b", "a b", false, false),
            ("a", "", false, false),
            ("", "", false, false),
            ("", "a", false, false),
            ("*", "a:b:c:d", false, false),
        ] {
            assert_eq!(held(Model::Named, scope, asked), named, "{scope} {asked}");
            assert_eq!(held(Model::Resource, scope, asked), resource, "{scope} {asked}");
        }
    }
}
