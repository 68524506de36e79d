//! Trying the federated credentials of a client.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use writ_core::admin::AdminPermission;
use writ_oauth::client_auth::{AssertionForm, PresentedAssertion};

use super::error::AdminError;
use super::{Caller, administrator, answer, parse, read, reply};
use crate::http::app::App;

/// The longest document, in bytes: what the public listener takes is shorter.
const LONGEST: usize = 256 * 1024;

/// The body: what a request would present.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Given {
    #[serde(rename = "type")]
    form: Form,
    name: Option<String>,
    assertion: String,
    certificate: Option<String>,
    chain: Option<String>,
}

/// The forms of documents, by short words.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Form {
    #[default]
    IdToken,
    Spiffe,
    Pkcs7,
    X509Jwt,
}

impl Form {
    const fn neutral(self) -> AssertionForm {
        match self {
            Self::IdToken => AssertionForm::IdToken,
            Self::Spiffe => AssertionForm::SpiffeJwt,
            Self::Pkcs7 => AssertionForm::Pkcs7,
            Self::X509Jwt => AssertionForm::X509Jwt,
        }
    }
}

/// `POST /v1/tenants/{tenant}/clients/{client_id}/credentials/test`: which clause held, and which did not. Nothing is
/// issued, spent or noted.
pub(crate) async fn test(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, client_id)): Path<(String, String)>,
    caller: Caller,
    body: Body,
) -> Response {
    let tested = async {
        administrator(&app, &caller, AdminPermission::ConfigRead).await?;
        let Given { form, name, assertion, certificate, chain } = parse(&read(body).await?)?;
        let length = [Some(&assertion), certificate.as_ref(), chain.as_ref()].into_iter().flatten().map(String::len);
        if length.sum::<usize>() > LONGEST || assertion.is_empty() {
            return Err(AdminError::Invalid(format!("`assertion` is missing, or longer than {LONGEST} bytes")));
        }
        let presented = PresentedAssertion::to_be_tested(form.neutral(), &client_id, assertion);
        let presented = presented.named(name).with_certificates(certificate, chain);
        Ok(json!(app.core.test_credential(&tenant, &presented).await?))
    };
    answer(StatusCode::OK, tested.await, &id)
}
