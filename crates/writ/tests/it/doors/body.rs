//! The form of a token request: everything that is wrong with one is refused before anyone is authenticated.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::Frame;
use serde_json::json;
use writ_oauth::Refusal;

use crate::support::call::Call;
use crate::support::catalogue::{READ, SECRET};
use crate::support::door::Door;
use crate::support::server::shared;

#[track_caller]
fn refused(call: &Call, refusal: Refusal) -> String {
    let answer = shared().public(call).is(refusal);
    assert_eq!(answer.error(400), "invalid_request");
    assert_eq!(answer.header("www-authenticate"), None);
    answer.description()
}

/// > Request and response parameters MUST NOT be included more than once.
///
/// <https://www.rfc-editor.org/rfc/rfc6749#section-3.2>
#[test]
fn case_57_a_parameter_occurs_once_however_its_name_is_written() {
    for door in Door::BOTH {
        for again in ["grant_type=client_credentials", "%67rant_type=x", "grant%5Ftype=x", "grant_type=", "grant_type"]
        {
            let path = format!("{}/token", door.path());
            let call = Call::post(&path).raw_form(format!("grant_type=client_credentials&{again}"));
            let description = refused(&call.basic("partner", SECRET), Refusal::ParameterRepeated);
            assert!(description.contains("grant_type"), "{description}");
        }
        let twice = door.ask(&[READ]).and("client_id", "partner").and("client_id", "partner");
        refused(&twice.and("client_secret", SECRET), Refusal::ParameterRepeated);
        // Even a parameter that means nothing here.
        refused(&door.ask(&[READ]).and("x", "1").and("x", "2").basic("partner", SECRET), Refusal::ParameterRepeated);
    }
}

#[test]
fn case_57_lists_and_maps_are_no_parameters() {
    for door in Door::BOTH {
        for name in ["scope[0]", "scope[]", "scope[a]", "client_id[$ne]"] {
            let description =
                refused(&door.grant().and(name, "x").basic("partner", SECRET), Refusal::ParameterNameBracketed);
            assert!(description.contains(name), "{description}");
        }
    }
}

#[test]
fn case_57_what_is_no_form_is_refused() {
    let document = json!({"grant_type": "client_credentials", "client_id": "partner", "client_secret": SECRET});
    for door in Door::BOTH {
        let call = Call::post(&format!("{}/token", door.path())).basic("partner", SECRET);
        refused(&call.clone().json(&document), Refusal::ContentTypeNotForm);
        refused(&call.clone().raw_form(document.to_string()), Refusal::BodyIsJson);
        refused(&call.clone().raw_form(format!("\r\n  {document}")), Refusal::BodyIsJson);
        refused(&call.clone().raw_form(json!([document]).to_string()), Refusal::BodyIsJson);
        refused(&call.clone().raw_form("grant_type=%zz"), Refusal::FormMalformed);
        refused(&call.clone().raw_form("grant_type=client_credentials%"), Refusal::FormMalformed);
        refused(&call.clone().raw_form("grant_type=%ff"), Refusal::FormMalformed);
        refused(&call.clone().raw_form(b"grant_type=\xff".to_vec()), Refusal::FormMalformed);
        refused(&call, Refusal::ContentTypeNotForm);
    }
}

#[test]
fn old_axios_learns_what_is_wrong() {
    let call = Call::post("/oauth2/token").raw_form(r#"{"grant_type":"client_credentials"}"#);
    let description = refused(&call, Refusal::BodyIsJson);
    assert!(description.contains("JSON") && description.contains("form"), "{description}");
}

#[test]
fn case_57_the_label_names_a_form_in_utf_8() {
    let body = format!("grant_type=client_credentials&resource=api://dashboard.example&scope={READ}");
    let labelled = |label: &str| {
        let call = Call::post("/oauth2/token").header("content-type", label).body(body.clone());
        shared().public(&call.basic("partner", SECRET))
    };
    for label in [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded;charset=UTF-8",
        "application/x-www-form-urlencoded; charset=\"utf-8\"",
        "Application/X-WWW-Form-URLEncoded",
    ] {
        labelled(label).ok();
    }
    for label in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/x-www-form-urlencoded; charset=iso-8859-1",
        "application/x-www-form-urlencodedx",
        "multipart/form-data; boundary=x",
    ] {
        labelled(label).is(Refusal::ContentTypeNotForm);
    }
    let form = "application/x-www-form-urlencoded";
    let twice = Call::post("/oauth2/token").header("content-type", form).header("content-type", form).body(body);
    refused(&twice.basic("partner", SECRET), Refusal::ContentTypeNotForm);
}

#[test]
fn the_grant_type_is_compared_byte_by_byte() {
    for door in Door::BOTH {
        let with = |grant_type: &str| {
            let call = Call::post(&format!("{}/token", door.path())).form(&[("grant_type", grant_type)]);
            shared().public(&call.basic("partner", SECRET))
        };
        with("").is(Refusal::GrantTypeMissing);
        for unknown in ["Client_Credentials", "client_credentials ", "password", "implicit", "authorization_code"] {
            let answer = with(unknown).is(Refusal::GrantUnknown);
            let code = if door == Door::Oauth { "unsupported_grant_type" } else { "invalid_grant" };
            assert_eq!(answer.error(400), code);
            assert!(answer.description().contains(unknown));
        }
    }
}

/// A body that ends in an error, as one does whose connection broke.
struct Broken;

impl HttpBody for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())))
    }
}

#[test]
fn a_body_that_breaks_off_is_refused() {
    for door in Door::BOTH {
        let answer = shared().public_body(&door.grant().basic("partner", SECRET), Body::new(Broken));
        assert_eq!(answer.is(Refusal::BodyBroken).error(400), "invalid_request");
    }
}

/// The caller's own word comes back in the answer, and must not do harm there.
#[test]
fn what_is_repeated_to_the_caller_is_short_and_printable() {
    let long = "x".repeat(5000);
    let call = Door::Oauth.grant().and(&format!("{long}[0]"), "").basic("partner", SECRET);
    assert!(refused(&call, Refusal::ParameterNameBracketed).len() < 400);
    let call = Door::Oauth.grant().and("\"\\\r\n\u{1b}é[0]", "").basic("partner", SECRET);
    let description = refused(&call, Refusal::ParameterNameBracketed);
    let allowed = |byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    assert!(description.bytes().all(allowed), "{description:?}");
}
