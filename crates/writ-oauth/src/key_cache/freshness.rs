//! For how long a server lets its answer be kept.

/// The seconds that are left of `max-age`; none when the answer may not be reused at all.
///
/// > The response directive max-age indicates that the response is to be considered stale after its age is greater
/// > than the specified number of seconds.
///
/// <https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.1>
pub fn max_age<'h>(cache_control: impl Iterator<Item = &'h str>, age: Option<&str>) -> Option<u64> {
    let mut lifetime = None;
    for directive in cache_control.flat_map(|value| value.split(',')).map(str::trim) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache") {
            return Some(0);
        }
        if name.eq_ignore_ascii_case("max-age") && lifetime.is_none() {
            // What is not a number is stale, as the RFC has it for freshness that cannot be read.
            lifetime = Some(value.trim_matches('"').parse::<u64>().unwrap_or(0));
        }
    }
    let age = age.and_then(|age| age.trim().parse::<u64>().ok()).unwrap_or(0);
    lifetime.map(|lifetime| lifetime.saturating_sub(age))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str], age: Option<&str>) -> Option<u64> {
        max_age(values.iter().copied(), age)
    }

    #[test]
    fn max_age_is_read_as_caches_read_it() {
        assert_eq!(of(&[], None), None);
        assert_eq!(of(&["public, must-revalidate"], Some("7")), None);
        assert_eq!(of(&["public, Max-Age=3600"], None), Some(3600));
        assert_eq!(of(&["public", "max-age=\"60\""], None), Some(60));
        assert_eq!(of(&["max-age=3600"], Some("3500")), Some(100));
        assert_eq!(of(&["max-age=3600"], Some("9999999999")), Some(0));
        assert_eq!(of(&["max-age=3600, no-cache"], None), Some(0));
        assert_eq!(of(&["no-store"], None), Some(0));
        assert_eq!(of(&["max-age=-1"], None), Some(0));
        assert_eq!(of(&["max-age=99999999999999999999999"], None), Some(0));
    }
}
