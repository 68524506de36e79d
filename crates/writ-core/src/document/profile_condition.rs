//! What a profile demands, as an expression: every value is compared whole, with ids that are never given again where
//! the issuer has them.

use writ_oauth::expression::{key, quote};

use super::{Azure, Ecs, Gcp, Github, Gitlab, Kubernetes, Profile, Spiffe, Trust};

impl Profile {
    /// The condition, for what a provider of this type says.
    pub(crate) fn condition(&self, trust: &Trust) -> String {
        let clauses = match self {
            Self::Kubernetes(of) => kubernetes(of),
            Self::Github(of) => github(of),
            Self::Gitlab(of) => gitlab(of),
            Self::Gcp(of) => gcp(of),
            Self::Azure(of) => azure(of),
            Self::Spiffe(Spiffe { id }) => vec![spiffe(id, trust)],
            Self::Ecs(Ecs { instance_ids }) => {
                vec![one_of(&format!("pkcs7.payload.jsonData.{}", key("instance-id")), instance_ids)]
            }
            Self::Certificate(of) => vec![equals("cert.subject.CN", &of.common_name)],
        };
        match clauses.as_slice() {
            [one] => one.clone(),
            several => format!("And({})", several.join(", ")),
        }
    }
}

/// The claims of a projected token: <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/>.
/// Those of tokens in secrets, which do not end, have another form and are refused.
fn kubernetes(of: &Kubernetes) -> Vec<String> {
    let Kubernetes { namespace, service_account, service_account_uid, pod_name_prefix } = of;
    let at = |path: &str| format!("{}.{path}", claim("kubernetes.io"));
    let subject = format!("system:serviceaccount:{namespace}:{service_account}");
    let mut clauses = vec![
        equals(&claim("sub"), &subject),
        equals(&at("namespace"), namespace),
        equals(&at("serviceaccount.name"), service_account),
    ];
    clauses.extend(service_account_uid.as_ref().map(|uid| equals(&at("serviceaccount.uid"), uid)));
    let prefix = pod_name_prefix.as_ref();
    clauses.extend(prefix.map(|prefix| format!("StartsWith({}, {})", at("pod.name"), quote(prefix))));
    clauses
}

/// <https://docs.github.com/en/actions/reference/security/oidc>
fn github(of: &Github) -> Vec<String> {
    let Github { repository_id, repository_owner_id, git_ref, environment, job_workflow_ref } = of;
    let mut clauses =
        vec![of_claim("repository_id", repository_id), of_claim("repository_owner_id", repository_owner_id)];
    let others = [("ref", git_ref), ("environment", environment), ("job_workflow_ref", job_workflow_ref)];
    clauses.extend(optional(others));
    clauses
}

/// <https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload>
fn gitlab(of: &Gitlab) -> Vec<String> {
    let Gitlab { project_id, namespace_id, git_ref, ref_type, environment } = of;
    let mut clauses = vec![of_claim("project_id", project_id)];
    let others =
        [("namespace_id", namespace_id), ("ref", git_ref), ("ref_type", ref_type), ("environment", environment)];
    clauses.extend(optional(others));
    clauses
}

/// <https://cloud.google.com/compute/docs/instances/verifying-instance-identity#token_format>
fn gcp(of: &Gcp) -> Vec<String> {
    let Gcp { service_account_id, project_id, instance_ids } = of;
    let at = |name: &str| format!("jwt.claims.google.compute_engine.{name}");
    let mut clauses = vec![of_claim("sub", service_account_id)];
    clauses.extend(project_id.as_ref().map(|id| equals(&at("project_id"), id)));
    clauses.extend((!instance_ids.is_empty()).then(|| one_of(&at("instance_id"), instance_ids)));
    clauses
}

/// <https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference>; a machine's resource id
/// stands in `xms_mirid`, in which upper and lower case do not matter.
fn azure(of: &Azure) -> Vec<String> {
    let Azure { tenant_id, principal_id, subscription_id, resource_group, vm_names } = of;
    let mut clauses = vec![of_claim("tid", tenant_id), of_claim("oid", principal_id)];
    let Some(subscription) = subscription_id else { return clauses };
    let machine = "Lower(jwt.claims.xms_mirid)";
    let mut within = format!("/subscriptions/{subscription}/").to_lowercase();
    if let Some(group) = resource_group {
        within.push_str(&format!("resourcegroups/{group}/").to_lowercase());
    }
    if vm_names.is_empty() {
        clauses.push(format!("StartsWith({machine}, {})", quote(&within)));
    } else {
        let path =
            |name: &String| format!("{within}providers/microsoft.compute/virtualmachines/{}", name.to_lowercase());
        clauses.push(one_of(machine, &vm_names.iter().map(path).collect::<Vec<_>>()));
    }
    clauses
}

impl Profile {
    /// What a profile leaves open that is better said, with the member that says it.
    pub(crate) fn warnings(&self) -> Vec<(&'static str, &'static str)> {
        let (mut warnings, mut warn) = (Vec::new(), None);
        match self {
            Self::Kubernetes(of) => {
                if of.pod_name_prefix.as_ref().is_some_and(|prefix| !prefix.ends_with('-')) {
                    warnings.push((".pod_name_prefix", "the beginning ends within a name; end it with a dash"));
                }
                let message = "an account that is deleted and made again under its name is let in; add \
                               `service_account_uid` to let in this one alone";
                warn = of.service_account_uid.is_none().then_some(message);
            }
            Self::Github(of) => {
                let open = of.git_ref.is_none() && of.environment.is_none() && of.job_workflow_ref.is_none();
                let message = "every branch of the repository is let in, and whoever can push one; add `ref`, \
                               `environment` or `job_workflow_ref`";
                warn = open.then_some(message);
            }
            Self::Gitlab(of) => {
                if of.git_ref.is_some() && of.ref_type.is_none() {
                    warnings.push((".ref", "a branch and a tag can have one name; add `ref_type`"));
                }
                let message = "every branch of the project is let in, and whoever can push one; add `ref` or \
                               `environment`";
                warn = (of.git_ref.is_none() && of.environment.is_none()).then_some(message);
            }
            Self::Gcp(_) | Self::Azure(_) | Self::Spiffe(_) | Self::Ecs(_) | Self::Certificate(_) => {}
        }
        warnings.extend(warn.map(|message| ("", message)));
        warnings
    }
}

fn spiffe(id: &str, trust: &Trust) -> String {
    match trust {
        Trust::Oidc(_) | Trust::Pkcs7(_) => of_claim("sub", id),
        // > An X.509 SVID MUST contain exactly one URI SAN
        // https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md#2-spiffe-id
        Trust::PrivateCa(_) => format!("And({}, IsNullOrEmpty(cert.san.uri.1))", equals("cert.san.uri.0", id)),
    }
}

fn claim(name: &str) -> String {
    format!("jwt.claims.{}", key(name))
}

fn of_claim(name: &str, value: &str) -> String {
    equals(&claim(name), value)
}

fn optional<const N: usize>(claims: [(&str, &Option<String>); N]) -> impl Iterator<Item = String> {
    let stated = claims.map(|(name, value)| value.as_ref().map(|value| of_claim(name, value)));
    stated.into_iter().flatten()
}

fn equals(what: &str, value: &str) -> String {
    format!("Equals({what}, {})", quote(value))
}

fn one_of(what: &str, values: &[String]) -> String {
    let values: Vec<_> = values.iter().map(|value| quote(value)).collect();
    format!("In({what}, {})", values.join(", "))
}
