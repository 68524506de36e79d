//! The expression language, by what it promises.

mod demands;
mod evaluation;
mod explained;
mod hazards;
mod properties;
mod sources;

use serde_json::json;
use writ_oauth::expression::{Cause, Expression, Facts};

fn parsed(source: &str) -> Expression {
    Expression::parse(source).map_err(|fault| format!("{source}: {fault}")).unwrap()
}

/// A little of everything that can stand in an assertion.
fn facts() -> Facts {
    Facts::new().with("client", json!({ "clientId": "app_one", "applicationFederatedCredentialId": "afc_one" })).with(
        "jwt",
        json!({ "issuer": "https://ci.example", "claims": {
                "sub": "repo:acme/web:ref:refs/heads/main",
                "n": 7, "big": u64::MAX, "half": 0.5, "round": 1.0,
                "yes": true, "no": false, "null": null, "empty": "", "none": [], "nothing": {},
                "groups": ["a", "b"], "numbers": [1, 2], "mixed": ["a", 1], "holes": ["a", null],
                "straße": "GRÜN", "kubernetes.io": { "namespace": "build" }, "it's": "quoted", "0": "zero",
                "objects": [{ "CN": "first" }, { "CN": "second" }],
            } }),
    )
}

fn held(source: &str) -> bool {
    parsed(source).condition(&facts()).map_err(|fault| format!("{source}: {fault}")).unwrap()
}

fn text(source: &str) -> String {
    parsed(source).text(&facts()).map_err(|fault| format!("{source}: {fault}")).unwrap()
}

/// Why there is no answer, and to which part of the source that applies.
fn fault(source: &str) -> (String, Cause) {
    let fault = parsed(source).condition(&facts()).unwrap_err();
    assert_eq!(source.get(fault.offset..).unwrap().find(&*fault.clause), Some(0), "{fault}");
    (fault.clause.into(), fault.cause)
}
