//! Federated credentials: what a provider says of a client stands for the client.

use serde::{Deserialize, Serialize};

use super::Trust;
use super::credential::{Fault, fault};

/// The longest value of a profile, in bytes.
const LONGEST_VALUE: usize = 512;
/// The most values in a list of a profile.
const MOST_VALUES: usize = 100;

/// A federated credential; its `name` is what a request names it by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Federated {
    /// The provider whose word is taken.
    pub provider: String,
    /// What the provider must say, for a well-known kind of caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// What the provider must say, as an expression; with a profile, both must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// The subject of the client's tokens, as an expression, where the resource server has a custom one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

impl Federated {
    pub(super) fn check(&self, name: Option<&str>) -> Result<(), Fault> {
        if name.is_none() {
            return fault("name", "a federated credential needs a `name`: requests name it");
        }
        if self.profile.is_none() && self.condition.is_none() {
            return fault("", "a federated credential needs a `profile` or a `condition`");
        }
        let profile = self.profile.as_ref().map_or(Ok(()), Profile::check);
        profile.map_err(|(path, message)| (format!("profile.{path}"), message))
    }
}

/// A well-known kind of caller, named by what never passes to somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// A service account of a Kubernetes cluster.
    Kubernetes(Kubernetes),
    /// A workflow of GitHub Actions.
    Github(Github),
    /// A job of GitLab CI.
    Gitlab(Gitlab),
    /// A service account of Google Cloud.
    Gcp(Gcp),
    /// A principal of Microsoft Entra ID.
    Azure(Azure),
    /// A workload with a SPIFFE id.
    Spiffe(Spiffe),
    /// Machines that a signed instance document names.
    Ecs(Ecs),
    /// The holder of a certificate of a private CA.
    Certificate(CommonName),
}

/// A service account of a Kubernetes cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kubernetes {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub service_account: String,
    /// Its uid, which another account of the same name would not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_account_uid: Option<String>,
    /// What the pod's name begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_name_prefix: Option<String>,
}

/// A workflow of GitHub Actions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Github {
    /// The repository's number: names are given again.
    pub repository_id: String,
    /// Its owner's number.
    pub repository_owner_id: String,
    /// The git reference.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub git_ref: Option<String>,
    /// The deployment environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The reusable workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_workflow_ref: Option<String>,
}

/// A job of GitLab CI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gitlab {
    /// The project's number.
    pub project_id: String,
    /// Its namespace's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace_id: Option<String>,
    /// The git reference.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub git_ref: Option<String>,
    /// `branch` or `tag`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ref_type: Option<String>,
    /// The deployment environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
}

/// A service account of Google Cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gcp {
    /// The account's unique number, which is the token's `sub`.
    pub service_account_id: String,
    /// The project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    /// The machines it may run on; empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instance_ids: Vec<String>,
}

/// A principal of Microsoft Entra ID.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Azure {
    /// The directory.
    pub tenant_id: String,
    /// The principal's object id, which is the token's `oid`.
    pub principal_id: String,
    /// The subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription_id: Option<String>,
    /// The resource group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_group: Option<String>,
    /// The machines it may run on; empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vm_names: Vec<String>,
}

/// A workload with a SPIFFE id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spiffe {
    /// The id, such as `spiffe://prod.example/billing`, letter by letter.
    pub id: String,
}

/// Machines that a signed instance document names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ecs {
    /// Their ids.
    pub instance_ids: Vec<String>,
}

/// The holder of a certificate of a private CA.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommonName {
    /// The common name of the certificate's subject.
    pub common_name: String,
}

impl Profile {
    /// The word that it is written under.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Kubernetes(_) => "kubernetes",
            Self::Github(_) => "github",
            Self::Gitlab(_) => "gitlab",
            Self::Gcp(_) => "gcp",
            Self::Azure(_) => "azure",
            Self::Spiffe(_) => "spiffe",
            Self::Ecs(_) => "ecs",
            Self::Certificate(_) => "certificate",
        }
    }

    /// Whether a provider of this type can say what it asks for.
    pub(crate) fn suits(&self, trust: &Trust) -> bool {
        match self {
            Self::Kubernetes(_) | Self::Github(_) | Self::Gitlab(_) | Self::Gcp(_) | Self::Azure(_) => {
                matches!(trust, Trust::Oidc(_))
            }
            // A SPIFFE id stands in a JWT or in a certificate.
            Self::Spiffe(_) => matches!(trust, Trust::Oidc(_) | Trust::PrivateCa(_)),
            Self::Ecs(_) => matches!(trust, Trust::Pkcs7(_)),
            Self::Certificate(_) => matches!(trust, Trust::PrivateCa(_)),
        }
    }

    fn check(&self) -> Result<(), Fault> {
        let name = self.name();
        let at = |(path, message): Fault| (format!("{name}.{path}"), message);
        self.values().into_iter().try_for_each(|(path, value)| check_value(path, value)).map_err(at)?;
        self.check_lists().map_err(at)?;
        match self {
            Self::Spiffe(Spiffe { id }) if !is_spiffe_id(id) => {
                fault("spiffe.id", format!("`{id}` is not a SPIFFE id: spiffe://trust-domain/path"))
            }
            Self::Azure(Azure { subscription_id: None, resource_group: Some(_), .. }) => {
                fault("azure.resource_group", "a resource group is within a subscription: give `subscription_id`")
            }
            Self::Azure(Azure { resource_group: None, vm_names, .. }) if !vm_names.is_empty() => {
                fault("azure.vm_names", "a machine is within a resource group: give `resource_group`")
            }
            Self::Gitlab(Gitlab { ref_type: Some(word), .. }) if !matches!(word.as_str(), "branch" | "tag") => {
                fault("gitlab.ref_type", format!("`{word}` is neither `branch` nor `tag`"))
            }
            Self::Kubernetes(_)
            | Self::Github(_)
            | Self::Gitlab(_)
            | Self::Gcp(_)
            | Self::Azure(_)
            | Self::Spiffe(_)
            | Self::Ecs(_)
            | Self::Certificate(_) => Ok(()),
        }
    }

    /// Its single values, with their names.
    fn values(&self) -> Vec<(&'static str, &str)> {
        let (required, optional): (Vec<(_, &String)>, Vec<(_, &Option<String>)>) = match self {
            Self::Kubernetes(k) => (
                vec![("namespace", &k.namespace), ("service_account", &k.service_account)],
                vec![("service_account_uid", &k.service_account_uid), ("pod_name_prefix", &k.pod_name_prefix)],
            ),
            Self::Github(g) => (
                vec![("repository_id", &g.repository_id), ("repository_owner_id", &g.repository_owner_id)],
                vec![("ref", &g.git_ref), ("environment", &g.environment), ("job_workflow_ref", &g.job_workflow_ref)],
            ),
            Self::Gitlab(g) => (
                vec![("project_id", &g.project_id)],
                vec![("namespace_id", &g.namespace_id), ("ref", &g.git_ref), ("environment", &g.environment)],
            ),
            Self::Gcp(g) => (vec![("service_account_id", &g.service_account_id)], vec![("project_id", &g.project_id)]),
            Self::Azure(a) => (
                vec![("tenant_id", &a.tenant_id), ("principal_id", &a.principal_id)],
                vec![("subscription_id", &a.subscription_id), ("resource_group", &a.resource_group)],
            ),
            Self::Spiffe(s) => (vec![("id", &s.id)], Vec::new()),
            Self::Ecs(_) => (Vec::new(), Vec::new()),
            Self::Certificate(c) => (vec![("common_name", &c.common_name)], Vec::new()),
        };
        let required = required.into_iter().map(|(name, value)| (name, value.as_str()));
        let optional = optional.into_iter().filter_map(|(name, value)| value.as_deref().map(|value| (name, value)));
        required.chain(optional).collect()
    }

    fn check_lists(&self) -> Result<(), Fault> {
        let (path, list) = match self {
            Self::Ecs(ecs) if ecs.instance_ids.is_empty() => {
                return fault("instance_ids", "without an instance nobody would be let in");
            }
            Self::Ecs(ecs) => ("instance_ids", &ecs.instance_ids),
            Self::Gcp(gcp) => ("instance_ids", &gcp.instance_ids),
            Self::Azure(azure) => ("vm_names", &azure.vm_names),
            Self::Kubernetes(_) | Self::Github(_) | Self::Gitlab(_) | Self::Spiffe(_) | Self::Certificate(_) => {
                return Ok(());
            }
        };
        if list.len() > MOST_VALUES {
            return fault(path, format!("there are at most {MOST_VALUES}"));
        }
        let mut places = list.iter().enumerate();
        places.try_for_each(|(position, value)| check_value(&format!("{path}[{position}]"), value))
    }
}

fn check_value(path: &str, value: &str) -> Result<(), Fault> {
    if (1..=LONGEST_VALUE).contains(&value.len()) && !value.chars().any(char::is_control) {
        return Ok(());
    }
    fault(path, format!("a value has 1 to {LONGEST_VALUE} bytes and no control characters"))
}

/// > The trust domain name [...] lowercase letters, numbers, dots, dashes, and underscores [...] Each individual path
/// > segment MUST contain only letters, numbers, dots, dashes, and underscores [...] Path segments MUST NOT be relative
/// > path modifiers [...] or empty. [...] trailing `/` MUST NOT
///
/// <https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md#2-spiffe-identity>
fn is_spiffe_id(id: &str) -> bool {
    let Some((domain, path)) = id.strip_prefix("spiffe://").and_then(|rest| rest.split_once('/')) else { return false };
    let in_path = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let is_segment = |segment: &str| !matches!(segment, "" | "." | "..") && segment.bytes().all(in_path);
    is_domain_name(domain) && path.split('/').all(is_segment)
}

/// Whether this is the id of a trust domain: `spiffe://` and its name.
pub(super) fn is_trust_domain(id: &str) -> bool {
    id.strip_prefix("spiffe://").is_some_and(is_domain_name)
}

fn is_domain_name(domain: &str) -> bool {
    let in_domain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    !domain.is_empty() && domain.len() <= 255 && domain.bytes().all(in_domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spiffe_id_names_one_workload() {
        for id in ["spiffe://prod.example/billing", "spiffe://a_b-1/x/Y.z"] {
            assert!(is_spiffe_id(id), "{id}");
        }
        for id in [
            "spiffe://prod.example",
            "spiffe://prod.example/",
            "spiffe:///x",
            "spiffe://a/x/",
            "spiffe://a//x",
            "spiffe://a/../x",
            "spiffe://A/x",
            "SPIFFE://a/x",
            "https://a/x",
            "spiffe://a/x%20y",
            "spiffe://a/*",
            "spiffe://a:1/x",
            "spiffe://u@a/x",
            "spiffe://a/x?y",
            "spiffe://a/x#y",
        ] {
            assert!(!is_spiffe_id(id), "{id}");
        }
    }
}
