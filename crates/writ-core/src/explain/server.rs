//! Which resource server a request is for, and what to do when it is none.

use writ_oauth::request::Target;
use writ_oauth::{Refusal, Refused};

use super::list;
use crate::client::Client;
use crate::permit::Question;

/// How many resource servers are looked at for one that is not named.
pub(super) const MOST: usize = 8;

/// What would have to change for a resource server to be found that may be called.
pub(super) fn change(question: &Question<'_>, client: &Client, refused: Option<&Refused>) -> String {
    let authorized = list(question.authorized().map(|server| &server.audience));
    let some = if authorized.is_empty() { "no resource server" } else { &*authorized };
    let choose = format!("the client is authorized for {some}");
    let refusal = refused.map(|refused| refused.refusal);
    match &question.target {
        _ if refusal == Some(Refusal::ResourceServerDisabled) => "enable the application of the resource server".into(),
        _ if refusal == Some(Refusal::ResourceMalformed) => {
            "write `resource` as an absolute URI without a fragment".to_owned()
        }
        Target::OwnApplication => format!("give the application `{}` a `resource_server`", client.application),
        Target::Audience(name) | Target::Resource(name) => {
            format!("authorize the client for `{name}`, or ask for another: {choose}")
        }
        Target::Inferred if authorized.is_empty() => "authorize the client for a resource server".to_owned(),
        Target::Inferred => format!("name one as `resource`: {choose}"),
    }
}
