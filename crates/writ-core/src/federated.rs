//! What a federated credential demands of an assertion, ready to be asked.

use writ_oauth::expression::{Expression, Warning, lint};

use crate::document::credential::Fault;
use crate::document::{Federated, Trust, expression};

/// The conditions of a federated credential and its mapping.
pub(crate) struct Demands {
    /// What its profile demands and what its own condition does: all must hold.
    pub(crate) conditions: Vec<Expression>,
    /// The mapping to a subject.
    pub(crate) subject: Option<Expression>,
}

impl Demands {
    /// For what a provider of this type says.
    ///
    /// A condition that would hold for any assertion is refused: whoever gets a document from the provider, which for a
    /// public one is the world, would be the client.
    pub(crate) fn compile(federated: &Federated, trust: &Trust) -> Result<Self, Fault> {
        let model = trust.model();
        let mut conditions = Vec::new();
        let mut demands = false;
        if let Some(profile) = &federated.profile {
            let path = format!("profile.{}", profile.name());
            let made = expression::condition(&path, &profile.condition(trust), model)?;
            demands |= made.depends_on(model);
            conditions.push(made);
        }
        if let Some(source) = &federated.condition {
            let own = expression::condition("condition", source, model)?;
            demands |= own.depends_on(model);
            conditions.push(own);
        }
        if !demands {
            let message = format!(
                "this condition can hold whatever the assertion says, and would let in everyone for whom the provider \
                 signs: compare something under `{model}` with a text, as in {}",
                example(trust)
            );
            return Err(("condition".to_owned(), message));
        }
        let subject = federated.subject.as_deref().map(|source| expression::text("subject", source, model));
        Ok(Self { conditions, subject: subject.transpose()? })
    }
}

/// What is likely to let in more than was meant, with the member that it stands in. A source that cannot be read warns of
/// nothing: it is refused elsewhere.
pub(crate) fn warnings(member: &str, source: Option<&str>) -> Vec<(String, String)> {
    let parsed = source.and_then(|source| Expression::parse(source).ok());
    let found = parsed.as_ref().map(lint).unwrap_or_default();
    found.iter().map(|warning: &Warning| (member.to_owned(), warning.to_string())).collect()
}

fn example(trust: &Trust) -> &'static str {
    match trust {
        Trust::Oidc(_) => r#"Equals(jwt.claims.sub, "robot")"#,
        Trust::Pkcs7(_) => r#"Equals(pkcs7.payload.jsonData.'instance-id', "i-4711")"#,
        Trust::PrivateCa(_) => r#"Equals(cert.subject.CN, "robot")"#,
    }
}
