//! Which headers cross the gateway: nothing that only concerns one connection, nothing that claims an identity.

use std::net::IpAddr;

use http::header::{AUTHORIZATION, CONNECTION, FORWARDED, HOST, HeaderName, HeaderValue, TE, UPGRADE};
use http::{HeaderMap, HeaderName as Name};
use writ_core::Enforced;
use writ_core::document::TokenForwarding;

/// Headers of one connection.
///
/// > Intermediaries MUST parse a received Connection header field before a message is forwarded and, for each
/// > connection-option in this field, remove any header or trailer field(s) from the message with the same name
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1>
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Beginnings of names by which servers know who is calling; `_` and `.` are read as `-`, as some servers do.
const IDENTITY: [&str; 9] = [
    "x-writ-",
    "x-client-",
    "x-user",
    "x-auth-request-",
    "x-forwarded-user",
    "client-cert",
    "x-ssl-client-",
    "x-forwarded-client-cert",
    "x-forwarded-tls-",
];

/// Beginnings of names that only a proxy in front of the gateway may set; the gateway sets its own.
const FORWARDING: [&str; 2] = ["x-forwarded-", "x-real-ip"];

/// Takes out the headers of one connection, in either direction.
pub(crate) fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

/// What the caller asked of the connection and the upstream needs to hear as well.
pub(crate) struct Kept {
    upgrade: Option<HeaderValue>,
    trailers: bool,
}

impl Kept {
    /// Reads it, before the headers of the connection are taken out.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let asks = |header: Name, word: &str| {
            let lines = headers.get_all(header).iter().filter_map(|line| line.to_str().ok());
            lines.flat_map(|line| line.split(',')).any(|item| item.trim().eq_ignore_ascii_case(word))
        };
        let upgrade = headers.get(UPGRADE).filter(|_| asks(CONNECTION, "upgrade")).cloned();
        Self { upgrade, trailers: asks(TE, "trailers") }
    }

    /// Whether the caller wants to speak another protocol.
    pub(crate) fn is_upgrade(&self) -> bool {
        self.upgrade.is_some()
    }

    /// Says it to the upstream.
    pub(crate) fn put(self, headers: &mut HeaderMap) {
        if let Some(protocol) = self.upgrade {
            headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(UPGRADE, protocol);
        }
        if self.trailers {
            headers.insert(TE, HeaderValue::from_static("trailers"));
        }
    }
}

/// Takes out what claims an identity or a way that the request did not come.
pub(crate) fn remove_claims(headers: &mut HeaderMap) {
    let claims = |name: &HeaderName| {
        let plain = name.as_str().replace(['_', '.'], "-");
        IDENTITY.iter().chain(&FORWARDING).any(|start| plain.starts_with(start)) || *name == FORWARDED
    };
    let named: Vec<_> = headers.keys().filter(|name| claims(name)).cloned().collect();
    for name in named {
        headers.remove(name);
    }
}

/// Says who is calling, from where, and what they may do.
pub(crate) fn put_identity(headers: &mut HeaderMap, enforced: &Enforced, origin: IpAddr, forwarding: TokenForwarding) {
    let host = headers.remove(HOST);
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put("x-writ-client", enforced.client_id());
    put("x-writ-subject", enforced.subject());
    put("x-writ-scope", enforced.scope());
    put("x-writ-issuer", enforced.issuer());
    put("x-forwarded-for", &origin.to_string());
    if let Some(host) = host {
        headers.insert("x-forwarded-host", host);
    }
    match forwarding {
        TokenForwarding::Forward => {}
        TokenForwarding::Remove => {
            headers.remove(AUTHORIZATION);
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn case_95_identity_is_never_taken_from_the_caller() {
        let spellings = [
            "x-writ-client",
            "X-Writ-Scope",
            "x_writ_client",
            "x.writ.client",
            "X-User",
            "x_user",
            "x.user",
            "x-user-id",
            "x-client-id",
            "x-auth-request-user",
            "x-forwarded-user",
            "X_Forwarded_User",
            "client-cert",
            "x-ssl-client-dn",
            "x-forwarded-for",
            "x-forwarded-host",
            "forwarded",
            "x-real-ip",
        ];
        let mut headers = map(&spellings.map(|name| (name, "root")));
        headers.insert("accept", HeaderValue::from_static("*/*"));
        remove_claims(&mut headers);
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["accept"]);
    }

    #[test]
    fn case_95_what_connection_names_stays_on_its_connection() {
        let mut headers = map(&[
            ("connection", "x-secret, keep-alive"),
            ("connection", "Upgrade"),
            ("x-secret", "1"),
            ("keep-alive", "1"),
            ("upgrade", "websocket"),
            ("transfer-encoding", "chunked"),
            ("te", "trailers"),
            ("accept", "*/*"),
        ]);
        let kept = Kept::of(&headers);
        assert!(kept.is_upgrade());
        remove_hop_by_hop(&mut headers);
        assert_eq!(headers.len(), 1);
        kept.put(&mut headers);
        assert_eq!(
            headers,
            map(&[("accept", "*/*"), ("connection", "upgrade"), ("upgrade", "websocket"), ("te", "trailers")])
        );
    }
}
