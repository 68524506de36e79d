//! `writ token`: fetch a token as a client would, and show what is in it.

mod assertion;
mod decode;
mod federated;
mod report;
pub(crate) mod request;
mod verify;

use std::path::{Path, PathBuf};

use clap::Args;
use reqwest::Identity;
use serde_json::{Value, json};
use url::Url;
use writ_oauth::jose::Alg;
use writ_oauth::secret::PlainSecret;

use self::decode::Decoded;
use self::federated::{FederatedArgs, Signing};
use self::report::Report;
use self::request::{AuthMethod, Credential, Proof, TokenRequest};
use self::verify::Verification;
use super::failure::{Answer, Failure};
use super::installation::Installation;
use super::{Invocation, discovery, outbound, output};

/// The variable that a client's secret is taken from, so that it stands in no list of processes.
const SECRET_VARIABLE: &str = "WRIT_TOKEN_CLIENT_SECRET";

/// Arguments of `writ token`. No `Debug`: one of them is a secret.
#[derive(Args)]
pub(crate) struct TokenArgs {
    /// The client; without it, the bootstrap client of the server on this machine
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Its secret; better in WRIT_TOKEN_CLIENT_SECRET or a file, where other users do not see it
    #[arg(
        long,
        value_name = "SECRET",
        allow_hyphen_values = true,
        requires = "client_id",
        conflicts_with = "client_secret_file"
    )]
    client_secret: Option<String>,
    /// The file that holds its secret
    #[arg(long, value_name = "FILE", requires = "client_id")]
    client_secret_file: Option<PathBuf>,
    /// How the client authenticates
    #[arg(long, alias = "auth-method", value_enum, default_value_t)]
    method: AuthMethod,
    /// The file that holds its private key in PEM, for private_key_jwt and x509-jwt, or with --cert
    #[arg(long, value_name = "FILE", requires = "client_id", conflicts_with_all = ["client_secret", "client_secret_file"])]
    key: Option<PathBuf>,
    #[command(flatten)]
    federated: FederatedArgs,
    /// The file that holds its certificate in PEM, with those between it and a root, for the connection
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// The algorithm that the JWT is signed by; otherwise HS256, or what fits the key
    #[arg(long, value_name = "ALG", value_parser = alg)]
    alg: Option<Alg>,
    /// The front door of the server on this machine, such as oauth or idaas
    #[arg(long, value_name = "NAME", default_value = "oauth")]
    door: String,
    /// The issuer, whose metadata names the token endpoint, in place of --door
    #[arg(long, value_name = "URL", conflicts_with = "token_endpoint")]
    issuer: Option<String>,
    /// The token endpoint, in place of --door
    #[arg(long, value_name = "URL", value_parser = outbound::endpoint)]
    token_endpoint: Option<Url>,
    /// What the token is to allow, separated by spaces
    #[arg(long)]
    scope: Option<String>,
    /// The resource server that it is for (RFC 8707); may be repeated
    #[arg(long, value_name = "URI")]
    resource: Vec<String>,
    /// Do not verify the signature with the issuer's published keys
    #[arg(long)]
    no_verify: bool,
    /// Print the access token and nothing else
    #[arg(long)]
    raw: bool,
}

pub(super) async fn run(args: TokenArgs, invocation: &Invocation) -> Result<(), Failure> {
    let target = Target::find(&args, invocation).await?;
    let proof = proof(&args, &target, invocation)?;
    let identity = args.cert.as_deref().zip(args.key.as_deref()).map(|(cert, key)| identity(cert, key)).transpose()?;
    let (scope, resources) = (args.scope, args.resource);
    let request = TokenRequest { endpoint: target.endpoint, proof, identity, scope, resources };
    let response = request.send().await?;
    let status = response.status;
    let body = response.json().map_err(|answer| refusal(&answer))?;
    let Some(token) = body.get("access_token").and_then(Value::as_str) else {
        return Err(Failure::new("unexpected_answer", "the token endpoint answered without an access token"));
    };
    if args.raw {
        output::print(&format!("{token}\n"));
        return Ok(());
    }
    let decoded = Decoded::read(token);
    let verification = match &decoded {
        None => Verification::Opaque,
        Some(_) if args.no_verify => Verification::NotAsked,
        Some(decoded) => verify::verify(token, decoded, target.issuer.as_deref()).await,
    };
    let report = Report { status, body: &body, decoded: decoded.as_ref(), verification: &verification };
    invocation.output.print(&report.to_json(), || report.to_text());
    match verification {
        Verification::Invalid(_) => Err(Failure::shown()),
        Verification::Valid { .. } | Verification::NotAsked | Verification::Opaque => Ok(()),
    }
}

/// `400 invalid_scope: ...`
fn refusal(answer: &Answer) -> Failure {
    let described = answer.member("error_description").map(|text| format!(": {text}")).unwrap_or_default();
    let text = format!("{} {}{described}", answer.status, answer.error());
    Failure::result(text, json!({ "status": answer.status, "response": answer.body }))
}

/// Where the token comes from, and from whom it should be.
struct Target {
    endpoint: Url,
    /// `None`: whoever the token says; only its endpoint was named.
    issuer: Option<String>,
}

impl Target {
    async fn find(args: &TokenArgs, invocation: &Invocation) -> Result<Self, Failure> {
        if let Some(endpoint) = &args.token_endpoint {
            return Ok(Self { endpoint: endpoint.clone(), issuer: None });
        }
        let issuer = match (&args.issuer, &invocation.server) {
            (Some(issuer), _) => issuer.clone(),
            (None, Some(server)) if args.door == "oauth" => discovery::authorization_server_of(server).await?,
            (None, Some(_)) => return Err(Failure::usage("with --server, name the front door's URL with --issuer")),
            (None, None) => issuer_of_door(&args.door, invocation)?,
        };
        let endpoint = discovery::metadata_of(&issuer).await?.token_endpoint;
        Ok(Self { endpoint, issuer: Some(issuer) })
    }
}

fn issuer_of_door(door: &str, invocation: &Invocation) -> Result<String, Failure> {
    if invocation.tenant != super::DEFAULT_TENANT {
        return Err(Failure::usage("for another tenant, name its front door's URL with --issuer"));
    }
    let issuers = Installation::read(&invocation.dir)?.issuers;
    issuers.get(door).cloned().ok_or_else(|| {
        let known: Vec<_> = issuers.into_keys().collect();
        Failure::usage(format!("there is no front door `{door}`; there are {}", known.join(", ")))
    })
}

fn alg(name: &str) -> Result<Alg, String> {
    Alg::from_name(name).ok_or_else(|| format!("there are {}", Alg::ALL.map(Alg::name).join(", ")))
}

/// What the client proves itself with to a server, which an assertion names: the issuer, or if only that is known, the
/// token endpoint.
fn proof(args: &TokenArgs, target: &Target, invocation: &Invocation) -> Result<Proof, Failure> {
    let audience = target.issuer.as_deref().unwrap_or(target.endpoint.as_str());
    let secret = || credential(args, invocation);
    match args.method {
        AuthMethod::ClientSecretBasic => secret().map(Proof::Basic),
        AuthMethod::ClientSecretPost => secret().map(Proof::Post),
        AuthMethod::ClientSecretJwt => {
            let credential = secret()?;
            let jwt = assertion::by_secret(&credential, audience, args.alg)?;
            Ok(Proof::Assertion(credential.client_id, jwt))
        }
        AuthMethod::PrivateKeyJwt => {
            let (Some(client_id), Some(file)) = (&args.client_id, &args.key) else {
                return Err(Failure::usage("private_key_jwt needs --client-id and --key, the file of the private key"));
            };
            let jwt = assertion::by_key(client_id, audience, file, args.alg)?;
            Ok(Proof::Assertion(client_id.clone(), jwt))
        }
        AuthMethod::Federated => {
            let signing = Signing { key: args.key.as_deref(), alg: args.alg, audience };
            args.federated.proof(args.client_id.as_deref(), &signing)
        }
        AuthMethod::TlsClientAuth | AuthMethod::SelfSignedTlsClientAuth => match (&args.client_id, &args.cert) {
            (Some(client_id), Some(_)) => Ok(Proof::Connection(client_id.clone())),
            (_, _) => Err(Failure::usage("a client certificate needs --client-id, --cert and --key, two files in PEM")),
        },
    }
}

/// What a connection presents.
fn identity(certificate: &Path, key: &Path) -> Result<Identity, Failure> {
    let read = |path: &Path| {
        let unreadable = |error| Failure::new("unreadable", format!("{} cannot be read: {error}", path.display()));
        std::fs::read(path).map_err(unreadable)
    };
    let pem = [read(certificate)?, read(key)?].join(&b'\n');
    Identity::from_pem(&pem).map_err(|_| {
        let (certificate, key) = (certificate.display(), key.display());
        Failure::new("unreadable", format!("{certificate} and {key} are no certificate and its private key in PEM"))
    })
}

fn credential(args: &TokenArgs, invocation: &Invocation) -> Result<Credential, Failure> {
    let Some(client_id) = args.client_id.clone() else { return bootstrap(args, invocation) };
    let variable = invocation.environment.get(SECRET_VARIABLE);
    let secret = match (&args.client_secret, &args.client_secret_file, variable) {
        (Some(secret), _, _) => secret.clone(),
        (None, Some(path), _) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::new("unreadable", format!("{} cannot be read: {error}", path.display())))?;
            text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text)).to_owned()
        }
        (None, None, Ok(Some(secret))) => secret.to_owned(),
        (None, None, Ok(None) | Err(_)) => {
            let ways = format!("set {SECRET_VARIABLE}, or use --client-secret-file or --client-secret");
            return Err(Failure::usage(format!("the secret of client `{client_id}` is missing: {ways}")));
        }
    };
    Ok(Credential { client_id, secret: PlainSecret::new(secret) })
}

/// The bootstrap credential is for the server that wrote it, and is sent nowhere else.
fn bootstrap(args: &TokenArgs, invocation: &Invocation) -> Result<Credential, Failure> {
    if args.issuer.is_some() || args.token_endpoint.is_some() || invocation.server.is_some() {
        return Err(Failure::usage(
            "name the client with --client-id; only the server on this machine has a default one",
        ));
    }
    Installation::read(&invocation.dir)?.credential()
}
