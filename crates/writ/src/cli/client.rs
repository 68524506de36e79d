//! Speaks the admin API: finds the server, gets a token as any other client does, and sends requests with it.

use reqwest::{Client, Method};
use serde_json::Value;
use url::Url;
use writ_oauth::secret::PlainSecret;

use super::Invocation;
use super::discovery;
use super::failure::{Answer, Failure};
use super::installation::Installation;
use super::outbound;
use super::token::request::{Credential, Proof, TokenRequest};

/// The audience of admin tokens.
const AUDIENCE: &str = "urn:writ:admin";

/// A connection to the admin API of one server, as one tenant's administrator.
pub(crate) struct AdminClient {
    http: Client,
    /// `{admin}/v1/tenants/{tenant}`
    base: Url,
    token: PlainSecret,
}

/// Why a request to the admin API did not succeed.
#[derive(Debug)]
pub(crate) enum CallFailure {
    /// The server refused.
    Refused(Answer),
    /// There was no answer to speak of.
    Failed(Failure),
}

impl From<CallFailure> for Failure {
    fn from(failure: CallFailure) -> Self {
        match failure {
            CallFailure::Refused(answer) => answer.into_failure(""),
            CallFailure::Failed(failure) => failure,
        }
    }
}

/// Where the admin API is, and what to get a token for it with.
struct Access {
    admin: Url,
    token_endpoint: Url,
    credential: Credential,
}

impl AdminClient {
    /// Finds the server and gets a token.
    pub(crate) async fn connect(invocation: &Invocation) -> Result<Self, Failure> {
        let access = match &invocation.server {
            Some(server) => from_elsewhere(server, invocation).await?,
            None => on_this_machine(invocation)?,
        };
        let token = admin_token(access.token_endpoint, access.credential).await?;
        let base = join(&access.admin, &["v1", "tenants", &invocation.tenant])?;
        Ok(Self { http: outbound::client(&base)?, base, token })
    }

    /// Reads what is at a path below the tenant.
    pub(crate) async fn get(&self, path: &[&str]) -> Result<Value, CallFailure> {
        self.call(Method::GET, path, &[], None).await
    }

    /// Sends a request to a path below the tenant; segments are encoded here.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, CallFailure> {
        let mut url = join(&self.base, path).map_err(CallFailure::Failed)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.http.request(method, url.clone()).bearer_auth(self.token.expose());
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let response = outbound::send(&url, request).await.map_err(CallFailure::Failed)?;
        response.json().map_err(CallFailure::Refused)
    }
}

/// Adds segments to a path. `.` and `..` would be taken for steps, however they are encoded.
fn join(base: &Url, segments: &[&str]) -> Result<Url, Failure> {
    if let Some(segment) = segments.iter().find(|segment| matches!(**segment, "" | "." | "..")) {
        return Err(Failure::usage(format!("nothing can have the name `{segment}`")));
    }
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    Ok(url)
}

fn on_this_machine(invocation: &Invocation) -> Result<Access, Failure> {
    let installation = Installation::read(&invocation.dir)?;
    let url = |text: &str| {
        outbound::endpoint(text).map_err(|why| Failure::new("unreadable", format!("in admin.json, {why}")))
    };
    let (admin, token_endpoint) = (url(&installation.admin)?, url(&installation.token_endpoint)?);
    // An administrator with a credential of their own acts under their own name.
    let credential = match from_environment(invocation)? {
        Some(own) => own,
        None => installation.credential()?,
    };
    Ok(Access { admin, token_endpoint, credential })
}

async fn from_elsewhere(server: &Url, invocation: &Invocation) -> Result<Access, Failure> {
    let credential = from_environment(invocation)?.ok_or_else(|| {
        let text =
            "with --server the credential comes from WRIT_CLIENT_ID and WRIT_CLIENT_SECRET, and one of them is not set";
        Failure::new("no_credential", text)
    })?;
    if server.scheme() == "http" && !outbound::is_loopback(server) {
        super::output::eprint("warning: --server is not https, so the credential can be read on the way");
    }
    let issuer = discovery::authorization_server_of(server).await?;
    let token_endpoint = discovery::metadata_of(&issuer).await?.token_endpoint;
    Ok(Access { admin: server.clone(), token_endpoint, credential })
}

/// The administrator's own credential, when both variables are set.
fn from_environment(invocation: &Invocation) -> Result<Option<Credential>, Failure> {
    let variable = |name: &str| {
        let read = invocation.environment.get(name);
        read.map_err(|error| Failure::new("no_credential", format!("{name}: {error}")))
    };
    let (client_id, secret) = (variable("WRIT_CLIENT_ID")?, variable("WRIT_CLIENT_SECRET")?);
    Ok(client_id.zip(secret).map(|(client_id, secret)| Credential {
        client_id: client_id.to_owned(),
        secret: PlainSecret::new(secret.to_owned()),
    }))
}

async fn admin_token(endpoint: Url, credential: Credential) -> Result<PlainSecret, Failure> {
    let client_id = credential.client_id.clone();
    let (proof, resources) = (Proof::Basic(credential), vec![AUDIENCE.to_owned()]);
    let request = TokenRequest { endpoint, proof, identity: None, scope: None, resources };
    let response = request.send().await?;
    let token =
        response.json().map_err(|answer| answer.into_failure(&format!("no admin token for client `{client_id}`: ")))?;
    match token.get("access_token").and_then(Value::as_str) {
        Some(token) => Ok(PlainSecret::new(token.to_owned())),
        None => Err(Failure::new("unexpected_answer", "the token endpoint answered without an access token")),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::super::output::Format;
    use super::super::stand_in::StandIn;
    use super::*;
    use crate::config::Environment;

    fn elsewhere(server: &StandIn, secret: &str) -> Invocation {
        Invocation {
            dir: "none".into(),
            server: Some(server.url("")),
            tenant: "acme".to_owned(),
            output: Format::Table,
            environment: Environment::from([("WRIT_CLIENT_ID", "ops:1"), ("WRIT_CLIENT_SECRET", secret)]),
        }
    }

    async fn refusal(invocation: &Invocation) -> String {
        AdminClient::connect(invocation).await.err().unwrap().text().to_owned()
    }

    #[tokio::test]
    async fn from_elsewhere_the_token_endpoint_is_discovered_and_the_token_used() {
        let server = StandIn::start().await;
        let admin = AdminClient::connect(&elsewhere(&server, "s3 cret")).await.unwrap();
        let answer = admin.get(&["application", "a/b ü"]).await.unwrap();
        assert_eq!(answer, json!({"kind": "application", "id": "a/b ü"}));
        let query = [("dry_run", "true"), ("prune", "false")];
        admin.call(Method::POST, &["apply"], &query, Some(&json!([1]))).await.unwrap();
        let expected = [
            "GET /.well-known/oauth-protected-resource",
            "GET /.well-known/oauth-authorization-server/oauth2",
            "POST /oauth2/token grant_type=client_credentials&resource=urn%3Awrit%3Aadmin",
            "GET /v1/tenants/acme/application/a%2Fb%20%C3%BC",
            "POST /v1/tenants/acme/apply?dry_run=true&prune=false [1]",
        ];
        assert_eq!(server.seen(), expected);
    }

    #[tokio::test]
    async fn on_the_same_machine_the_folder_is_enough() {
        let server = StandIn::start().await;
        let dir = tempfile::tempdir().unwrap();
        let file = json!({
            "version": 1, "public": server.url(""), "admin": server.url(""), "gateway": server.url(""),
            "issuers": {"oauth": server.url("oauth2")}, "token_endpoint": server.url("oauth2/token"),
            "client_id": "ops:1", "client_secret": "s3 cret"
        });
        std::fs::write(dir.path().join("admin.json"), file.to_string()).unwrap();
        let invocation = Invocation {
            dir: dir.path().to_owned(),
            server: None,
            environment: Environment::default(),
            ..elsewhere(&server, "")
        };
        let admin = AdminClient::connect(&invocation).await.unwrap();
        assert!(admin.get(&["application", "x"]).await.is_ok());
        assert!(server.seen().iter().all(|request| !request.contains(".well-known")));
    }

    #[tokio::test]
    async fn a_refused_credential_is_told_with_what_to_do() {
        let server = StandIn::start().await;
        let text = refusal(&elsewhere(&server, "wrong")).await;
        assert!(
            text.starts_with("no admin token for client `ops:1`: who are you (401 invalid_client, request r1)"),
            "{text}"
        );
        assert!(text.contains("check WRIT_CLIENT_ID and WRIT_CLIENT_SECRET"), "{text}");
        let without = Invocation { environment: Environment::default(), ..elsewhere(&server, "") };
        assert!(refusal(&without).await.starts_with("with --server the credential comes from WRIT_CLIENT_ID and"));
    }

    #[tokio::test]
    async fn metadata_of_another_issuer_gets_no_credential() {
        let server = StandIn::start().await;
        server.claim_issuer("https://other.example/oauth2");
        let text = refusal(&elsewhere(&server, "s3 cret")).await;
        assert!(text.contains("is of another issuer, `https://other.example/oauth2`"), "{text}");
        assert!(server.seen().iter().all(|request| !request.starts_with("POST")));
    }

    #[tokio::test]
    async fn a_refusal_of_the_api_keeps_its_members_and_a_redirect_is_not_followed() {
        let server = StandIn::start().await;
        let admin = AdminClient::connect(&elsewhere(&server, "s3 cret")).await.unwrap();
        let Err(CallFailure::Refused(answer)) = admin.get(&["issuer", "none"]).await else { panic!("not refused") };
        assert_eq!((answer.status, answer.error(), answer.member("request_id")), (404, "not_found", Some("r2")));
        let Err(CallFailure::Refused(answer)) = admin.get(&["issuer", "moved"]).await else { panic!("not refused") };
        assert_eq!((answer.status, answer.error()), (302, "unexpected_answer"));
    }

    #[tokio::test]
    async fn a_name_that_would_be_a_step_in_the_path_is_refused() {
        let server = StandIn::start().await;
        let admin = AdminClient::connect(&elsewhere(&server, "s3 cret")).await.unwrap();
        for name in ["", ".", ".."] {
            assert!(matches!(admin.get(&["issuer", name]).await, Err(CallFailure::Failed(_))), "{name}");
        }
    }

    #[tokio::test]
    async fn a_server_that_does_not_run_is_told_with_what_to_do() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let server = Some(Url::parse(&format!("http://{closed}")).unwrap());
        let running = StandIn::start().await;
        let text = refusal(&Invocation { server, ..elsewhere(&running, "s3 cret") }).await;
        assert!(text.starts_with(&format!("no answer from http://{closed}: ")), "{text}");
        assert!(text.contains("Start the server with `writ serve`"), "{text}");
    }
}
