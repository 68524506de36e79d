//! The JavaScript sample of the vendor's guide under an axios of its day, which sends the object as JSON that is
//! labelled as a form: the answer must say what is wrong.

use super::{AUDIENCE, GRANTED, PARTNER, SECRET, scene};
use crate::support::client_script::node;

#[test]
fn json_that_is_labelled_as_a_form_is_called_so() {
    let scene = scene();
    for (door, scope) in [("idaas", format!("{AUDIENCE}|{GRANTED}")), ("oauth", GRANTED.to_owned())] {
        let outcome = node("axios_json.mjs", &scene.config(door, PARTNER, SECRET, &scope));
        let id = scene.errors.at(door, "BodyIsJson").assert_understood(&outcome);
        scene.assert_logged(&id, "BodyIsJson");
        assert_eq!(outcome["error"], "invalid_request", "{outcome:#}");
        assert!(outcome["error_description"].as_str().unwrap().contains("JSON"), "{outcome:#}");
    }
}
