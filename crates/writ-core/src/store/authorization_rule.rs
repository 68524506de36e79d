//! Rules: what clients may do with which resources, or may not.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use writ_oauth::permission::resource::{Actions, Effect, Rule};

use super::column::{group, time};
use super::{StoreError, Write, json, to_json};
use crate::document::{Authorization, AuthorizationRule, Given, RuleEffect};

/// In a column: every resource, every instance or every action.
const EVERY: &str = "";

/// Rules as authorizations of one rule each, by their clients: of a tenant, of one application, or of one client.
pub(super) async fn load(
    connection: &mut AnyConnection,
    tenant: &str,
    application: &str,
    client_id: &str,
) -> Result<std::collections::HashMap<String, Vec<Authorization>>, StoreError> {
    let rows = sqlx::query(
        "SELECT r.client_id, r.position, r.audience, r.code, r.instance, r.effect, r.not_before, r.expires, r.networks, \
                a.action \
         FROM authorization_rule r \
         JOIN client c ON c.tenant = r.tenant AND c.client_id = r.client_id \
         LEFT JOIN authorization_rule_action a \
           ON a.tenant = r.tenant AND a.client_id = r.client_id AND a.rule = r.position \
         WHERE r.tenant = $1 AND ($2 = '' OR c.application = $2) AND ($3 = '' OR r.client_id = $3) \
         ORDER BY r.client_id, r.position, a.position",
    );
    let rows = rows.bind(tenant).bind(application).bind(client_id).fetch_all(&mut *connection).await?;
    let mut rules: Vec<((String, i64), String, AuthorizationRule)> = Vec::new();
    for row in &rows {
        let key = (row.try_get(0)?, row.try_get(1)?);
        // A rule without actions says nothing, and one that says nothing is not among those that were written.
        let action: Option<String> = row.try_get(9)?;
        let action = action.ok_or_else(|| StoreError::Unreadable("authorization_rule without actions".to_owned()))?;
        let action = if action == EVERY { "*".to_owned() } else { action };
        match rules.last_mut() {
            Some((known, _, rule)) if *known == key => rule.actions.push(action),
            Some(_) | None => rules.push((key, row.try_get(2)?, rule(row, action)?)),
        }
    }
    let authorization =
        |((client_id, _), audience, rule)| (client_id, Authorization { audience, given: Given::Rules(vec![rule]) });
    Ok(group(rules.into_iter().map(authorization)))
}

fn rule(row: &AnyRow, action: String) -> Result<AuthorizationRule, StoreError> {
    let effect = match row.try_get::<&str, _>(5)? {
        "allow" => RuleEffect::Allow,
        "deny" => RuleEffect::Deny,
        other => return Err(StoreError::Unreadable(format!("authorization_rule.effect {other}"))),
    };
    let part = |word: &str| if word == EVERY { "*".to_owned() } else { word.to_owned() };
    Ok(AuthorizationRule {
        resource: format!("{}:{}", part(row.try_get(3)?), part(row.try_get(4)?)),
        actions: vec![action],
        effect,
        not_before: time(row.try_get(6)?)?,
        expires: time(row.try_get(7)?)?,
        networks: json(row.try_get(8)?, "authorization_rule.networks")?,
    })
}

impl Write {
    /// Writes the rules of a client that has none.
    pub(super) async fn add_rules(
        &mut self,
        tenant: &str,
        client_id: &str,
        authorizations: &[Authorization],
    ) -> Result<(), StoreError> {
        let rules = authorizations.iter().flat_map(|authorization| {
            let rules = match &authorization.given {
                Given::Permissions(_) => &[][..],
                Given::Rules(rules) => rules,
            };
            rules.iter().map(|rule| (&*authorization.audience, rule))
        });
        let rules: Vec<_> = (0_i64..).zip(rules).collect();
        for (position, (audience, rule)) in rules {
            let unreadable =
                |(path, message)| StoreError::Other(format!("a rule that was not checked: {path}: {message}"));
            self.add_rule(tenant, client_id, (position, audience), &rule.compile().map_err(unreadable)?).await?;
        }
        Ok(())
    }

    async fn add_rule(
        &mut self,
        tenant: &str,
        client_id: &str,
        (position, audience): (i64, &str),
        rule: &Rule,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO authorization_rule \
             (tenant, client_id, position, audience, code, instance, effect, not_before, expires, networks) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(tenant)
        .bind(client_id)
        .bind(position)
        .bind(audience)
        .bind(rule.resource.as_deref().unwrap_or(EVERY))
        .bind(rule.instance.as_deref().unwrap_or(EVERY))
        .bind(match rule.effect {
            Effect::Allow => "allow",
            Effect::Deny => "deny",
        })
        .bind(rule.not_before)
        .bind(rule.expires)
        .bind(to_json(&rule.networks)?)
        .execute(&mut *self.tx)
        .await?;
        let actions: Vec<&str> = match &rule.actions {
            Actions::All => vec![EVERY],
            Actions::These(list) => list.iter().map(|action| &**action).collect(),
        };
        for (place, action) in (0_i64..).zip(actions) {
            sqlx::query(
                "INSERT INTO authorization_rule_action (tenant, client_id, rule, action, position) \
                 VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(tenant)
            .bind(client_id)
            .bind(position)
            .bind(action)
            .bind(place)
            .execute(&mut *self.tx)
            .await?;
        }
        Ok(())
    }

    /// Removes the rules of a client.
    pub(super) async fn delete_rules(&mut self, tenant: &str, client_id: &str) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM authorization_rule_action WHERE tenant = $1 AND client_id = $2",
            "DELETE FROM authorization_rule WHERE tenant = $1 AND client_id = $2",
        ] {
            sqlx::query(statement).bind(tenant).bind(client_id).execute(&mut *self.tx).await?;
        }
        Ok(())
    }
}
