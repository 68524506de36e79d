//! The body of a token request, and the scope in it.

use writ_oauth::form::Form;
use writ_oauth::scope;

use super::presented;

const LIMIT: usize = 16;

pub(super) fn check(input: &[u8]) {
    let Ok(form) = Form::parse(input, LIMIT) else { return };
    // A plainer reading of the standard's sentences: what is accepted means the same to everybody.
    let plain: Vec<(String, String)> = form_urlencoded::parse(input).into_owned().collect();
    assert!(plain.len() <= LIMIT);
    for (name, _) in &plain {
        let values: Vec<&str> = plain.iter().filter(|(known, _)| known == name).map(|(_, value)| &**value).collect();
        assert!(values.len() == 1 || name == "resource", "{name} is repeated");
        let sent: Vec<&str> = values.into_iter().filter(|value| !value.is_empty()).collect();
        assert_eq!(form.all(name).collect::<Vec<_>>(), sent);
        assert_eq!(form.get(name), sent.first().copied());
    }
    check_client(&form);
    if let Some(scope) = form.get("scope") {
        check_scope(scope);
    }
}

fn check_client(form: &Form) {
    if let Some((id, secrets)) = presented::read(&[], form) {
        assert_eq!(form.get("client_id"), Some(&*id));
        assert_eq!(form.get("client_secret").as_slice(), secrets);
    }
}

fn check_scope(scope: &str) {
    let Ok(items) = scope::items(scope) else { return };
    assert!(items.len() <= scope::MAX_ITEMS);
    assert!(items.iter().all(|item| scope::is_token(item)));
    assert_eq!(scope::items(&items.join(" ")).ok(), Some(items));
}
