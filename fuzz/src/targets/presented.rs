//! What a request presents, as the targets see it.

use writ_oauth::client_auth::Presented;
use writ_oauth::form::Form;

/// The client id and the readings of the secret.
pub(super) fn read(authorization: &[&str], form: &Form) -> Option<(String, Vec<String>)> {
    match Presented::read(authorization, form).ok()? {
        Presented::Secret(_, presented) => {
            let secrets = presented.candidates().map(|secret| secret.expose().to_owned()).collect();
            Some((presented.client_id().to_owned(), secrets))
        }
    }
}
