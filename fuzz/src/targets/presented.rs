//! What a request presents, as the targets see it.

use writ_oauth::client_auth::{AssertionForm, AssertionWords, Presented};
use writ_oauth::form::Form;

/// What `client_assertion_type` says of a JWT that the client signed.
pub(super) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Such words as a front door has.
pub(super) const WORDS: AssertionWords = AssertionWords {
    types: &[(JWT_BEARER, AssertionForm::Jwt)],
    credential_name: "credential",
    certificate: "certificate",
    chain: "chain",
};

/// The client id and the readings of the secret.
pub(super) fn read(authorization: &[&str], form: &Form) -> Option<(String, Vec<String>)> {
    match Presented::read(authorization, form, &WORDS).ok()? {
        Presented::Secret(_, presented) => {
            let secrets = presented.candidates().map(|secret| secret.expose().to_owned()).collect();
            Some((presented.client_id().to_owned(), secrets))
        }
        Presented::Assertion(presented) => {
            assert_eq!(form.get("client_assertion"), Some(presented.assertion()));
            assert!(authorization.is_empty() && form.get("client_secret").is_none(), "one method");
            None
        }
        Presented::Connection(client_id) => {
            assert_eq!(form.get("client_id"), Some(&*client_id));
            assert!(authorization.is_empty() && form.get("client_secret").is_none(), "one method");
            None
        }
    }
}
