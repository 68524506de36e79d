//! How assertions are written on the wire. Every front door takes them in the same words: the standards' where there are
//! any, else those of the vendor whose clients send them.

use writ_oauth::client_auth::{AssertionForm, AssertionWords};

/// > "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
///
/// <https://www.rfc-editor.org/rfc/rfc7523#section-2.2>, and the type of JWT-SVIDs from its draft; the others, and the
/// names of the parameters, are the vendor's.
pub(crate) const WORDS: AssertionWords = AssertionWords {
    types: &[
        ("urn:ietf:params:oauth:client-assertion-type:jwt-bearer", AssertionForm::Jwt),
        ("urn:ietf:params:oauth:client-assertion-type:jwt-spiffe", AssertionForm::SpiffeJwt),
        ("urn:cloud:idaas:params:oauth:client-assertion-type:id-token-bearer", AssertionForm::IdToken),
        ("urn:cloud:idaas:params:oauth:client-assertion-type:pkcs7-bearer", AssertionForm::Pkcs7),
        ("urn:cloud:idaas:params:oauth:client-assertion-type:x509-jwt-bearer", AssertionForm::X509Jwt),
    ],
    credential_name: "application_federated_credential_name",
    certificate: "client_x509",
    chain: "client_x509_chain",
};
