//! What a change takes back from tokens that may be alive, for those who enforce elsewhere: they know nothing
//! of the configuration. Whatever is deleted tells of itself in the store.

use super::Run;
use crate::document::{Application, Authorization, AuthorizationRule, Client, Given, Permissions, RuleEffect, Status};
use crate::store::{StoreError, TakenBack, Write};

impl Run<'_> {
    /// What an application loses as the called side.
    pub(super) async fn take_back_server(
        &mut self,
        before: Option<&Application>,
        after: &Application,
    ) -> Result<(), StoreError> {
        let Some(before) = before.filter(|before| is_disabled(before.status, after.status)) else { return Ok(()) };
        let Some(server) = &before.resource_server else { return Ok(()) };
        self.write.take_back(self.tenant, TakenBack::ResourceServer(&server.audience, &before.id)).await
    }
}

impl Write {
    /// What a client loses, whose application stays as it is.
    pub(crate) async fn take_back_from_client(
        &mut self,
        tenant: &str,
        client_id: &str,
        before: &Client,
        after: &Client,
    ) -> Result<(), StoreError> {
        if is_disabled(before.status, after.status) {
            return self.take_back(tenant, TakenBack::Client(client_id)).await;
        }
        for audience in lost(before, after) {
            let owner = self.server_application(tenant, audience).await?.unwrap_or_default();
            self.take_back(tenant, TakenBack::Authorization(client_id, audience, &owner)).await?;
        }
        Ok(())
    }
}

pub(super) fn is_disabled(before: Status, after: Status) -> bool {
    before == Status::Enabled && after == Status::Disabled
}

/// The audiences for which a client may have tokens that hold more than it has now.
fn lost<'c>(before: &'c Client, after: &Client) -> Vec<&'c str> {
    let keeps = |held: &Authorization| {
        let now = after.authorizations.iter().filter(|now| now.audience == held.audience);
        now.map(|now| &now.given).any(|now| includes(now, &held.given))
    };
    let gone = before.authorizations.iter().filter(|held| !keeps(held));
    gone.map(|held| held.audience.as_str()).collect()
}

/// Whether everything that was given is given now, as far as can be told without deciding.
fn includes(now: &Given, before: &Given) -> bool {
    match (now, before) {
        (Given::Permissions(Permissions::All), Given::Permissions(_)) => true,
        (Given::Permissions(Permissions::These(now)), Given::Permissions(Permissions::These(before))) => {
            before.iter().all(|id| now.contains(id))
        }
        (Given::Rules(now), Given::Rules(before)) => {
            let added = |rule: &&AuthorizationRule| !before.contains(rule);
            before.iter().all(|rule| now.contains(rule))
                && now.iter().filter(added).all(|rule| rule.effect == RuleEffect::Allow)
        }
        (Given::Permissions(Permissions::These(_)), Given::Permissions(Permissions::All))
        | (Given::Permissions(_), Given::Rules(_))
        | (Given::Rules(_), Given::Permissions(_)) => false,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn client(authorizations: &Value) -> Client {
        serde_json::from_value(json!({ "client_id": "c", "authorizations": authorizations })).unwrap()
    }

    fn loses(before: &Value, after: &Value) -> bool {
        let on = |given: &Value| {
            let mut authorization = given.clone();
            authorization.as_object_mut().unwrap().insert("audience".into(), "a".into());
            client(&json!([authorization]))
        };
        lost(&on(before), &on(after)) == ["a"]
    }

    #[test]
    fn only_what_is_less_than_before_is_lost() {
        let permissions = |list: Value| json!({ "permissions": list });
        for (before, after, expected) in [
            (json!(["x"]), json!(["x"]), false),
            (json!(["x"]), json!(["y", "x"]), false),
            (json!(["x"]), json!("all"), false),
            (json!(["x", "y"]), json!(["x"]), true),
            (json!("all"), json!(["x"]), true),
        ] {
            assert_eq!(loses(&permissions(before.clone()), &permissions(after.clone())), expected, "{before} {after}");
        }
        let rule = |resource: &str, effect: &str| json!({ "resource": resource, "actions": ["*"], "effect": effect });
        let rules = |list: Value| json!({ "rules": list });
        let (one, two, deny) = (rule("a:1", "allow"), rule("a:2", "allow"), rule("a:1", "deny"));
        for (before, after, expected) in [
            (json!([one]), json!([two, one]), false),
            (json!([one, two]), json!([two]), true),
            (json!([one]), json!([one, deny]), true),
            (json!([one, deny]), json!([one, deny, two]), false),
        ] {
            assert_eq!(loses(&rules(before.clone()), &rules(after.clone())), expected, "{before} {after}");
        }
        let both =
            client(&json!([{ "audience": "a", "permissions": ["x"] }, { "audience": "b", "permissions": "all" }]));
        assert_eq!(lost(&both, &client(&json!([{ "audience": "a", "permissions": ["x"] }]))), ["b"]);
        assert_eq!(lost(&both, &client(&json!([]))), ["a", "b"]);
    }
}
