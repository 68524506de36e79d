//! The token of a request: in one `Authorization` header, and nowhere else.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use writ_oauth::Refusal;

use crate::form;

/// Finds the token.
///
/// > Clients MUST NOT use more than one method to transmit the token in each request.
///
/// <https://www.rfc-editor.org/rfc/rfc6750#section-2>
pub(crate) fn token<'r>(headers: &'r HeaderMap, query: Option<&str>) -> Result<&'r str, Refusal> {
    if query.is_some_and(|query| form::names_a_token(query.as_bytes())) {
        return Err(Refusal::TokenInQuery);
    }
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let line = match (lines.next(), lines.next()) {
        (None, _) => return Err(Refusal::TokenMissing),
        (Some(only), None) => only.to_str().map_err(|_| Refusal::TokenInvalid)?,
        (Some(_), Some(_)) => return Err(Refusal::AuthorizationRepeated),
    };
    match line.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        Some(_) | None => Err(Refusal::TokenMissing),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn case_104_a_token_stands_in_one_header() {
        let headers = |lines: &[&'static str]| -> HeaderMap {
            lines.iter().map(|line| (AUTHORIZATION, HeaderValue::from_static(line))).collect()
        };
        assert_eq!(token(&headers(&["bEaReR  abc"]), Some("a=b")), Ok("abc"));
        assert_eq!(token(&headers(&[]), None), Err(Refusal::TokenMissing));
        assert_eq!(token(&headers(&["Basic abc"]), None), Err(Refusal::TokenMissing));
        assert_eq!(token(&headers(&["Bearer a", "Bearer b"]), None), Err(Refusal::AuthorizationRepeated));
        for query in ["access_token=x", "a=b&access%5Ftoken=x", "ACCESS_TOKEN="] {
            assert_eq!(token(&headers(&["Bearer a"]), Some(query)), Err(Refusal::TokenInQuery), "{query}");
        }
    }
}
