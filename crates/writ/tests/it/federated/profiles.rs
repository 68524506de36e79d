//! The tokens of well-known issuers in their published shapes, and their neighbours.

use serde_json::{Value, json};
use writ_oauth::Refusal;

use crate::support::assertion::Assertion;
use crate::support::catalogue::{READ, documents};
use crate::support::door::Door;
use crate::support::federation::{CI_KEY, ID_TOKEN, issuer, token_of, workload};
use crate::support::server::Server;

/// A server that knows one issuer and one client by a profile.
fn server(iss: &str, profile: &Value) -> Server {
    let server = Server::new();
    server.apply("default", &documents());
    let credential = json!({"kind": "federated", "name": "profile", "provider": "cloud", "profile": profile});
    server
        .apply("default", &json!([issuer("cloud", iss, CI_KEY, "first"), workload("profiled", &json!([credential]))]));
    server
}

/// Ends the test unless the token is taken and each of its neighbours is not.
#[track_caller]
fn only(server: &Server, token: &Assertion, neighbours: &[(&str, Value)]) {
    let send = |door: Door, token: &Assertion| {
        server.public(&door.ask(&[READ]).federated("profiled", ID_TOKEN, &token.by_key(CI_KEY)))
    };
    for door in Door::BOTH {
        send(door, token).ok();
        for (claim, value) in neighbours {
            let neighbour = token.clone();
            let neighbour =
                if value.is_null() { neighbour.without(claim) } else { neighbour.claim(claim, value.clone()) };
            let answer = send(door, &neighbour);
            assert_eq!(answer.refusal, Some(Refusal::FederatedCondition), "{claim}: {value} {}", answer.text);
        }
    }
}

fn with(iss: &str, claims: &Value) -> Assertion {
    let subject = claims["sub"].as_str().unwrap_or_default().to_owned();
    let claims = claims.as_object().unwrap().clone();
    claims.into_iter().fold(token_of(iss, &subject), |token, (name, value)| token.claim(&name, value))
}

#[test]
fn case_30_a_service_account_of_kubernetes() {
    const ISS: &str = "https://kubernetes.example";
    let claims = |namespace: &str, account: &str, uid: &str, pod: &str| {
        json!({
            "namespace": namespace, "pod": {"name": pod, "uid": "5a7f0a0b"},
            "serviceaccount": {"name": account, "uid": uid}, "node": {"name": "n1", "uid": "77"},
        })
    };
    let profile = json!({"kubernetes": {
        "namespace": "billing", "service_account": "worker", "service_account_uid": "b1e0", "pod_name_prefix": "worker-",
    }});
    let server = server(ISS, &profile);
    let token = with(
        ISS,
        &json!({
            "sub": "system:serviceaccount:billing:worker", "jti": "1",
            "kubernetes.io": claims("billing", "worker", "b1e0", "worker-5d6f"),
        }),
    );
    let neighbours = [
        ("sub", json!("system:serviceaccount:billing:worker2")),
        ("sub", json!("system:serviceaccount:billing2:worker")),
        ("kubernetes.io", claims("billing2", "worker", "b1e0", "worker-5d6f")),
        ("kubernetes.io", claims("billing", "worker2", "b1e0", "worker-5d6f")),
        ("kubernetes.io", claims("billing", "worker", "made-again", "worker-5d6f")),
        ("kubernetes.io", claims("billing", "worker", "b1e0", "workers-5d6f")),
        ("kubernetes.io", json!({"namespace": "billing"})),
        ("kubernetes.io", Value::Null),
    ];
    only(&server, &token, &neighbours);
    let refused = |token: Assertion, refusal| {
        let call = Door::Idaas.ask(&[READ]).federated("profiled", ID_TOKEN, &token.by_key(CI_KEY));
        server.public(&call).is(refusal);
    };
    // The account's own audience is not this server's, and a pod that has ended has a token that ends.
    refused(token.clone().claim("aud", json!(["https://kubernetes.default.svc"])), Refusal::FederatedAudience);
    refused(token.at("iat", -3700).at("exp", -100), Refusal::AssertionExpired);
}

#[test]
fn case_27_a_repository_of_github_by_numbers_that_are_never_given_again() {
    const ISS: &str = "https://token.actions.githubusercontent.com";
    let profile = json!({"github": {
        "repository_id": "74", "repository_owner_id": "65", "ref": "refs/heads/main", "environment": "production",
    }});
    let server = server(ISS, &profile);
    let token = with(
        ISS,
        &json!({
            "sub": "repo:octo-org/octo-repo:environment:production", "repository": "octo-org/octo-repo",
            "repository_id": "74", "repository_owner": "octo-org", "repository_owner_id": "65",
            "ref": "refs/heads/main", "environment": "production", "run_attempt": "1", "ref_type": "branch",
            "job_workflow_ref": "octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main",
        }),
    );
    let neighbours = [
        // The names are the same and were given to somebody else.
        ("repository_id", json!("75")),
        ("repository_owner_id", json!("66")),
        ("repository_id", json!(74)),
        ("repository_id", Value::Null),
        ("ref", json!("refs/heads/main2")),
        ("ref", json!("refs/tags/main")),
        ("environment", json!("staging")),
        ("environment", Value::Null),
    ];
    only(&server, &token, &neighbours);
    // A renamed repository is still the one.
    only(
        &server,
        &token.claim("sub", "repo:renamed/again:environment:production").claim("repository", "renamed/again"),
        &[],
    );
}

/// What an administrator writes by hand is compared from end to end.
#[test]
fn case_28_a_pattern_is_anchored() {
    const ISS: &str = "https://token.actions.githubusercontent.com";
    let server = Server::new();
    server.apply("default", &documents());
    let condition = r#"Matches(jwt.claims.sub, "repo:acme/*")"#;
    let credential = json!({"kind": "federated", "name": "p", "provider": "cloud", "condition": condition});
    server
        .apply("default", &json!([issuer("cloud", ISS, CI_KEY, "first"), workload("profiled", &json!([credential]))]));
    let neighbours = [
        ("sub", json!("repo:acme-evil/x")),
        ("sub", json!("xrepo:acme/x")),
        ("sub", json!("repo:acme/x/y")),
        ("sub", json!("repo:acme/x\nrepo:acme/")),
        ("sub", json!("repo:acme")),
    ];
    only(&server, &with(ISS, &json!({"sub": "repo:acme/x"})), &neighbours[..3]);
    only(&server, &with(ISS, &json!({"sub": "repo:acme/x"})), &neighbours[4..]);
}

#[test]
fn a_job_of_gitlab() {
    const ISS: &str = "https://gitlab.example";
    let profile = json!({"gitlab": {
        "project_id": "20", "namespace_id": "72", "ref": "main", "ref_type": "branch", "environment": "production",
    }});
    let token = with(
        ISS,
        &json!({
            "sub": "project_path:my-group/my-project:ref_type:branch:ref:main", "project_path": "my-group/my-project",
            "project_id": "20", "namespace_id": "72", "namespace_path": "my-group", "ref": "main",
            "ref_type": "branch", "ref_protected": "true", "environment": "production", "pipeline_id": "574",
        }),
    );
    let neighbours = [
        ("project_id", json!("21")),
        ("namespace_id", json!("73")),
        ("ref", json!("main2")),
        ("ref_type", json!("tag")),
        ("environment", json!("staging")),
        ("project_id", Value::Null),
    ];
    only(&server(ISS, &profile), &token, &neighbours);
}

#[test]
fn a_service_account_of_google_cloud_on_its_machines() {
    const ISS: &str = "https://accounts.google.com";
    let machine = |project: &str, instance: &str| {
        json!({"compute_engine": {
            "project_id": project, "project_number": 739, "zone": "us-west1-a", "instance_id": instance,
            "instance_name": "vm", "instance_creation_timestamp": 1_800_000_000,
        }})
    };
    let profile =
        json!({"gcp": {"service_account_id": "1075", "project_id": "my-project", "instance_ids": ["1523", "1524"]}});
    let token = with(
        ISS,
        &json!({
            "sub": "1075", "azp": "1075", "email": "robot@my-project.iam.gserviceaccount.com",
            "email_verified": true, "google": machine("my-project", "1524"),
        }),
    );
    let neighbours = [
        ("sub", json!("1076")),
        ("google", machine("another", "1524")),
        ("google", machine("my-project", "1525")),
        ("google", Value::Null),
    ];
    only(&server(ISS, &profile), &token, &neighbours);
}

#[test]
fn a_principal_of_azure_on_its_machines() {
    const ISS: &str = "https://login.microsoftonline.com/e6a5/v2.0";
    let machine = |group: &str, name: &str| {
        format!("/subscriptions/52e7/resourcegroups/{group}/providers/Microsoft.Compute/virtualMachines/{name}")
    };
    let profile = json!({"azure": {
        "tenant_id": "e6a5", "principal_id": "9f2b", "subscription_id": "52E7", "resource_group": "Prod",
        "vm_names": ["vm-1", "VM-2"],
    }});
    let token = with(
        ISS,
        &json!({"sub": "9f2b", "oid": "9f2b", "tid": "e6a5", "ver": "2.0", "xms_mirid": machine("prod", "vm-2")}),
    );
    let neighbours = [
        ("tid", json!("e6a6")),
        ("oid", json!("9f2c")),
        ("xms_mirid", machine("prod2", "vm-2").into()),
        ("xms_mirid", machine("prod", "vm-22").into()),
        ("xms_mirid", format!("{}/x", machine("prod", "vm-2")).into()),
        ("xms_mirid", Value::Null),
    ];
    only(&server(ISS, &profile), &token, &neighbours);
}

#[test]
fn a_spiffe_id_in_the_token_of_a_discovery_provider() {
    const ISS: &str = "https://oidc-discovery.prod.example";
    let id = "spiffe://prod.example/billing";
    let token = with(ISS, &json!({"sub": id}));
    let neighbours =
        [("sub", json!("spiffe://prod.example/billing2")), ("sub", json!("spiffe://evil.example/billing"))];
    only(&server(ISS, &json!({"spiffe": {"id": id}})), &token, &neighbours);
}
