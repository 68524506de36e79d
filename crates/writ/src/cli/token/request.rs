//! A client credentials request, as a client sends it.

use reqwest::Identity;
use url::Url;
use url::form_urlencoded::byte_serialize;
use writ_oauth::secret::PlainSecret;

use super::federated::FederatedProof;
use crate::cli::failure::Failure;
use crate::cli::outbound::{self, Response};

/// A client and its secret. No `Debug`.
pub(crate) struct Credential {
    pub(crate) client_id: String,
    pub(crate) secret: PlainSecret,
}

/// How the client authenticates; the names of RFC 7591.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum AuthMethod {
    /// Its secret, in the Authorization header
    #[default]
    ClientSecretBasic,
    /// Its secret, in the request body
    ClientSecretPost,
    /// A JWT signed with its secret
    ClientSecretJwt,
    /// A JWT signed with its private key
    PrivateKeyJwt,
    /// What a cloud, an issuer or a private CA vouches for
    Federated,
    /// Its certificate, which an authority vouches for
    TlsClientAuth,
    /// Its certificate, which is registered itself
    SelfSignedTlsClientAuth,
}

/// What the client proves itself with. No `Debug`.
pub(crate) enum Proof {
    /// In the header.
    Basic(Credential),
    /// In the body.
    Post(Credential),
    /// A JWT of this client.
    Assertion(String, String),
    /// Somebody else's word.
    Federated(Box<FederatedProof>),
    /// The certificate of the connection; only the client is named.
    Connection(String),
}

/// A request for a token.
pub(crate) struct TokenRequest {
    pub(crate) endpoint: Url,
    pub(crate) proof: Proof,
    /// What the connection presents, also beside another proof.
    pub(crate) identity: Option<Identity>,
    pub(crate) scope: Option<String>,
    /// RFC 8707
    pub(crate) resources: Vec<String>,
}

impl TokenRequest {
    /// Sends it; a refusal is a response too.
    pub(crate) async fn send(&self) -> Result<Response, Failure> {
        let request = outbound::client_with(&self.endpoint, self.identity.clone())?.post(self.endpoint.clone());
        let request = match &self.proof {
            Proof::Basic(credential) => {
                let (user, password) = credential.basic();
                request.basic_auth(user, Some(password))
            }
            Proof::Post(_) | Proof::Assertion(..) | Proof::Federated(_) | Proof::Connection(_) => request,
        };
        let request = request.header("accept", "application/json").form(&self.parameters());
        outbound::send(&self.endpoint, request).await
    }

    fn parameters(&self) -> Vec<(&str, &str)> {
        let mut parameters = vec![("grant_type", "client_credentials")];
        match &self.proof {
            Proof::Basic(_) => {}
            Proof::Post(Credential { client_id, secret }) => {
                parameters.extend([("client_id", &**client_id), ("client_secret", secret.expose())]);
            }
            Proof::Connection(client_id) => parameters.push(("client_id", &**client_id)),
            // > The value of the "client_assertion_type" is
            // > "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".
            // https://www.rfc-editor.org/rfc/rfc7523#section-2.2
            Proof::Assertion(client_id, jwt) => parameters.extend([
                ("client_id", &**client_id),
                ("client_assertion_type", JWT_BEARER),
                ("client_assertion", &**jwt),
            ]),
            Proof::Federated(proof) => parameters.extend(proof.parameters()),
        }
        parameters.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        parameters.extend(self.resources.iter().map(|resource| ("resource", resource.as_str())));
        parameters
    }
}

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl Credential {
    /// > The client identifier is encoded using the "application/x-www-form-urlencoded" encoding algorithm [...], and
    /// > the encoded value is used as the username; the client secret is encoded using the same algorithm and used as
    /// > the password.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1>
    fn basic(&self) -> (String, String) {
        let encode = |text: &str| byte_serialize(text.as_bytes()).collect();
        (encode(&self.client_id), encode(self.secret.expose()))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn credential() -> Credential {
        Credential { client_id: "a:b c".to_owned(), secret: PlainSecret::new("s+%é".to_owned()) }
    }

    fn request(proof: Proof) -> TokenRequest {
        TokenRequest {
            endpoint: Url::parse("http://localhost/token").unwrap(),
            proof,
            identity: None,
            scope: Some("read write".to_owned()),
            resources: vec!["urn:a".to_owned(), "urn:b".to_owned()],
        }
    }

    #[test]
    fn basic_encodes_what_would_be_read_differently() {
        assert_eq!(credential().basic(), ("a%3Ab+c".to_owned(), "s%2B%25%C3%A9".to_owned()));
        let basic = request(Proof::Basic(credential()));
        assert!(!basic.parameters().iter().any(|(name, _)| name.starts_with("client_")));
    }

    #[test]
    fn post_sends_the_credential_as_parameters() {
        let post = request(Proof::Post(credential()));
        let expected = [
            ("grant_type", "client_credentials"),
            ("client_id", "a:b c"),
            ("client_secret", "s+%é"),
            ("scope", "read write"),
            ("resource", "urn:a"),
            ("resource", "urn:b"),
        ];
        assert_eq!(post.parameters(), expected);
    }

    #[test]
    fn an_assertion_is_sent_without_a_secret() {
        let sent = request(Proof::Assertion("a".to_owned(), "e.y.J".to_owned()));
        let names: Vec<_> = sent.parameters().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names[..4], ["grant_type", "client_id", "client_assertion_type", "client_assertion"]);
    }
}
